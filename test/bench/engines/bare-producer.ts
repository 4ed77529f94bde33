// What the log on Kafka is compared with: a producer of kafkajs as its documentation shows it, `acks=all`, the same records in batches of as many as the
// webhook has connections, one after the other.
import { Kafka } from 'kafkajs';
import { encodeNotification } from '../../../schemas/notification.ts';
import { kafkaConfig } from '../../../services/runtime/log/kafka-config.ts';
import { quantile } from '../figures.ts';
import type { Load } from '../load/send-load.ts';
import type { EngineStack } from './engine-stack.ts';

export async function sendByBareProducer(
  { settings }: EngineStack,
  { count, connections, users }: { count: number; connections: number; users: readonly string[] },
): Promise<Load> {
  const producer = new Kafka(kafkaConfig(settings, 'bench')).producer();
  await producer.connect();
  const padding = 'x'.repeat(800);
  const latenciesMs: number[] = [];
  const startMs = performance.now();
  for (let sent = 0; sent < count; sent += connections) {
    const records = Array.from({ length: connections }, (_, index) => {
      const userId = users[index % users.length] ?? 'bench';
      const body = { event_type: 'update', data_type: 'daily_activity', object_id: `${sent + index}`, user_id: userId };
      return encodeNotification({
        id: `${'0'.repeat(56)}${sent + index}`,
        userId,
        receivedAt: new Date().toISOString(),
        signature: 'A'.repeat(64),
        timestamp: '1793000000',
        body,
        bytes: Buffer.from(JSON.stringify({ ...body, padding })),
      });
    });
    const beginMs = performance.now();
    await producer.send({
      topic: records[0]?.topic ?? '',
      messages: records.map(({ key, value, headers }) => ({ key, value: value && Buffer.from(value), headers })),
    });
    latenciesMs.push(performance.now() - beginMs);
  }
  const tookMs = performance.now() - startMs;
  await producer.disconnect();
  return {
    perSecond: (count * 1000) / tookMs,
    p50Ms: quantile(latenciesMs, 0.5),
    p99Ms: quantile(latenciesMs, 0.99),
  };
}
