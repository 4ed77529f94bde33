// Conformance of the message log, third part: groups: who gets which partition, what is stale after a change of hands, readers that
// need everything, and what a group leaves behind for lag tools.
import assert from 'node:assert/strict';
import { partitionName } from '../../services/runtime/log/partition-source.ts';
import {
  type Collector,
  collect,
  eventually,
  type LogCheck,
  newGroup,
  personsByPartition,
  record,
  textOf,
} from './message-log-subject.ts';

const assignedTo = ({ running }: Collector): string[] => running.assigned().map(partitionName);

export const groupChecks: readonly LogCheck[] = [
  {
    name: 'shares the partitions of a group fairly, each with one member, and hands over what a member leaves',
    run: async ({ log, topics, partitions, patienceMs }) => {
      const group = newGroup();
      const all = topics.flatMap((topic) =>
        Array.from({ length: partitions }, (_, partition) => `${topic}/${partition}`),
      );
      const first = await collect(log, { topics, group });
      await eventually('all partitions at the only member', patienceMs, () => assignedTo(first).length === all.length);
      const second = await collect(log, { topics, group });
      const isShared = () => assignedTo(first).length === partitions && assignedTo(second).length === partitions;
      await eventually('half of the partitions at each', patienceMs, isShared);
      assert.deepEqual([...assignedTo(first), ...assignedTo(second)].sort(), [...all].sort());
      assert.ok(first.revoked.length >= partitions, 'the first member was not told what it lost');
      await second.stop();
      await eventually('all partitions back', patienceMs, () => assignedTo(first).length === all.length);
      await first.stop();
    },
  },
  {
    name: 'delivers each record to one member of the group',
    run: async ({ log, topics, partitions, patienceMs }) => {
      const group = newGroup();
      // As a consumer does it: where to start stands outside of the log and moves with what was handled.
      const offsets = new Map<string, number>();
      const member = () =>
        collect(
          log,
          { topics, group, startOffset: async (at) => offsets.get(partitionName(at)) ?? 'earliest' },
          (batch) => {
            if (!batch.isStale()) offsets.set(partitionName(batch), (batch.records.at(-1)?.offset ?? 0) + 1);
            return undefined;
          },
        );
      const members = [await member(), await member()];
      await eventually('a share for each', patienceMs, () =>
        members.every((each) => assignedTo(each).length === partitions),
      );
      const persons = personsByPartition(partitions);
      const texts = Array.from({ length: 30 }, (_, i) => String(i));
      await log.append(texts.flatMap((text) => persons.flatMap((p) => topics.map((topic) => record(topic, p, text)))));
      const count = texts.length * persons.length * topics.length;
      const seen = () =>
        members.flatMap(({ records }) => records.map((each) => `${partitionName(each)}/${each.offset}`));
      await eventually('every record', patienceMs, () => new Set(seen()).size === count);
      assert.equal(seen().length, count);
      assert.ok(members.every(({ records }) => records.length > 0));
      for (const each of members) await each.stop();
    },
  },
  {
    name: 'marks the batch at hand as stale when its partition is taken away, and starts the next reader where it says',
    run: async ({ log, topics, partitions, patienceMs }) => {
      const group = newGroup();
      const places = topics.flatMap((topic) => personsByPartition(partitions).map((person) => ({ topic, person })));
      await log.append(
        places.flatMap(({ topic, person }) => ['one', 'two'].map((text) => record(topic, person, text))),
      );
      const release = Promise.withResolvers<undefined>();
      const first = await collect(log, { topics, group }, () => release.promise);
      await eventually('a batch at hand in every partition', patienceMs, () => first.batches.length === places.length);
      const secondJoins = collect(log, { topics, group });
      const stale = () => first.batches.filter((batch) => batch.isStale());
      await eventually('a stale batch', patienceMs, () => stale().length > 0).finally(() => release.resolve(undefined));
      const second = await secondJoins;
      const taken = stale().map(partitionName);
      const textsOf = (place: string) =>
        second.records.filter((each) => partitionName(each) === place).map((each) => textOf(each));
      await eventually('the records at the new reader', patienceMs, () =>
        taken.every((place) => textsOf(place).length >= 2),
      );
      for (const place of taken) assert.deepEqual(textsOf(place), ['one', 'two']);
      await second.stop();
      await first.stop();
    },
  },
  {
    name: 'lets groups read independently of each other',
    run: async ({ log, topics: [topic], patienceMs }) => {
      await log.append([record(topic, 'p', 'for all')]);
      const collectors = [await collect(log, { topics: [topic] }), await collect(log, { topics: [topic] })];
      await eventually('the record at both', patienceMs, () => collectors.every(({ records }) => records.length === 1));
      for (const each of collectors) await each.stop();
    },
  },
  {
    name: 'gives every partition to each reader that asks for all, without a trace in the group',
    run: async ({ log, topics, partitions, patienceMs }) => {
      const group = newGroup();
      const readers = [
        await collect(log, { topics, group, everyPartition: true }),
        await collect(log, { topics, group, everyPartition: true }),
      ];
      const persons = personsByPartition(partitions);
      await log.append(topics.flatMap((topic) => persons.map((person) => record(topic, person, 'news'))));
      const count = persons.length * topics.length;
      await eventually('everything at both', patienceMs, () => readers.every(({ records }) => records.length >= count));
      assert.ok(readers.every((each) => assignedTo(each).length === count && each.records.length === count));
      for (const each of readers) await each.stop();
      assert.equal((await log.groupOffsets(group, topics[0])).size, 0);
    },
  },
  {
    name: 'reports how far a group is, also after a reopening',
    reopens: true,
    run: async ({ log, topics: [topic], patienceMs, reopen }) => {
      const group = newGroup();
      assert.equal((await log.groupOffsets(group, topic)).size, 0);
      const [at] = await log.append([record(topic, 'p', 'a'), record(topic, 'p', 'b')]);
      assert.ok(at);
      const collector = await collect(log, { topics: [topic], group });
      await eventually('both records', patienceMs, () => collector.records.length === 2);
      await collector.stop();
      assert.equal((await log.groupOffsets(group, topic)).get(at.partition), at.offset + 2);
      assert.equal((await (await reopen()).groupOffsets(group, topic)).get(at.partition), at.offset + 2);
    },
  },
  {
    name: 'does not report what a verdict left unhandled',
    run: async ({ log, topics: [topic], patienceMs }) => {
      const group = newGroup();
      const positions = await log.append(['a', 'b', 'c'].map((text) => record(topic, 'p', text)));
      const second = positions[1];
      assert.ok(second);
      const collector = await collect(log, { topics: [topic], group }, () => ({
        nextOffset: second.offset,
        retryAfterMs: 60_000,
      }));
      await eventually('a batch', patienceMs, () => collector.records.length > 0);
      await collector.stop();
      assert.equal((await log.groupOffsets(group, topic)).get(second.partition), second.offset);
    },
  },
  {
    name: 'refuses to subscribe to a topic it does not have',
    run: async ({ log, topics: [topic] }) => {
      await assert.rejects(collect(log, { topics: [`${topic}-that-nobody-made`] }));
    },
  },
];
