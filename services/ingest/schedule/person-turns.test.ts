// What a store that is down means for everybody's turns.
import { expect, test } from '@jest/globals';
import pino from 'pino';
import { heldLease } from '../../../test/support/held-lease.ts';
import { createManualClock } from '../../../test/support/manual-clock.ts';
import { Failure } from '../../runtime/failure.ts';
import { createPersonTurns } from './person-turns.ts';

const second = 1_000;

test('turns that fail together for one reason are one failure: everybody goes on soon after it is over', async () => {
  const clock = createManualClock();
  const startMs = clock.now();
  const people = ['a', 'b', 'c', 'd'];
  const tries: number[] = [];
  const served = new Set<string>();
  let isDown = true;
  const turns = createPersonTurns({
    name: 'jobs',
    clock,
    logger: pino({ level: 'silent' }),
    lease: heldLease,
    concurrency: people.length,
    everyMs: second / 2,
    duePeople: async () => people.filter((person) => !served.has(person)),
    serve: async (person) => {
      if (person === 'a') tries.push((clock.now() - startMs) / second);
      if (isDown) throw new Failure('dependency', 'the log is down');
      served.add(person);
    },
  });
  turns.start();
  await clock.advance(40 * second);
  expect(tries).toEqual([0, 1, 3, 7, 15, 23, 31, 39]);
  isDown = false;
  await clock.advance(8 * second);
  expect([...served]).toEqual(people);
  expect(turns.problem()).toBeUndefined();
  await turns.stop();
});
