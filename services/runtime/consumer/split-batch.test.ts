import { expect, test } from '@jest/globals';
import { circuitTrip, closedCircuit } from './circuit.ts';
import { deadLetter, done, retry, skip } from './consumer.ts';
import { circuitAfterAll, committable, halves } from './split-batch.ts';

const broken = deadLetter('malformed', 'not JSON');

test('halves keep the order and both are smaller', () => {
  expect(halves([1, 2, 3])).toEqual([[1, 2], [3]]);
  expect(halves([1, 2])).toEqual([[1], [2]]);
});

test('all is committable unless a message wants to come later', () => {
  expect(committable([done, skip('known'), broken], closedCircuit)).toBe(3);
  expect(committable([done, retry('locked'), done], closedCircuit)).toBe(1);
  expect(committable([retry('locked')], closedCircuit)).toBe(0);
});

test('of many dead letters only those up to the one that trips the circuit are committable', () => {
  const outcomes = [done, ...Array(80).fill(broken)];
  expect(committable(outcomes, closedCircuit)).toBe(51);
  expect(circuitTrip(circuitAfterAll(closedCircuit, outcomes.slice(0, 51)))).toBeDefined();
  expect(circuitTrip(circuitAfterAll(closedCircuit, outcomes.slice(0, 50)))).toBeUndefined();
});
