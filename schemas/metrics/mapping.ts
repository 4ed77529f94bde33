// The whole mapping: all rows of all resources, and its version. A message of normalize is identified by its document and this version, so
// a change of the mapping makes new messages, and `mapping.test.ts` fails until the number is raised.
import type { ResourceName } from '../oura/resources.ts';
import { sessionMapping, vo2MaxMapping, workoutMapping } from './mapping/activities.ts';
import { dailyActivityMapping } from './mapping/daily-activity.ts';
import {
  dailyCardiovascularAgeMapping,
  dailyResilienceMapping,
  dailySpo2Mapping,
  dailyStressMapping,
} from './mapping/daily-others.ts';
import { dailyReadinessMapping, dailySleepMapping } from './mapping/daily-scores.ts';
import { enhancedTagMapping, restModePeriodMapping, sleepTimeMapping, tagMapping } from './mapping/notes.ts';
import { personalInfoMapping, ringConfigurationMapping } from './mapping/profile.ts';
import { heartrateMapping, ringBatteryLevelMapping } from './mapping/rows.ts';
import { sleepMapping } from './mapping/sleep.ts';
import type { MetricRow, ResourceMapping } from './mapping-row.ts';

export const mappingVersion = 1;

export const mapping: Readonly<Record<ResourceName, ResourceMapping>> = {
  daily_activity: dailyActivityMapping,
  daily_sleep: dailySleepMapping,
  daily_readiness: dailyReadinessMapping,
  daily_spo2: dailySpo2Mapping,
  daily_stress: dailyStressMapping,
  daily_resilience: dailyResilienceMapping,
  daily_cardiovascular_age: dailyCardiovascularAgeMapping,
  vo2_max: vo2MaxMapping,
  sleep: sleepMapping,
  sleep_time: sleepTimeMapping,
  workout: workoutMapping,
  session: sessionMapping,
  enhanced_tag: enhancedTagMapping,
  tag: tagMapping,
  rest_mode_period: restModePeriodMapping,
  ring_configuration: ringConfigurationMapping,
  heartrate: heartrateMapping,
  ring_battery_level: ringBatteryLevelMapping,
  personal_info: personalInfoMapping,
};

export const isEmitted = (row: MetricRow): boolean => row.notEmitted === undefined;

/** Every row that becomes points, with its resource. */
export const emittedRows: readonly (MetricRow & { resource: ResourceName })[] = Object.values(mapping).flatMap(
  ({ resource, rows }) => rows.filter(isEmitted).map((row) => ({ ...row, resource })),
);
