// A room whose store fails for a while: what a page is told then, and that its cursor never passes what it was not told.
import { expect, test } from '@jest/globals';
import { createManualClock } from '../../../test/support/manual-clock.ts';
import type { PageMessage } from './page-message.ts';
import type { PageSession } from './page-session.ts';
import { createPersonRoom } from './person-room.ts';

const topic = 'oura.notifications.v1';

function openRoom() {
  const clock = createManualClock();
  const sent: PageMessage[] = [];
  const failures: unknown[] = [];
  const store = { isDown: false };
  let next = 0;
  const room = createPersonRoom({
    user: 'anna',
    clock,
    heldFrom: new Map(),
    position: () => new Map([[`${topic}/0`, next]]),
    readToday: async () => {
      if (store.isDown) throw new Error('the store is down');
      return null;
    },
    readFacts: async () => ({ people: [], notices: [], can_connect: false }),
    onFailure: (error) => failures.push(error),
    onSent: () => {},
  });
  const session: PageSession = {
    user: 'anna',
    shown: null,
    isReady: false,
    needsSnapshot: () => false,
    isFull: () => false,
    send: (message) => sent.push(message),
    check: () => {},
    close: () => {},
  };
  const alertComes = (id: string) => {
    const at = new Date(clock.now()).toISOString();
    const event = { kind: 'alert', id, at, title: 'Low', state: 'firing', level: 'warning', day: null } as const;
    room.take(event, { topic, partition: 0, offset: next });
    next += 1;
  };
  const told = () => sent.flatMap((message) => ('feed' in message ? message.feed.map(({ id }) => id) : []));
  return { clock, sent, failures, store, room, session, alertComes, told, cursor: () => sent.at(-1)?.cursor };
}

test('a line that came while the store was down is told when it is back, and no cursor passes it before', async () => {
  const { clock, failures, store, room, session, alertComes, told, cursor } = openRoom();
  await room.join(session, null);
  await clock.advance(1000);
  store.isDown = true;
  alertComes('a1');
  await clock.advance(1000);
  expect(failures).toHaveLength(1);
  room.sayAlive();
  expect(cursor()).toBe(`${topic}/0:0`);
  store.isDown = false;
  alertComes('a2');
  await clock.advance(1000);
  expect(told()).toEqual(['a1', 'a2']);
  room.sayAlive();
  expect(cursor()).toBe(`${topic}/0:2`);
});
