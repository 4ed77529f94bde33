import { expect, test } from '@jest/globals';
import { copyLog } from './copy-log.ts';
import type { LogRecord, MessageLog } from './message-log.ts';
import { openSqliteLog } from './sqlite-log.ts';

const topic = 'facts.v1';

const record = (person: string, name: string, value: string | null = name) => ({
  topic,
  partitionKey: person,
  key: `${person}/${name}`,
  value: value === null ? null : Buffer.from(value),
  headers: { ce_id: name, ce_partitionkey: person },
});

async function recordsOf(log: MessageLog, person: string): Promise<LogRecord[]> {
  const all = await Promise.all(
    (await log.ranges(topic)).map(({ partition, earliest }) =>
      log.read({ topic, partition, offset: earliest }, 10_000),
    ),
  );
  return all.flat().filter(({ headers }) => headers.ce_partitionkey === person);
}

const open = (partitions: number) => openSqliteLog({ path: ':memory:', topics: [topic], partitions });
const plain = (records: LogRecord[]) =>
  records.map(({ key, value, headers }) => [key, value && Buffer.from(value).toString(), headers]);

test('a copy has every record with its id and bytes, each person in order, over another number of partitions', async () => {
  const [from, to] = [await open(3), await open(5)];
  for (let i = 0; i < 1200; i += 1)
    await from.append([record(`p${i % 7}`, `${i}`, i % 100 === 0 ? null : `value ${i}`)]);
  expect(await copyLog({ from, to, topics: [topic] })).toEqual(new Map([[topic, 1200]]));
  for (let person = 0; person < 7; person += 1) {
    expect(plain(await recordsOf(to, `p${person}`))).toEqual(plain(await recordsOf(from, `p${person}`)));
  }
  await Promise.all([from.close(), to.close()]);
});

test('a copy that was broken off goes on where it was, without a double', async () => {
  const [from, to] = [await open(1), await open(1)];
  await from.append([record('p', '1'), record('p', '2')]);
  await copyLog({ from, to, topics: [topic] });
  await from.append([record('p', '3')]);
  expect(await copyLog({ from, to, topics: [topic] })).toEqual(new Map([[topic, 1]]));
  expect((await recordsOf(to, 'p')).map(({ headers }) => headers.ce_id)).toEqual(['1', '2', '3']);
  await Promise.all([from.close(), to.close()]);
});
