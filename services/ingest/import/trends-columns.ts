// The columns of the trends file of Oura's account export and the fields of the API that mean the same, as data. The spelling of the headers
// changed over the years (`Sleep Timin Score`, `Total Bedtime ` with a space, `REM Sleep Time`), so each column lists all that were seen.
// Units agree with the API's: seconds, metres, kilocalories, beats per minute, °C.
import type { StandInResource } from '../versions/stand-ins.ts';

export interface TrendsColumn {
  /** Lower case, without what stands in parentheses. */
  names: readonly string[];
  resource: StandInResource;
  /** Path in the document. */
  field: readonly [string] | readonly [string, string];
  kind: 'number' | 'instant';
}

const numbers = (resource: StandInResource, fields: Readonly<Record<string, readonly string[]>>): TrendsColumn[] =>
  Object.entries(fields).map(([path, names]) => {
    const [first = path, second] = path.split('.');
    return { names, resource, field: second === undefined ? [first] : [first, second], kind: 'number' };
  });

export const dateColumn = 'date';

export const trendsColumns: readonly TrendsColumn[] = [
  ...numbers('daily_sleep', {
    score: ['sleep score'],
    'contributors.deep_sleep': ['deep sleep score'],
    'contributors.efficiency': ['sleep efficiency score'],
    'contributors.latency': ['sleep latency score'],
    'contributors.rem_sleep': ['rem sleep score'],
    'contributors.restfulness': ['restfulness score', 'sleep tranquility score'],
    'contributors.timing': ['sleep timing score', 'sleep timin score'],
    'contributors.total_sleep': ['total sleep score'],
  }),
  { names: ['bedtime start'], resource: 'sleep', field: ['bedtime_start'], kind: 'instant' },
  { names: ['bedtime end'], resource: 'sleep', field: ['bedtime_end'], kind: 'instant' },
  ...numbers('sleep', {
    total_sleep_duration: ['total sleep duration', 'total sleep time'],
    time_in_bed: ['total bedtime'],
    awake_time: ['awake time'],
    rem_sleep_duration: ['rem sleep duration', 'rem sleep time'],
    light_sleep_duration: ['light sleep duration', 'light sleep time'],
    deep_sleep_duration: ['deep sleep duration', 'deep sleep time'],
    efficiency: ['sleep efficiency'],
    latency: ['sleep latency'],
    average_heart_rate: ['average resting heart rate'],
    lowest_heart_rate: ['lowest resting heart rate'],
    average_hrv: ['average hrv'],
    average_breath: ['respiratory rate'],
  }),
  ...numbers('daily_readiness', {
    score: ['readiness score'],
    temperature_deviation: ['temperature deviation'],
    temperature_trend_deviation: ['temperature trend deviation'],
    'contributors.activity_balance': ['activity balance score'],
    'contributors.body_temperature': ['temperature score'],
    'contributors.hrv_balance': ['hrv balance score'],
    'contributors.previous_day_activity': ['previous day activity score'],
    'contributors.previous_night': ['previous night score'],
    'contributors.recovery_index': ['recovery index score'],
    'contributors.resting_heart_rate': ['resting heart rate score'],
    'contributors.sleep_balance': ['sleep balance score'],
    'contributors.sleep_regularity': ['sleep regularity score'],
  }),
  ...numbers('daily_activity', {
    score: ['activity score'],
    'contributors.meet_daily_targets': ['meet daily targets score'],
    'contributors.move_every_hour': ['move every hour score'],
    'contributors.recovery_time': ['recovery time score'],
    'contributors.stay_active': ['stay active score'],
    'contributors.training_frequency': ['training frequency score'],
    'contributors.training_volume': ['training volume score'],
    active_calories: ['activity burn'],
    total_calories: ['total burn'],
    target_calories: ['target calories'],
    steps: ['steps'],
    equivalent_walking_distance: ['equivalent walking distance', 'daily movement'],
    sedentary_time: ['inactive time'],
    resting_time: ['rest time'],
    low_activity_time: ['low activity time'],
    medium_activity_time: ['medium activity time'],
    high_activity_time: ['high activity time'],
    non_wear_time: ['non-wear time'],
    average_met_minutes: ['average met'],
    inactivity_alerts: ['long periods of inactivity'],
  }),
];

/** Columns that are known and have no place: what they mean is not what a field of the API means. */
export const untranslatable: Readonly<Record<string, string>> = {
  'restless sleep': 'older files hold a percentage here, newer ones a count, and the file does not say which',
  'sleep timing': 'seconds from bedtime to the middle of the sleep: the API has no such field',
};

/** What no column tells, and which therefore only Oura's API can bring. */
export const trendsGaps: readonly string[] = [
  'A trends file holds one line of totals per day: no naps, no sleep stages over time, no heart rate or HRV over the night, no activity over the day.',
  'It does not tell the time zone of an activity day, so activity is kept by date alone.',
  "Each line stands in for Oura's own documents of that day and gives way to them as soon as they arrive.",
];

export const plainHeader = (header: string): string =>
  header
    .replace(/\([^)]*\)/g, '')
    .trim()
    .replace(/\s+/g, ' ')
    .toLowerCase();
