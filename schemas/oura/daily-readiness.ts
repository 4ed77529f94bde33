// The readiness score of a day and the deviation of the skin temperature, signed, in degrees from a baseline Oura does not tell. Every
// contributor is a score: `resting_heart_rate` is not bpm, `hrv_balance` not ms, `body_temperature` not a temperature.
import { z } from 'zod';
import { number, ouraDay } from './parts.ts';

export const readinessContributors = z
  .object({
    activity_balance: number,
    body_temperature: number,
    hrv_balance: number,
    previous_day_activity: number,
    previous_night: number,
    recovery_index: number,
    resting_heart_rate: number,
    sleep_balance: number,
    sleep_regularity: number,
  })
  .nullish();

export const dailyReadiness = z.object({
  day: ouraDay,
  score: number,
  temperature_deviation: number,
  temperature_trend_deviation: number,
  contributors: readinessContributors,
});
