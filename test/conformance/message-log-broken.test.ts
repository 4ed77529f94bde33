// The conformance suite of the message log must be able to fail: logs with one fault each, and the check that has to notice it.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { LogBatch, LogRecord, MessageLog, Subscription } from '../../services/runtime/log/message-log.ts';
import { openSqliteLog } from '../../services/runtime/log/sqlite-log.ts';
import { messageLogChecks, runLogCheck } from './message-log.ts';
import type { OpenLogSubject } from './message-log-subject.ts';

type Break = (log: MessageLog) => Partial<MessageLog>;

/** A fault in what subscribers are given or in what becomes of their answers. */
const inSubscription =
  (change: (subscription: Subscription) => Partial<Subscription>): Break =>
  (log) => ({ subscribe: (subscription) => log.subscribe({ ...subscription, ...change(subscription) }) });

const withRecords = (batch: LogBatch, records: readonly LogRecord[]): LogBatch => ({
  ...batch,
  records,
  isStale: () => batch.isStale(),
});

const faults: readonly { fault: string; notices: string; broken: Break }[] = [
  {
    fault: 'loses the last append',
    notices: 'keeps everything that was acknowledged across a close',
    broken: (log) => {
      let appends = 0;
      return {
        append: async (records) => {
          appends += 1;
          if (appends < 2) return log.append(records);
          return records.map(({ topic }) => ({ topic, partition: 0, offset: 99 }));
        },
      };
    },
  },
  {
    fault: 'reorders',
    notices: 'delivers what was there and what comes, each record once and in order',
    broken: inSubscription(({ onBatch }) => ({
      onBatch: async (batch) => {
        await onBatch(withRecords(batch, batch.records.toReversed()));
        return { nextOffset: (batch.records.at(-1)?.offset ?? 0) + 1 };
      },
    })),
  },
  {
    fault: 'redelivers unasked',
    notices: 'delivers what was there and what comes, each record once and in order',
    broken: inSubscription(({ onBatch }) => ({
      onBatch: async (batch) => {
        await onBatch(batch);
        return onBatch(batch);
      },
    })),
  },
  {
    fault: 'commits early, whatever the verdict says',
    notices: 'delivers the rest of a batch again when the verdict says so, and only that',
    broken: inSubscription(({ onBatch }) => ({
      onBatch: async (batch) => {
        await onBatch(batch);
        return { nextOffset: (batch.records.at(-1)?.offset ?? 0) + 1 };
      },
    })),
  },
  {
    fault: 'reports what was not handled',
    notices: 'does not report what a verdict left unhandled',
    broken: (log) => ({
      groupOffsets: async (_, topic) =>
        new Map((await log.ranges(topic)).map(({ partition, next }) => [partition, next])),
    }),
  },
  {
    fault: 'drops headers',
    notices: 'gives back keys, headers and bytes exactly, large and empty ones too',
    broken: (log) => ({
      append: (records) =>
        log.append(records.map(({ headers, ...rest }) => ({ ...rest, headers: { ce_id: headers.ce_id ?? '' } }))),
    }),
  },
  {
    fault: 'turns tombstones into empty values',
    notices: 'gives back keys, headers and bytes exactly, large and empty ones too',
    broken: (log) => ({
      append: (records) => log.append(records.map((each) => ({ ...each, value: each.value ?? new Uint8Array() }))),
    }),
  },
  {
    fault: 'partitions by key and so mixes persons',
    notices: 'puts a record where the one partition function says and answers with its position',
    broken: (log) => ({
      append: (records) => log.append(records.map((each) => ({ ...each, partitionKey: each.key }))),
    }),
  },
  {
    fault: 'delivers records of another person',
    notices: 'delivers the same records as it reads: keys, headers, bytes, positions',
    broken: inSubscription(({ onBatch }) => ({
      onBatch: (batch) =>
        onBatch(
          withRecords(
            batch,
            batch.records.map((each) => ({ ...each, key: 'another/key' })),
          ),
        ),
    })),
  },
  {
    fault: 'never calls a batch stale',
    notices:
      'marks the batch at hand as stale when its partition is taken away, and starts the next reader where it says',
    broken: inSubscription(({ onBatch }) => ({ onBatch: (batch) => onBatch({ ...batch, isStale: () => false }) })),
  },
  {
    fault: 'starts where it likes',
    notices: 'starts where the subscriber says: an offset, the earliest, the latest',
    broken: inSubscription(() => ({ startOffset: async () => 'earliest' })),
  },
  {
    fault: 'does not pause',
    notices: 'pauses a partition as long as the verdict asks, while others go on',
    broken: inSubscription(({ onBatch }) => ({
      onBatch: async (batch) => ({ nextOffset: (await onBatch(batch)).nextOffset }),
    })),
  },
  {
    fault: 'gives every member of a group everything',
    notices: 'shares the partitions of a group fairly, each with one member, and hands over what a member leaves',
    broken: inSubscription(() => ({ everyPartition: true })),
  },
  {
    fault: 'treats a reader of everything as a member of the group',
    notices: 'gives every partition to each reader that asks for all, without a trace in the group',
    broken: inSubscription(() => ({ everyPartition: false })),
  },
  {
    fault: 'ignores the bounds of a batch',
    notices: 'bounds a batch by records and by bytes',
    broken: inSubscription(() => ({ maxRecords: 500, maxBytes: 1_000_000 })),
  },
  {
    fault: 'goes on after its handler broke',
    notices: 'tells a subscriber once when its handler breaks, and delivers nothing more',
    broken: inSubscription(({ onBatch }) => ({
      onBatch: (batch) => onBatch(batch).catch(() => ({ nextOffset: (batch.records.at(-1)?.offset ?? 0) + 1 })),
    })),
  },
];

/** A file where the check opens the log again, else memory. */
const openBroken =
  (broken: Break, { needsFile, patienceMs }: { needsFile: boolean; patienceMs: number }): OpenLogSubject =>
  async () => {
    const directory = await mkdtemp(join(tmpdir(), 'oura-broken-log-'));
    const path = needsFile ? join(directory, 'log.db') : ':memory:';
    const topics = ['facts.v1', 'others.v1'] as const;
    const open = () => openSqliteLog({ path, topics, partitions: 6 });
    let current = await open();
    const faulty = (): MessageLog => ({ ...current, ...broken(current) });
    return {
      log: faulty(),
      topics,
      partitions: 6,
      patienceMs,
      reopen: async () => {
        await current.close();
        current = await open();
        return faulty();
      },
      close: async () => {
        await current.close();
        await rm(directory, { recursive: true });
      },
    };
  };

test.each(faults)('a log that $fault does not pass', async ({ notices, broken }) => {
  const check = messageLogChecks.find(({ name }) => name === notices);
  if (!check) throw new Error(`there is no check "${notices}"`);
  const needsFile = check.reopens === true;
  await runLogCheck(
    check,
    openBroken(() => ({}), { needsFile, patienceMs: 5000 }),
  );
  await expect(runLogCheck(check, openBroken(broken, { needsFile, patienceMs: 500 }))).rejects.toThrow();
});
