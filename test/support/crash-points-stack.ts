// As crash-points.ts, for a service of the stack: kills the process with SIGKILL immediately before or after a commit to PostgreSQL or an append to Kafka. "After"
// is when the answer has come and the service does not know it yet. Descriptions: `postgres archived_notifications consumer_offsets[archive]`,
// `kafka oura.documents.v1`.
import { Kafka, type Producer, type ProducerConfig } from 'kafkajs';
import pg from 'pg';
import { strikeAround, writtenBy } from './crash-strike.ts';

const written = new WeakMap<object, Set<string>>();
const { query } = pg.Client.prototype;

async function commit(client: pg.Client, args: unknown[]): Promise<unknown> {
  const words = [...(written.get(client) ?? [])].sort();
  written.delete(client);
  const struck = strikeAround(['postgres', ...words].join(' '));
  const result: unknown = await Reflect.apply(query, client, args);
  struck();
  return result;
}

pg.Client.prototype.query = function (this: pg.Client, ...args: unknown[]) {
  const [sql, values] = args;
  if (typeof sql !== 'string') return Reflect.apply(query, this, args);
  if (/^\s*begin\b/i.test(sql)) written.delete(this);
  if (/^\s*commit\b/i.test(sql)) return commit(this, args);
  const word = writtenBy(sql, Array.isArray(values) ? values : []);
  if (word) written.set(this, (written.get(this) ?? new Set()).add(word));
  return Reflect.apply(query, this, args);
} as typeof query;

const { producer } = Kafka.prototype;
Kafka.prototype.producer = function (config?: ProducerConfig): Producer {
  const made = producer.call(this, config);
  return {
    ...made,
    async sendBatch(batch) {
      const struck = strikeAround(['kafka', ...(batch.topicMessages ?? []).map(({ topic }) => topic)].join(' '));
      const metadata = await made.sendBatch(batch);
      struck();
      return metadata;
    },
  };
};
