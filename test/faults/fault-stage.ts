// The stage of the fault tests: engines, every service of the pipeline as a process of its own, a simulated cloud, a Slack-shaped endpoint, an open
// page per person, and the oracle outside.
// A test makes a fault under load and then asks for the judgement, which waits for everything to heal by itself and looks at everything.
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectRing } from '../../services/cli/connect-ring.ts';
import { simulatedCloud } from '../../services/cli/demo.ts';
import { openEngines, prepareEngines } from '../../services/cli/engines.ts';
import { engineSettings } from '../../services/cli/settings.ts';
import { systemClock } from '../../services/runtime/clock.ts';
import type { MessageLog } from '../../services/runtime/log/message-log.ts';
import { readSettings } from '../../services/runtime/settings.ts';
import { random as randomOf } from '../../services/simulator/prng.ts';
import { freePort } from '../browser/free-port.ts';
import { checkPromises } from '../support/oracle-checks.ts';
import { createOracleEvents, type OracleEvents } from '../support/oracle-events.ts';
import { createLoad } from '../support/oracle-load.ts';
import { checkPages, type OraclePage, openPage } from '../support/oracle-page.ts';
import { clientId, clientSecret, createWearers } from '../support/oracle-wearers.ts';
import { untilSettled } from '../support/server-settled.ts';
import { openSlackEndpoint } from '../support/slack-endpoint.ts';
import { type FaultEngines, startFaultEngines } from './fault-engines.ts';
import { type SupervisedService, superviseService } from './supervised-service.ts';

export const pipeline = ['ingest', 'archive', 'normalize', 'alert'] as const;
export type PipelineService = (typeof pipeline)[number];

export interface FaultStage {
  engines: FaultEngines;
  services: Record<PipelineService, SupervisedService>;
  live: SupervisedService;
  log: MessageLog;
  /** One open page per person. */
  pages: readonly OraclePage[];
  /** One more of that service, not started yet. */
  replica(service: PipelineService): Promise<SupervisedService>;
  events: OracleEvents;
  /** Notifications come until `fault` has resolved. */
  underLoad(fault: () => Promise<void>): Promise<void>;
  /** What is wrong when all has healed, or what did not heal; empty when every promise held. Else the services' last words are printed. */
  judgement(): Promise<string[]>;
  stop(): Promise<void>;
}

const people = 3;
const historyDays = 13;
/** So that some of it is left when the last alert is to be struck. */
const alerting = 0.08;
const daysAgo = 12;
const paceMs = 60;
const clockStepMs = 20 * 60_000;
const healMs = 150_000;
const showMs = 30_000;
const lookEveryMs = 200;

/** Nothing that was opened stays when the stage cannot be set up. */
export async function startFaultStage(seed: number): Promise<FaultStage> {
  const undo: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    const ends: PromiseSettledResult<unknown>[] = [];
    for (const step of undo.splice(0).toReversed()) ends.push(...(await Promise.allSettled([step()])));
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
  };
  try {
    return await setUp(seed, undo, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function setUp(seed: number, undo: (() => Promise<unknown>)[], stop: () => Promise<void>): Promise<FaultStage> {
  const random = randomOf('faults', seed);
  const folder = await mkdtemp(join(tmpdir(), 'oura-streaming-faults-'));
  undo.push(() => rm(folder, { recursive: true, force: true }));
  const engines = await startFaultEngines();
  undo.push(() => engines.stop());
  const wearers = await createWearers({ seed, people, days: historyDays, daysAgo });
  undo.push(() => wearers.stop());
  const slack = await openSlackEndpoint();
  undo.push(() => slack.close());
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
    NODE_COMPILE_CACHE: join(folder, 'compiled'),
  };
  const settings = readSettings(engineSettings, environment);
  await prepareEngines(settings);
  const opened = await openEngines(settings, systemClock);
  undo.push(() => opened.close());

  const supervised = (service: PipelineService | 'live', name?: string) =>
    superviseService(service, { folder, environment, ...(name && { name }) });
  const live = await supervised('live');
  const services = {
    ingest: await supervised('ingest'),
    archive: await supervised('archive'),
    normalize: await supervised('normalize'),
    alert: await supervised('alert'),
  };
  const consumers = pipeline.map((name) => services[name]);
  const everyProcess = [live, ...consumers];
  undo.push(() => Promise.all(everyProcess.map((service) => service.end())));
  for (const service of everyProcess) service.start();
  for (const service of everyProcess) await service.process().answers(`${service.url}/readyz`);
  const pages: OraclePage[] = [];
  undo.push(async () => {
    for (const page of pages) page.close();
  });
  for (const [index, ouraUserId] of wearers.ouraUserIds.entries()) {
    const name = `wearer ${index}`;
    const signal = AbortSignal.timeout(30_000);
    await connectRing({ apiUrl: services.ingest.url, password: undefined, name, ouraUserId, signal });
    pages.push(openPage({ url: live.url, user: name, ouraUserId }));
  }

  const events = createOracleEvents(() => `http://127.0.0.1:${publicPort}/webhooks/oura`);
  const load = await createLoad({ events, wearers, random });
  const settling = { urls: consumers.map(({ url }) => url), state: opened.state };
  const shownOnPages = async (): Promise<string[]> => {
    for (const endMs = Date.now() + showMs; ; await systemClock.wait(lookEveryMs)) {
      const problems = checkPages(pages, events.all());
      if (problems.length === 0 || Date.now() > endMs) return problems;
    }
  };
  const judge = async (): Promise<string[]> => {
    const beganMs = Date.now();
    await load.tellDeleted();
    await untilSettled(settling, healMs);
    const healedMs = Date.now();
    // Also the proof that a fresh event passes.
    await load.tellMoved();
    await untilSettled(settling, healMs);
    const settledMs = Date.now();
    const facts = { events: events.all(), known: load.named(), slackBodies: slack.taken() };
    const problems = [...(await checkPromises(opened, facts)), ...(await shownOnPages())];
    const took = [healedMs - beganMs, settledMs - healedMs, Date.now() - settledMs].map((ms) => ms / 1000);
    const [healing, fresh, checking] = took;
    console.info(
      `healed in ${healing} s, fresh events in ${fresh} s, ${facts.events.length} events checked in ${checking} s`,
    );
    return problems;
  };

  return {
    engines,
    services,
    live,
    log: opened.log,
    pages,
    events,
    async replica(service) {
      const made = await supervised(service, `${service} ${everyProcess.length}`);
      everyProcess.push(made);
      return made;
    },
    async underLoad(fault) {
      let isOver = false;
      const loaded = load.run({ isOver: () => isOver, alerting, paceMs });
      try {
        await fault();
      } finally {
        isOver = true;
        await loaded;
        wearers.moveClock(clockStepMs);
      }
    },
    async judgement() {
      const problems = await judge().catch((error: unknown) => [String(error)]);
      if (problems.length > 0)
        for (const { name, process } of everyProcess) console.error(`${name} said:\n${process().said()}`);
      return problems;
    },
    stop,
  };
}
