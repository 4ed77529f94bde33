// The words of the page for Oura's names: scores, contributors, resources, stages. Oura's own words at 85 and 70.
import type { Place, ScoreName, StageName } from '../today/model.ts';

export const scoreTitle: Readonly<Record<ScoreName, string>> = {
  readiness: 'Readiness',
  sleep: 'Sleep',
  activity: 'Activity',
};

export type Band = 'good' | 'fair' | 'poor';
export const bandOf = (score: number): Band => (score >= 85 ? 'good' : score >= 70 ? 'fair' : 'poor');
export const bandWord: Readonly<Record<Band, string>> = { good: 'Optimal', fair: 'Good', poor: 'Pay attention' };

const contributorWords: Readonly<Record<string, string>> = {
  hrv_balance: 'HRV balance',
  rem_sleep: 'REM sleep',
  resting_heart_rate: 'Resting heart rate',
  meet_daily_targets: 'Meet daily targets',
};

const sentence = (name: string): string => {
  const words = name.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
};

export const contributorTitle = (name: string): string => contributorWords[name] ?? sentence(name);

const resourceWords: Readonly<Record<string, string>> = {
  daily_activity: 'activity',
  daily_sleep: 'sleep score',
  daily_readiness: 'readiness',
  daily_spo2: 'SpO₂',
  daily_stress: 'stress',
  daily_resilience: 'resilience',
  daily_cardiovascular_age: 'cardiovascular age',
  vo2_max: 'VO₂ max',
  heartrate: 'heart rate',
  ring_battery_level: 'ring battery',
};

export const resourceTitle = (name: string): string => resourceWords[name] ?? name.replaceAll('_', ' ');

export const stageTitle: Readonly<Record<StageName, string>> = {
  awake: 'Awake',
  rem: 'REM',
  light: 'Light',
  deep: 'Deep',
};

export const measureTitle: Readonly<Record<string, string>> = {
  lowest_heart_rate: 'Lowest heart rate',
  heart_rate: 'Average heart rate',
  hrv: 'HRV, rMSSD',
  breathing: 'Breathing',
  spo2: 'SpO₂',
  temperature: 'Temperature deviation',
  duration: 'Asleep',
  deep: 'Deep',
  rem: 'REM',
  light: 'Light',
  awake: 'Awake',
  efficiency: 'Efficiency',
  latency: 'Fell asleep in',
};

/** Beside the curves it is clear whose heart it is. */
export const legendTitle: Readonly<Record<string, string>> = {
  ...measureTitle,
  heart_rate: 'Heart rate, mean',
  lowest_heart_rate: 'Heart rate, lowest',
};

export const placeWord: Readonly<Record<Place, string>> = {
  below: 'below your usual',
  inside: 'usual',
  above: 'above your usual',
};
