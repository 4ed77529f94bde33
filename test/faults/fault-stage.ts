// The stage of the fault tests: engines, every service of the pipeline as a process of its own, a simulated cloud, a Slack-shaped endpoint, and the oracle outside.
// A test makes a fault under load and then asks for the judgement, which waits for everything to heal by itself and looks at everything.
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectRing } from '../../services/cli/connect-ring.ts';
import { simulatedCloud } from '../../services/cli/demo.ts';
import { type Engines, openEngines, prepareEngines } from '../../services/cli/engines.ts';
import { engineSettings } from '../../services/cli/settings.ts';
import { systemClock } from '../../services/runtime/clock.ts';
import { readSettings } from '../../services/runtime/settings.ts';
import { random as randomOf } from '../../services/simulator/prng.ts';
import { freePort } from '../browser/free-port.ts';
import { checkPromises } from '../support/oracle-checks.ts';
import { createOracleEvents, type OracleEvents } from '../support/oracle-events.ts';
import { createLoad, type Load } from '../support/oracle-load.ts';
import { clientId, clientSecret, createWearers } from '../support/oracle-wearers.ts';
import { killServers } from '../support/server-process.ts';
import { untilSettled } from '../support/server-settled.ts';
import { openSlackEndpoint } from '../support/slack-endpoint.ts';
import { type FaultEngines, startFaultEngines } from './fault-engines.ts';
import { type SupervisedService, superviseService } from './supervised-service.ts';

export const pipeline = ['ingest', 'archive', 'normalize', 'alert'] as const;
export type PipelineService = (typeof pipeline)[number];

export interface FaultStage {
  engines: FaultEngines;
  services: Record<PipelineService, SupervisedService>;
  /** One more of that service, not started yet. */
  replica(service: PipelineService): Promise<SupervisedService>;
  events: OracleEvents;
  /** Notifications come until `fault` has resolved. */
  underLoad(fault: () => Promise<void>): Promise<void>;
  /** What is wrong when all has healed; empty when every promise held. */
  judgement(): Promise<string[]>;
  stop(): Promise<void>;
}

const people = 4;
const historyDays = 17;
const daysAgo = 12;
const paceMs = 60;
const clockStepMs = 20 * 60_000;
const healMs = 150_000;

export async function startFaultStage(seed: number): Promise<FaultStage> {
  const random = randomOf('faults', seed);
  const folder = await mkdtemp(join(tmpdir(), 'oura-streaming-faults-'));
  const engines = await startFaultEngines();
  const wearers = await createWearers({ seed, people, days: historyDays, daysAgo });
  const slack = await openSlackEndpoint();
  const publicPort = await freePort();
  const environment = {
    ...engines.environment,
    ...simulatedCloud(wearers.simulator.url),
    DATA_DIR: join(folder, 'data'),
    PUBLIC_PORT: String(publicPort),
    OURA_CLIENT_ID: clientId,
    OURA_CLIENT_SECRET: clientSecret,
    SECRETS_KEY: randomBytes(32).toString('hex'),
    HISTORY_DAYS: '0',
    SLACK_WEBHOOK_URL: slack.url,
    ALERT_RULES_FILE: join(import.meta.dirname, '../support/alert-rules.json'),
    ALERT_MAX_AGE_HOURS: '720',
    LOG_LEVEL: 'warn',
  };
  const settings = readSettings(engineSettings, environment);
  await prepareEngines(settings);
  const opened: Engines = await openEngines(settings, systemClock);

  const supervised = (service: PipelineService, name?: string) =>
    superviseService(service, { folder, environment, ...(name && { name }) });
  const services = {
    ingest: await supervised('ingest'),
    archive: await supervised('archive'),
    normalize: await supervised('normalize'),
    alert: await supervised('alert'),
  };
  const running = pipeline.map((name) => services[name]);
  const everyProcess = [...running];
  for (const service of running) service.start();
  for (const service of running) await service.process().answers(`${service.url}/readyz`);
  for (const [index, ouraUserId] of wearers.ouraUserIds.entries())
    await connectRing({
      apiUrl: services.ingest.url,
      password: undefined,
      name: `wearer ${index}`,
      ouraUserId,
      signal: AbortSignal.timeout(30_000),
    });

  const events = createOracleEvents(() => `http://127.0.0.1:${publicPort}/webhooks/oura`);
  const load: Load = await createLoad({ events, wearers, random });
  const settling = { urls: running.map(({ url }) => url), state: opened.state };

  return {
    engines,
    services,
    events,
    async replica(service) {
      const made = await supervised(service, `${service} ${everyProcess.length}`);
      everyProcess.push(made);
      return made;
    },
    async underLoad(fault) {
      let isOver = false;
      const loaded = load.run({ isOver: () => isOver, isAlerting: true, paceMs });
      try {
        await fault();
      } finally {
        isOver = true;
        await loaded;
        wearers.moveClock(clockStepMs);
      }
    },
    async judgement() {
      await untilSettled(settling, healMs);
      // Also the proof that a fresh event passes.
      await load.tellMoved();
      await untilSettled(settling, healMs);
      return checkPromises(opened, { events: events.all(), known: load.named(), slackBodies: slack.taken() });
    },
    async stop() {
      await Promise.all(everyProcess.map((service) => service.stop()));
      await killServers();
      await opened.close();
      await slack.close();
      await wearers.stop();
      await engines.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
