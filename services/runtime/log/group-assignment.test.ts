import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { assignPartitions } from './group-assignment.ts';

test('every partition has exactly one reader that reads its topic, and equal members have fair shares', () => {
  const topics = ['a', 'b', 'c'];
  const members = fc.array(fc.subarray(topics, { minLength: 1 }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(members, fc.integer({ min: 1, max: 7 }), (subscribed, count) => {
      const group = subscribed.map((own, index) => ({ id: String(index), topics: own }));
      const read = topics.filter((topic) => group.some((member) => member.topics.includes(topic)));
      const partitions = read.flatMap((topic) =>
        Array.from({ length: count }, (_, partition) => ({ topic, partition })),
      );
      const assignment = assignPartitions(partitions, group);
      const given = [...assignment].flatMap(([id, own]) => own.map((at) => ({ id, ...at })));
      expect(given).toHaveLength(partitions.length);
      expect(new Set(given.map(({ topic, partition }) => `${topic}/${partition}`)).size).toBe(partitions.length);
      for (const { id, topic } of given) expect(group[Number(id)]?.topics).toContain(topic);
      if (subscribed.every((own) => own.length === 3)) {
        const shares = [...assignment.values()].map((own) => own.length);
        expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(1);
      }
    }),
  );
});

test('a topic nobody reads is given to nobody', () => {
  expect(assignPartitions([{ topic: 'x', partition: 0 }], [{ id: '1', topics: ['y'] }])).toEqual(new Map([['1', []]]));
});
