// Counts what a consumer has durably handled: outcomes by reason, the way from append to commit, the size of transactions.
import type { Clock } from '../clock.ts';
import type { LogRecord } from '../log/message-log.ts';
import type { Outcome } from './consumer.ts';
import type { ConsumerMetrics } from './consumer-metrics.ts';

export function observeCommitted({
  metrics,
  consumer,
  clock,
}: {
  metrics: ConsumerMetrics;
  consumer: string;
  clock: Clock;
}) {
  const latency = metrics.latency.labels({ consumer });
  return (records: readonly LogRecord[], outcomes: readonly Outcome[]): void => {
    const nowMs = clock.now();
    const counts = new Map<string, { outcome: string; reason: string; count: number }>();
    for (const outcome of outcomes) {
      const reason = outcome.kind === 'done' ? '' : outcome.reason;
      const key = `${outcome.kind} ${reason}`;
      const count = (counts.get(key)?.count ?? 0) + 1;
      counts.set(key, { outcome: outcome.kind, reason, count });
    }
    const topic = records[0]?.topic ?? '';
    for (const { outcome, reason, count } of counts.values()) {
      metrics.handled.inc({ consumer, topic, outcome, reason }, count);
    }
    for (const { appendedAtMs } of records) latency.observe(Math.max(0, nowMs - appendedAtMs) / 1000);
    metrics.batchRecords.observe({ consumer }, records.length);
  };
}
