// One document of `sleep`: a night or a nap as Oura publishes it, from a cut of what was measured. The sums always agree with
// the hypnogram: deep + light + REM = total, total + awake = time in bed.

import { batteryAt } from './battery.ts';
import { documentId } from './document-ids.ts';
import { localText } from './itinerary.ts';
import { type Life, occursOn } from './life.ts';
import { cutNight, measureNight, type Night } from './night.ts';
import { readinessScore, type SleepFacts } from './scores.ts';
import type { SleepPeriod } from './sleep-plan.ts';

export type SleepType = 'deleted' | 'sleep' | 'long_sleep' | 'late_nap' | 'rest';
export type AnalysisReason =
  | 'foreground_sleep_analysis'
  | 'bedtime_edit'
  | 'background_sleep_analysis'
  | 'background_created_foreground_updated';

/** How a period looks in one version of its document. */
export interface SleepView {
  reason: AnalysisReason;
  type: SleepType;
  /** Steps of 5 min an edit cut off the beginning. */
  editedSteps: number;
  /** The night still lasts: what is known up to this instant. */
  untilMs: number | null;
}

const count = (text: string, digit: string): number => text.split(digit).length - 1;
const measured = (items: readonly (number | null)[]): number[] => items.filter((item) => item !== null);
const mean = (values: readonly number[]): number | null =>
  values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;

export function nightOfView(life: Life, period: SleepPeriod, view: SleepView): Night {
  const untilMs = view.untilMs ?? period.endMs;
  return cutNight(measureNight(life, period), view.editedSteps, Math.floor((untilMs - period.startMs) / 30_000));
}

const restlessPeriods = (movement: string): number => movement.match(/[234]{2,}/g)?.length ?? 0;

export function factsOf(night: Night): SleepFacts {
  const { fine } = night.stages;
  const totalS = (fine.length - count(fine, '4')) * 30;
  const beats = measured(night.heartRateBpm);
  const rmssd = mean(measured(night.rmssdMs));
  return {
    totalS,
    deepS: count(fine, '1') * 30,
    remS: count(fine, '3') * 30,
    efficiency: Math.round((100 * totalS) / Math.max(30, fine.length * 30)),
    latencyS: (fine.match(/^4*/)?.[0].length ?? 0) * 30,
    restlessPeriods: restlessPeriods(night.movement),
    lowestHeartRateBpm: beats.length === 0 ? null : Math.min(...beats) - 1,
    averageRmssdMs: rmssd === null ? null : Math.round(rmssd),
  };
}

/** Series and averages, or one of Oura's ways to say that there are none. */
function beatFields(life: Life, period: SleepPeriod, night: Night, facts: SleepFacts) {
  const timestamp = localText(life, night.startMs);
  const isOdd = period.kind === 'odd-nap';
  const average = mean(measured(night.heartRateBpm));
  const sample = (items: (number | null)[]) => ({ interval: 300, items, timestamp });
  const values = {
    average_heart_rate: average === null ? null : Math.round(average * 1000) / 1000,
    average_hrv: facts.averageRmssdMs,
    heart_rate: sample(night.heartRateBpm),
    hrv: sample(night.rmssdMs),
    lowest_heart_rate: facts.lowestHeartRateBpm,
  };
  if (isOdd && occursOn(life, 'noneAsNumber', period.day)) {
    return { ...values, average_heart_rate: 0, average_hrv: null, heart_rate: null, hrv: null, lowest_heart_rate: 255 };
  }
  if (isOdd && occursOn(life, 'nullSeries', period.day)) {
    const nothing = period.day % 2 === 0 ? null : sample(night.heartRateBpm.map(() => null));
    return { average_heart_rate: null, average_hrv: null, heart_rate: nothing, hrv: nothing, lowest_heart_rate: null };
  }
  return values;
}

export const sleepId = (life: Life, period: SleepPeriod): string =>
  documentId({ seed: life.seed, ouraUserId: life.person.ouraUserId, resource: 'sleep' }, period.day, period.ordinal);

export function sleepDocument(life: Life, period: SleepPeriod, view: SleepView, day: string, ringId: string) {
  const night = nightOfView(life, period, view);
  const facts = factsOf(night);
  const { fine, coarse } = night.stages;
  const beats = beatFields(life, period, night, facts);
  const isNight = period.kind === 'main' || period.kind === 'second-half';
  const hasType = !(period.kind === 'odd-nap' && occursOn(life, 'nullSleepType', period.day));
  return {
    id: sleepId(life, period),
    average_breath: night.breathsPerMinute,
    average_heart_rate: beats.average_heart_rate,
    average_hrv: beats.average_hrv,
    awake_time: count(fine, '4') * 30,
    bedtime_end: view.untilMs === null ? localText(life, night.startMs + night.halfMinutes * 30_000) : null,
    bedtime_start: localText(life, night.startMs),
    day,
    deep_sleep_duration: facts.deepS,
    efficiency: facts.efficiency,
    heart_rate: beats.heart_rate,
    hrv: beats.hrv,
    latency: facts.latencyS,
    light_sleep_duration: count(fine, '2') * 30,
    low_battery_alert: batteryAt(life, period.startMs).level < 15,
    lowest_heart_rate: beats.lowest_heart_rate,
    movement_30_sec: night.movement,
    period: period.ordinal,
    readiness: isNight ? readinessScore(life, period.day, facts, 0) : null,
    readiness_score_delta: isNight ? null : Math.round(facts.totalS / 2400),
    rem_sleep_duration: facts.remS,
    restless_periods: facts.restlessPeriods,
    ring_id: ringId,
    sleep_algorithm_version: 'v2',
    sleep_analysis_reason: view.reason,
    sleep_phase_30_sec: fine,
    sleep_phase_5_min: coarse,
    sleep_score_delta: isNight ? null : Math.round(facts.totalS / 1500),
    time_in_bed: fine.length * 30,
    total_sleep_duration: facts.totalS,
    type: hasType ? view.type : null,
    app_sleep_phase_5_min: coarse,
  };
}
