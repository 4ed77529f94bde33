// From stored points to readings: the newest point of a metric on each day, and what a measure says beside its usual range.
import type { StoredPoint } from '../../storage/metric-store/metric-store.ts';
import { addDays, daysUntil } from './civil-day.ts';
import type { Measure, Reading } from './model.ts';
import { placeIn, usualNights, usualRange } from './usual-range.ts';

export const toReading = (point: StoredPoint): Reading => ({
  metric: point.metric,
  aggregation: point.aggregation,
  resource: point.resource,
  value: point.value,
  unit: point.unit,
  text: point.text,
  start: point.start,
  end: point.end,
  day: point.day,
  document: point.document,
  version: point.version,
  known_at: point.firstSeen,
});

/** Points of one metric of one resource by Oura's day. Where a day has several documents, the one known last stands. */
export function byDay(points: readonly StoredPoint[], resource: string, metric: string): Map<string, StoredPoint> {
  const found = new Map<string, StoredPoint>();
  for (const point of points) {
    if (point.resource !== resource || point.metric !== metric || point.day === null) continue;
    const held = found.get(point.day);
    if (!held || point.firstSeen >= held.firstSeen) found.set(point.day, point);
  }
  return found;
}

/** `judged: false` for what is provisional: it is shown, and never called unusual. */
export function measureOf(
  key: string,
  day: string,
  values: ReadonlyMap<string, StoredPoint>,
  { judged }: { judged: boolean },
): Measure {
  const history = daysUntil(addDays(day, -1), usualNights).map((d) => ({
    day: d,
    value: values.get(d)?.value ?? null,
  }));
  const usual = usualRange(history.map((item) => item.value));
  const point = values.get(day);
  return {
    key,
    day,
    reading: point ? toReading(point) : null,
    usual,
    nights: history.filter((item) => item.value !== null).length,
    place: judged ? placeIn(point?.value ?? null, usual) : null,
    history,
  };
}
