// One version of daily_activity: the day's series up to a minute, and everything that can be summed from it. The document is
// rewritten with each sync until the day is over.

import { isoDay } from '../local-time.ts';
import { type ActivitySeries, activitySeries } from './activity-series.ts';
import { dayState } from './day-state.ts';
import { localText } from './itinerary.ts';
import { drawFor, type Life, occursOn } from './life.ts';
import { scale, score } from './scores.ts';

/** A walk of a kilometre costs a body about 0.87 kcal per kilogram above rest. */
const METRES_PER_KCAL_PER_KG = 1150;

interface Totals {
  /** Minutes per class 0–5. */
  minutes: number[];
  /** MET minutes per class. */
  metMinutes: number[];
  steps: number;
  activeMetMinutes: number;
  meanMet: number;
  inactivityAlerts: number;
}

function totalsOf(series: ActivitySeries, untilMinute: number): Totals {
  const totals = { minutes: [0, 0, 0, 0, 0, 0], metMinutes: [0, 0, 0, 0, 0, 0], steps: 0, activeMetMinutes: 0 };
  let sum = 0;
  let idle = 0;
  let inactivityAlerts = 0;
  for (let minute = 0; minute < untilMinute; minute += 1) {
    const kind = series.classes[Math.floor(minute / 5)] ?? 0;
    const met = series.met[minute] ?? 0;
    totals.minutes[kind] = (totals.minutes[kind] ?? 0) + 1;
    totals.metMinutes[kind] = (totals.metMinutes[kind] ?? 0) + met;
    totals.steps += series.steps[minute] ?? 0;
    totals.activeMetMinutes += Math.max(0, met - 1.5);
    sum += met;
    idle = kind === 2 ? idle + 1 : 0;
    if (idle === 50) inactivityAlerts += 1;
  }
  return { ...totals, meanMet: untilMinute === 0 ? 0 : sum / untilMinute, inactivityAlerts };
}

function contributorsOf(life: Life, day: number, totals: Totals) {
  const draw = drawFor(life, 'activity-score', day);
  const { load } = dayState(life, day);
  return {
    meet_daily_targets: score(78 + load * 8 + draw.normal(0, 8)),
    move_every_hour: scale(totals.inactivityAlerts, [
      [0, 100],
      [2, 88],
      [5, 60],
      [9, 20],
    ]),
    recovery_time: score(88 - load * 6 + draw.normal(0, 5)),
    stay_active: scale((totals.minutes[2] ?? 0) / 60, [
      [4, 98],
      [8, 75],
      [12, 40],
      [16, 10],
    ]),
    training_frequency: score(80 + load * 9 + draw.normal(0, 6)),
    training_volume: score(80 + load * 10 + draw.normal(0, 6)),
  };
}

export function activityDocument(life: Life, day: number, id: string, untilMinute: number) {
  const series = activitySeries(life, day);
  const totals = totalsOf(series, untilMinute);
  const { person } = life;
  const kcalPerMet = person.weightKg / 60;
  const activeCalories = Math.round(totals.activeMetMinutes * kcalPerMet);
  const walkedMetres = Math.round((activeCalories / person.weightKg) * METRES_PER_KCAL_PER_KG);
  const targetMetres = 6000 + 1000 * (Math.abs(day) % 4);
  const missingMetres = targetMetres - walkedMetres;
  const contributors = contributorsOf(life, day, totals);
  const mean = Object.values(contributors).reduce((sum, value) => sum + value, 0) / 6;
  const isUnknown = occursOn(life, 'nullScores', day);
  const seconds = (kind: number): number => (totals.minutes[kind] ?? 0) * 60;
  const metMinutes = (kind: number): number => Math.round(totals.metMinutes[kind] ?? 0);
  return {
    id,
    active_calories: activeCalories,
    average_met_minutes: Math.round(totals.meanMet * 10_000) / 10_000,
    class_5_min: series.classes.slice(0, Math.floor(untilMinute / 5)).join(''),
    contributors,
    day: isoDay(day),
    equivalent_walking_distance: walkedMetres,
    high_activity_met_minutes: metMinutes(5),
    high_activity_time: seconds(5),
    inactivity_alerts: totals.inactivityAlerts,
    low_activity_met_minutes: metMinutes(3),
    low_activity_time: seconds(3),
    medium_activity_met_minutes: metMinutes(4),
    medium_activity_time: seconds(4),
    met: { interval: 60, items: series.met.slice(0, untilMinute), timestamp: localText(life, series.startMs) },
    meters_to_target: life.traps.negativeMetersToTarget ? missingMetres : Math.max(0, missingMetres),
    non_wear_time: seconds(0),
    resting_time: seconds(1),
    score: isUnknown ? null : score(mean),
    sedentary_met_minutes: metMinutes(2),
    sedentary_time: seconds(2),
    steps: totals.steps,
    target_calories: Math.round((targetMetres / METRES_PER_KCAL_PER_KG) * person.weightKg),
    target_meters: targetMetres,
    timestamp: localText(life, series.startMs),
    total_calories: activeCalories + Math.round((untilMinute / 1440) * (person.biologicalSex === 'male' ? 1780 : 1450)),
  };
}
