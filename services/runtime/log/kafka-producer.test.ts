// Appends over a producer that falls silent. The real thing, and what a lost answer does to it, is in test/engines and test/faults.
import { expect, test } from '@jest/globals';
import type { Kafka } from 'kafkajs';
import { failureKind } from '../failure.ts';
import { createKafkaAppends } from './kafka-producer.ts';

const record = { topic: 'facts', partitionKey: 'p', key: 'p/1', value: Buffer.from('x'), headers: {} };
const place = { topic: 'facts', partition: 0 };

/** Producers of which the first `silent` never answer; they say that a request timed out as soon as one is sent. */
function kafkaWith(silent: number) {
  const made: { isConnected: boolean }[] = [];
  const producer = () => {
    const state = { isConnected: false };
    const isSilent = made.push(state) <= silent;
    let timedOut = () => {};
    return {
      on: (_event: string, listener: () => void) => {
        timedOut = listener;
      },
      connect: async () => {
        state.isConnected = true;
      },
      disconnect: async () => {
        state.isConnected = false;
      },
      sendBatch: () => {
        if (!isSilent) return Promise.resolve([{ topicName: 'facts', partition: 0, baseOffset: '7' }]);
        queueMicrotask(() => timedOut());
        return new Promise(() => {});
      },
    };
  };
  return { made, kafka: { producer } as unknown as Kafka };
}

test('an append that is not answered in time fails at once, and the next one goes through another connection', async () => {
  const { made, kafka } = kafkaWith(1);
  const appends = createKafkaAppends(kafka);
  const failure: unknown = await appends.append([record], [place]).catch((error: unknown) => error);
  expect(failureKind(failure)).toBe('dependency');
  expect(await appends.append([record], [place])).toEqual([{ ...place, offset: 7 }]);
  expect(made.map(({ isConnected }) => isConnected)).toEqual([false, true]);
  await appends.close();
});
