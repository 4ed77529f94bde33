// A simulator with a hand-moved clock, a receiver for its notifications and short ways to ask it: what nearly every test here needs.
// `closeBenches` in `afterEach` ends everything a test started.

import { createServer, type Server } from 'node:http';
import { createSimulator, noTraps, type Simulator, type SimulatorOptions, type TokenAnswer } from '../simulator.ts';

export const CLIENT = { clientId: 'test-client', clientSecret: 'test-secret' };
export const NOW = Date.parse('2026-11-23T12:00:00Z');

const closers: (() => Promise<unknown>)[] = [];

export async function closeBenches(): Promise<void> {
  for (const close of closers.splice(0)) await close();
}

export interface Received {
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

export interface Receiver {
  url: string;
  received: Received[];
  /** What the next notifications are answered; 202 once it is used up. */
  answers: number[];
  /** What the challenge is answered instead of the right thing. */
  wrongChallenge: string | null;
  challenges: URLSearchParams[];
  /** Notifications are read and never answered. */
  isSilent: boolean;
  /** From now on nobody answers at `url`. */
  close(): Promise<void>;
}

const close = (server: Server): Promise<void> => {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
};

export async function openReceiver(): Promise<Receiver> {
  const receiver: Receiver = {
    url: '',
    received: [],
    answers: [],
    wrongChallenge: null,
    challenges: [],
    isSilent: false,
    close: () => close(server),
  };
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://receiver');
    if (request.method === 'GET') {
      receiver.challenges.push(url.searchParams);
      const challenge = receiver.wrongChallenge ?? url.searchParams.get('challenge');
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ challenge }));
      return;
    }
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      receiver.received.push({ headers: request.headers, body: Buffer.concat(chunks).toString('utf8') });
      if (!receiver.isSilent) response.writeHead(receiver.answers.shift() ?? 202).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  closers.push(() => close(server));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the receiver has no port');
  receiver.url = `http://127.0.0.1:${address.port}/hook`;
  return receiver;
}

export interface Listing {
  data: Record<string, unknown>[];
  next_token?: string | null;
}

export interface Bench {
  simulator: Simulator;
  ouraUserId: string;
  tokens: TokenAnswer;
  /** Moves the simulated present without letting anything happen. */
  setNow(instant: number | string): void;
  get(path: string, token?: string): Promise<Response>;
  list(path: string): Promise<Listing>;
  subscriptions(method: string, path?: string, body?: unknown): Promise<Response>;
  subscribe(receiver: Receiver, dataTypes: string[]): Promise<void>;
}

/** Without traps but those named. */
export async function openBench(options: Partial<SimulatorOptions> = {}): Promise<Bench> {
  let nowMs = NOW;
  const simulator = await createSimulator({
    seed: 11,
    users: [{ timeZone: 'Europe/Berlin' }],
    ...CLIENT,
    historyDays: 60,
    accessTokenLifetimeS: 365 * 86_400,
    now: () => new Date(nowMs),
    retryDelaysMs: Array.from({ length: 10 }, () => 0),
    ...options,
    traps: { ...noTraps, ...options.traps },
  });
  closers.push(() => simulator.stop());
  const ouraUserId = simulator.users[0]?.ouraUserId ?? '';
  const tokens = simulator.grant(ouraUserId);
  const get = (path: string, token = tokens.access_token): Promise<Response> =>
    fetch(`${simulator.url}/v2/${path.startsWith('sandbox') ? '' : 'usercollection/'}${path}`, {
      headers: { authorization: `Bearer ${token}` },
    });
  const subscriptions: Bench['subscriptions'] = (method, path = '', body = undefined) =>
    fetch(`${simulator.url}/v2/webhook/subscription${path}`, {
      method,
      headers: { 'x-client-id': CLIENT.clientId, 'x-client-secret': CLIENT.clientSecret },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  return {
    simulator,
    ouraUserId,
    tokens,
    setNow: (instant) => {
      nowMs = new Date(instant).getTime();
    },
    get,
    list: async (path) => {
      const response = await get(path);
      if (response.status !== 200) throw new Error(`${path} answered ${response.status}`);
      return (await response.json()) as Listing;
    },
    subscriptions,
    subscribe: async (receiver, dataTypes) => {
      for (const data_type of dataTypes) {
        for (const event_type of ['create', 'update', 'delete']) {
          const body = { callback_url: receiver.url, verification_token: 'secret', data_type, event_type };
          const response = await subscriptions('POST', '', body);
          if (response.status !== 201)
            throw new Error(`subscribing answered ${response.status}: ${await response.text()}`);
        }
      }
    },
  };
}
