// The archive service: keeps every notification and every version of every document in `store`, byte for byte. Wiring only.
import { Counter, type Registry } from 'prom-client';
import type { Clock } from '../runtime/clock.ts';
import { type RunningConsumer, runConsumer } from '../runtime/consumer/run-consumer.ts';
import type { MessageLog } from '../runtime/log/message-log.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Service } from '../runtime/service.ts';
import { loadOffset, moveOffset } from '../storage/consumer-offsets.ts';
import { createEraser } from '../storage/erasure/eraser.ts';
import { withoutErased } from '../storage/erasure/without-erased.ts';
import type { StateDatabase, StoreDatabase } from '../storage/tables.ts';
import { archiveConsumer } from './archive-consumer.ts';
import { archiveErasePart } from './archive-erase-part.ts';

export interface ArchiveParts {
  log: MessageLog;
  store: StoreDatabase;
  /** Read alone: who is erased. */
  state: StateDatabase;
  clock: Clock;
  logger: Logger;
  registry: Registry;
  /** The consumer stopped for good; health says why. */
  onFailure?(error: Error): void;
}

export function createArchive({ log, store, state, clock, logger, registry, onFailure }: ArchiveParts): Service {
  const rows = new Counter({
    name: 'oura_archive_rows_total',
    help: 'Messages archived, and messages whose row was there already.',
    labelNames: ['topic', 'result'],
    registers: [registry],
  });
  const definition = archiveConsumer({
    archived: (topic, added, known) => {
      rows.inc({ topic, result: 'added' }, added);
      rows.inc({ topic, result: 'known' }, known);
    },
  });
  const eraser = createEraser({ part: archiveErasePart(store), state, log, clock, logger });
  let consumer: RunningConsumer | undefined;
  return {
    name: 'archive',
    async start() {
      consumer = await runConsumer({
        definition: withoutErased(definition, state),
        log,
        database: store,
        offsets: { load: loadOffset, move: moveOffset },
        clock,
        logger,
        registry,
        onFailure: (error) => onFailure?.(error),
      });
      eraser.start();
    },
    async stop() {
      await eraser.stop();
      await consumer?.stop();
    },
    health: () =>
      consumer?.health() ?? { alive: true, ready: false, problems: ['The archive service is not started.'] },
  };
}
