import { expect, test } from '@jest/globals';
import { encodeDeadLetter } from '../../../schemas/dead-letter.ts';
import type { WireRecord } from '../../../schemas/wire.ts';
import { openSqliteLog } from '../log/sqlite-log.ts';
import { discardDeadLetter, findDeadLetter, listDeadLetters, replayDeadLetter } from './dead-letters.ts';

const topics = ['facts.v1', 'others.v1'];

const message = (name: string, topic = 'facts.v1'): WireRecord => ({
  topic,
  partitionKey: 'ada',
  key: `ada/${name}`,
  value: Buffer.from(`bytes of ${name}`),
  headers: { ce_id: name, ce_partitionkey: 'ada' },
});

const letter = (name: string, { topic = 'facts.v1', consumer = 'archive', second = 0 } = {}) =>
  encodeDeadLetter(message(name, topic), {
    reason: 'malformed',
    error: 'no JSON',
    consumer,
    partition: 2,
    offset: 7,
    time: `2026-11-23T08:00:0${second}.000Z`,
  });

async function openLog(...letters: WireRecord[]) {
  const log = await openSqliteLog({
    path: ':memory:',
    topics: topics.flatMap((topic) => [topic, `${topic}.dlq`]),
    partitions: 3,
  });
  await log.append(letters);
  return log;
}

const keys = async (log: Parameters<typeof listDeadLetters>[0]) =>
  (await listDeadLetters(log, topics)).map(({ key }) => key);

test('dead letters of all topics are listed with their reasons, the newest last', async () => {
  const log = await openLog(letter('a', { second: 3 }), letter('b', { topic: 'others.v1', second: 1 }));
  const list = await listDeadLetters(log, topics);
  expect(list.map(({ key, topic, time }) => [key, topic, time])).toEqual([
    ['ada/b', 'others.v1', '2026-11-23T08:00:01.000Z'],
    ['ada/a', 'facts.v1', '2026-11-23T08:00:03.000Z'],
  ]);
  expect(list[1]).toMatchObject({
    consumer: 'archive',
    reason: 'malformed',
    error: 'no JSON',
    partition: 2,
    offset: 7,
    bytes: 10,
  });
  await log.close();
});

test('a message that two consumers refused is one dead letter', async () => {
  const log = await openLog(letter('a'), letter('a', { consumer: 'normalize' }));
  expect((await listDeadLetters(log, topics)).map(({ consumer }) => consumer)).toEqual(['normalize']);
  await log.close();
});

test('one is shown with its bytes and the headers it first had', async () => {
  const log = await openLog(letter('a'));
  const [first] = await listDeadLetters(log, topics);
  const shown = await findDeadLetter(log, first?.id ?? '');
  expect(Buffer.from(shown?.value ?? []).toString()).toBe('bytes of a');
  expect(shown?.headers).toEqual({ ce_id: 'a', ce_partitionkey: 'ada' });
  await log.close();
});

test('a replayed message stands on its topic as it first was, and the dead letter is gone', async () => {
  const log = await openLog(letter('a'), letter('b'));
  const [first] = await listDeadLetters(log, topics);
  expect(await replayDeadLetter(log, first?.id ?? '')).toBe(true);
  expect(await keys(log)).toEqual(['ada/b']);
  const range = (await log.ranges('facts.v1')).find(({ next }) => next > 0);
  const [replayed] = await log.read({ topic: 'facts.v1', partition: range?.partition ?? 0, offset: 0 }, 10);
  const { topic, key, value, headers } = message('a');
  expect(replayed).toMatchObject({ topic, key, headers: { ...headers } });
  expect(Buffer.from(replayed?.value ?? []).equals(value ?? Buffer.of())).toBe(true);
  expect(await replayDeadLetter(log, first?.id ?? '')).toBe(false);
  await log.close();
});

test('a discarded dead letter is gone, and nothing is appended to its topic', async () => {
  const log = await openLog(letter('a'));
  const [first] = await listDeadLetters(log, topics);
  expect(await discardDeadLetter(log, first?.id ?? '')).toBe(true);
  expect(await keys(log)).toEqual([]);
  expect((await log.ranges('facts.v1')).every(({ next }) => next === 0)).toBe(true);
  await log.close();
});

test('a message that fails again after its replay is a dead letter again', async () => {
  const log = await openLog(letter('a'));
  const [first] = await listDeadLetters(log, topics);
  await replayDeadLetter(log, first?.id ?? '');
  await log.append([letter('a', { second: 9 })]);
  expect(await keys(log)).toEqual(['ada/a']);
  await log.close();
});

test.each(['', 'a', 'facts.v1/0/0', 'facts.v1.dlq/0/99', 'facts.v1.dlq/0/x'])(
  'there is no dead letter %j',
  async (id) => {
    const log = await openLog(letter('a'));
    expect(await findDeadLetter(log, id)).toBeUndefined();
    await log.close();
  },
);
