// How fast consumers work through what waits for them, seen from outside: by the offsets that they move in PostgreSQL together with their rows.
import { setTimeout as wait } from 'node:timers/promises';
import { sql } from 'kysely';
import { median } from '../figures.ts';
import type { EngineStack } from './engine-stack.ts';
import { startStackService } from './stack-service.ts';

export interface Drained {
  perSecond: number;
  /** Processor time for one record, in microseconds: of the service's processes and of the engines. */
  cpu: Record<'service' | 'kafka' | 'postgres', number>;
}

export interface DrainPlan {
  services: readonly string[];
  consumer: string;
  topic: string;
  replicas?: number;
}

const lookEveryMs = 50;

/** Sum of the next offsets of a topic: in the log, and as far as the consumer has come. */
async function handled({ engines }: EngineStack, { consumer, topic }: DrainPlan): Promise<number> {
  const row = await engines.store.read
    .selectFrom('consumer_offsets')
    .select(sql<number>`coalesce(sum(next_offset), 0)`.as('sum'))
    .where('consumer', '=', consumer)
    .where('topic', '=', topic)
    .executeTakeFirstOrThrow();
  return row.sum;
}

const appended = async ({ engines }: EngineStack, { topic }: DrainPlan): Promise<number> =>
  (await engines.log.ranges(topic)).reduce((sum, { next }) => sum + next, 0);

/** Starts the replicas and times them from the first to the last offset they move, so that start and group are not in it. */
export async function drain(stack: EngineStack, plan: DrainPlan): Promise<Drained> {
  const { services, replicas = 1 } = plan;
  const end = await appended(stack, plan);
  const start = await handled(stack, plan);
  const running = await Promise.all(Array.from({ length: replicas }, () => startStackService(stack, services)));
  try {
    const cpu = async () => {
      const own = await Promise.all(running.map((service) => service.cpuSeconds()));
      return {
        service: own.reduce((sum, seconds) => sum + seconds, 0),
        kafka: await stack.cpuSeconds.kafka(),
        postgres: await stack.cpuSeconds.postgres(),
      };
    };
    let first: { atMs: number; count: number; cpu: Drained['cpu'] } | undefined;
    for (;;) {
      const count = await handled(stack, plan);
      const atMs = performance.now();
      if (count > start) first ??= { atMs, count, cpu: await cpu() };
      if (first && count >= end) {
        const { count: before, atMs: firstMs, cpu: earlier } = first;
        const records = count - before;
        const later = await cpu();
        const each = (name: keyof Drained['cpu']) => ((later[name] - earlier[name]) * 1e6) / records;
        return {
          perSecond: (records * 1000) / (atMs - firstMs),
          cpu: { service: each('service'), kafka: each('kafka'), postgres: each('postgres') },
        };
      }
      const dead = running.find(({ process }) => process.hasExited());
      if (dead) throw new Error(`a service ended:\n${dead.process.said()}`);
      await wait(lookEveryMs);
    }
  } finally {
    await Promise.all(running.map((service) => service.stop()));
  }
}

/** Processor time of several rounds, as the table shows it. */
export function costOf(drained: readonly Drained[]): string {
  const each = (name: keyof Drained['cpu']) => median(drained.map(({ cpu }) => cpu[name])).toFixed(1);
  return `processor time each: service ${each('service')} µs, Kafka ${each('kafka')} µs, PostgreSQL ${each('postgres')} µs`;
}
