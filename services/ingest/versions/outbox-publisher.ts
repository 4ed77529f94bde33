// Carries numbered versions from the outbox to the log, one append at a time in the order they were numbered, and empties the outbox behind
// itself. After a failed append, or a start, it first carries what is left in the table, so order holds and nothing waits for a hand.
import { encodeDocument } from '../../../schemas/document.ts';
import { resourceName } from '../../../schemas/oura/resources.ts';
import type { Database } from '../../runtime/database/database.ts';
import type { MessageLog } from '../../runtime/log/message-log.ts';
import {
  type IngestOutboxTables,
  type OutboxEntry,
  readOutbox,
  removeFromOutbox,
} from '../../storage/ingest-outbox.ts';

export interface OutboxPublisher {
  /**
   * Resolves when the entries, already committed to the outbox, stand in the log.
   * @throws Failure of the log or database; the entries stay in the outbox and go with the next call
   */
  publish(entries: readonly OutboxEntry[]): Promise<void>;
  /** Carries everything in the table; to be called at the start and from time to time. @throws Failure */
  drain(): Promise<void>;
}

const drainBatch = 500;

export interface OutboxPublisherParts {
  state: Database<IngestOutboxTables>;
  log: Pick<MessageLog, 'append'>;
}

export function createOutboxPublisher({ state, log }: OutboxPublisherParts): OutboxPublisher {
  // A start may find entries of a process that was killed.
  let hasLeftovers = true;
  let tail: Promise<void> = Promise.resolve();
  // Entries of calls whose turn has not come; what a drain takes along is not appended a second time.
  const waiting = new Set<string>();

  const inTurn = (work: () => Promise<void>): Promise<void> => {
    const turn = tail.then(work);
    tail = turn.catch(() => {});
    return turn;
  };

  const carry = async (entries: readonly OutboxEntry[]): Promise<void> => {
    await log.append(entries.map(toRecord));
    for (const { id } of entries) waiting.delete(id);
    await state.transaction((tx) =>
      removeFromOutbox(
        tx,
        entries.map((entry) => entry.id),
      ),
    );
  };

  const carryLeftovers = async (): Promise<void> => {
    for (;;) {
      const entries = await readOutbox(state.read, drainBatch);
      if (entries.length > 0) await carry(entries);
      if (entries.length < drainBatch) break;
    }
    hasLeftovers = false;
  };

  return {
    publish: (entries) => {
      for (const { id } of entries) waiting.add(id);
      return inTurn(async () => {
        if (hasLeftovers) await carryLeftovers();
        const left = entries.filter(({ id }) => waiting.has(id));
        if (left.length === 0) return;
        hasLeftovers = true;
        await carry(left);
        hasLeftovers = false;
      });
    },
    drain: () => inTurn(carryLeftovers),
  };
}

const toRecord = (entry: OutboxEntry) =>
  encodeDocument({
    id: entry.id,
    userId: entry.userId,
    resource: resourceName.parse(entry.resource),
    objectId: entry.objectId,
    sequence: entry.sequence,
    time: new Date(entry.beganAtMs).toISOString(),
    via: entry.via,
    deleted: entry.deleted,
    bytes: entry.bytes,
  });
