// Keeps our webhook subscriptions as they should be: at the start, once the public listener is live (Oura asks it back before it agrees),
// and once a day. One process at a time does it, under the lease. Without PUBLIC_URL there is no address to give, and nothing runs.
import type { Clock } from '../../runtime/clock.ts';
import type { Logger } from '../../runtime/logger.ts';
import type { StateDatabase } from '../../storage/tables.ts';
import { applicationOf, type OuraSettings } from '../oauth/oura-settings.ts';
import { createHttpExchange, type Fetch, type HttpExchange } from '../oura-client/http-exchange.ts';
import { pairsOf } from './decide-subscriptions.ts';
import { keepSubscriptions, type Round } from './keep-subscriptions.ts';
import { createSubscriptionApi } from './subscription-api.ts';
import { verificationToken } from './verification-token.ts';

export interface SubscriptionKeeperParts {
  settings: OuraSettings;
  state: StateDatabase;
  clock: Clock;
  logger: Logger;
  lease: { held(): boolean };
  /** Path of the webhook on the public listener. */
  webhookPath: string;
  fetch?: Fetch;
}

export interface SubscriptionKeeper {
  /** Call it when the public listener is live. */
  start(): void;
  stop(): Promise<void>;
  /** Plain sentences about what is wrong now. */
  problems(): readonly string[];
}

const dayMs = 24 * 3_600_000;
const firstRetryMs = 60_000;
const longestRetryMs = 3_600_000;
const leaseCheckMs = 30_000;

/** Undefined where there is nothing to keep. */
export function callbackUrlOf(settings: Pick<OuraSettings, 'PUBLIC_URL'>, webhookPath: string): string | undefined {
  return settings.PUBLIC_URL && settings.PUBLIC_URL.replace(/\/+$/, '') + webhookPath;
}

export function createSubscriptionKeeper(parts: SubscriptionKeeperParts): SubscriptionKeeper {
  const { settings, state, clock, logger, lease } = parts;
  const application = applicationOf(settings);
  const callbackUrl = callbackUrlOf(settings, parts.webhookPath);
  const stopping = new AbortController();
  let running: Promise<void> = Promise.resolve();
  let sentences: readonly string[] = [];

  async function run(keep: () => Promise<Round>): Promise<void> {
    let failures = 0;
    while (!stopping.signal.aborted) {
      if (!lease.held()) {
        failures = 0;
        sentences = [];
        await clock.wait(leaseCheckMs, stopping.signal);
        continue;
      }
      const round = await keep().catch((error: unknown): Round => {
        logger.error({ err: error }, 'the webhook subscriptions could not be kept');
        return { kind: 'unavailable', detail: 'our own store failed' };
      });
      failures = round.kind === 'done' && round.statuses.every((status) => status.problem === null) ? 0 : failures + 1;
      sentences = sentencesOf(round);
      if (sentences.length > 0) logger.warn({ problems: sentences }, 'webhook subscriptions');
      else
        logger.info(
          { actions: round.kind === 'done' ? round.actions : 0 },
          'webhook subscriptions are as they should be',
        );
      await clock.wait(pauseMs(round, failures), stopping.signal);
    }
  }

  return {
    start() {
      if (!application || !callbackUrl) return;
      const exchange = createHttpExchange(parts.fetch ?? fetch);
      const http: HttpExchange = (request) => exchange({ ...request, signal: stopping.signal });
      const api = createSubscriptionApi({
        ...{
          http,
          apiUrl: settings.OURA_API_URL,
          application,
          callbackUrl,
          clock,
        },
        verificationToken: verificationToken(application.clientSecret, callbackUrl),
      });
      const pairs = pairsOf(settings.OURA_WEBHOOK_TYPES, settings.OURA_WEBHOOK_EVENTS);
      running = run(() => keepSubscriptions({ api, state, clock, wanted: { pairs, callbackUrl } }));
    },
    async stop() {
      stopping.abort();
      await running;
    },
    problems: () => sentences,
  };
}

function pauseMs(round: Round, failures: number): number {
  if (failures === 0) return dayMs;
  const backoffMs = Math.min(firstRetryMs * 2 ** (failures - 1), longestRetryMs);
  return round.kind === 'unavailable' ? Math.max(backoffMs, round.retryAfterMs ?? 0) : backoffMs;
}

function sentencesOf(round: Round): string[] {
  if (round.kind === 'unavailable') return [`The webhook subscriptions could not be checked: ${round.detail}.`];
  const broken = round.statuses.filter((status) => status.problem !== null);
  const [first] = broken;
  if (!first) return [];
  return [
    `${broken.length} of ${round.statuses.length} webhook subscriptions are missing, so that data comes by polling alone, later. ${first.dataType}/${first.eventType}: ${first.problem}`,
  ];
}
