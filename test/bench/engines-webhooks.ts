// Signed webhooks of 1 kB to Kafka with `acks=all`: the webhook alone, as other programs were measured, and the ingest service; each with and without a sync
// of the disk per batch (`flush.messages=1`, what our topics have on fewer than three brokers). Rounds are interleaved with a bare server that keeps nothing and
// with a bare producer. Generator, server and broker share the machine.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import kafkajs, { Kafka } from 'kafkajs';
import { notificationsTopic } from '../../schemas/notification.ts';
import { kafkaConfig } from '../../services/runtime/log/kafka-config.ts';
import { topicConfig } from '../../services/runtime/log/kafka-topics.ts';
import { freePort } from '../browser/free-port.ts';
import type { Bench, Figure } from './bench.ts';
import { sendByBareProducer } from './engines/bare-producer.ts';
import { type EngineStack, onEngines } from './engines/engine-stack.ts';
import { startStackService } from './engines/stack-service.ts';
import { median, milliseconds, percent, perSecond } from './figures.ts';
import { type Load, secret, sendLoad } from './load/send-load.ts';
import { ouraUserIds, startBare } from './webhooks.ts';

const connections = 64;
const count = 6_000;
const rounds = 3;

async function startWebhookServer({ environment }: EngineStack): Promise<{ port: number; child: ChildProcess }> {
  const port = await freePort();
  const child = fork(join(import.meta.dirname, 'engines/webhook-server.ts'), {
    env: { ...environment, PORT: String(port), OURA_CLIENT_SECRET: secret },
  });
  await once(child, 'message');
  return { port, child };
}

/** Kafka never syncs by count when it is so many. */
const never = '9223372036854775807';

async function setFlush({ settings }: EngineStack, messages: string): Promise<void> {
  const admin = new Kafka(kafkaConfig(settings, 'bench')).admin();
  await admin.connect();
  const config = { ...topicConfig(1), 'flush.messages': messages };
  const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }));
  const resource = { type: kafkajs.ConfigResourceTypes.TOPIC, name: notificationsTopic, configEntries };
  await admin.alterConfigs({ validateOnly: false, resources: [resource] });
  await admin.disconnect();
}

/** Processor time of the webhook's process and of the broker, in seconds. */
async function cpuOf(stack: EngineStack, child: ChildProcess): Promise<{ server: number; kafka: number }> {
  child.send('cpu');
  const [{ user, system }] = (await once(child, 'message')) as [NodeJS.CpuUsage];
  return { server: (user + system) / 1e6, kafka: await stack.cpuSeconds.kafka() };
}

const of = (loads: readonly Load[], name: keyof Load) => median(loads.map((load) => load[name]));
const shown = (loads: readonly Load[]) =>
  `${perSecond(of(loads, 'perSecond'))}, p99 ${milliseconds(of(loads, 'p99Ms'))}`;

async function measure(stack: EngineStack): Promise<Figure[]> {
  const bare = await startBare();
  const webhook = await startWebhookServer(stack);
  const ingest = await startStackService(stack, ['ingest']);
  try {
    const send = (port: number) => sendLoad({ port, connections, count, ouraUserIds });
    const produce = () => sendByBareProducer(stack, { count, connections, users: ouraUserIds });
    const spent = { server: 0, kafka: 0, requests: 0 };
    const runs = {
      bare: () => send(bare.port),
      async webhook() {
        const before = await cpuOf(stack, webhook.child);
        const load = await send(webhook.port);
        const after = await cpuOf(stack, webhook.child);
        spent.server += after.server - before.server;
        spent.kafka += after.kafka - before.kafka;
        spent.requests += count;
        return load;
      },
      ingest: () => send(ingest.publicPort),
      producer: produce,
    };
    const names = ['bare', 'webhook', 'ingest', 'producer'] as const;
    const empty = (): Record<keyof typeof runs, Load[]> => ({ bare: [], webhook: [], ingest: [], producer: [] });
    const loads = { cached: empty(), synced: empty() };
    for (let round = 0; round <= rounds; round += 1) {
      for (const flush of ['cached', 'synced'] as const) {
        await setFlush(stack, flush === 'synced' ? '1' : never);
        for (const name of names) {
          const load = await runs[name]();
          // The first round warms up.
          if (round > 0) loads[flush][name].push(load);
        }
      }
    }
    const figure = (what: string, flush: 'cached' | 'synced', name: 'webhook' | 'ingest', goal = ''): Figure => {
      const { bare: bareLoads, producer, [name]: own } = loads[flush];
      const rate = of(own, 'perSecond');
      return {
        measure: `${what}, 1 kB signed, ${connections} connections, ${flush === 'cached' ? 'page cache' : '`flush.messages=1`'}`,
        value: shown(own),
        goal,
        beside:
          `${percent(rate / of(bareLoads, 'perSecond'))} of bare \`node:http\` + HMAC: ${shown(bareLoads)}; ` +
          `${percent(rate / of(producer, 'perSecond'))} of a bare producer's batches of ${connections}: ${shown(producer)}`,
      };
    };
    const each = (name: 'server' | 'kafka') => ((spent[name] * 1e6) / spent.requests).toFixed(0);
    return [
      {
        measure: 'processor time for one webhook to Kafka, the webhook alone',
        value: `${each('server')} µs and ${each('kafka')} µs of the broker`,
      },
      figure('webhooks to Kafka `acks=all`, the webhook alone', 'cached', 'webhook', '≥ 12,000/s, p99 ≤ 15 ms'),
      figure('webhooks to Kafka `acks=all`, the webhook alone', 'synced', 'webhook'),
      figure('webhooks to Kafka `acks=all`, the ingest service', 'cached', 'ingest'),
      figure('webhooks to Kafka `acks=all`, the ingest service', 'synced', 'ingest'),
    ];
  } finally {
    bare.stop();
    webhook.child.kill();
    await ingest.stop();
  }
}

export const bench: Bench = {
  name: 'engines-webhooks',
  run: () => onEngines('signed webhooks to Kafka', measure),
};
