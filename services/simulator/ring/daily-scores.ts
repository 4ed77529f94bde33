// daily_sleep and daily_readiness: recomputed whenever a sleep of the day appears, changes or goes, and once more when the scores
// settle a day later. Their timestamps are midnight UTC of `day`, whatever the zone, as Oura writes them.

import { isoDay } from '../local-time.ts';
import type { DocumentHistory, Version } from './document-history.ts';
import { documentId } from './document-ids.ts';
import { instantOf } from './itinerary.ts';
import { drawFor, type Life, occursOn } from './life.ts';
import { readinessScore, type SleepFacts, sleepScore } from './scores.ts';
import { factsOf, nightOfView } from './sleep-document.ts';
import { publishedMs, type SleepEpisode, viewsAt } from './sleep-history.ts';

const MERGE_WITHIN_MS = 15_000;

/** Sum over the periods that count: rejected and deleted ones do not, naps alone make no day. */
export function factsAt(life: Life, episodes: readonly SleepEpisode[], atMs: number): SleepFacts | null {
  const known = viewsAt(episodes, atMs).filter(({ view }) => view.type !== 'rest' && view.type !== 'deleted');
  const nights = known.filter(({ view }) => view.type === 'long_sleep');
  if (nights.length === 0) return null;
  const each = known.map(({ period, view }) => factsOf(nightOfView(life, period, view)));
  const longest = each.toSorted((a, b) => b.totalS - a.totalS)[0];
  if (longest === undefined) return null;
  const sum = (read: (facts: SleepFacts) => number): number => each.reduce((total, facts) => total + read(facts), 0);
  return { ...longest, totalS: sum((f) => f.totalS), deepS: sum((f) => f.deepS), remS: sum((f) => f.remS) };
}

/** Instants at which a score of the day may change, those of one sync merged. */
function changeInstants(life: Life, episodes: readonly SleepEpisode[]): number[] {
  const changes = episodes.flatMap(({ known }) => known.map(({ atMs }) => atMs)).sort((a, b) => a - b);
  const merged = changes.filter(
    (atMs, index) => (changes[index + 1] ?? Number.POSITIVE_INFINITY) - atMs > MERGE_WITHIN_MS,
  );
  return merged.filter((atMs) => factsAt(life, episodes, atMs) !== null);
}

const settledMs = (life: Life, day: number): number | null =>
  occursOn(life, 'rescoring', day) ? publishedMs(life, instantOf(life, day + 1, 9 * 60), 'app', 'settle') : null;

const withoutScores = <T extends Record<string, number | null>>(contributors: T) =>
  Object.fromEntries(Object.keys(contributors).map((name) => [name, null]));

const dailySleepBody = (life: Life, day: number, id: string, facts: SleepFacts, revision: number) => {
  const { contributors, score } = sleepScore(life, day, facts, revision);
  const isUnknown = occursOn(life, 'nullScores', day);
  return {
    id,
    contributors: isUnknown ? withoutScores(contributors) : contributors,
    day: isoDay(day),
    score: isUnknown ? null : score,
    timestamp: `${isoDay(day)}T00:00:00.000+00:00`,
  };
};

const dailyReadinessBody = (life: Life, day: number, id: string, readiness: ReturnType<typeof readinessScore>) => {
  const isUnknown = occursOn(life, 'nullScores', day);
  return {
    id,
    contributors: isUnknown ? withoutScores(readiness.contributors) : readiness.contributors,
    day: isoDay(day),
    score: isUnknown ? null : readiness.score,
    temperature_deviation: isUnknown ? null : readiness.temperature_deviation,
    temperature_trend_deviation: isUnknown ? null : readiness.temperature_trend_deviation,
    timestamp: `${isoDay(day)}T00:00:00.000+00:00`,
  };
};

export function dailyScoreHistories(life: Life, day: number, episodes: readonly SleepEpisode[]): DocumentHistory[] {
  const instants = changeInstants(life, episodes);
  const [firstMs] = instants;
  if (firstMs === undefined) return [];
  // After a late sync the first score may come when it would have settled already.
  const settles = settledMs(life, day);
  const settleMs = settles === null ? null : Math.max(settles, firstMs + 1000);
  if (settleMs !== null) instants.push(settleMs);
  instants.sort((a, b) => a - b);
  const idOf = (resource: string): string =>
    documentId({ seed: life.seed, ouraUserId: life.person.ouraUserId, resource }, day, 0);
  const versionsOf = (
    purpose: string,
    make: (facts: SleepFacts, revision: number) => ReturnType<NonNullable<Version['body']>>,
  ): Version[] =>
    instants.map((atMs) => ({
      atMs: atMs + drawFor(life, purpose, day).integer(1500, 6000),
      body: () => {
        const facts = factsAt(life, episodes, atMs);
        if (facts === null)
          throw new Error(`no sleep is known at ${new Date(atMs).toISOString()}, but a score was due`);
        return make(facts, settleMs !== null && atMs >= settleMs ? 1 : 0);
      },
    }));
  return [
    {
      resource: 'daily_sleep',
      id: idOf('daily_sleep'),
      versions: versionsOf('daily-sleep', (facts, revision) =>
        dailySleepBody(life, day, idOf('daily_sleep'), facts, revision),
      ),
    },
    {
      resource: 'daily_readiness',
      id: idOf('daily_readiness'),
      versions: versionsOf('daily-readiness', (facts, revision) =>
        dailyReadinessBody(life, day, idOf('daily_readiness'), readinessScore(life, day, facts, revision)),
      ),
    },
  ];
}
