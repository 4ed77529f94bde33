// daily_activity and daily_stress: published with the first sync of the day and rewritten by the following ones until a sync
// after the day is over has brought all of it.

import { isoDay } from '../local-time.ts';
import { activityDocument } from './activity-document.ts';
import { activitySeries } from './activity-series.ts';
import { dayState } from './day-state.ts';
import type { DocumentHistory, Version } from './document-history.ts';
import { documentId } from './document-ids.ts';
import { activityPeriod } from './itinerary.ts';
import { drawFor, type Life, occursOn } from './life.ts';
import { isWorn } from './sleep-plan.ts';
import { LONGEST_SILENCE_DAYS, nextSyncMs, syncsOfDay } from './sync.ts';

const SLOT_MINUTES = 15;

/** Each sync that tells something new of a day: how many of its minutes the cloud then has. */
function knownMinutes(life: Life, day: number): { atMs: number; minutes: number }[] {
  const { startMs, endMs, minutes } = activityPeriod(life, day);
  const known: { atMs: number; minutes: number }[] = [];
  for (let syncDay = day - 1; syncDay <= day + 2; syncDay += 1) {
    for (const { atMs } of syncsOfDay(life, syncDay)) {
      if (atMs <= startMs + 60_000 || atMs >= endMs) continue;
      known.push({ atMs, minutes: Math.min(minutes, Math.floor((atMs - startMs) / 60_000)) });
    }
  }
  const lastMs = nextSyncMs(life, endMs, 'background');
  known.push({ atMs: lastMs, minutes });
  return known.toSorted((a, b) => a.atMs - b.atMs);
}

/** The same delay all day, so that a later sync is never published before an earlier one. */
const published = (life: Life, day: number, syncMs: number): number =>
  syncMs + drawFor(life, 'background-delay', day).integer(15_000, 35_000);

/** 15-minute slots awake: 0 neither, 1 stressed, 2 recovering. */
function stressSlots(life: Life, day: number, untilMinute: number): number[] {
  const { classes } = activitySeries(life, day);
  const { load, recovery } = dayState(life, day);
  const draw = drawFor(life, 'stress', day);
  const slots: number[] = [];
  for (let slot = 0; (slot + 1) * SLOT_MINUTES <= untilMinute; slot += 1) {
    const isSitting = (classes[slot * 3] ?? 0) === 2;
    const pick = draw.weighted([0.72, Math.max(0.03, 0.13 + load * 0.05), Math.max(0.03, 0.12 + recovery * 0.05)]);
    slots.push(isSitting ? pick : 0);
  }
  return slots;
}

function stressDocument(life: Life, day: number, id: string, untilMinute: number) {
  const slots = stressSlots(life, day, untilMinute);
  const seconds = (kind: number): number => slots.filter((slot) => slot === kind).length * SLOT_MINUTES * 60;
  const stressHigh = seconds(1);
  const recoveryHigh = seconds(2);
  const summary =
    stressHigh > recoveryHigh * 1.8 ? 'stressful' : recoveryHigh > stressHigh * 1.8 ? 'restored' : 'normal';
  return {
    id,
    day: isoDay(day),
    day_summary: untilMinute < 16 * 60 ? null : summary,
    recovery_high: recoveryHigh,
    stress_high: stressHigh,
  };
}

const historyOf = (
  life: Life,
  day: number,
  resource: 'daily_activity' | 'daily_stress',
  versions: (id: string) => Version[],
): DocumentHistory => {
  const id = documentId({ seed: life.seed, ouraUserId: life.person.ouraUserId, resource }, day, 0);
  return { resource, id, versions: versions(id) };
};

/** How far after its day a document of it may still change. */
export const LONGEST_DELAY_DAYS = LONGEST_SILENCE_DAYS + 3;

export function backgroundHistories(life: Life, day: number): DocumentHistory[] {
  const known = knownMinutes(life, day);
  const histories: DocumentHistory[] = [];
  if (!occursOn(life, 'missingActivity', day)) {
    histories.push(
      historyOf(life, day, 'daily_activity', (id) =>
        known.map(({ atMs, minutes }) => ({
          atMs: published(life, day, atMs),
          body: () => activityDocument(life, day, id, minutes),
        })),
      ),
    );
  }
  // Stress is told by quarters of an hour: a sync that finishes none of them says nothing new.
  const slotOf = (index: number): number => Math.floor((known[index]?.minutes ?? 0) / SLOT_MINUTES);
  const slower = known.filter(
    (_, index) => index === 0 || index === known.length - 1 || slotOf(index) !== slotOf(index - 1),
  );
  if (isWorn(life, day)) {
    histories.push(
      historyOf(life, day, 'daily_stress', (id) =>
        slower.map(({ atMs, minutes }) => ({
          atMs: published(life, day, atMs) + 2000,
          body: () => stressDocument(life, day, id, minutes),
        })),
      ),
    );
  }
  return histories;
}
