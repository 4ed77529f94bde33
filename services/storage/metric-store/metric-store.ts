// The port to the time series of all persons. An embedded table and InfluxDB implement it and pass one conformance suite
// (test/conformance/metric-store.ts). A point is identified by user, metric, aggregation, resource, context and start; the document is a
// field of it. What a document said before and says no longer disappears, so a corrected night leaves no stale point.
import type { MetricsMessage } from '../../../schemas/metrics-message.ts';

/** One value, as stored and exported. A series is exploded into its items. */
export interface StoredPoint {
  user: string;
  metric: string;
  aggregation: string;
  resource: string;
  context: string | null;
  /** ISO 8601 with the wearer's offset, or a date where only Oura's day is known. */
  start: string;
  /** As start; null for an instant. */
  end: string | null;
  /** Oura's own day of the document. */
  day: string | null;
  /** Minutes east of UTC at `start`, null where unknown. */
  utcOffsetMinutes: number | null;
  value: number;
  unit: string;
  /** Oura's word for a coded value. */
  text: string | null;
  /** `<resource>/<object id>` of the document. */
  document: string;
  version: number;
  /** When the request that brought this version began, ISO 8601 UTC. */
  firstSeen: string;
  algorithm: string | null;
}

export interface MetricQuery {
  user?: string;
  metrics?: readonly string[];
  resources?: readonly string[];
  /** Milliseconds since the epoch, compared with where `start` is placed (placement.ts): from inclusive, to exclusive. */
  fromMs?: number;
  toMs?: number;
  /** Oura's days, both inclusive; points without a day never match. */
  fromDay?: string;
  toDay?: string;
}

/** The mean, smallest and largest value of a metric in one bucket of time. */
export interface MetricBucket {
  startMs: number;
  count: number;
  mean: number;
  min: number;
  max: number;
}

export interface MetricStore {
  /**
   * Makes the store say what the messages say: each replaces all points of an earlier version of its object; a lower or equal version changes nothing.
   * Safe to repeat. Durable when resolved.
   * @throws Failure `dependency` or `configuration`
   */
  apply(messages: readonly MetricsMessage[]): Promise<void>;
  /** Points ordered by user, start placement, metric, aggregation, resource, context (`comparePoints`); streamed. */
  query(query: MetricQuery): AsyncIterable<StoredPoint>;
  /** One metric of one person in buckets of `resolutionMs`, aligned to the epoch; empty buckets are left out. */
  buckets(query: {
    user: string;
    metric: string;
    fromMs: number;
    toMs: number;
    resolutionMs: number;
    resource?: string;
  }): Promise<MetricBucket[]>;
  /** Removes all points of a person. */
  erase(user: string): Promise<void>;
  check(): Promise<void>;
  close(): Promise<void>;
}
