import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { circuitAfter, circuitTrip, closedCircuit } from './circuit.ts';

const after = (...steps: [isDeadLetter: boolean, count: number][]) =>
  steps.reduce((circuit, [isDeadLetter, count]) => circuitAfter(circuit, isDeadLetter, count), closedCircuit);

test('fifty dead letters in a row trip it, forty-nine do not', () => {
  expect(circuitTrip(after([true, 49]))).toBeUndefined();
  expect(circuitTrip(after([true, 50]))).toMatch('50 messages in a row');
  expect(circuitTrip(after([false, 9900], [true, 25], [false, 1], [true, 25]))).toBeUndefined();
});

test('more than one percent of the last ten thousand trips it, with fifty at least', () => {
  const mixed = (deadLetters: number, each: number) =>
    after(
      ...Array.from({ length: deadLetters }, () => [[false, each] as const, [true, 1] as const])
        .flat()
        .map(([is, n]): [boolean, number] => [is, n]),
    );
  expect(circuitTrip(mixed(49, 10))).toBeUndefined();
  expect(circuitTrip(mixed(50, 10))).toMatch('50 of the last 550');
  expect(circuitTrip(mixed(100, 99))).toBeUndefined();
  expect(circuitTrip(mixed(200, 99))).toBeUndefined();
  expect(circuitTrip(mixed(110, 90))).toMatch('of the last 10000');
});

test('messages older than the window are forgotten', () => {
  const circuit = after([true, 49], [false, 9_990], [true, 10]);
  expect(circuit.messages).toBe(10_000);
  expect(circuit.inWindow).toBe(10);
});

test('the window holds what a plain list of the last ten thousand holds', () => {
  const steps = fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 4000 })), { maxLength: 12 });
  fc.assert(
    fc.property(steps, (made) => {
      const last = made.flatMap(([is, count]) => Array<boolean>(count).fill(is)).slice(-10_000);
      const circuit = after(...made);
      expect(circuit.messages).toBe(last.length);
      expect(circuit.inWindow).toBe(last.filter(Boolean).length);
    }),
  );
});
