// Walks the readings of a rule in order of time and says where it ends: firing on which reading, or cleared by which. It holds the streak that
// `for` asks for and the rule that only fresh news fires, while what already fires goes on without being fresh.
import type { MetricRule } from '../../../schemas/alert-rules.ts';
import type { OpenAlert, Progress, Reading, Streak } from '../../../schemas/alert-state.ts';
import { sideOf } from './decide-side.ts';

const dayMs = 86_400_000;

export interface Walk extends Progress {
  /** The reading on which it began to fire, if that was in this walk. */
  fired: Reading | null;
  /** The newest reading that ended it or showed it clear. */
  cleared: Reading | null;
  /** The newest reading would fire, had it been fresh. */
  tooOld: boolean;
}

export interface WalkContext {
  open: OpenAlert | null;
  maxAgeMs: number;
}

export const byTime = (a: Reading, b: Reading): number =>
  a.endMs - b.endMs || (a.subject < b.subject ? -1 : a.subject > b.subject ? 1 : 0);

export function walk(
  rule: MetricRule,
  base: Progress,
  readings: readonly Reading[],
  { open, maxAgeMs }: WalkContext,
): Walk {
  let now: Walk = { ...base, fired: null, cleared: null, tooOld: false };
  const goesOn = (reading: Reading) =>
    open !== null && (reading.endMs >= open.endMs || reading.subject === open.subject);
  const isFresh = (reading: Reading) => reading.live && !reading.held && reading.knownAtMs - reading.endMs < maxAgeMs;
  for (const reading of [...readings].sort(byTime)) {
    const side = sideOf(rule, reading.value);
    if (side === 'clear') now = { firing: false, streak: null, fired: null, cleared: reading, tooOld: false };
    else if (side === 'between') now = { ...now, streak: null, tooOld: false };
    else {
      const streak = extend(rule, now.streak, reading);
      const holds = isLongEnough(rule, streak, reading);
      const fires = holds && !now.firing && (isFresh(reading) || goesOn(reading));
      now = {
        ...now,
        streak,
        firing: now.firing || fires,
        fired: fires ? reading : now.fired,
        tooOld: holds && !now.firing && !fires && !reading.held,
      };
    }
  }
  return now;
}

/** Days count only when they follow each other; two readings of one day are one. */
function extend(rule: MetricRule, streak: Streak | null, { day, startMs, count }: Reading): Streak {
  const begun: Streak = { count, sinceMs: startMs, ...(day !== undefined && { lastDay: day }) };
  if (!streak) return begun;
  const countsDays = rule.for !== undefined && 'days' in rule.for;
  if (!countsDays || day === undefined || streak.lastDay === undefined)
    return { ...streak, count: streak.count + count, ...(day !== undefined && { lastDay: day }) };
  if (day === streak.lastDay) return streak;
  const isNextDay = Date.parse(day) - Date.parse(streak.lastDay) === dayMs;
  return isNextDay ? { ...streak, count: streak.count + 1, lastDay: day } : begun;
}

function isLongEnough({ for: needed }: MetricRule, streak: Streak, reading: Reading): boolean {
  if (needed === undefined) return true;
  if ('minutes' in needed) return reading.endMs - streak.sinceMs >= needed.minutes * 60_000;
  return streak.count >= ('days' in needed ? needed.days : needed.points);
}
