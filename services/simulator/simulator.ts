// A stand-in for the Oura cloud over HTTP: see README.md. This file is the wiring diagram: options in, one server and one
// `Simulator` out. It keeps the simulated present and turns the changes of the rings into notifications.

import { setImmediate as nextTurn } from 'node:timers/promises';
import { createAdmin } from './cloud/admin.ts';
import { allScopes, collections } from './cloud/catalogue.ts';
import { createFaultPlan, rateLimitHeaders } from './cloud/faults.ts';
import { createGrants } from './cloud/grants.ts';
import { type Answer, type ApiRequest, bare, createHttpServer, listen, type Part } from './cloud/http.ts';
import { createNotifier } from './cloud/notify.ts';
import { createOauth } from './cloud/oauth.ts';
import { createRateLimit } from './cloud/rate-limit.ts';
import { createSubscriptions } from './cloud/subscriptions.ts';
import { bearerOf, collectionIn, createUserCollection } from './cloud/user-collection.ts';
import { localDay } from './local-time.ts';
import type {
  AutoConsent,
  DeliveryRecord,
  RequestRecord,
  SimulatedUser,
  Simulator,
  SimulatorOptions,
} from './options.ts';
import { uniformOf } from './prng.ts';
import { createRecordedSource } from './recorded.ts';
import { createPerson } from './ring/person.ts';
import { createRing } from './ring/ring.ts';
import type { Change, DocumentSource } from './source.ts';
import { usualTraps } from './traps.ts';

export { oauthPaths } from './cloud/oauth.ts';
export type * from './options.ts';
export { noTraps, type TrapName, type Traps, trapCatalogue, trapNames, usualTraps } from './traps.ts';

const LOG_LENGTH = 10_000;
const STEP_MS = 2 * 86_400_000;
const MOST_PENDING = 5_000;
const retryDelaysMs = [20, 40, 80, 160, 320, 640, 1000, 1000, 1000, 1000];

async function createSources(options: SimulatorOptions, traps: Simulator['traps']): Promise<DocumentSource[]> {
  const nowMs = options.now().getTime();
  const people = options.users.map((spec, position) => createPerson(spec, options.seed, position));
  const [first] = people;
  if (first === undefined) throw new Error('the simulator needs at least one user: users is empty');
  if (options.recordedFolder !== undefined) return [await createRecordedSource(options.recordedFolder, first)];
  const liveliness = options.liveliness ?? 1;
  const liveFrom = options.liveFrom ?? (liveliness > 1 ? options.now() : null);
  return people.map((person) => {
    const liveFromDay = liveFrom === null ? Number.POSITIVE_INFINITY : localDay(person.timeZone, liveFrom.getTime());
    const firstDay = localDay(person.timeZone, nowMs) - options.historyDays;
    return createRing({ seed: options.seed, person, traps, liveliness, liveFromDay }, firstDay);
  });
}

const consentOf = (setting: SimulatorOptions['autoConsent']): AutoConsent | null => {
  if (setting === true) return {};
  return setting === undefined || setting === false ? null : setting;
};

function keepLast<T>(log: T[], entry: T): void {
  log.push(entry);
  if (log.length > LOG_LENGTH) log.splice(0, LOG_LENGTH / 10);
}

