// Metric points into InfluxDB through the metric store, with its ledger in PostgreSQL: thirty days of several rings as their documents say them, in batches as
// the consumer has them, six partitions at the same time; beside it the same lines by the client alone.
import { randomUUID } from 'node:crypto';
import type { MetricsMessage } from '../../schemas/metrics-message.ts';
import { normalizeDocument } from '../../services/normalize/normalize-document.ts';
import { createInfluxClient } from '../../services/storage/metric-store/influx-client.ts';
import { linesOfRow } from '../../services/storage/metric-store/influx-lines.ts';
import { influxConnection } from '../../services/storage/metric-store/influx-settings.ts';
import { packMessage } from '../../services/storage/metric-store/pack-message.ts';
import type { Bench } from './bench.ts';
import { type EngineStack, onEngines } from './engines/engine-stack.ts';
import { interleaved, percent, perSecond, wholeNumber } from './figures.ts';
import { simulatedDays } from './simulated-year.ts';

const days = 30;
const rounds = 3;
const messagesAtOnce = 500;
const partitions = 6;

const batchesOf = <Item>(items: readonly Item[]): Item[][] =>
  Array.from({ length: Math.ceil(items.length / messagesAtOnce) }, (_, index) =>
    items.slice(index * messagesAtOnce, (index + 1) * messagesAtOnce),
  );

const linesOf = (message: MetricsMessage): string[] =>
  packMessage(message).flatMap((row) =>
    linesOfRow(row, { ...message, day: message.day ?? null, algorithm: message.algorithm ?? null }),
  );

async function cpuOf(stack: EngineStack) {
  const own = process.cpuUsage();
  return {
    client: (own.user + own.system) / 1e6,
    influx: await stack.cpuSeconds.influx(),
    postgres: await stack.cpuSeconds.postgres(),
  };
}

export const bench: Bench = {
  name: 'engines-points',
  run: () =>
    onEngines(
      'points into InfluxDB',
      async (stack) => {
        const connection = influxConnection(stack.settings);
        if (!connection) throw new Error('the stack has no InfluxDB');
        const client = createInfluxClient(connection);
        // The last version of each document alone: the store writes none that a later one of the same batch replaces.
        const newest = new Map(
          [...simulatedDays(days)].flat().map((each) => [`${each.resource}/${each.objectId}`, each]),
        );
        const messages = [...newest.values()].flatMap((document) => {
          const normalized = normalizeDocument(document);
          return normalized.ok ? [normalized.message] : [];
        });
        const points = partitions * messages.reduce((sum, message) => sum + linesOf(message).length, 0);
        const ofOthers = () =>
          Array.from({ length: partitions }, () => {
            const user_id = `bench-${randomUUID()}`;
            return batchesOf(messages.map((message) => ({ ...message, user_id })));
          });
        const spent = { client: 0, influx: 0, postgres: 0 };
        const runs = {
          async store() {
            const people = ofOthers();
            const before = await cpuOf(stack);
            const startMs = performance.now();
            await Promise.all(
              people.map(async (batches) => {
                for (const batch of batches) await stack.engines.metricStore.apply(batch);
              }),
            );
            const tookMs = performance.now() - startMs;
            const after = await cpuOf(stack);
            for (const name of ['client', 'influx', 'postgres'] as const) spent[name] += after[name] - before[name];
            return (points * 1000) / tookMs;
          },
          async client() {
            const people = ofOthers().map((batches) => batches.map((batch) => batch.flatMap(linesOf)));
            const startMs = performance.now();
            await Promise.all(
              people.map(async (batches) => {
                for (const lines of batches) await client.write(connection.bucket, lines);
              }),
            );
            return (points * 1000) / (performance.now() - startMs);
          },
        };
        const rates = await interleaved(rounds, runs);
        const each = (name: keyof typeof spent) => ((spent[name] * 1e6) / (points * rounds)).toFixed(1);
        return [
          {
            measure: 'metric points into InfluxDB, with the ledger in PostgreSQL',
            value: perSecond(rates.store),
            goal: '≥ 100,000/s',
            beside:
              `${percent(rates.store / rates.client)} of the client alone: ${perSecond(rates.client)}; ${wholeNumber(partitions * messages.length)} documents, ` +
              `${wholeNumber(points)} points a round; processor time each: ${each('client')} µs here, InfluxDB ${each('influx')} µs, PostgreSQL ${each('postgres')} µs`,
          },
        ];
      },
      { influx: true },
    ),
};
