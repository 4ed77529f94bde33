// Access tokens for requests to Oura, renewed when needed. Oura's refresh tokens work once, so for each person one refresh runs at a time,
// here and in every replica, and the new pair is durable before anybody uses it.
// The one window of loss: Oura has answered and the process dies before the commit, a few milliseconds later. Then the person has to connect
// again. A database that refuses the pair does not open that window: the pair waits in memory and is stored before anything else.
import { randomUUID } from 'node:crypto';
import type { Clock } from '../../runtime/clock.ts';
import type { Database } from '../../runtime/database/database.ts';
import type { Logger } from '../../runtime/logger.ts';
import type { Secrets } from '../../runtime/secrets.ts';
import {
  endRefresh,
  type Grant,
  type GrantTables,
  loadGrant,
  lockRefresh,
  type NewPair,
  type RefreshFailure,
  saveRefreshed,
} from '../../storage/grants.ts';
import { decideToken, pauseAfterMs, type TokenDecision } from './decide-token.ts';
import type { TokenEndpoint } from './token-endpoint.ts';

export type TokenAnswer =
  | { kind: 'token'; accessToken: string; generation: number; issuedAtMs: number; scopes: readonly string[] }
  | { kind: 'needs-consent' }
  | { kind: 'unavailable'; detail: string; retryAfterMs: number };

export interface AccessTokens {
  /** @param refusedGeneration of a token that Oura has just refused. @throws Failure when our own database is down */
  get(userId: string, refusedGeneration?: number): Promise<TokenAnswer>;
}

export interface AccessTokenParts {
  state: Database<GrantTables>;
  secrets: Secrets;
  endpoint: TokenEndpoint;
  clock: Pick<Clock, 'now'>;
  logger: Logger;
}

// Longer than a token request may take (its timeout, then the commit), or a second replica would spend the same refresh token.
const lockMs = 90_000;
const lockedRetryMs = 1_000;

export function createAccessTokens({ state, secrets, endpoint, clock, logger }: AccessTokenParts): AccessTokens {
  const running = new Map<string, Promise<TokenAnswer>>();
  const unstored = new Map<string, { generation: number; pair: NewPair }>();

  const decide = (grant: Grant | undefined, refusedGeneration?: number): TokenDecision =>
    decideToken(grant && { ...grant, hasRefreshToken: grant.tokens.refreshToken !== undefined }, {
      nowMs: clock.now(),
      ...(refusedGeneration !== undefined && { refusedGeneration }),
    });

  async function store(userId: string): Promise<void> {
    const waiting = unstored.get(userId);
    if (!waiting) return;
    const isStored = await state.transaction((tx) => saveRefreshed(tx, secrets, { userId, ...waiting }));
    unstored.delete(userId);
    if (!isStored)
      logger.warn({ userId }, 'a refreshed grant was replaced by a new consent or a disconnection meanwhile');
  }

  /** Under the lock: what another replica did meanwhile is seen. */
  async function refresh(userId: string, refusedGeneration?: number): Promise<TokenAnswer> {
    const holder = randomUUID();
    const nowMs = clock.now();
    const grant = await state.transaction(async (tx) =>
      (await lockRefresh(tx, { userId, holder, nowMs, untilMs: nowMs + lockMs }))
        ? loadGrant(tx, secrets, userId)
        : undefined,
    );
    if (!grant)
      return { kind: 'unavailable', detail: 'another process is refreshing the grant', retryAfterMs: lockedRetryMs };
    const { generation } = grant;
    const end = (failure?: RefreshFailure) =>
      state.transaction((tx) => endRefresh(tx, { userId, holder, generation }, failure));
    const { refreshToken } = grant.tokens;
    const decision = decide(grant, refusedGeneration);
    if (decision.kind !== 'renew' || refreshToken === undefined) {
      await end();
      return answerOf(grant, decision);
    }
    const outcome = await endpoint.refresh({ tokenUrl: grant.tokenUrl, refreshToken, scopes: grant.scopes });
    if (outcome.kind === 'granted') {
      unstored.set(userId, { generation, pair: outcome.pair });
      await store(userId);
      return answerOf(await loadGrant(state.read, secrets, userId), { kind: 'use' });
    }
    if (outcome.kind === 'grant-refused') {
      logger.warn(
        { userId, detail: outcome.detail },
        'Oura refused to refresh the grant: the person has to connect again',
      );
      await end({ kind: 'refused' });
      return { kind: 'needs-consent' };
    }
    const pauseMs = pauseAfterMs(grant.refreshFailures);
    logger.warn(
      { userId, detail: outcome.detail, pauseMs },
      'the grant could not be refreshed; it is kept and tried again',
    );
    await end({ kind: 'unknown', refreshAfterMs: clock.now() + pauseMs });
    const retryAfterMs = Math.max(1, pauseMs);
    return { kind: 'unavailable', detail: `token refresh: ${outcome.detail}`, retryAfterMs };
  }

  return {
    async get(userId, refusedGeneration) {
      await store(userId);
      const grant = await loadGrant(state.read, secrets, userId);
      const decision = decide(grant, refusedGeneration);
      if (decision.kind !== 'renew') return answerOf(grant, decision);
      const refreshing =
        running.get(userId) ?? refresh(userId, refusedGeneration).finally(() => running.delete(userId));
      running.set(userId, refreshing);
      return refreshing;
    },
  };
}

function answerOf(grant: Grant | undefined, decision: TokenDecision): TokenAnswer {
  if (!grant || decision.kind === 'needs-consent') return { kind: 'needs-consent' };
  if (decision.kind === 'pause')
    return { kind: 'unavailable', detail: 'the token refresh pauses', retryAfterMs: decision.retryAfterMs };
  const { generation, issuedAtMs, scopes } = grant;
  return { kind: 'token', accessToken: grant.tokens.accessToken, generation, issuedAtMs, scopes };
}
