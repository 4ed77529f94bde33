// What one metrics message says to one rule: its readings. A day is one reading; the samples of an hour are runs of samples that are all
// on the same side of the rule, so a restless hour of heart rate stays small. Gaps are left out: null is never zero.
import type { MetricRule } from '../../../schemas/alert-rules.ts';
import type { Part, Reading } from '../../../schemas/alert-state.ts';
import type { MetricPoint, MetricsMessage } from '../../../schemas/metrics-message.ts';
import { sideOf } from './decide-side.ts';

const dayMs = 86_400_000;
const nightAtLeastS = 3 * 3600;
/** Samples of one hour that change sides more often than this say nothing; the newest are kept. */
const maxRuns = 400;
/** Ways by which old data comes in bulk. */
const bulk: readonly string[] = ['backfill', 'import'];
/** Resources whose documents are hours of samples and not days. */
export const hourly: readonly string[] = ['heartrate', 'ring_battery_level'];

export interface Placement {
  /** The wearer's offset, for where a civil day ends. */
  offsetMinutes: number;
}

const isDate = (start: string): boolean => start.length === 10;

/** The instant of a start or an exclusive end; a date stands for its local midnight. */
const instantMs = (text: string, { offsetMinutes }: Placement): number =>
  isDate(text) ? Date.parse(`${text}T00:00:00Z`) - offsetMinutes * 60_000 : Date.parse(text);

function endOf(point: MetricPoint, placement: Placement): number {
  if (point.end !== undefined) return instantMs(point.end, placement);
  const startMs = instantMs(point.start, placement);
  return isDate(point.start) ? startMs + dayMs : startMs;
}

/** `2026-11-23T06:10:00.000Z` → `20261123T061000Z`: fit for an id. */
export const compactInstant = (ms: number): string => new Date(ms).toISOString().replace(/[-:]|\.\d+/g, '');

const matches = (rule: MetricRule, item: { metric: string; aggregation: string; context?: string | undefined }) =>
  item.metric === rule.metric &&
  (rule.aggregation === undefined || item.aggregation === rule.aggregation) &&
  (rule.context === undefined || item.context === rule.context);

/** Whether the message is of a kind the rule looks at, also when it says nothing to it any more. */
export const concerns = (rule: MetricRule, message: MetricsMessage): boolean =>
  rule.resource === undefined || rule.resource === message.resource;

export function partOf(rule: MetricRule, message: MetricsMessage, placement: Placement): Part {
  const main = rule.judge === 'sleep_of_day' && isLongSleep(message);
  const known = { knownAtMs: Date.parse(message.known_at), live: !bulk.includes(message.via), count: 1 };
  const points = message.points.filter((point) => matches(rule, point));
  // Several points of one metric in a document are samples, whatever the resource.
  if (!hourly.includes(message.resource) && points.length === 1) {
    const days = points.map((point): Reading => {
      const day = message.day ?? point.start.slice(0, 10);
      const oneADay = rule.judge === 'sleep_of_day' || message.resource.startsWith('daily_');
      return {
        ...known,
        subject: oneADay ? day : `${day}.${message.object_id}`,
        day,
        startMs: instantMs(point.start, placement),
        endMs: endOf(point, placement),
        value: point.value,
        unit: point.unit,
      };
    });
    return { readings: days, main };
  }
  const samples = [
    ...points.map((point) => ({
      startMs: instantMs(point.start, placement),
      endMs: endOf(point, placement),
      value: point.value,
      unit: point.unit,
    })),
    ...message.series.filter((series) => matches(rule, series)).flatMap(samplesOf),
  ].map((sample): Reading => ({ ...known, ...sample, subject: compactInstant(sample.startMs) }));
  return { readings: runsOf(rule, samples), main };
}

function samplesOf({ start, end, interval_s, values, unit }: MetricsMessage['series'][number]) {
  const intervalMs = interval_s * 1000;
  const lastMs = end === undefined ? Number.POSITIVE_INFINITY : Date.parse(end);
  return values.flatMap((value, index) => {
    const startMs = Date.parse(start) + index * intervalMs;
    return value === null ? [] : [{ startMs, endMs: Math.min(startMs + intervalMs, lastMs), value, unit }];
  });
}

function runsOf(rule: MetricRule, samples: readonly Reading[]): Reading[] {
  const runs: Reading[] = [];
  for (const sample of [...samples].sort((a, b) => a.startMs - b.startMs)) {
    const last = runs.at(-1);
    if (last && sideOf(rule, last.value) === sideOf(rule, sample.value)) {
      runs[runs.length - 1] = { ...last, endMs: sample.endMs, value: sample.value, count: last.count + 1 };
    } else runs.push(sample);
  }
  return runs.slice(-maxRuns);
}

/** Oura's own rule where it names no type: three hours make a night. */
function isLongSleep({ points }: MetricsMessage): boolean {
  const type = points.find((point) => point.metric === 'sleep_session')?.text;
  const durationS = points.find((point) => point.metric === 'sleep_duration')?.value ?? 0;
  return type === 'long_sleep' || (type === undefined && durationS >= nightAtLeastS);
}
