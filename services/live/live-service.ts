// The live service: the page, the reading API, and the WebSocket bridge between the log and open pages. It owns no table and commits no offset.
// Wiring only.
import type { Server } from 'node:http';
import { Router } from 'express';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { Clock } from '../runtime/clock.ts';
import type { MessageLog } from '../runtime/log/message-log.ts';
import type { Logger } from '../runtime/logger.ts';
import type { HealthReport, Service } from '../runtime/service.ts';
import { listOpenAlerts } from '../storage/alerts.ts';
import { listEvents } from '../storage/archived-events.ts';
import { findGrantSummary } from '../storage/grants.ts';
import type { MetricStore } from '../storage/metric-store/metric-store.ts';
import { findPerson, findPersonById, listPeople } from '../storage/people.ts';
import type { StateDatabase, StoreDatabase } from '../storage/tables.ts';
import { apiRouter } from './http/api-router.ts';
import { eventsRoutes } from './http/events-routes.ts';
import { alertCommands, type ForwardTarget, forwardRouter, ingestCommands } from './http/forward.ts';
import { loadPageAssets } from './http/page-assets.ts';
import { pageRouter } from './http/page-router.ts';
import type { LiveSettings } from './settings.ts';
import { attachWebSocket } from './socket/attach-web-socket.ts';
import { createLiveHub } from './socket/live-hub.ts';
import type { PageFacts } from './socket/page-message.ts';
import type { Today } from './today/model.ts';
import { connectionOf, shownAlerts } from './today/person-facts.ts';
import { readToday } from './today/read-today.ts';

export interface LiveParts {
  settings: LiveSettings;
  log: MessageLog;
  store: StoreDatabase;
  state: StateDatabase;
  metricStore: MetricStore;
  clock: Clock;
  logger: Logger;
  registry: Registry;
  version: string;
  /** Said at the top of every page, with the names of settings they speak of. */
  notices: PageFacts['notices'];
  /** Whether `POST /api/v1/connect` can begin a connection. */
  canConnect: boolean;
  /** As for the main listener. */
  password: string | undefined;
  allowedHosts: readonly string[];
}

export interface Live extends Service {
  readonly router: Router;
  attachWebSocket(server: Server): void;
  /** To be called before that server stops, which else waits for its open pages. */
  closePages(): void;
}

export async function createLive(parts: LiveParts): Promise<Live> {
  const { settings, log, store, state, metricStore, clock, logger, registry } = parts;
  const measures = createLiveMetrics(registry);
  let lost: string | undefined;

  async function readPerson(user: string): Promise<Today | null> {
    const person = await findPersonById(state.read, user);
    if (!person) return null;
    const nowMs = clock.now();
    const [alerts, grant] = await Promise.all([listOpenAlerts(state.read, user), findGrantSummary(state.read, user)]);
    return readToday({
      store: metricStore,
      user,
      name: person.name,
      nowMs,
      alerts: shownAlerts(alerts, nowMs),
      connection: connectionOf(grant),
    });
  }

  const onFailure = (error: unknown) => logger.warn({ err: error }, 'a page could not be brought up to date');

  const hub = createLiveHub({
    log,
    clock,
    readToday: readPerson,
    async readFacts() {
      const people = await listPeople(state.read);
      return {
        people: people.map(({ userId, name }) => ({ user: userId, name })),
        notices: parts.notices,
        can_connect: parts.canConnect,
      };
    },
    onFailure,
    onLost(error) {
      lost = `the live feed stopped: ${error.message}; restart the service`;
      logger.error({ err: error }, 'the live feed stopped');
    },
    onSent: (type) => measures.sent.inc({ type }),
    onEvent: (kind, ageMs) => measures.age.observe({ kind }, ageMs / 1000),
  });
  measures.observePages(() => hub.pages());

  const router = Router();
  router.use(pageRouter(await loadPageAssets(parts.notices)));
  router.use(
    apiRouter(
      {
        metricStore,
        clock,
        version: parts.version,
        findPerson: (meant) => findPerson(state.read, meant),
        readToday: readPerson,
      },
      eventsRoutes({
        findPerson: (meant) => findPerson(state.read, meant),
        listEvents: (query) => listEvents(store.read, query),
      }),
    ),
  );
  router.use(forwardRouter(targetsOf(settings)));

  return {
    name: 'live',
    router,
    start: () => hub.start(),
    stop: () => hub.stop(),
    closePages: () => hub.closePages(),
    health: (): HealthReport => ({
      alive: lost === undefined,
      ready: lost === undefined,
      problems: lost ? [lost] : [],
    }),
    attachWebSocket: (server) =>
      attachWebSocket(server, {
        hub,
        clock,
        admission: {
          password: parts.password,
          allowedHosts: parts.allowedHosts,
          maxPages: settings.LIVE_MAX_PAGES,
        },
        findUser: async (idOrName) => (await findPerson(state.read, idOrName))?.userId ?? null,
        onSlow: () => measures.slow.inc(),
        onFailure,
      }),
  };
}

const targetsOf = ({ INGEST_URL, ALERT_URL }: LiveSettings): ForwardTarget[] => [
  ...(INGEST_URL ? [{ url: INGEST_URL, routes: ingestCommands }] : []),
  ...(ALERT_URL ? [{ url: ALERT_URL, routes: alertCommands }] : []),
];

function createLiveMetrics(registry: Registry) {
  const registers = [registry];
  return {
    sent: new Counter({
      name: 'oura_live_messages_total',
      help: 'Messages to open pages',
      labelNames: ['type'],
      registers,
    }),
    slow: new Counter({
      name: 'oura_live_slow_pages_total',
      help: 'Times a page fell behind and missed deltas',
      registers,
    }),
    age: new Histogram({
      name: 'oura_live_event_age_seconds',
      help: 'Age of a record when the live feed took it',
      labelNames: ['kind'],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
      registers,
    }),
    observePages(count: () => number) {
      new Gauge({
        name: 'oura_live_pages',
        help: 'Open pages',
        registers,
        collect() {
          this.set(count());
        },
      });
    },
  };
}
