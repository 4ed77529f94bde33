// Judges a metric rule of one person after a message or on the tick. What is judged is always the present versions of the recent documents, so
// a correction can fire or resolve, a deletion takes a value away, and the same message twice says nothing new. A provisional night waits for the tick.
import type { MetricRule } from '../../../schemas/alert-rules.ts';
import type { OpenAlert, Part, Reading, RuleState, WatchedDocument } from '../../../schemas/alert-state.ts';
import type { MetricsMessage } from '../../../schemas/metrics-message.ts';
import { byTime, type Walk, walk } from './decide-progress.ts';
import { concerns, hourly, type Placement, partOf } from './decide-readings.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** A version that came late in the log must still have the chance to be replaced by the one right behind it. */
const settleAtLeastMs = 60_000;

export interface AlertTiming {
  /** A point can fire only if its period ended less than this before it was known. */
  maxAgeMs: number;
  /** How long a night waits for a new version. */
  settleMs: number;
}

/** A change from or to firing, before it has words. */
export interface Change {
  to: 'firing' | 'resolved';
  subject: string;
  number: number;
  /** The reading that decided; null when what fired was withdrawn. */
  reading: Reading | null;
  day: string | undefined;
  /** When the fact was known: how late it is counts from here. */
  causeMs: number;
}

export interface Judged {
  state: RuleState;
  change: Change | null;
  reasons: string[];
}

export function takeDocument(
  rule: MetricRule,
  state: RuleState,
  message: MetricsMessage,
  context: Placement & AlertTiming & { nowMs: number },
): { state: RuleState; reason: string; isTaken: boolean } {
  const refuse = (reason: string) => ({ state, reason, isTaken: false });
  if (!concerns(rule, message)) return refuse('not_for_this_rule');
  const key = `${message.resource}/${message.object_id}`;
  const held = state.documents[key];
  if (held && message.version <= held.version) return refuse('older_version');
  const part = partOf(rule, message, context);
  if (part.readings.length === 0 && !held && rule.resource === undefined) return refuse('not_for_this_rule');
  const placeMs = placeOf(message, part, held);
  if (placeMs < state.floorMs) return refuse('before_window');
  if (placeMs > context.nowMs + 2 * dayMs) return refuse('in_the_future');
  const isNight = message.resource === 'sleep' && !message.deleted;
  const knownAtMs = Date.parse(message.known_at);
  const settlesAtMs = message.in_progress
    ? null
    : Math.max(knownAtMs + context.settleMs, context.nowMs + settleAtLeastMs);
  const document: WatchedDocument = {
    version: message.version,
    placeMs,
    settled: isNight ? (held?.settled ?? null) : part,
    pending: isNight ? { ...part, settlesAtMs } : null,
  };
  return {
    state: { ...state, documents: { ...state.documents, [key]: document } },
    reason: isNight ? 'provisional' : 'taken',
    isTaken: true,
  };
}

/** All documents of a day stand at its noon, so that they are forgotten together. */
function placeOf(message: MetricsMessage, part: Part, held: WatchedDocument | undefined): number {
  if (message.day !== undefined && !hourly.includes(message.resource)) return Date.parse(`${message.day}T12:00:00Z`);
  return part.readings[0]?.startMs ?? held?.placeMs ?? Date.parse(message.known_at);
}

/** The pending versions whose time has come stand from now on. */
export function settle(state: RuleState, nowMs: number): { state: RuleState; settledAtMs: number | null } {
  let settledAtMs: number | null = null;
  const documents = Object.entries(state.documents).map(([key, document]): [string, WatchedDocument] => {
    const { pending } = document;
    if (pending?.settlesAtMs == null || pending.settlesAtMs > nowMs) return [key, document];
    settledAtMs = Math.max(settledAtMs ?? 0, pending.settlesAtMs);
    return [key, { ...document, settled: { readings: pending.readings, main: pending.main }, pending: null }];
  });
  return { state: { ...state, documents: Object.fromEntries(documents) }, settledAtMs };
}

/** The next time something pending settles; null when nothing waits. */
export function nextSettleMs({ documents }: RuleState): number | null {
  const times = Object.values(documents).flatMap(({ pending }) => pending?.settlesAtMs ?? []);
  return times.length > 0 ? Math.min(...times) : null;
}

export function readingsToJudge(rule: MetricRule, documents: readonly WatchedDocument[]): Reading[] {
  if (rule.judge === 'value') return documents.flatMap(({ settled }) => settled?.readings ?? []);
  const days = new Map<string, WatchedDocument[]>();
  for (const document of documents) {
    for (const day of daysOf(document)) days.set(day, [...(days.get(day) ?? []), document]);
  }
  return [...days].flatMap(([day, ofDay]) => sleepOfDay(day, ofDay) ?? []);
}

