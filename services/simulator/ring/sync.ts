// When the phone talks to the cloud. Background syncs bring activity, stress, heart rate and battery; opening the app brings
// sleep and what follows from it. During a late-sync stretch nothing comes, then everything at once.

import { createBoundedCache, createPerOwner } from '../bounded-cache.ts';
import { instantOf } from './itinerary.ts';
import { drawFor, type Life, livelinessOn, occurrenceCovering, occursOn } from './life.ts';
import { bedMs, sleepPeriods, wakeMs } from './sleep-plan.ts';

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const BACKGROUND_EVERY_MS = 45 * MINUTE_MS;
/** A stretch without sync lasts up to three days and some hours; searches look this far. */
export const LONGEST_SILENCE_DAYS = 5;

export interface Sync {
  atMs: number;
  kind: 'background' | 'app';
}

interface Silence {
  startMs: number;
  endMs: number;
}

function silenceAround(life: Life, day: number): Silence | null {
  const start = occurrenceCovering(life, 'lateSyncs', day + 1, LONGEST_SILENCE_DAYS);
  if (start === null) return null;
  const days = drawFor(life, 'silence', start).integer(2, 3);
  return { startMs: instantOf(life, start, 12 * 60), endMs: instantOf(life, start + days, 19 * 60 + 10) };
}

/** Somebody wakes in the night and opens the app, unless out of reach: the night is published while it lasts. */
export function nightOpenMs(life: Life, day: number): number | null {
  const night = sleepPeriods(life, day).find(({ kind }) => kind === 'main');
  if (night === undefined || !occursOn(life, 'inProgressNights', day)) return null;
  const part = drawFor(life, 'night-open', day).uniform(0.45, 0.75);
  const atMs = Math.round(night.startMs + part * (night.endMs - night.startMs));
  const silence = silenceAround(life, day);
  return silence !== null && atMs >= silence.startMs && atMs <= silence.endMs ? null : atMs;
}

function planned(life: Life, day: number): Sync[] {
  const draw = drawFor(life, 'syncs', day);
  const syncs: Sync[] = [];
  const openMs = nightOpenMs(life, day);
  if (openMs !== null) syncs.push({ atMs: openMs, kind: 'app' });
  syncs.push({ atMs: wakeMs(life, day) + draw.integer(12, 40) * MINUTE_MS + draw.integer(0, 59_000), kind: 'app' });
  syncs.push({ atMs: instantOf(life, day, 12 * 60 + 50 + draw.integer(-10, 10)), kind: 'app' });
  syncs.push({ atMs: instantOf(life, day, 17 * 60 + 45 + draw.integer(-5, 10)), kind: 'app' });
  syncs.push({ atMs: bedMs(life, day) - draw.integer(10, 35) * MINUTE_MS, kind: 'app' });
  const liveliness = livelinessOn(life, day);
  const isAlways = liveliness > 1;
  const fromMs = isAlways ? instantOf(life, day, 240) : wakeMs(life, day);
  const toMs = isAlways ? instantOf(life, day + 1, 240) : bedMs(life, day);
  const everyMs = BACKGROUND_EVERY_MS / liveliness;
  for (let atMs = fromMs + everyMs * draw.uniform(0.2, 1); atMs < toMs; atMs += everyMs * draw.uniform(0.6, 1.4)) {
    syncs.push({ atMs: Math.round(atMs), kind: 'background' });
  }
  const silence = silenceAround(life, day);
  if (silence === null) return syncs;
  const heard = syncs.filter(({ atMs }) => atMs < silence.startMs || atMs > silence.endMs);
  const isReconnectDay = silence.endMs >= instantOf(life, day, 240) && silence.endMs < instantOf(life, day + 1, 240);
  return isReconnectDay ? [...heard, { atMs: silence.endMs, kind: 'app' }] : heard;
}

const caches = createPerOwner<Life, ReturnType<typeof createBoundedCache<Sync[]>>>(() => createBoundedCache(48));

/** In order of time. All of them lie between the evening before `day` and the morning after. */
export const syncsOfDay = (life: Life, day: number): Sync[] =>
  caches(life).get(String(day), () => planned(life, day).sort((a, b) => a.atMs - b.atMs));

/** The first sync at or after an instant; `app` asks for one with the app open. */
export function nextSyncMs(life: Life, fromMs: number, kind: Sync['kind']): number {
  const firstDay = Math.floor(fromMs / DAY_MS) - 2;
  let best = Number.POSITIVE_INFINITY;
  for (let day = firstDay; day < firstDay + LONGEST_SILENCE_DAYS + 6; day += 1) {
    for (const sync of syncsOfDay(life, day)) {
      const fits = sync.atMs >= fromMs && (kind === 'background' || sync.kind === 'app');
      if (fits && sync.atMs < best) best = sync.atMs;
    }
    if (best < (day - 1) * DAY_MS) break;
  }
  return best;
}

/** The last sync at or before an instant: what the ring recorded later is not in the cloud yet. */
export function lastSyncMs(life: Life, untilMs: number): number {
  const lastDay = Math.floor(untilMs / DAY_MS) + 2;
  let best = Number.NEGATIVE_INFINITY;
  for (let day = lastDay; day > lastDay - LONGEST_SILENCE_DAYS - 6; day -= 1) {
    for (const sync of syncsOfDay(life, day)) if (sync.atMs <= untilMs && sync.atMs > best) best = sync.atMs;
    if (best > (day + 2) * DAY_MS) break;
  }
  return best;
}
