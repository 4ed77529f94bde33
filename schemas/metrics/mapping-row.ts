// The shape of the mapping from Oura's fields to metrics. The mapping is data, one file per resource under `mapping/`: what a field
// becomes, when it is, in which unit, what gets lost; and for each field that becomes nothing, why. `services/normalize` executes it.
import type { ResourceName } from '../oura/resources.ts';
import type { CodebookName } from './codebooks.ts';

/** How a point gets its time. A date means the wearer's civil day, whose zone nobody told; it is never UTC midnight. */
export const timeRules = {
  civil_day: '[day, next day) as dates',
  'civil_day*': 'as civil_day; the record carries a `timestamp` that is a placeholder and is ignored',
  activity_day:
    'from `timestamp` (04:00 local) to the next 04:00 local: 24 h, or 23 or 25 where the day’s own series say so',
  activity_series: 'item i covers [timestamp + i·interval, + interval)',
  activity_class: 'character i covers [timestamp + i·300 s, + 300 s)',
  sleep_window: '[bedtime_start, bedtime_end); without an end while the night lasts',
  sleep_series: 'item i covers [the sample’s timestamp + i·interval, + interval)',
  hypnogram: 'character i covers [bedtime_start + i·step, + step), clipped to bedtime_end, runs of one stage joined',
  movement: 'character i covers [bedtime_start + i·30 s, + 30 s), clipped to bedtime_end',
  row_utc: 'the instant `timestamp`; the wearer’s offset is not known',
  interval: '[start_datetime, end_datetime)',
  session_series: 'item i covers [the sample’s timestamp + i·interval, + interval)',
  instant: 'the instant `timestamp`; the day where it has no offset',
  tag_interval: 'start_time to end_time where they have an offset, else start_day to the end of end_day',
  days: 'start_time to end_time when present, else start_day to the end of end_day; without an end while it lasts',
  set_up: 'the instant `set_up_at`, else when the document was fetched',
  fetch: 'when the document was fetched',
  window_offsets: 'midnight of `day` at the offset day_tz, plus start_offset and end_offset',
} as const;
export type TimeRule = keyof typeof timeRules;

/** How a value is read from the row's `fields`, in order the first that is there. `none` lists numbers by which Oura means "no value". */
export type Reading =
  | { read: 'number'; none?: readonly number[] }
  /** The first field less the second. */
  | { read: 'difference' }
  | { read: 'code'; codebook: CodebookName }
  /** true 1, false 0. */
  | { read: 'flag' }
  /** 1 for something that happened; `word` names the field that says what. */
  | { read: 'occurrence'; word?: string }
  /** A string of digits, one per `stepsS` of its field. */
  | { read: 'characters'; codebook: CodebookName; stepsS: readonly number[] }
  | { read: 'sample'; none?: readonly number[] };

/** A bounded dimension inside the metric: a fixed word, or the word in a field (`none` where the field is null). */
export type Context = { is: string } | { field: string; none?: string };

export interface MetricRow {
  /** The row of the table the project began with (`test/fixtures/metrics/metrics.tsv`); one may become several points. */
  table: string;
  /** Paths in the document, or in each item of `each`. */
  fields: readonly string[];
  metric: string;
  aggregation: string;
  time: TimeRule;
  /** UCUM. */
  unit: string;
  reading: Reading;
  context?: Context;
  /** One point per item of a list: the document itself (`rows`), or the list in a field. */
  each?: 'rows' | 'tags' | 'episodes';
  /** Only where the field has one of the words, or none of them. */
  when?: { field: string; is: readonly string[] } | { field: string; isNot: readonly string[] };
  /** Not an Oura value but computed here. */
  derived?: true;
  /** What gets lost or is easily misread. */
  note?: string;
  /** The row gives no point, and why. */
  notEmitted?: string;
}

export interface ResourceMapping {
  resource: ResourceName;
  /** Where Oura's day of the document stands. */
  day?: string;
  /** Documents that say nothing although they are there, by a field and its words. */
  silent?: { field: string; is: readonly string[]; why: string };
  rows: readonly MetricRow[];
  /** Every other field of the specification, with the reason why it is no metric. A path ending in `.*` covers what is below. */
  noMetric: Readonly<Record<string, string>>;
}
