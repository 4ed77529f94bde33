// Conformance of the message log, second part: delivery to one subscriber: in order, once, from where it says, and again when it says so.
import assert from 'node:assert/strict';
import {
  collect,
  eventually,
  type LogCheck,
  type LogSubject,
  newGroup,
  personsByPartition,
  record,
  textOf,
} from './message-log-subject.ts';

const numbers = (count: number, from = 0) => Array.from({ length: count }, (_, i) => String(from + i));

/** Appends one more record for each person and waits until all of them came: what was delivered before is then complete. */
async function untilSentinels(
  { log, topics: [topic], patienceMs }: LogSubject,
  persons: readonly string[],
  seen: () => (string | null)[],
) {
  await log.append(persons.map((person) => record(topic, person, `end of ${person}`)));
  await eventually('the last record of each person', patienceMs, () =>
    persons.every((person) => seen().includes(`end of ${person}`)),
  );
}

export const deliveryChecks: readonly LogCheck[] = [
  {
    name: 'delivers what was there and what comes, each record once and in order',
    run: async (subject) => {
      const { log, topics, partitions } = subject;
      const persons = personsByPartition(partitions);
      const append = (texts: string[]) =>
        log.append(texts.flatMap((text) => persons.map((person) => record(topics[0], person, text))));
      await append(numbers(20));
      const collector = await collect(log, { topics: [topics[0]] });
      await append(numbers(20, 20));
      await untilSentinels(subject, persons, collector.texts);
      for (const person of persons) {
        const own = collector.records.filter((each) => each.headers.ce_partitionkey === person).map(textOf);
        assert.deepEqual(own, [...numbers(40), `end of ${person}`]);
      }
      for (const batch of collector.batches) {
        assert.ok(batch.records.every((each) => each.partition === batch.partition && each.topic === batch.topic));
        assert.ok(batch.next > (batch.records.at(-1)?.offset ?? 0));
      }
      assert.deepEqual(collector.failures, []);
      await collector.stop();
    },
  },
  {
    name: 'delivers the same records as it reads: keys, headers, bytes, positions',
    run: async ({ log, topics: [topic], patienceMs }) => {
      const [at] = await log.append([
        { ...record(topic, 'p', 'v'.repeat(5000)), headers: { ce_id: '1', 'x-other': 'ö' } },
        record(topic, 'p', null, 'p/gone'),
      ]);
      assert.ok(at);
      const collector = await collect(log, { topics: [topic] });
      await eventually('both records', patienceMs, () => collector.records.length >= 2);
      const plain = (records: readonly object[]) => records.map((each) => structuredClone({ ...each }));
      assert.deepEqual(plain(collector.records), plain(await log.read(at, 2)));
      assert.equal(collector.records[1]?.value, null);
      await collector.stop();
    },
  },
  {
    name: 'bounds a batch by records and by bytes',
    run: async ({ log, topics: [topic], patienceMs }) => {
      await log.append(Array.from({ length: 30 }, (_, i) => record(topic, 'p', `${i} ${'x'.repeat(1000)}`)));
      const few = await collect(log, { topics: [topic], maxRecords: 7 });
      await eventually('all records', patienceMs, () => few.records.length >= 30);
      assert.ok(few.batches.every((batch) => batch.records.length <= 7));
      await few.stop();
      const small = await collect(log, { topics: [topic], maxBytes: 3000 });
      await eventually('all records', patienceMs, () => small.records.length >= 30);
      assert.ok(small.batches.every((batch) => batch.records.length <= 5));
      await small.stop();
    },
  },
  {
    name: 'gives one batch of a partition at a time',
    run: async ({ log, topics: [topic], patienceMs }) => {
      await log.append(numbers(20).map((text) => record(topic, 'p', text)));
      let inside = 0;
      let most = 0;
      const collector = await collect(log, { topics: [topic], maxRecords: 2 }, async () => {
        inside += 1;
        most = Math.max(most, inside);
        for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate);
        inside -= 1;
        return undefined;
      });
      await eventually('all records', patienceMs, () => collector.records.length >= 20);
      assert.equal(most, 1);
      await collector.stop();
    },
  },
  {
    name: 'delivers the rest of a batch again when the verdict says so, and only that',
    run: async ({ log, topics: [topic], patienceMs }) => {
      await log.append(numbers(10).map((text) => record(topic, 'p', text)));
      let refused = false;
      const collector = await collect(log, { topics: [topic] }, (batch) => {
        const fourth = batch.records.find((each) => textOf(each) === '4');
        if (!fourth || refused) return undefined;
        refused = true;
        return { nextOffset: fourth.offset };
      });
      const timesSeen = (text: string) => collector.texts().filter((each) => each === text).length;
      await eventually('the rest again', patienceMs, () => timesSeen('4') >= 2 && collector.texts().at(-1) === '9');
      const texts = collector.texts();
      const again = texts.lastIndexOf('4');
      assert.deepEqual(texts.slice(again), numbers(6, 4));
      assert.equal(timesSeen('3'), 1);
      assert.equal(timesSeen('4'), 2);
      await collector.stop();
    },
  },
  {
    name: 'pauses a partition as long as the verdict asks, while others go on',
    run: async ({ log, topics, patienceMs }) => {
      const pauseMs = 400;
      const seen: { text: string | null; atMs: number }[] = [];
      let paused = false;
      const collector = await collect(log, { topics }, (batch) => {
        for (const each of batch.records) seen.push({ text: textOf(each), atMs: Date.now() });
        if (batch.topic !== topics[0] || paused) return undefined;
        paused = true;
        return { nextOffset: batch.records[0]?.offset ?? 0, retryAfterMs: pauseMs };
      });
      await log.append([record(topics[0], 'p', 'refused')]);
      await eventually('the first delivery', patienceMs, () => paused);
      await log.append([record(topics[1], 'p', 'beside it')]);
      const times = (text: string) => seen.filter((each) => each.text === text).map(({ atMs }) => atMs);
      await eventually('the second delivery', patienceMs, () => times('refused').length >= 2);
      const [first = 0, second = 0] = times('refused');
      assert.ok(second - first >= pauseMs - 20, `it came again after ${second - first} ms`);
      const [beside = Number.POSITIVE_INFINITY] = times('beside it');
      assert.ok(beside < second, 'another partition waited too');
      assert.deepEqual(collector.revoked, []);
      await collector.stop();
    },
  },
  {
    name: 'starts where the subscriber says: an offset, the earliest, the latest',
    run: async ({ log, topics: [topic], patienceMs }) => {
      const positions = await log.append(numbers(6).map((text) => record(topic, 'p', text)));
      const third = positions[3];
      assert.ok(third);
      const asked: number[] = [];
      const from = async (start: number | 'earliest' | 'latest') =>
        collect(log, {
          topics: [topic],
          startOffset: async (at) => {
            asked.push(at.partition);
            return at.partition === third.partition ? start : 'earliest';
          },
        });
      const collectors = [await from(third.offset), await from('earliest'), await from('latest')];
      await eventually('assignments', patienceMs, () =>
        collectors.every(({ running }) => running.assigned().length > 0),
      );
      await log.append([record(topic, 'p', 'end')]);
      await eventually('the end', patienceMs, () => collectors.every(({ texts }) => texts().includes('end')));
      assert.deepEqual(collectors[0]?.texts(), ['3', '4', '5', 'end']);
      assert.deepEqual(collectors[1]?.texts(), [...numbers(6), 'end']);
      assert.deepEqual(collectors[2]?.texts(), ['end']);
      assert.ok(asked.includes(third.partition));
      for (const { stop } of collectors) await stop();
    },
  },
  {
    name: 'starts a group that was here before where its subscriber says, not where the group once was',
    run: async ({ log, topics: [topic], patienceMs }) => {
      const group = newGroup();
      await log.append(numbers(3).map((text) => record(topic, 'p', text)));
      for (const _ of ['first', 'second']) {
        const collector = await collect(log, { topics: [topic], group });
        await eventually('all records', patienceMs, () => collector.records.length >= 3);
        assert.deepEqual(collector.texts(), numbers(3));
        await collector.stop();
      }
    },
  },
  {
    name: 'delivers nothing after a stop, and lets the batch at hand finish',
    run: async ({ log, topics: [topic], patienceMs }) => {
      const gate = Promise.withResolvers<undefined>();
      await log.append([record(topic, 'p', 'one')]);
      const collector = await collect(log, { topics: [topic] }, () => gate.promise);
      await eventually('the first record', patienceMs, () => collector.records.length === 1);
      let stopped = false;
      const stopping = collector.stop().then(() => {
        stopped = true;
      });
      await new Promise(setImmediate);
      assert.equal(stopped, false);
      assert.equal(collector.batches[0]?.isStale(), false);
      gate.resolve(undefined);
      await stopping;
      await log.append([record(topic, 'p', 'two')]);
      const later = await collect(log, { topics: [topic] });
      await eventually('the second record at another subscriber', patienceMs, () => later.texts().includes('two'));
      assert.deepEqual(collector.texts(), ['one']);
      await later.stop();
    },
  },
  {
    name: 'tells a subscriber once when its handler breaks, and delivers nothing more',
    run: async ({ log, topics: [topic], patienceMs }) => {
      await log.append([record(topic, 'p', 'one')]);
      const collector = await collect(log, { topics: [topic] }, () => {
        throw new Error('a bug');
      });
      await eventually('the failure', patienceMs, () => collector.failures.length > 0);
      await log.append([record(topic, 'p', 'two')]);
      const later = await collect(log, { topics: [topic] });
      await eventually('both records at another subscriber', patienceMs, () => later.records.length === 2);
      assert.match(collector.failures.map(({ message }) => message).join(), /^a bug$/);
      assert.deepEqual(collector.texts(), ['one']);
      await later.stop();
      await collector.stop();
    },
  },
];
