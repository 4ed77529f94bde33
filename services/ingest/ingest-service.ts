// The ingest service: everything between Oura's cloud and the log. Wiring only; it reads top to bottom as the road of a notification: webhook, log,
// consumer, fetch job, document; beside it the polls. What Oura reaches is `publicHandler`, commands of the page are `commands`.
import { Router } from 'express';
import type { Registry } from 'prom-client';
import type { Clock } from '../runtime/clock.ts';
import { type RunningConsumer, runConsumer } from '../runtime/consumer/run-consumer.ts';
import type { MessageLog } from '../runtime/log/message-log.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Secrets } from '../runtime/secrets.ts';
import type { Service } from '../runtime/service.ts';
import { loadOffset, moveOffset } from '../storage/consumer-offsets.ts';
import { createEraser } from '../storage/erasure/eraser.ts';
import { createTraces } from '../storage/erasure/traces.ts';
import { withoutErased } from '../storage/erasure/without-erased.ts';
import { endErasure, welcomeAgain } from '../storage/erasures.ts';
import { forgetHandled } from '../storage/handled-notifications.ts';
import type { Lease } from '../storage/lease-keeper.ts';
import type { StateDatabase, StoreDatabase } from '../storage/tables.ts';
import { createIngestCommands } from './commands.ts';
import { createEraseRouter } from './erase/erase-router.ts';
import { ingestErasePart } from './erase/ingest-erase-part.ts';
import { createJobRunner } from './fetch-jobs/job-runner.ts';
import { createNotificationConsumer } from './fetch-jobs/notification-consumer.ts';
import { createImportRouter } from './import/import-router.ts';
import { createIngestMetrics } from './ingest-metrics.ts';
import { createCloud } from './oauth/cloud.ts';
import { createConnectionRouter } from './oauth/connection-router.ts';
import { createConnectRouter } from './oauth/public-router.ts';
import type { Fetch } from './oura-client/http-exchange.ts';
import { createPollRunner } from './polls/poll-runner.ts';
import { createPublicHandler } from './public-handler.ts';
import type { IngestSettings } from './settings.ts';
import { callbackUrlOf, createSubscriptionKeeper } from './subscriptions/subscription-keeper.ts';
import { isVerificationToken } from './subscriptions/verification-token.ts';
import { createUpkeep } from './upkeep.ts';
import { createOutboxPublisher } from './versions/outbox-publisher.ts';
import type { VersionParts } from './versions/record-documents.ts';
import { createPersonLookup } from './webhook/person-lookup.ts';
import { createWebhookListener, type RequestHandler, webhookPath } from './webhook/webhook-listener.ts';

export interface IngestParts {
  settings: IngestSettings;
  log: MessageLog;
  state: StateDatabase;
  /** Read alone: what is left of somebody who is erased. */
  store: StoreDatabase;
  secrets: Secrets;
  clock: Clock;
  logger: Logger;
  registry: Registry;
  /** Jobs, polls and subscriptions run where it is held; webhooks and the consumer everywhere. */
  lease: Lease;
  /** Port of the public listener; asked late, because the system may choose it. */
  publicPort(): number;
  /** Towards Oura; Node's own unless a test has another. */
  fetch?: Fetch;
}

export interface Ingest extends Service {
  /** For the public listener. */
  publicHandler: RequestHandler;
  /** For the main listener, which guards them. */
  commands: Router;
  /** For whoever else brings documents in (import). */
  versions: VersionParts;
  /** To be called when the public listener takes requests: only then may Oura be asked for webhooks. */
  publicListenerIsLive(): void;
}

const minuteMs = 60_000;
// A signature is taken for the window; what is remembered longer costs next to nothing.
const rememberHandledMs = 7 * 24 * 60 * minuteMs;

// Longer than a batch, a turn, an import of a page, or what another replica remembers of whose a webhook is: what was on its way when somebody was
// erased has come by then, and was erased too.
const stragglersMs = 2 * minuteMs;

