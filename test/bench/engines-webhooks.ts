// Signed webhooks of 1 kB to Kafka with `acks=all`: the webhook alone, as other programs were measured, and the ingest service; each with and without a sync
// of the disk per batch (`flush.messages=1`, what our topics have on fewer than three brokers). Rounds are interleaved with a bare server that keeps nothing and
// with a bare producer. Generator, server and broker share the machine.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import kafkajs, { Kafka } from 'kafkajs';
import { notificationsTopic } from '../../schemas/notification.ts';
import { kafkaConfig } from '../../services/runtime/log/kafka-config.ts';
import { topicConfig } from '../../services/runtime/log/kafka-topics.ts';
import { freePort } from '../browser/free-port.ts';
import { lagOf } from '../support/server-settled.ts';
import type { Bench, Figure } from './bench.ts';
import { sendByBareProducer } from './engines/bare-producer.ts';
import { type EngineStack, onEngines } from './engines/engine-stack.ts';
import { startStackService } from './engines/stack-service.ts';
import { median, milliseconds, percent, perSecond } from './figures.ts';
import { type Load, secret, sendLoad } from './load/send-load.ts';
import { ouraUserIds, startBare } from './webhooks.ts';

const connections = 64;
/** Of a round. Less than some seconds shows how a process gets going after a rest, not what it can do. */
const counts = { cached: 40_000, synced: 20_000 };
/** A broker that was just started compiles for its first hundred thousand records: it takes twice the time for each, and on two cores from whoever else runs. */
const warmUpRounds = 3;
const rounds = 3;

/** A process that takes webhooks. */
interface Taker {
  port: number;
  /** Processor time since its start, in seconds. */
  cpuSeconds(): Promise<number>;
  /** Resolves when nothing is left of what it took. */
  settled(): Promise<void>;
  stop(): Promise<void>;
}

async function startWebhookAlone({ environment }: EngineStack): Promise<Taker> {
  const port = await freePort();
  const child = fork(join(import.meta.dirname, 'engines/webhook-server.ts'), {
    env: { ...environment, PORT: String(port), OURA_CLIENT_SECRET: secret },
  });
  await once(child, 'message');
  return {
    port,
    async cpuSeconds() {
      child.send('cpu');
      const [{ user, system }] = (await once(child, 'message')) as [NodeJS.CpuUsage];
      return (user + system) / 1e6;
    },
    settled: async () => {},
    stop: async () => void child.kill(),
  };
}

async function startIngest(stack: EngineStack): Promise<Taker> {
  const service = await startStackService(stack, ['ingest']);
  return {
    port: service.publicPort,
    cpuSeconds: service.cpuSeconds,
    async settled() {
      while ((await lagOf(service.url)) > 0) await wait(200);
    },
    stop: service.stop,
  };
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

const of = (loads: readonly Load[], name: keyof Load) => median(loads.map((load) => load[name]));
const shown = (loads: readonly Load[]) =>
  `${perSecond(of(loads, 'perSecond'))}, p99 ${milliseconds(of(loads, 'p99Ms'))}`;

async function measure(
  stack: EngineStack,
  { who, goal, start }: { who: string; goal: string; start(stack: EngineStack): Promise<Taker> },
): Promise<Figure[]> {
  const bare = await startBare();
  const taker = await start(stack);
  try {
    const cpu = async () => ({ server: await taker.cpuSeconds(), kafka: await stack.cpuSeconds.kafka() });
    const spent: Awaited<ReturnType<typeof cpu>>[] = [];
    const send = (port: number, count: number) => sendLoad({ port, connections, count, ouraUserIds });
    const runs = {
      bare: (count: number) => send(bare.port, count),
      producer: (count: number) => sendByBareProducer(stack, { count, connections, users: ouraUserIds }),
      async taker(count: number) {
        const before = await cpu();
        const load = await send(taker.port, count);
        const after = await cpu();
        spent.push({ server: after.server - before.server, kafka: after.kafka - before.kafka });
        return load;
      },
    };
    const names = ['bare', 'producer', 'taker'] as const;
    const figures: Figure[] = [];
    for (const flush of ['cached', 'synced'] as const) {
      const count = counts[flush];
      await setFlush(stack, flush === 'synced' ? '1' : never);
      const loads: Record<(typeof names)[number], Load[]> = { bare: [], producer: [], taker: [] };
      spent.length = 0;
      for (let round = flush === 'cached' ? -warmUpRounds : 0; round < rounds; round += 1) {
        if (round === 0) spent.length = 0;
        for (const name of names) {
          const load = await runs[name](count);
          if (round >= 0) loads[name].push(load);
          await taker.settled();
        }
      }
      const rate = of(loads.taker, 'perSecond');
      const each = (name: 'server' | 'kafka') =>
        ((median(spent.map((seconds) => seconds[name])) * 1e6) / count).toFixed(0);
      figures.push({
        measure: `webhooks to Kafka \`acks=all\`, ${who}, 1 kB signed, ${connections} connections, ${flush === 'cached' ? 'page cache' : '`flush.messages=1`'}`,
        value: shown(loads.taker),
        goal: flush === 'cached' ? goal : '',
        beside:
          `${percent(rate / of(loads.bare, 'perSecond'))} of bare \`node:http\` + HMAC: ${shown(loads.bare)}; ` +
          `${percent(rate / of(loads.producer, 'perSecond'))} of a bare producer's batches of ${connections}: ${shown(loads.producer)}; ` +
          `processor time each: ${each('server')} µs here, Kafka ${each('kafka')} µs`,
      });
    }
    return figures;
  } finally {
    bare.stop();
    await taker.stop();
  }
}

// Engines of their own for each: a service that runs beside the other would consume what that one takes.
export const bench: Bench = {
  name: 'engines-webhooks',
  run: async () => [
    ...(await onEngines('signed webhooks to Kafka, the webhook alone', (stack) =>
      measure(stack, { who: 'the webhook alone', goal: '≥ 12,000/s, p99 ≤ 15 ms', start: startWebhookAlone }),
    )),
    ...(await onEngines('signed webhooks to Kafka, the ingest service', (stack) =>
      measure(stack, { who: 'the ingest service', goal: '', start: startIngest }),
    )),
  ],
};
