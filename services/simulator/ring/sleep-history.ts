// How the sleep of one day reaches the cloud: in progress, complete, edited, rejected, deleted. Each period has its list of
// views with the instant each becomes known; everything that is computed from sleep (scores, readiness) reads the same list.

import { isoDay } from '../local-time.ts';
import { type DocumentHistory, inOrder } from './document-history.ts';
import { drawFor, type Life, occursOn } from './life.ts';
import { currentRingId } from './ring-configuration.ts';
import { type AnalysisReason, type SleepType, type SleepView, sleepDocument, sleepId } from './sleep-document.ts';
import { type PeriodKind, type SleepPeriod, sleepPeriods } from './sleep-plan.ts';
import { nextSyncMs, nightOpenMs } from './sync.ts';

const HOUR_MS = 3_600_000;

export interface KnownView {
  atMs: number;
  /** `null`: the period was deleted. */
  view: SleepView | null;
}

export interface SleepEpisode {
  period: SleepPeriod;
  known: KnownView[];
}

const typeOf = (kind: PeriodKind): SleepType => {
  if (kind === 'main' || kind === 'second-half') return 'long_sleep';
  return kind === 'late-nap' ? 'late_nap' : 'sleep';
};

/** The cloud has a document about half a minute after the sync. */
export const publishedMs = (life: Life, afterMs: number, kind: 'app' | 'background', purpose: string): number => {
  const syncMs = nextSyncMs(life, afterMs, kind);
  return syncMs + drawFor(life, `publish-${purpose}`, Math.floor(syncMs / 60_000)).integer(18_000, 40_000);
};

const whole = (kind: PeriodKind, reason: AnalysisReason): SleepView => ({
  reason,
  type: typeOf(kind),
  editedSteps: 0,
  untilMs: null,
});

function completions(life: Life, period: SleepPeriod): KnownView[] {
  const byApp = publishedMs(life, period.endMs, 'app', `sleep-${period.ordinal}`);
  const isBackground = life.traps.backgroundAnalysis && life.person.hardware === 'or5';
  if (!isBackground) return [{ atMs: byApp, view: whole(period.kind, 'foreground_sleep_analysis') }];
  const early = publishedMs(life, period.endMs + 300_000, 'background', `sleep-${period.ordinal}`);
  if (early >= byApp) return [{ atMs: byApp, view: whole(period.kind, 'foreground_sleep_analysis') }];
  return [
    { atMs: early, view: whole(period.kind, 'background_sleep_analysis') },
    { atMs: byApp, view: whole(period.kind, 'background_created_foreground_updated') },
  ];
}

function inProgress(life: Life, period: SleepPeriod): KnownView[] {
  const openMs = period.kind === 'main' ? nightOpenMs(life, period.day) : null;
  if (openMs === null) return [];
  const view = { ...whole(period.kind, 'foreground_sleep_analysis'), untilMs: openMs };
  return [{ atMs: openMs + drawFor(life, 'publish-open', period.day).integer(18_000, 40_000), view }];
}

/** What the person does to a published period, some hours later. */
function secondThoughts(life: Life, period: SleepPeriod, publishedAtMs: number): KnownView[] {
  const draw = drawFor(life, 'second-thoughts', period.day, period.ordinal);
  const laterMs = publishedAtMs + draw.uniform(0.8, 2.5) * HOUR_MS;
  const atMs = publishedMs(life, laterMs, 'app', 'thought');
  const base = whole(period.kind, 'foreground_sleep_analysis');
  if (period.kind === 'main' && occursOn(life, 'bedtimeEdits', period.day)) {
    return [{ atMs, view: { ...base, reason: 'bedtime_edit', editedSteps: draw.integer(2, 6) } }];
  }
  if (period.kind === 'deleted-nap') return [{ atMs, view: null }];
  if (period.kind === 'rejected-nap') return [{ atMs, view: { ...base, type: draw.chance(0.5) ? 'rest' : 'deleted' } }];
  return [];
}

export const sleepEpisodes = (life: Life, day: number): SleepEpisode[] =>
  sleepPeriods(life, day).map((period) => {
    const complete = completions(life, period);
    const lastMs = complete.at(-1)?.atMs ?? period.endMs;
    return {
      period,
      known: inOrder([...inProgress(life, period), ...complete, ...secondThoughts(life, period, lastMs)]),
    };
  });

/** The periods of a day as they are known at an instant. */
export const viewsAt = (episodes: readonly SleepEpisode[], atMs: number): { period: SleepPeriod; view: SleepView }[] =>
  episodes.flatMap(({ period, known }) => {
    const view = known.findLast((candidate) => candidate.atMs <= atMs)?.view ?? null;
    return view === null ? [] : [{ period, view }];
  });

export const sleepHistories = (life: Life, day: number, episodes: readonly SleepEpisode[]): DocumentHistory[] =>
  episodes.map(({ period, known }) => ({
    resource: 'sleep',
    id: sleepId(life, period),
    versions: known.map(({ atMs, view }) => ({
      atMs,
      body:
        view === null ? null : () => sleepDocument(life, period, view, isoDay(day), currentRingId(life, period.endMs)),
    })),
  }));
