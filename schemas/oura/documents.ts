// Which schema describes a document of which resource. They demand only what is used and leave unknown fields and new words alone.
import type { z } from 'zod';
import { dailyActivity } from './daily-activity.ts';
import { dailyCardiovascularAge } from './daily-cardiovascular-age.ts';
import { dailyReadiness } from './daily-readiness.ts';
import { dailyResilience } from './daily-resilience.ts';
import { dailySleep } from './daily-sleep.ts';
import { dailySpo2 } from './daily-spo2.ts';
import { dailyStress } from './daily-stress.ts';
import { enhancedTag } from './enhanced-tag.ts';
import { heartrate } from './heartrate.ts';
import { personalInfo } from './personal-info.ts';
import type { ResourceName } from './resources.ts';
import { restModePeriod } from './rest-mode-period.ts';
import { ringBatteryLevel } from './ring-battery-level.ts';
import { ringConfiguration } from './ring-configuration.ts';
import { session } from './session.ts';
import { sleep } from './sleep.ts';
import { sleepTime } from './sleep-time.ts';
import { tag } from './tag.ts';
import { vo2Max } from './vo2-max.ts';
import { workout } from './workout.ts';

export const documentSchemas = {
  daily_activity: dailyActivity,
  daily_sleep: dailySleep,
  daily_readiness: dailyReadiness,
  daily_spo2: dailySpo2,
  daily_stress: dailyStress,
  daily_resilience: dailyResilience,
  daily_cardiovascular_age: dailyCardiovascularAge,
  vo2_max: vo2Max,
  sleep,
  sleep_time: sleepTime,
  workout,
  session,
  enhanced_tag: enhancedTag,
  tag,
  rest_mode_period: restModePeriod,
  ring_configuration: ringConfiguration,
  heartrate,
  ring_battery_level: ringBatteryLevel,
  personal_info: personalInfo,
} as const satisfies Record<ResourceName, z.ZodType>;
