// What the alert service remembers of one person and one rule, as it stands in `state`. It holds just enough recent values to judge again when a
// document is corrected or deleted, and the numbers of the transitions raised, so that none is raised twice.
import { z } from 'zod';

/** One judged value: a day's, a session's, or a run of samples of one kind. */
const reading = z.object({
  /** What the alert is about: a day, a session, or the instant a run began. Part of the transition's id. */
  subject: z.string(),
  day: z.string().optional(),
  startMs: z.number(),
  /** When its period ended: its age counts from here. */
  endMs: z.number(),
  /** When the request that brought it began. */
  knownAtMs: z.number(),
  /** False for what a backfill or an import brought: it never fires. */
  live: z.boolean(),
  value: z.number(),
  unit: z.string(),
  /** Samples in the run. */
  count: z.number(),
  /** A part of it is not settled: it may go on or end, but fires nothing new. */
  held: z.boolean().optional(),
});
export type Reading = z.infer<typeof reading>;

/** What one version of a document says to the rule. */
const part = z.object({
  readings: z.array(reading),
  /** A long sleep, without which the sleep of a day is not judged. */
  main: z.boolean(),
});
export type Part = z.infer<typeof part>;

const watchedDocument = z.object({
  version: z.number(),
  /** Where it stands in time, for forgetting it. */
  placeMs: z.number(),
  settled: part.nullable(),
  /** A provisional night; `settlesAtMs` is null while it lasts. */
  pending: part.extend({ settlesAtMs: z.number().nullable() }).nullable(),
});
export type WatchedDocument = z.infer<typeof watchedDocument>;

const streak = z.object({ count: z.number(), sinceMs: z.number(), lastDay: z.string().optional() });
export type Streak = z.infer<typeof streak>;

/** Where the judgement stands after some readings. */
const progress = z.object({ firing: z.boolean(), streak: streak.nullable() });
export type Progress = z.infer<typeof progress>;

const openAlert = z.object({
  subject: z.string(),
  number: z.number(),
  endMs: z.number(),
  day: z.string().optional(),
});
export type OpenAlert = z.infer<typeof openAlert>;

export const ruleState = z.object({
  /** Of the rule's condition: another one begins anew, with the same numbers. */
  fingerprint: z.string(),
  documents: z.record(z.string(), watchedDocument),
  /** The judgement of what was forgotten. */
  base: progress,
  /** Nothing before it is judged any more. */
  floorMs: z.number(),
  /** The last transition number by subject. */
  numbers: z.record(z.string(), z.object({ number: z.number(), placeMs: z.number() })),
  open: openAlert.nullable(),
  /** For absence: when the newest live document was asked for. */
  newestMs: z.number().nullable(),
});
export type RuleState = z.infer<typeof ruleState>;
