// The engines of the stack for benchmarks: containers as the tests start them, topics and tables as `prepare` makes them, and services as processes of their
// own. Where no Docker is, the benchmark says so in its line.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getContainerRuntimeClient, type StartedTestContainer } from 'testcontainers';
import { type Engines, openEngines, prepareEngines } from '../../../services/cli/engines.ts';
import { type EngineSettings, engineSettings } from '../../../services/cli/settings.ts';
import { systemClock } from '../../../services/runtime/clock.ts';
import { readSettings } from '../../../services/runtime/settings.ts';
import { startInflux } from '../../engines/influx-container.ts';
import { startKafka } from '../../engines/kafka-container.ts';
import { startPostgres } from '../../engines/postgres-container.ts';
import type { Figure } from '../bench.ts';

export interface EngineStack {
  folder: string;
  /** What leads a service to the engines. */
  environment: Record<string, string>;
  /** The same engines, for this process. */
  engines: Engines;
  settings: EngineSettings;
  /** Processor time of an engine since its start, in seconds: what limits, also on a machine that is busy with other work. */
  cpuSeconds: Record<'kafka' | 'postgres' | 'influx', () => Promise<number>>;
}

/** Runs `work` on fresh engines and removes them; one line instead of figures where there is no Docker. */
export async function onEngines(
  what: string,
  work: (stack: EngineStack) => Promise<Figure[]>,
  { influx: wantsInflux = false } = {},
): Promise<Figure[]> {
  const missing = await getContainerRuntimeClient().then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  if (missing !== undefined) return [{ measure: what, value: 'not measured', beside: `needs Docker: ${missing}` }];
  const undo: (() => Promise<unknown>)[] = [];
  const started = async <Running extends { stop(): Promise<unknown> }>(
    starting: Promise<Running>,
  ): Promise<Running> => {
    const running = await starting;
    undo.push(() => running.stop());
    return running;
  };
  try {
    const folder = await mkdtemp(join(tmpdir(), 'oura-streaming-bench-'));
    undo.push(() => rm(folder, { recursive: true, force: true }));
    const kafka = await started(startKafka());
    const postgres = await started(startPostgres());
    const influxServer = wantsInflux ? await started(startInflux()) : undefined;
    const influx = influxServer?.connection();
    const environment = {
      KAFKA_BROKERS: (kafka.config.brokers as string[]).join(),
      DATABASE_URL: await postgres.createDatabase(),
      DATA_DIR: folder,
      ...(influx && {
        INFLUX_URL: influx.url,
        INFLUX_TOKEN: influx.token,
        INFLUX_ORG: influx.org,
        INFLUX_BUCKET: influx.bucket,
      }),
    };
    const settings = readSettings(engineSettings, environment);
    await prepareEngines(settings);
    const engines = await openEngines(settings, systemClock);
    undo.push(() => engines.close());
    const cpuSeconds = {
      kafka: () => cpuSecondsOf(kafka.container),
      postgres: () => cpuSecondsOf(postgres.container),
      influx: async () => (influxServer ? cpuSecondsOf(influxServer.container) : 0),
    };
    return await work({ folder, environment, engines, settings, cpuSeconds });
  } finally {
    for (const step of undo.toReversed()) await step();
  }
}

async function cpuSecondsOf(container: StartedTestContainer): Promise<number> {
  const { container: runtime } = await getContainerRuntimeClient();
  const stats = await runtime.getById(container.getId()).stats({ stream: false, 'one-shot': true });
  return stats.cpu_stats.cpu_usage.total_usage / 1e9;
}
