// One simulated ring as a source of documents: all histories of a day, found by day, by id or by instant. Days are made when asked
// for and forgotten again, so a year can pass in flat memory.

import { createBoundedCache } from '../bounded-cache.ts';
import { formatUtcSecond, isoDay, localDay } from '../local-time.ts';
import type { Change, DocumentSource, Row, SeriesName } from '../source.ts';
import { activityDayAt } from './activity-series.ts';
import { backgroundHistories, LONGEST_DELAY_DAYS } from './background-histories.ts';
import { batteryRows } from './battery.ts';
import { dailyBodyHistories } from './daily-body.ts';
import { dailyScoreHistories } from './daily-scores.ts';
import { type DocumentHistory, documentAt, operationOf, type Resource } from './document-history.ts';
import { readDocumentId } from './document-ids.ts';
import { heartRateRows } from './heart-rate.ts';
import { isFlightDay, zoneAtInstant } from './itinerary.ts';
import { type Life, occurrenceCovering, occursOn } from './life.ts';
import { momentHistories } from './moments.ts';
import { ringHistories } from './ring-configuration.ts';
import { sessionHistories } from './sessions.ts';
import { sleepEpisodes, sleepHistories } from './sleep-history.ts';
import { lastSyncMs } from './sync.ts';

const DAY_MS = 86_400_000;
const SILENT_DAYS = 2;
const PUBLISH_MS = 20_000;

function historiesOf(life: Life, day: number): DocumentHistory[] {
  const episodes = sleepEpisodes(life, day);
  return [
    ...sleepHistories(life, day, episodes),
    ...dailyScoreHistories(life, day, episodes),
    ...dailyBodyHistories(life, day),
    ...backgroundHistories(life, day),
    ...momentHistories(life, day),
    ...sessionHistories(life, day),
  ];
}

/** Index of the first version after an instant. */
function firstAfter(history: DocumentHistory, afterMs: number): number {
  let low = 0;
  let high = history.versions.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((history.versions[middle]?.atMs ?? 0) <= afterMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

function changesOf(life: Life, history: DocumentHistory, afterMs: number, untilMs: number): Change[] {
  const changes: Change[] = [];
  for (let index = firstAfter(history, afterMs); index < history.versions.length; index += 1) {
    const atMs = history.versions[index]?.atMs ?? Number.POSITIVE_INFINITY;
    if (atMs > untilMs) break;
    const day = Math.floor(atMs / DAY_MS);
    changes.push({
      atMs,
      ouraUserId: life.person.ouraUserId,
      resource: history.resource,
      id: history.id,
      operation: operationOf(history, index),
      isSilent: occurrenceCovering(life, 'silentWebhooks', day, SILENT_DAYS) !== null,
    });
  }
  return changes;
}

const batteryRow = ({ atMs, level, isCharging, isInCharger }: ReturnType<typeof batteryRows>[number]): Row => ({
  timestamp: formatUtcSecond(atMs),
  timestamp_unix: atMs,
  charging: isCharging,
  in_charger: isInCharger,
  level,
});

export function createRing(life: Life, firstDay: number): DocumentSource {
  const { person } = life;
  const cache = createBoundedCache<DocumentHistory[]>(24);
  const rowCache = createBoundedCache<Row[]>(6);
  const rings = ringHistories(life);
  const historiesOn = (day: number): DocumentHistory[] =>
    day < firstDay ? [] : cache.get(String(day), () => historiesOf(life, day));
  const heartRatesOn = (day: number): Row[] => rowCache.get(String(day), () => heartRateRows(life, day));

  function* rows(series: SeriesName, fromMs: number, toMs: number, atMs: number): Iterable<Row> {
    const endMs = Math.min(toMs, lastSyncMs(life, atMs - PUBLISH_MS) + 1);
    const firstMs = Math.max(fromMs, firstDay * DAY_MS);
    // Heart rates are made by activity days, battery levels by UTC days; east of Greenwich the first may be a day ahead of the second.
    const startDay = series === 'heartrate' ? activityDayAt(life, firstMs) : Math.floor(firstMs / DAY_MS);
    for (let day = startDay; day <= Math.floor(endMs / DAY_MS) + 1; day += 1) {
      const dayRows =
        series === 'heartrate'
          ? heartRatesOn(day)
          : batteryRows(life, day * DAY_MS, (day + 1) * DAY_MS).map(batteryRow);
      for (const row of dayRows) if (row.timestamp_unix >= firstMs && row.timestamp_unix < endMs) yield row;
    }
  }

  return {
    timeZone: person.timeZone,
    personalInfo: {
      id: person.ouraUserId,
      age: person.age,
      weight: person.weightKg,
      height: person.heightM,
      biological_sex: person.biologicalSex,
      email: person.email,
    },
    days: (atMs) => ({ first: firstDay, last: Math.floor(atMs / DAY_MS) + 1 }),
    documentsOfDay: (resource, day, atMs) =>
      historiesOn(day)
        .filter((history) => history.resource === resource)
        .flatMap((history) => documentAt(history, atMs) ?? []),
    undated: (resource, atMs) =>
      resource === 'ring_configuration' ? rings.flatMap((history) => documentAt(history, atMs) ?? []) : [],
    find: (resource: Resource, id, atMs) => {
      const place = readDocumentId({ seed: life.seed, ouraUserId: person.ouraUserId, resource }, id);
      if (place === null) return null;
      const candidates = resource === 'ring_configuration' ? rings : historiesOn(place.day);
      const history = candidates.find((candidate) => candidate.resource === resource && candidate.id === id);
      return history === undefined ? null : documentAt(history, atMs);
    },
    rows,
    lastRow: (series, atMs) => {
      let last: Row | null = null;
      for (const row of rows(series, atMs - LONGEST_DELAY_DAYS * DAY_MS, atMs, atMs)) last = row;
      return last;
    },
    changes: (afterMs, untilMs) => {
      const found = rings.flatMap((history) => changesOf(life, history, afterMs, untilMs));
      const lastDay = Math.floor(untilMs / DAY_MS) + 2;
      for (let day = Math.floor(afterMs / DAY_MS) - LONGEST_DELAY_DAYS - 1; day <= lastDay; day += 1) {
        for (const history of historiesOn(day)) found.push(...changesOf(life, history, afterMs, untilMs));
      }
      return found;
    },
    occurrences: (trap, atMs) => {
      const days: string[] = [];
      const lastDay = localDay(zoneAtInstant(life, atMs), atMs);
      for (let day = firstDay; day <= lastDay; day += 1) {
        const occurs = trap === 'flights' ? isFlightDay(life, day) : occursOn(life, trap, day);
        if (occurs) days.push(isoDay(day));
      }
      return days;
    },
  };
}
