// The numbers every consumer gives to Prometheus, labelled by consumer, topic and partition, never by person. Several consumers of one
// process share a registry, so the metrics are made once per registry. Lag is measured when it is asked for.
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

export interface PartitionLag {
  consumer: string;
  topic: string;
  partition: number;
  messages: number;
  /** How long the oldest message that waits has been waiting; 0 when none waits. */
  seconds: number;
}

export interface ConsumerMetrics {
  handled: Counter<'consumer' | 'topic' | 'outcome' | 'reason'>;
  latency: Histogram<'consumer'>;
  batchRecords: Histogram<'consumer'>;
  retries: Counter<'consumer' | 'reason'>;
  /** Each running consumer adds a way to measure its lag. */
  lagSources: Set<() => Promise<PartitionLag[]>>;
}

const madeFor = new WeakMap<Registry, ConsumerMetrics>();

export function consumerMetrics(registry: Registry): ConsumerMetrics {
  const existing = madeFor.get(registry);
  if (existing) return existing;
  const metrics = create(registry);
  madeFor.set(registry, metrics);
  return metrics;
}

function create(registry: Registry): ConsumerMetrics {
  const registers = [registry];
  const lagSources = new Set<() => Promise<PartitionLag[]>>();
  const measure = sharedMeasurement(lagSources);
  const lagGauge = (name: string, help: string, measured: (lag: PartitionLag) => number) =>
    new Gauge({
      name,
      help,
      labelNames: ['consumer', 'topic', 'partition'] as const,
      registers,
      async collect() {
        const lags = await measure();
        this.reset();
        for (const lag of lags) {
          const { consumer, topic, partition } = lag;
          this.set({ consumer, topic, partition: String(partition) }, measured(lag));
        }
      },
    });
  lagGauge(
    'oura_consumer_lag_messages',
    'Messages in the log that the consumer has not handled yet.',
    ({ messages }) => messages,
  );
  lagGauge(
    'oura_consumer_lag_seconds',
    'How long the oldest message that is not handled yet has been waiting.',
    ({ seconds }) => seconds,
  );
  return {
    lagSources,
    handled: new Counter({
      name: 'oura_consumer_messages_total',
      help: 'Messages handled, by how they ended.',
      labelNames: ['consumer', 'topic', 'outcome', 'reason'],
      registers,
    }),
    retries: new Counter({
      name: 'oura_consumer_retries_total',
      help: 'Times a partition was paused to try again later.',
      labelNames: ['consumer', 'reason'],
      registers,
    }),
    latency: new Histogram({
      name: 'oura_consumer_latency_seconds',
      help: 'From the append to the log until what it changed was durable.',
      labelNames: ['consumer'],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 3600],
      registers,
    }),
    batchRecords: new Histogram({
      name: 'oura_consumer_batch_records',
      help: 'Messages of one transaction.',
      labelNames: ['consumer'],
      buckets: [1, 2, 5, 10, 25, 50, 100, 250, 500, 1000],
      registers,
    }),
  };
}

/** One measurement for all gauges of a scrape. A log that is down has no lag to tell; the other numbers are still wanted then. */
function sharedMeasurement(sources: ReadonlySet<() => Promise<PartitionLag[]>>): () => Promise<PartitionLag[]> {
  let underWay: Promise<PartitionLag[]> | undefined;
  const measure = async () => {
    const lags = await Promise.allSettled([...sources].map((source) => source()));
    underWay = undefined;
    return lags.flatMap((lag) => (lag.status === 'fulfilled' ? lag.value : []));
  };
  return () => {
    underWay ??= measure();
    return underWay;
  };
}
