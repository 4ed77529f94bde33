import { EventEmitter } from 'node:events';
import { expect, test } from '@jest/globals';
import { WebSocket } from 'ws';
import type { PageMessage } from './page-message.ts';
import { behindForAtMostMs, createPageSession, maxBufferedBytes } from './page-session.ts';

/** A socket whose network takes what the test says. */
function openSocket() {
  const socket = Object.assign(Object.create(WebSocket.prototype) as WebSocket, EventEmitter.prototype);
  const sent: string[] = [];
  const state = { buffered: 0, terminated: false, pings: 0 };
  Object.defineProperties(socket, {
    readyState: { value: WebSocket.OPEN },
    bufferedAmount: { get: () => state.buffered },
    send: { value: (text: string) => sent.push(JSON.parse(text).type) },
    ping: { value: () => state.pings++ },
    terminate: { value: () => (state.terminated = true) },
  });
  return { socket, sent, state };
}

const alive = { type: 'alive', cursor: '', now: '2026-11-23T08:00:00Z' } as const;
const snapshot: PageMessage = {
  type: 'snapshot',
  cursor: '',
  now: '2026-11-23T08:00:00Z',
  facts: { people: [], notices: [], can_connect: false },
  today: null,
  feed: [],
};

function openSession() {
  const parts = openSocket();
  let slow = 0;
  const session = createPageSession({
    socket: parts.socket,
    user: 'anna',
    nowMs: () => 1000,
    onSlow: () => (slow += 1),
  });
  return { ...parts, session, slow: () => slow };
}

test('a page that falls behind misses deltas and is caught up by one snapshot', () => {
  const { session, sent, state, slow } = openSession();
  session.send(alive);
  state.buffered = maxBufferedBytes + 1;
  session.send(alive);
  session.send(alive);
  expect(session.needsSnapshot()).toBe(true);
  state.buffered = 0;
  session.send(alive);
  session.send(snapshot);
  session.send(alive);
  expect(sent).toEqual(['alive', 'snapshot', 'alive']);
  expect(slow()).toBe(1);
});

test('a page that does not catch up is disconnected', () => {
  const { session, socket, state } = openSession();
  state.buffered = maxBufferedBytes + 1;
  session.send(alive);
  session.check(1000 + behindForAtMostMs);
  expect(state.terminated).toBe(false);
  socket.emit('pong');
  session.check(1001 + behindForAtMostMs);
  expect(state.terminated).toBe(true);
});

test('a page that does not answer a ping is disconnected at the next check', () => {
  const { session, socket, state } = openSession();
  session.check(0);
  socket.emit('pong');
  session.check(1);
  expect(state).toMatchObject({ terminated: false, pings: 2 });
  session.check(2);
  expect(state.terminated).toBe(true);
});
