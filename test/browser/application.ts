// The whole application in this process with a simulated Oura cloud behind it, for tests in a real browser. Both share one clock that goes on
// by itself from a fixed morning and can be moved ahead; rings connect by OAuth as real ones do, webhooks are signed and delivered by the cloud.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { type Application, startApplication } from '../../services/cli/application.ts';
import { connectRing } from '../../services/cli/connect-ring.ts';
import { simulatedCloud } from '../../services/cli/demo.ts';
import { type TidyRow, tidyRow } from '../../services/export/tidy.ts';
import { systemClock } from '../../services/runtime/clock.ts';
import { createLogger } from '../../services/runtime/logger.ts';
import { createSimulator, type Simulator } from '../../services/simulator/simulator.ts';
import { listPeople } from '../../services/storage/people.ts';
import { untilSettled } from '../support/server-settled.ts';
import { freePort } from './free-port.ts';

export interface Stage {
  application: Application;
  simulator: Simulator;
  url: string;
  nowMs(): number;
  /** Moves the clock ahead and lets the cloud send what became due. */
  advance(ms: number): Promise<void>;
  /** Connects the simulated person of that position under a name and waits until the recent days are here. */
  connect(position: number, name: string): Promise<void>;
  /** The tidy export of a person, as rows. */
  tidy(name: string): Promise<TidyRow[]>;
  stop(): Promise<void>;
}

const clientId = 'browser-test';
const clientSecret = 'secret-of-the-browser-test';
/** A Monday, 10:00 in Berlin. */
const startMs = Date.parse('2026-11-23T09:00:00Z');
const historyDays = 45;

export async function startStage({
  notices = [],
}: {
  notices?: { text: string; variables: string[] }[];
} = {}): Promise<Stage> {
  const realStartMs = Date.now();
  let aheadMs = 0;
  const nowMs = () => startMs + aheadMs + Date.now() - realStartMs;
  const folder = await mkdtemp(join(tmpdir(), 'oura-streaming-browser-'));
  const simulator = await createSimulator({
    seed: 7,
    users: [{ timeZone: 'Europe/Berlin' }, { timeZone: 'America/New_York' }],
    clientId,
    clientSecret,
    historyDays,
    now: () => new Date(nowMs()),
    liveFrom: new Date(startMs - 3 * 86_400_000),
    // Kept out so that the same minute of the same day shows the same things.
    traps: { notFoundAfterNotification: false, emptyResources: false, flights: false, inProgressNights: false },
  });
  const publicPort = await freePort();
  const application = await startApplication({
    environment: {
      ...simulatedCloud(simulator.url),
      DATA_DIR: folder,
      HTTP_PORT: '0',
      PUBLIC_PORT: String(publicPort),
      PUBLIC_URL: `http://localhost:${publicPort}`,
      OURA_CLIENT_ID: clientId,
      OURA_CLIENT_SECRET: clientSecret,
      HISTORY_DAYS: String(historyDays),
    },
    notices,
    clock: { ...systemClock, now: nowMs },
    logger: createLogger({ level: 'silent', name: 'browser-test' }),
  });
  const { url } = application;

  async function personId(name: string): Promise<string> {
    const person = (await listPeople(application.engines.state.read)).find((known) => known.name === name);
    if (!person) throw new Error(`nobody here is called ${name}`);
    return person.userId;
  }

  async function tidy(name: string): Promise<TidyRow[]> {
    const rows: TidyRow[] = [];
    for await (const point of application.engines.metricStore.query({ user: await personId(name) }))
      rows.push(tidyRow(point));
    return rows;
  }

  return {
    application,
    simulator,
    url,
    nowMs,
    async advance(ms) {
      aheadMs += ms;
      await simulator.advance(new Date(nowMs()));
      await simulator.settle();
    },
    async connect(position, name) {
      const wearer = simulator.users[position];
      if (!wearer) throw new Error(`the simulator has no person ${position}`);
      const { ouraUserId } = wearer;
      await connectRing({ apiUrl: url, password: undefined, name, ouraUserId, signal: AbortSignal.timeout(60_000) });
      await untilLoaded(application, name);
    },
    tidy,
    async stop() {
      await application.stop();
      await simulator.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const lookEveryMs = 400;

/** All of the history was asked for, and everything that came is measured. */
async function untilLoaded({ url, engines }: Application, name: string): Promise<void> {
  const isAskedFor = async () => {
    const people = peopleAnswer.parse(await (await fetch(`${url}/api/v1/people`)).json());
    const resources = people.find((person) => person.name === name)?.resources ?? [];
    return resources.length > 0 && resources.every(({ history_done: isDone }) => isDone);
  };
  while (!(await isAskedFor())) await systemClock.wait(lookEveryMs);
  await untilSettled({ urls: [url], state: engines.state });
}

const peopleAnswer = z.array(
  z.looseObject({ name: z.string(), resources: z.array(z.looseObject({ history_done: z.boolean() })) }),
);