export async function createSimulator(options: SimulatorOptions): Promise<Simulator> {
  const traps = { ...usualTraps, ...options.traps };
  const all = await createSources(options, traps);
  const sources = new Map(all.map((source) => [source.personalInfo.id, source]));
  const users: SimulatedUser[] = all.map(({ personalInfo, timeZone }) => ({
    ouraUserId: personalInfo.id,
    email: personalInfo.email ?? '',
    timeZone,
  }));
  const requests: RequestRecord[] = [];
  const deliveries: DeliveryRecord[] = [];
  const tooEarly = new Set<string>();
  let movedMs = options.now().getTime();
  let emittedMs = movedMs;
  let advancing: Promise<unknown> = Promise.resolve();
  let url = '';
  const presentMs = (): number => Math.max(options.now().getTime(), movedMs);

  const { seed, clientId, clientSecret } = options;
  const faults = createFaultPlan();
  const rateLimit = createRateLimit(options.rateLimit ?? null);
  const accessTokenLifetimeS = options.accessTokenLifetimeS ?? 86_400;
  const grants = createGrants({ seed, clientSecret, traps, accessTokenLifetimeS, presentMs });
  const subscriptions = createSubscriptions({ seed, clientId, clientSecret, traps, presentMs });
  const notifier = createNotifier({
    clientSecret,
    traps,
    subscriptions,
    presentMs,
    retryDelaysMs: options.retryDelaysMs ?? retryDelaysMs,
    timeoutMs: options.deliveryTimeoutMs ?? 10_000,
    record: (delivery) => keepLast(deliveries, delivery),
  });

  function emit(changes: readonly Change[]): void {
    const connected = grants.connected();
    const heard = changes.filter(({ ouraUserId, resource, isSilent }) => {
      const scopes = connected.get(ouraUserId);
      return (
        scopes !== undefined && !isSilent && (traps.notifyOutsideScopes || scopes.has(collections[resource].scope))
      );
    });
    for (const { ouraUserId, resource, id, operation, atMs } of heard) {
      const isEarly = traps.notFoundAfterNotification && operation !== 'delete' && uniformOf('early', id, atMs) < 0.08;
      if (isEarly && tooEarly.size < LOG_LENGTH) tooEarly.add(`${ouraUserId}|${resource}|${id}`);
    }
    notifier.send(
      heard.map(({ ouraUserId, resource, id, operation, atMs }) => ({
        ouraUserId,
        dataType: collections[resource].dataType,
        eventType: operation,
        objectId: id,
        eventTime: new Date(atMs),
      })),
    );
  }

  /** In steps, so that a year neither blocks the process nor piles up in memory. */
  async function advance(toMs: number): Promise<number> {
    let count = 0;
    while (emittedMs < toMs) {
      const untilMs = Math.min(toMs, emittedMs + STEP_MS);
      const changes = all.flatMap((source) => source.changes(emittedMs, untilMs));
      changes.sort((a, b) => a.atMs - b.atMs || (a.id < b.id ? -1 : 1));
      movedMs = Math.max(movedMs, untilMs);
      emittedMs = untilMs;
      emit(changes);
      count += changes.length;
      if (emittedMs < toMs) await nextTurn();
      if (notifier.pending() > MOST_PENDING) await notifier.settle();
    }
    movedMs = Math.max(movedMs, toMs);
    return count;
  }

  const oauth = createOauth({
    clientId,
    clientSecret,
    traps,
    users,
    grants,
    autoConsent: consentOf(options.autoConsent),
    redirectUris: options.redirectUris ?? null,
    url: () => url,
  });
  const collection = createUserCollection({
    traps,
    grants,
    sources,
    presentMs,
    pageSize: { documents: options.pageSize?.documents ?? 50, rows: options.pageSize?.rows ?? 2000 },
    isNotThereYet: (ouraUserId, resource, id) => tooEarly.delete(`${ouraUserId}|${resource}|${id}`),
  });
  const admin = createAdmin(
    () => simulator,
    () => ({
      subscriptions: subscriptions.count(),
      connected: [...grants.connected().keys()],
      pendingDeliveries: notifier.pending(),
      pendingFaults: faults.pending(),
    }),
  );
  const parts: Part[] = [oauth, subscriptions.part, collection];

  async function route(request: ApiRequest, ouraUserId: string | null): Promise<Answer | null> {
    const fault = faults.take({
      method: request.method,
      path: request.path,
      resource: collectionIn(request.path),
      ouraUserId,
    });
    if (fault !== null) {
      if (fault.delayMs > 0) await new Promise((resolve) => setTimeout(resolve, fault.delayMs));
      if (fault.hangUp) return null;
      const rate = fault.status === 429 ? rateLimitHeaders(presentMs()) : {};
      if (fault.status !== undefined) return { ...bare(fault.status, { ...rate, ...fault.headers }), html: fault.body };
    }
    const limited =
      collectionIn(request.path) === null ? null : rateLimit.check(request.headers.authorization ?? '', presentMs());
    if (limited !== null) return limited;
    for (const part of parts) {
      const answer = await part(request);
      if (answer !== null) return answer;
    }
    return bare(404);
  }

  const server = createHttpServer(async (request) => {
    const administered = await admin(request);
    if (administered !== null) return administered;
    const ouraUserId = bearerOf(grants, request)?.ouraUserId ?? null;
    const at = new Date(presentMs());
    const answer = await route(request, ouraUserId);
    const { method, path, query } = request;
    keepLast(requests, { at, method, path, query: query.toString(), status: answer?.status ?? 0, ouraUserId });
    return answer;
  });
  const host = options.host ?? '127.0.0.1';
  const port = await listen(server, options.port ?? 0, host);
  url = `http://${host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host}:${port}`;

  const simulator: Simulator = {
    url,
    users,
    traps,
    present: () => new Date(presentMs()),
    advance: (to) => {
      const next = advancing.then(() => advance(to.getTime()));
      advancing = next.catch(() => undefined);
      return next;
    },
    failNext: (fault) => faults.add(fault),
    notify: (notification) => notifier.send([notification]),
    grant: (ouraUserId, scopes) => {
      if (!sources.has(ouraUserId))
        throw new Error(`no simulated person has the id ${ouraUserId}; known: ${[...sources.keys()].join(', ')}`);
      return grants.grant(ouraUserId, scopes ?? [...allScopes]);
    },
    occurrences: (trap, ouraUserId) => sources.get(ouraUserId)?.occurrences(trap, presentMs()) ?? [],
    requests,
    deliveries,
    settle: () => notifier.settle(),
    stop: () => {
      notifier.stop();
      server.closeAllConnections();
      return new Promise((resolve, reject) =>
        server.close((error) => (error === undefined ? resolve() : reject(error))),
      );
    },
  };
  return simulator;
}
