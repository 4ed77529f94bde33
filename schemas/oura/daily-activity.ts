// Daily activity: one day from 04:00 to 04:00 of the wearer, with METs by minute, activity classes by five minutes and totals. All times of
// the totals are seconds. The contributors are scores from 1 to 100 (0 was seen), not quantities.
import { z } from 'zod';
import { number, ouraDay, sample, word } from './parts.ts';

export const dailyActivity = z.object({
  day: ouraDay,
  timestamp: word,
  score: number,
  contributors: z
    .object({
      meet_daily_targets: number,
      move_every_hour: number,
      recovery_time: number,
      stay_active: number,
      training_frequency: number,
      training_volume: number,
    })
    .nullish(),
  steps: number,
  equivalent_walking_distance: number,
  active_calories: number,
  total_calories: number,
  met: sample,
  class_5_min: word,
  high_activity_time: number,
  high_activity_met_minutes: number,
  medium_activity_time: number,
  medium_activity_met_minutes: number,
  low_activity_time: number,
  low_activity_met_minutes: number,
  sedentary_time: number,
  sedentary_met_minutes: number,
  resting_time: number,
  non_wear_time: number,
  average_met_minutes: number,
  inactivity_alerts: number,
  target_calories: number,
  target_meters: number,
  meters_to_target: number,
});