const daysOf = ({ settled, pending }: WatchedDocument): Set<string> =>
  new Set([...(settled?.readings ?? []), ...(pending?.readings ?? [])].flatMap(({ day }) => day ?? []));

function sleepOfDay(day: string, documents: readonly WatchedDocument[]): Reading | undefined {
  const settled = documents.flatMap((document) => (document.settled ? [document.settled] : []));
  if (!settled.some(({ main }) => main)) return undefined;
  const parts = settled.flatMap(({ readings }) => readings).filter((reading) => reading.day === day);
  const [newest] = [...parts].sort((a, b) => b.knownAtMs - a.knownAtMs);
  if (!newest) return undefined;
  return {
    ...newest,
    subject: day,
    startMs: Math.min(...parts.map(({ startMs }) => startMs)),
    endMs: Math.max(...parts.map(({ endMs }) => endMs)),
    value: parts.reduce((sum, { value }) => sum + value, 0),
    count: 1,
    ...(documents.some(({ pending }) => pending !== null) && { held: true }),
  };
}

/** Judges what stands now. `causeMs` is when the news behind it was known. */
export function judge(rule: MetricRule, state: RuleState, timing: AlertTiming, causeMs: number): Judged {
  const readings = readingsToJudge(rule, Object.values(state.documents));
  const { open } = state;
  const result = walk(rule, state.base, readings, { open, maxAgeMs: timing.maxAgeMs });
  const change = changeOf(state, result, causeMs);
  const next = change ? afterChange(state, change) : state;
  const reason = change ? change.to : result.tooOld ? 'too_old_to_fire' : 'unchanged';
  return { state: forget(rule, next, timing), change, reasons: [reason] };
}

function changeOf({ open, numbers }: RuleState, { firing, fired, cleared }: Walk, causeMs: number): Change | null {
  if (!open && firing && fired) {
    const number = (numbers[fired.subject]?.number ?? 0) + 1;
    return { to: 'firing', subject: fired.subject, number, reading: fired, day: fired.day, causeMs };
  }
  if (open && !firing) {
    // A reading from before it fired does not end it: then what fired was withdrawn or corrected.
    const isLater = cleared !== null && (cleared.endMs >= open.endMs || cleared.subject === open.subject);
    const reading = isLater ? cleared : null;
    const day = reading?.day ?? open.day;
    return { to: 'resolved', subject: open.subject, number: open.number + 1, reading, day, causeMs };
  }
  return null;
}

function afterChange(state: RuleState, { to, subject, number, reading, day }: Change): RuleState {
  const placeMs = reading?.endMs ?? state.open?.endMs ?? state.floorMs;
  const numbers = { ...state.numbers, [subject]: { number, placeMs: Math.max(placeMs, state.open?.endMs ?? placeMs) } };
  const open: OpenAlert | null =
    to === 'firing' && reading ? { subject, number, endMs: reading.endMs, ...(day !== undefined && { day }) } : null;
  return { ...state, numbers, open };
}

/** Forgets what is too old to matter, and keeps how the judgement stood there. */
function forget(rule: MetricRule, state: RuleState, timing: AlertTiming): RuleState {
  const entries = Object.entries(state.documents);
  const newestMs = entries.reduce((max, [, { placeMs }]) => Math.max(max, placeMs), state.floorMs);
  const floorMs = Math.max(state.floorMs, newestMs - windowMs(rule, entries, timing));
  const old = entries.filter(([, { placeMs }]) => placeMs < floorMs);
  if (old.length === 0) return state;
  const gone = readingsToJudge(
    rule,
    old.map(([, document]) => document),
  ).sort(byTime);
  const { firing, streak } = walk(rule, state.base, gone, { open: state.open, maxAgeMs: timing.maxAgeMs });
  return {
    ...state,
    base: { firing, streak },
    floorMs,
    documents: Object.fromEntries(entries.filter(([, { placeMs }]) => placeMs >= floorMs)),
    numbers: Object.fromEntries(
      Object.entries(state.numbers).filter(
        ([subject, { placeMs }]) => placeMs >= floorMs - dayMs || subject === state.open?.subject,
      ),
    ),
  };
}

function windowMs(rule: MetricRule, entries: readonly [string, WatchedDocument][], timing: AlertTiming): number {
  const needed = rule.for ?? { points: 1 };
  const asked = 'days' in needed ? needed.days * dayMs : 'minutes' in needed ? needed.minutes * 60_000 : 0;
  const isHourly = entries.some(([key]) => hourly.includes(key.slice(0, key.indexOf('/'))));
  return asked + (isHourly ? Math.max(2 * dayMs, timing.maxAgeMs) : Math.max(14 * dayMs, timing.maxAgeMs));
}
