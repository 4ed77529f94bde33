// What the page shows, as one document: the shape of `GET /api/v1/people/{user}/today` and of the snapshot on the WebSocket. Every number
// is a Reading that names the point it came from, so anybody can find it in the tidy export. Units are UCUM, times keep the wearer's offset.
// Leaves out words, colours and places on a screen: they are the page's.
import { z } from 'zod';
import { resourceName } from '../../../schemas/oura/resources.ts';
import { day, instant } from '../../../schemas/wire.ts';

const civilOrInstant = z.union([instant, day]);

export const reading = z
  .object({
    metric: z.string(),
    aggregation: z.string(),
    resource: z.string(),
    value: z.number(),
    unit: z.string().describe('UCUM'),
    text: z.string().nullable().describe("Oura's word for a coded value"),
    start: civilOrInstant,
    end: civilOrInstant.nullable(),
    day: day.nullable().describe("Oura's own day of the document"),
    document: z.string().describe('<resource>/<object id>'),
    version: z.number().int(),
    known_at: instant.describe('when the request began that brought this version'),
  })
  .describe('One number and the point it came from');
export type Reading = z.infer<typeof reading>;

export const usual = z
  .object({ low: z.number(), high: z.number(), middle: z.number(), nights: z.number().int() })
  .describe('10th and 90th percentile and median of the person’s own last 28 nights; null until 14 exist');
export type Usual = z.infer<typeof usual>;

export const place = z.enum(['below', 'inside', 'above']);
export type Place = z.infer<typeof place>;

const dayValue = z.object({ day, value: z.number().nullable().describe('null: no data for that day') });
export type DayValue = z.infer<typeof dayValue>;

export const measure = z
  .object({
    key: z.string(),
    day,
    reading: reading.nullable(),
    usual: usual.nullable(),
    nights: z.number().int().describe('nights among the 28 before that have a value'),
    place: place.nullable().describe('null: no usual range yet, or a provisional night, which is never judged'),
    history: z.array(dayValue).describe('the 28 days before, oldest first'),
  })
  .describe('A number of a night or day beside the person’s own usual range');
export type Measure = z.infer<typeof measure>;

export const scoreNames = ['readiness', 'sleep', 'activity'] as const;
export const scoreName = z.enum(scoreNames);
export type ScoreName = z.infer<typeof scoreName>;

export const score = z.object({
  name: scoreName,
  day,
  reading: reading.nullable(),
  usual: usual.nullable(),
  place: place.nullable(),
  contributors: z.array(z.object({ name: z.string(), reading })).describe('lowest first'),
  newest_day: day.nullable().describe('the newest day that has one, when this day has none'),
  stale: z.boolean().describe('true: it stands, but is older than its rhythm allows'),
});
export type Score = z.infer<typeof score>;

export const stageName = z.enum(['deep', 'light', 'rem', 'awake']);
export type StageName = z.infer<typeof stageName>;

export const series = z
  .object({
    metric: z.string(),
    unit: z.string(),
    start_ms: z.number().int(),
    interval_ms: z.number().int(),
    values: z.array(z.number().nullable()).describe('null: a gap'),
  })
  .describe('Values at a regular distance');
export type Series = z.infer<typeof series>;

export const provisional = z
  .object({
    reason: z.enum(['in_progress', 'settling']),
    until: instant.nullable().describe('null while the night lasts'),
  })
  .describe('A night is provisional until it has ended and half an hour passed without a new version');
export type Provisional = z.infer<typeof provisional>;

export const sleepPeriod = z.object({
  document: z.string(),
  version: z.number().int(),
  kind: z.enum(['night', 'nap']),
  start: instant,
  end: instant.nullable(),
  known_at: instant,
  duration: reading.nullable().describe('sleep_duration of this period'),
  algorithm: z.string().nullable(),
  provisional: provisional.nullable(),
});
export type SleepPeriod = z.infer<typeof sleepPeriod>;

export const sleepChart = z.object({
  document: z.string(),
  stages: z.array(z.object({ stage: stageName, start_ms: z.number().int(), end_ms: z.number().int() })),
  heart_rate: series.nullable(),
  hrv: series.nullable(),
});
export type SleepChart = z.infer<typeof sleepChart>;

export const night = z.object({
  day: day.describe('Oura’s day: the day of waking up'),
  utc_offset_minutes: z.number().int().nullable(),
  main: sleepPeriod.nullable().describe('the long sleep with the longest total; null: no data'),
  others: z.array(sleepPeriod).describe('the other parts of a split night, then naps'),
  charts: z.array(sleepChart).describe('one per part of the night, in order of time'),
  measures: z.array(measure).describe('of the main sleep'),
  previous_day: day.nullable().describe('the nearest earlier day with a night'),
  next_day: day.nullable(),
});
export type Night = z.infer<typeof night>;

export const activity = z.object({
  day,
  steps: reading.nullable(),
  active_energy: reading.nullable(),
  active_energy_goal: reading.nullable(),
  distance: reading.nullable(),
  distance_goal: reading.nullable(),
});
export type Activity = z.infer<typeof activity>;

export const trend = z.object({
  name: scoreName,
  usual: usual.nullable(),
  points: z.array(dayValue),
  mean_7: z.array(z.number().nullable()).describe('mean of seven days ending there; null with fewer than four of them'),
});
export const trends = z.object({ days: z.array(day), lines: z.array(trend) });
export type Trend = z.infer<typeof trend>;
export type Trends = z.infer<typeof trends>;

export const freshness = z.object({
  resource: resourceName,
  measured_at: civilOrInstant.nullable().describe('start of the newest point'),
  known_at: instant.nullable().describe('when its version was asked for'),
  state: z.enum(['current', 'late', 'none']),
  reading: reading.nullable().describe('the newest value, where the page names it'),
});
export type Freshness = z.infer<typeof freshness>;

export const ring = z.object({
  battery: reading.nullable(),
  seen_at: instant.nullable().describe('the newest instant the ring itself measured'),
  heart_rate: reading.nullable().describe('the newest single heart rate, awake or asleep'),
  stale: z.boolean(),
});
export type Ring = z.infer<typeof ring>;

export const openAlert = z.object({
  id: z.string(),
  rule: z.string(),
  title: z.string(),
  level: z.enum(['info', 'warning', 'urgent']),
  since: instant,
  summary: z.string(),
  day: day.nullable(),
});
export type OpenAlert = z.infer<typeof openAlert>;

export const ouraConnection = z.object({
  state: z.enum(['none', 'active', 'needs_consent']).describe('none: imported, or never connected'),
  missing: z.array(resourceName).describe('resources whose permission was not given'),
});
export type OuraConnection = z.infer<typeof ouraConnection>;

export const wearerClock = z.object({
  day: day.describe('the wearer’s civil date now, never the newest data'),
  utc_offset_minutes: z.number().int(),
  offset_known: z.boolean().describe('false until a document told the wearer’s offset; then UTC is used'),
});
export type WearerClock = z.infer<typeof wearerClock>;

export const today = z.object({
  user: z.string(),
  name: z.string(),
  clock: wearerClock,
  has_data: z.boolean(),
  connection: ouraConnection,
  scores: z.object({ readiness: score, sleep: score, activity: score }),
  activity,
  night,
  vitals: z.array(measure),
  trends,
  ring,
  freshness: z.array(freshness),
  alerts: z.array(openAlert),
});
export type Today = z.infer<typeof today>;

/** The parts of Today that a delta may replace, each as a whole. */
export const todayParts = today.partial();
export type TodayParts = z.infer<typeof todayParts>;
