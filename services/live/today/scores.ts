// The three scores of a day with what contributed, lowest first, and their trend. A day without a score stays without one; which day has the
// newest is told beside it and never takes its place.
import type { StoredPoint } from '../../storage/metric-store/metric-store.ts';
import { addDays, daysUntil } from './civil-day.ts';
import type { Score, ScoreName, Trend } from './model.ts';
import { contributorMetric, scoreSources } from './page-metrics.ts';
import { byDay, measureOf, toReading } from './readings.ts';
import { usualNights, usualRange } from './usual-range.ts';

/** Activity moves all day; a score of today that was asked for longer ago than this no longer tells today. */
export const activityStaleAfterMs = 6 * 3_600_000;
const meanDays = 7;
const meanNeeds = 4;

export interface ScoreInput {
  daily: readonly StoredPoint[];
  contributors: readonly StoredPoint[];
  day: string;
  nowMs: number;
}

export function scoreOf(name: ScoreName, { daily, contributors, day, nowMs }: ScoreInput): Score {
  const { resource, metric, contributors: names } = scoreSources[name];
  const values = byDay(daily, resource, metric);
  const { reading, usual, place } = measureOf(name, day, values, { judged: name !== 'activity' });
  const earlier = [...values.keys()].filter((known) => known < day).sort();
  return {
    name,
    day,
    reading,
    usual,
    place,
    contributors: names
      .flatMap((contributor) => {
        const point = byDay(contributors, resource, contributorMetric(name, contributor)).get(day);
        return point ? [{ name: contributor, reading: toReading(point) }] : [];
      })
      .sort((a, b) => a.reading.value - b.reading.value),
    newest_day: reading ? null : (earlier.at(-1) ?? null),
    stale: name === 'activity' && reading !== null && nowMs - Date.parse(reading.known_at) > activityStaleAfterMs,
  };
}

export function trendOf(name: ScoreName, daily: readonly StoredPoint[], lastDay: string, days: number): Trend {
  const { resource, metric } = scoreSources[name];
  const values = byDay(daily, resource, metric);
  const valueOn = (day: string) => values.get(day)?.value ?? null;
  const shown = daysUntil(lastDay, days);
  return {
    name,
    usual: usualRange(daysUntil(addDays(lastDay, -1), usualNights).map(valueOn)),
    points: shown.map((day) => ({ day, value: valueOn(day) })),
    mean_7: shown.map((day) => meanOf(daysUntil(day, meanDays).map(valueOn))),
  };
}

function meanOf(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length < meanNeeds ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}