export function createIngest(parts: IngestParts): Ingest {
  const { settings, log, state, store, secrets, clock, logger, registry, lease, publicPort } = parts;
  const windowMs = settings.WEBHOOK_WINDOW_S * 1000;
  const concurrency = settings.FETCH_CONCURRENCY;
  const towardsOura = parts.fetch && { fetch: parts.fetch };
  const chance = Math.random;
  const metrics = createIngestMetrics(registry, state);

  const people = createPersonLookup({ state, clock });
  const secret = settings.OURA_CLIENT_SECRET;
  const callbackUrl = callbackUrlOf(settings, webhookPath);
  const webhook = createWebhookListener({
    ...{ log, windowMs, clock, logger, count: metrics.webhook, userIdOf: people.userIdOf },
    secrets: [...(secret ? [secret] : []), ...settings.OURA_WEBHOOK_SECRET],
    isVerificationToken: (token) =>
      secret !== undefined && callbackUrl !== undefined && isVerificationToken(secret, callbackUrl, token),
    maxInFlight: settings.WEBHOOK_MAX_IN_FLIGHT,
  });

  const outbox = createOutboxPublisher({ state, log });
  const versions: VersionParts = { state, outbox, clock, observe: metrics.recorded };

  const cloud = createCloud({
    ...{ settings, state, secrets, clock, logger, publicPort, ...towardsOura },
    observe: metrics.apiAnswer,
    async whenConnected(tx, { userId, ouraUserId }) {
      await polls.beginFor(tx, userId);
      if (ouraUserId === null) return;
      await welcomeAgain(tx, ouraUserId);
      await jobs.reopenFor(tx, { userId, ouraUserId });
    },
    afterConnected({ ouraUserId }) {
      if (ouraUserId !== null) people.forget(ouraUserId);
      jobs.poke();
      polls.poke();
    },
  });
  const { client } = cloud;

  const jobs = createJobRunner({
    ...{ state, client, versions, clock, logger, lease, concurrency, chance, count: metrics.fetch },
  });
  const polls = createPollRunner({
    ...{ state, client, versions, clock, logger, lease, concurrency, chance, count: metrics.poll },
    onRefused: metrics.refusedDocument,
    times: {
      documentsMs: settings.POLL_MINUTES * minuteMs,
      rowsMs: settings.POLL_ROWS_MINUTES * minuteMs,
      trailingDays: settings.TRAILING_DAYS,
      historyDays: settings.HISTORY_DAYS,
    },
  });
  const subscriptions = createSubscriptionKeeper({
    settings,
    state,
    clock,
    logger,
    lease,
    webhookPath,
    ...towardsOura,
  });
  const upkeep = createUpkeep({
    ...{ clock, logger, lease, everyMs: minuteMs },
    chores: [
      { name: 'carrying the outbox to the log', run: () => outbox.drain() },
      { name: 'adopting waiting jobs', run: () => jobs.adoptWaiting() },
      { name: 'making polls', run: () => polls.ensureAll() },
      {
        name: 'forgetting handled notifications',
        run: (nowMs) => state.transaction((tx) => forgetHandled(tx, nowMs - Math.max(rememberHandledMs, 2 * windowMs))),
      },
    ],
  });

  const { disconnect } = cloud;
  const eraser = createEraser({
    ...{ state, log, clock, logger, part: ingestErasePart({ state, disconnect }) },
    async afterRound(erasure) {
      if (clock.now() - erasure.begunAtMs < stragglersMs) return;
      const left = await createTraces({ log, store, state }, erasure).count();
      if (left.size === 0) await state.transaction((tx) => endErasure(tx, erasure.userId));
    },
  });

  let consumer: RunningConsumer | undefined;

  return {
    name: 'ingest',
    versions,
    publicHandler: createPublicHandler({ webhook, connect: createConnectRouter(cloud.flow, logger), logger }),
    commands: Router()
      .use(createIngestCommands({ state, polls }))
      .use(createConnectionRouter({ state, flow: cloud.flow, disconnect }))
      .use(createEraseRouter({ log, store, state, clock, disconnect, forget: people.forget }))
      .use(createImportRouter({ state, versions, log, clock })),
    async start() {
      consumer = await runConsumer({
        definition: withoutErased(createNotificationConsumer({ state, onJobs: jobs.poke }), state),
        ...{ log, database: state, clock, logger, registry },
        offsets: { load: loadOffset, move: moveOffset },
        onFailure: (error) => logger.error({ err: error }, 'notifications are not read any more'),
      });
      upkeep.start();
      jobs.start();
      polls.start();
      eraser.start();
    },
    publicListenerIsLive: () => subscriptions.start(),
    async stop() {
      await subscriptions.stop();
      await eraser.stop();
      await consumer?.stop();
      await Promise.all([jobs.stop(), polls.stop(), upkeep.stop()]);
    },
    health() {
      const consuming = consumer?.health() ?? { alive: true, ready: false, problems: ['Ingest is starting.'] };
      const ours = [jobs.problem(), polls.problem(), ...upkeep.problems(), ...subscriptions.problems()];
      return {
        alive: consuming.alive && jobs.isAlive() && polls.isAlive(),
        ready: consuming.ready,
        problems: [...consuming.problems, ...ours.filter((problem) => problem !== undefined)],
      };
    },
  };
}
