// The service that turns documents into metrics: one consumer, wired to the log, the metric store and the offsets in `store`.
import { Counter, type Registry } from 'prom-client';
import type { Clock } from '../runtime/clock.ts';
import { type RunningConsumer, runConsumer } from '../runtime/consumer/run-consumer.ts';
import type { MessageLog } from '../runtime/log/message-log.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Service } from '../runtime/service.ts';
import { loadOffset, moveOffset } from '../storage/consumer-offsets.ts';
import { createEraser } from '../storage/erasure/eraser.ts';
import { withoutErased } from '../storage/erasure/without-erased.ts';
import type { MetricStore } from '../storage/metric-store/metric-store.ts';
import type { StateDatabase, StoreDatabase } from '../storage/tables.ts';
import { type NormalizeConsumerParts, normalizeConsumer } from './normalize-consumer.ts';
import { normalizeErasePart } from './normalize-erase-part.ts';

export interface NormalizeParts {
  log: MessageLog;
  store: StoreDatabase;
  /** Read alone: who is erased. */
  state: StateDatabase;
  metricStore: MetricStore;
  clock: Clock;
  logger: Logger;
  registry: Registry;
  /** The consumer stopped for good. */
  onFailure?: (error: Error) => void;
}

export function createNormalize(parts: NormalizeParts): Service {
  const { log, store, state, metricStore, clock, registry, onFailure = () => {} } = parts;
  const logger = parts.logger.child({ service: 'normalize' });
  const eraser = createEraser({ part: normalizeErasePart(metricStore), state, log, clock, logger });
  const normalizing = normalizeConsumer({
    metricStore,
    publish: (records) => log.append(records),
    observe: createObserver(registry, (field) =>
      logger.warn({ field }, 'a word that no codebook lists; it got no point'),
    ),
  });
  let consumer: RunningConsumer | undefined;
  return {
    name: 'normalize',
    async start() {
      const offsets = { load: loadOffset, move: moveOffset };
      const definition = withoutErased(normalizing, state);
      consumer = await runConsumer({ definition, log, database: store, offsets, clock, logger, registry, onFailure });
      eraser.start();
    },
    async stop() {
      await eraser.stop();
      await consumer?.stop();
    },
    health: () => consumer?.health() ?? { alive: true, ready: false, problems: ['normalize has not started yet.'] },
  };
}

/** Counts what was said, and the words nobody can count; a field is told of once. */
function createObserver(
  registry: Registry,
  onNewField: (field: string) => void,
): NonNullable<NormalizeConsumerParts['observe']> {
  const registers = [registry];
  const statements = new Counter({
    name: 'oura_normalize_statements_total',
    help: 'Metric points and series that documents said, a series as one.',
    labelNames: ['resource'],
    registers,
  });
  const unknown = new Counter({
    name: 'oura_normalize_unknown_words_total',
    help: 'Words and characters of Oura that no codebook lists; they get no point.',
    labelNames: ['field'],
    registers,
  });
  const told = new Set<string>();
  return ({ resource, points, unknownWords }) => {
    statements.inc({ resource }, points);
    for (const word of unknownWords) {
      const field = word.slice(0, word.indexOf('='));
      unknown.inc({ field });
      if (!told.has(field)) onNewField(field);
      told.add(field);
    }
  };
}
