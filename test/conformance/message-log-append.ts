// Conformance of the message log, first part: what is appended stays, as it was, where the partition function says.
import assert from 'node:assert/strict';
import type { WireRecord } from '../../schemas/wire.ts';
import { failureKind } from '../../services/runtime/failure.ts';
import { partitionOf } from '../../services/runtime/log/partition.ts';
import { type LogCheck, personsByPartition, placeOf, readAll, record, textOf } from './message-log-subject.ts';

export const appendChecks: readonly LogCheck[] = [
  {
    name: 'keeps everything that was acknowledged across a close',
    reopens: true,
    run: async ({ log, topics: [topic], reopen }) => {
      const positions = await log.append(Array.from({ length: 25 }, (_, i) => record(topic, `p${i % 4}`, `v${i}`)));
      positions.push(...(await log.append([record(topic, 'p0', 'the last')])));
      const reopened = await reopen();
      const found = new Map((await readAll(reopened, topic)).map((each) => [placeOf(each), textOf(each)]));
      assert.equal(found.size, 26);
      positions.forEach((position, i) => {
        assert.equal(found.get(placeOf(position)), i === 25 ? 'the last' : `v${i}`);
      });
    },
  },
  {
    name: 'appends after a reopening follow what was there',
    reopens: true,
    run: async ({ log, topics: [topic], reopen }) => {
      const [before] = await log.append([record(topic, 'p', 'one')]);
      const [after] = await (await reopen()).append([record(topic, 'p', 'two')]);
      assert.ok(before && after);
      assert.equal(after.partition, before.partition);
      assert.equal(after.offset, before.offset + 1);
    },
  },
  {
    name: 'puts a record where the one partition function says and answers with its position',
    run: async ({ log, topics: [topic], partitions }) => {
      const persons = [...personsByPartition(partitions), 'Zoë', '王', 'x'.repeat(300)];
      const positions = await log.append(persons.map((person) => record(topic, person, 'hello')));
      assert.deepEqual(
        positions.map(({ partition }) => partition),
        persons.map((person) => partitionOf(person, partitions)),
      );
      for (const [i, person] of persons.entries()) {
        const at = positions[i];
        assert.ok(at);
        const [found] = await log.read(at, 1);
        assert.equal(found?.headers.ce_partitionkey, person);
        assert.equal(found?.offset, at.offset);
      }
    },
  },
  {
    name: "keeps each person's order, also over concurrent appends",
    run: async ({ log, topics: [topic] }) => {
      const persons = ['a', 'b', 'c', 'd', 'e'];
      const appends: Promise<unknown>[] = [];
      for (let i = 0; i < 60; i += 1) {
        appends.push(log.append(persons.map((person) => record(topic, person, String(i)))));
      }
      await Promise.all(appends);
      const all = await readAll(log, topic);
      for (const person of persons) {
        const own = all.filter((each) => each.headers.ce_partitionkey === person).map(textOf);
        assert.deepEqual(
          own,
          Array.from({ length: 60 }, (_, i) => String(i)),
        );
      }
    },
  },
  {
    name: 'answers positions that only grow, one for each record and each once',
    run: async ({ log, topics: [topic] }) => {
      const groups = await Promise.all(
        Array.from({ length: 20 }, (_, i) =>
          log.append([record(topic, `p${i % 3}`, `${i}a`), record(topic, 'q', `${i}b`)]),
        ),
      );
      const places = groups.flat().map(placeOf);
      assert.equal(places.length, 40);
      assert.equal(new Set(places).size, 40);
      const own = groups.map((group) => group[1]?.offset ?? Number.NaN);
      assert.ok(own.every((offset, i) => i === 0 || offset > (own[i - 1] ?? Number.NaN)));
    },
  },
  {
    name: 'gives back keys, headers and bytes exactly, large and empty ones too',
    run: async ({ log, topics: [topic] }) => {
      const everyByte = Uint8Array.from({ length: 256 }, (_, i) => i);
      const noise = Uint8Array.from({ length: 900_000 }, (_, i) => (Math.imul(i, 2654435761) >>> 13) & 0xff);
      const text = new TextEncoder().encode(JSON.stringify(Array.from({ length: 20_000 }, (_, i) => i % 97)));
      const pool = Buffer.from(`before|${'x'.repeat(3000)}|after`);
      const values = [everyByte, noise, text, new Uint8Array(0), pool.subarray(7, 3007), null];
      const records: WireRecord[] = values.map((value, i) => ({
        topic,
        partitionKey: 'p',
        key: `ключ/${i}`,
        value,
        headers: {
          ce_id: String(i),
          'x-name': 'Zoë "and" \n 王',
          'x-empty': '',
          ...(i % 2 === 1 && { traceparent: '00-1' }),
        },
      }));
      const positions = await log.append(records);
      for (const [i, expected] of records.entries()) {
        const at = positions[i];
        assert.ok(at);
        const [found] = await log.read(at, 1);
        assert.ok(found);
        assert.equal(found.key, expected.key);
        assert.deepEqual({ ...found.headers }, expected.headers);
        assert.equal(found.value === null, expected.value === null);
        if (expected.value)
          assert.ok(Buffer.from(found.value ?? []).equals(expected.value), `the bytes of record ${i} differ`);
      }
    },
  },
  {
    name: 'says when it took a record',
    run: async ({ log, topics: [topic] }) => {
      const beforeMs = Date.now();
      const [at] = await log.append([record(topic, 'p', 'now')]);
      assert.ok(at);
      const [found] = await log.read(at, 1);
      assert.ok(found && found.appendedAtMs >= beforeMs - 1000 && found.appendedAtMs <= Date.now() + 1000);
    },
  },
  {
    name: 'refuses what is too large as poison and takes nothing of that append',
    run: async ({ log, topics: [topic] }) => {
      const huge = { ...record(topic, 'p', 'huge'), value: new Uint8Array(1_100_000) };
      await assert.rejects(
        log.append([record(topic, 'p', 'beside it'), huge]),
        (error) => failureKind(error) === 'poison',
      );
      assert.deepEqual(await readAll(log, topic), []);
    },
  },
  {
    name: 'refuses a topic it does not have as a matter of configuration',
    run: async ({ log, topics: [topic] }) => {
      const unknown = record(`${topic}-that-nobody-made`, 'p', 'x');
      await assert.rejects(log.append([unknown]), (error) => failureKind(error) === 'configuration');
    },
  },
  {
    name: 'reads from an offset on, at most as many as asked, nothing at the end',
    run: async ({ log, topics: [topic] }) => {
      const positions = await log.append(Array.from({ length: 10 }, (_, i) => record(topic, 'p', String(i))));
      const [first, , , fourth] = positions;
      assert.ok(first && fourth);
      assert.deepEqual((await log.read(fourth, 3)).map(textOf), ['3', '4', '5']);
      assert.deepEqual(await log.read({ ...first, offset: first.offset + 10 }, 3), []);
    },
  },
  {
    name: 'tells the ranges of a topic, which grow with it',
    run: async ({ log, topics: [topic, other], partitions }) => {
      const empty = await log.ranges(topic);
      assert.deepEqual(
        empty.map(({ partition }) => partition),
        Array.from({ length: partitions }, (_, i) => i),
      );
      assert.ok(empty.every(({ earliest, next }) => earliest === next));
      const [at] = await log.append([record(topic, 'p', 'a'), record(topic, 'p', 'b'), record(other, 'p', 'c')]);
      assert.ok(at);
      const range = (await log.ranges(topic))[at.partition];
      assert.equal(range?.earliest, at.offset);
      assert.equal(range?.next, at.offset + 2);
    },
  },
  {
    name: 'can be asked whether it is there',
    run: ({ log }) => log.check(),
  },
];
