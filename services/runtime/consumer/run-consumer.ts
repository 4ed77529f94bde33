// Runs a consumer: subscribes from the offsets in its sink's database, hands batches to handle-batch.ts, and turns how they end into
// verdicts. A dependency that is down pauses the partition with growing waits and keeps the membership; a configuration failure or too
// many dead letters stop the consumer, which then says so in its health. Nothing is queued here, so memory stays flat while it waits.
import type { Registry } from 'prom-client';
import type { Clock } from '../clock.ts';
import type { Database } from '../database/database.ts';
import { Failure } from '../failure.ts';
import type { BatchVerdict, LogBatch, MessageLog, TopicPartition } from '../log/message-log.ts';
import type { Logger } from '../logger.ts';
import type { HealthReport } from '../service.ts';
import { backoffMs } from './backoff.ts';
import { closedCircuit } from './circuit.ts';
import type { ConsumerDefinition } from './consumer.ts';
import { consumerMetrics } from './consumer-metrics.ts';
import { createConsumerProgress } from './consumer-progress.ts';
import { type BatchEnd, handleBatch, type OffsetStore } from './handle-batch.ts';
import { observeCommitted } from './observe-committed.ts';

export interface ConsumerParts<Tables> {
  definition: ConsumerDefinition<Tables>;
  log: MessageLog;
  database: Database<Tables>;
  offsets: OffsetStore<Tables>;
  clock: Clock;
  logger: Logger;
  registry: Registry;
  /** The consumer stopped for good. A Failure `poison` is the circuit: a restart would only dead-letter the next fifty. */
  onFailure(error: Error): void;
}

export interface RunningConsumer {
  /** Finishes the batch at hand. */
  stop(): Promise<void>;
  health(): HealthReport;
}

export async function runConsumer<Tables>(parts: ConsumerParts<Tables>): Promise<RunningConsumer> {
  const { definition, log, database, offsets, clock, registry } = parts;
  const { name } = definition;
  const logger = parts.logger.child({ consumer: name });
  const metrics = consumerMetrics(registry);
  const progress = createConsumerProgress({ consumer: name, log, clock });
  const from = new Map<string, number | undefined>();
  const attempts = new Map<string, number>();
  const circuit = { state: closedCircuit };
  let failure: Error | undefined;

  const fail = (error: Error) => {
    if (failure) return;
    failure = error;
    logger.error({ err: error }, 'the consumer stopped');
    parts.onFailure(error);
    // Not awaited: it ends with the batch at hand, which may be the one that failed.
    subscription.then(
      (running) => running.stop(),
      () => {},
    );
  };
  const load = async (at: TopicPartition): Promise<number | undefined> => {
    const offset = await offsets.load(database.read, name, at);
    from.set(keyOf(at), offset);
    return offset;
  };
  const verdictOf = async (batch: LogBatch, end: BatchEnd): Promise<BatchVerdict> => {
    const key = keyOf(batch);
    const firstOffset = batch.records[0]?.offset ?? 0;
    const nextOffset = end.from === undefined ? firstOffset : Math.max(end.from, firstOffset);
    if (end.from !== from.get(key)) attempts.delete(key);
    from.set(key, end.from);
    progress.reached(batch, nextOffset);
    switch (end.because.kind) {
      case 'done':
        attempts.delete(key);
        progress.waits(batch, undefined);
        return { nextOffset };
      case 'stale':
        return { nextOffset };
      case 'fenced': {
        logger.warn({ topic: batch.topic, partition: batch.partition }, 'another member moved the offset');
        const moved = (await load(batch)) ?? firstOffset;
        // It may have handled everything: then no further batch would correct the lag.
        progress.reached(batch, moved);
        return { nextOffset: moved };
      }
      case 'stop':
        fail(end.because.error);
        return { nextOffset };
      case 'wait': {
        const attempt = (attempts.get(key) ?? 0) + 1;
        attempts.set(key, attempt);
        const retryAfterMs = backoffMs(attempt, Math.random());
        const { reason, error } = end.because;
        metrics.retries.inc({ consumer: name, reason });
        progress.waits(batch, error?.message ?? reason);
        logger.warn({ topic: batch.topic, partition: batch.partition, reason, retryAfterMs, err: error }, 'waits');
        return { nextOffset, retryAfterMs };
      }
    }
  };
  const onBatch = async (batch: LogBatch): Promise<BatchVerdict> => {
    const firstOffset = batch.records[0]?.offset ?? 0;
    if (failure) return { nextOffset: firstOffset };
    progress.begins(batch);
    const start = { batch, from: from.get(keyOf(batch)), circuit };
    const end = await handleBatch(
      { ...parts, onCommitted: observeCommitted({ metrics, consumer: name, clock }) },
      start,
    );
    return verdictOf(batch, end);
  };

  const subscription = log.subscribe({
    group: name,
    topics: definition.topics,
    ...(definition.maxRecords !== undefined && { maxRecords: definition.maxRecords }),
    async startOffset(at) {
      const offset = await load(at);
      await refuseOffsetBeyondLog(log, name, at, offset);
      progress.assigned(at, offset);
      return offset ?? 'earliest';
    },
    onBatch,
    onRevoked: (partitions) => progress.revoked(partitions),
    onFailure: fail,
  });
  const running = await subscription;
  const measureLag = () => progress.lag();
  metrics.lagSources.add(measureLag);

  return {
    async stop() {
      metrics.lagSources.delete(measureLag);
      await running.stop();
    },
    health: () => healthOf(name, failure, progress.problems()),
  };
}

const keyOf = ({ topic, partition }: TopicPartition): string => `${topic}/${partition}`;

/** An offset past the end of the log means that the log was lost or is an older copy: going on would silently skip what is appended next. */
async function refuseOffsetBeyondLog(
  log: MessageLog,
  consumer: string,
  at: TopicPartition,
  offset: number | undefined,
): Promise<void> {
  if (offset === undefined) return;
  const next = (await log.ranges(at.topic)).find(({ partition }) => partition === at.partition)?.next ?? 0;
  if (offset <= next) return;
  throw new Failure(
    'configuration',
    `${consumer} has handled ${at.topic} partition ${at.partition} up to ${offset}, but the log ends at ${next}: ` +
      'the log is missing or an older copy. Restore log and databases from the same backup, or run rebuild.',
  );
}

function healthOf(
  name: string,
  failure: Error | undefined,
  { stuck, waiting }: { stuck: string[]; waiting: string[] },
): HealthReport {
  if (failure) {
    const isCircuit = failure instanceof Failure && failure.kind === 'poison';
    const advice = isCircuit ? ' See `oura-streaming dead-letters list`; restart it when the cause is mended.' : '';
    return { alive: isCircuit, ready: false, problems: [`The consumer ${name} stopped: ${failure.message}.${advice}`] };
  }
  return {
    alive: stuck.length === 0,
    ready: stuck.length === 0 && waiting.length === 0,
    problems: [...stuck, ...waiting],
  };
}
