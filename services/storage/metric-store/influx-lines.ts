// A point as InfluxDB keeps it, and back. The measurement is the metric; tags are what identifies a point besides its time (user, aggregation,
// resource, context, and the unit, of which a metric has one); everything else is a field. README.md of this folder tells it to people who query.
import { formatOffsetTime } from '../../../schemas/metrics/offset-time.ts';
import type { StoredPoint } from './metric-store.ts';
import type { PackedRow } from './pack-message.ts';
import { isDate, placementMs } from './placement.ts';
import { type DocumentFacts, pointsOf, storedPoint } from './unpack-row.ts';

/** Stands for "no context": a tag cannot be empty, and a deletion can only name tags that are there. */
export const noContext = '-';

/** Tags in the order of their names, which is the order InfluxDB likes best. */
export interface SeriesTags {
  aggregation: string;
  context: string;
  resource: string;
  unit: string;
  user: string;
}

export const tagsOf = (point: StoredPoint): SeriesTags => ({
  aggregation: point.aggregation,
  context: point.context ?? noContext,
  resource: point.resource,
  unit: point.unit,
  user: point.user,
});

/** How the start was written: with the wearer's offset, as an instant without it, or as a date. */
export function zoneOf(start: string): string {
  if (isDate(start)) return 'date';
  return start.endsWith('Z') ? 'Z' : start.slice(-6);
}

// The line protocol knows no backslash in a name or tag. None of ours has one: they are codes of the mapping and ids we made.
const escapeName = (text: string) => text.replace(/[, ]/g, '\\$&');
const escapeTag = (text: string) => text.replace(/[,= ]/g, '\\$&');
const text = (value: string) => `"${value.replace(/[\\"]/g, '\\$&')}"`;

/** The part of the line that names the series; also its key. */
export function seriesKey(point: StoredPoint): string {
  const { aggregation, context, resource, unit, user } = tagsOf(point);
  return (
    `${escapeName(point.metric)},aggregation=${escapeTag(aggregation)},context=${escapeTag(context)},` +
    `resource=${escapeTag(resource)},unit=${escapeTag(unit)},user=${escapeTag(user)}`
  );
}

const optional = (name: string, value: string | null) => (value === null ? '' : `,${name}=${value}`);

/**
 * A line for a place where something may stand: fields the point does not have are written empty, so that nothing of what stood there before stays.
 */
export const lineOf = (point: StoredPoint): string =>
  `${seriesKey(point)} value=${point.value},document=${text(point.document)},end=${text(point.end ?? '')},` +
  `text=${text(point.text ?? '')},version=${point.version}i,zone=${text(zoneOf(point.start))} ${placementMs(point.start)}`;

/** The lines of a row for places where nothing stands yet. What its points have in common is written once. */
export function linesOfRow(row: PackedRow, document: DocumentFacts): string[] {
  const points = pointsOf(row);
  const [first] = points;
  if (!first) return [];
  const sample = storedPoint(row, document, first);
  const zone = zoneOf(sample.start);
  const before = `${seriesKey(sample)} value=`;
  const after = `,document=${text(sample.document)},version=${sample.version}i,zone=${text(zone)}`;
  return points.map(({ ms, value, word, lengthMs }) => {
    const end = lengthMs === null ? row.end_text : formatOffsetTime(ms + lengthMs, sample.utcOffsetMinutes);
    // Nothing in a time has to be escaped.
    const written = `${optional('end', end && `"${end}"`)}${optional('text', word && text(word))}`;
    return `${before}${value}${after}${written} ${ms}`;
  });
}
