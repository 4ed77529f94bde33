// How a ring gets connected: an attempt is opened (its secret is the connect link and OAuth's `state` in one), Oura sends the person back
// with a code, the code becomes tokens, the tokens say whose ring it is. A state expires and serves once. Tokens are stored before
// their first use: a failure after the exchange costs a reload of the page, not a new consent.

import type { Transaction } from 'kysely';
import { z } from 'zod';
import { type Resource, resource } from '../../../schemas/oura/resources.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Logger } from '../../runtime/logger.ts';
import type { Secrets } from '../../runtime/secrets.ts';
import {
  type ConnectAttempt,
  claimConnectAttempt,
  deleteConnectAttempt,
  findConnectAttempt,
  keepPairOfAttempt,
  saveConnectAttempt,
} from '../../storage/connect-attempts.ts';
import { latestTokenUrl, type NewPair, saveConsent } from '../../storage/grants.ts';
import { adoptPerson, type Person } from '../../storage/people.ts';
import type { StateDatabase, StateTables } from '../../storage/tables.ts';
import { type HttpExchange, jsonOf } from '../oura-client/http-exchange.ts';
import { consentUrl, newSecret } from './authorize-url.ts';
import { closedResources, readScopes } from './scopes.ts';
import type { TokenEndpoint } from './token-endpoint.ts';

export interface ConnectFlowParts {
  state: StateDatabase;
  secrets: Secrets;
  endpoint: TokenEndpoint;
  http: HttpExchange;
  clock: Pick<Clock, 'now'>;
  logger: Logger;
  clientId: string;
  authorizeUrl: string;
  tokenUrls: readonly string[];
  apiUrl: string;
  scopes: readonly string[];
  /** Known once the public listener is live. */
  addresses(): { redirectUri: string; publicUrl: string };
  /** Runs in the transaction that stores the grant: what must not be lost (the backfill, waiting notifications) is written here. */
  whenConnected(tx: Transaction<StateTables>, person: Person): Promise<void>;
  /** The grant is durable. Must not throw. */
  afterConnected(person: Person): void;
}

export interface OpenAttempt {
  /** Oura's consent page. */
  authorizeUrl: string;
  /** A link on our public listener that leads there, to be sent to the person. */
  connectUrl: string;
  expiresAtMs: number;
}

export interface Callback {
  state?: string | undefined;
  code?: string | undefined;
  /** OAuth's error word. */
  error?: string | undefined;
}

export type ConnectResult =
  | { kind: 'connected'; person: Person; closed: readonly Resource[]; again: string | undefined }
  /** Never known, expired, or finished before. */
  | { kind: 'unknown-state' }
  | { kind: 'already-used' }
  | { kind: 'denied'; again: string }
  /** Oura sent an error instead of a code. */
  | { kind: 'refused'; error: string; again: string }
  | { kind: 'not-exchanged'; isApplicationRefused: boolean; detail: string; again: string }
  /** The consent is safe with us; only whose it is could not be asked. A reload asks again. */
  | { kind: 'person-unknown'; detail: string };

export interface ConnectFlow {
  /** @param name a normalised one. @throws Failure */
  begin(asked: { name: string; validForMs: number }): Promise<OpenAttempt>;
  /** Oura's consent page for a connect link; undefined when the link does not lead anywhere any more. @throws Failure */
  consentPage(state: string): Promise<string | undefined>;
  /** @throws Failure when our own database is down */
  finish(callback: Callback): Promise<ConnectResult>;
}

const personalInfo = z.looseObject({ id: z.string().min(1) });

export function createConnectFlow(parts: ConnectFlowParts): ConnectFlow {
  const { state: database, secrets, clock, logger } = parts;

  const pageOf = (state: string, { codeVerifier }: Pick<ConnectAttempt, 'codeVerifier'>): string =>
    consentUrl({
      ...{ authorizeUrl: parts.authorizeUrl, clientId: parts.clientId, scopes: parts.scopes, state, codeVerifier },
      redirectUri: parts.addresses().redirectUri,
    });
  const linkOf = (state: string): string => `/connect?state=${encodeURIComponent(state)}`;
  const find = (state: string) => findConnectAttempt(database.read, secrets, { state, nowMs: clock.now() });

  async function open(personName: string, expiresAtMs: number) {
    const [state, codeVerifier] = [newSecret(), newSecret()];
    const attempt = { state, personName, codeVerifier, expiresAtMs, nowMs: clock.now() };
    await database.transaction((tx) => saveConnectAttempt(tx, secrets, attempt));
    return { state, codeVerifier };
  }

  /** Another try for the same person, within the time that the first link was given. */
  const again = async ({ personName, expiresAtMs }: ConnectAttempt): Promise<string> =>
    linkOf((await open(personName, expiresAtMs)).state);

  async function exchange(state: string, code: string, attempt: ConnectAttempt): Promise<NewPair | ConnectResult> {
    const isFirst = await database.transaction((tx) => claimConnectAttempt(tx, { state, nowMs: clock.now() }));
    if (!isFirst) return { kind: 'already-used' };
    const last = await latestTokenUrl(database.read);
    const outcome = await parts.endpoint.exchangeCode({
      tokenUrls: last ? [...new Set([last, ...parts.tokenUrls])] : parts.tokenUrls,
      ...{ code, codeVerifier: attempt.codeVerifier, redirectUri: parts.addresses().redirectUri },
      askedScopes: readScopes(parts.scopes.join(' ')),
    });
    if (outcome.kind === 'granted') {
      await database.transaction((tx) => keepPairOfAttempt(tx, secrets, state, outcome.pair));
      return outcome.pair;
    }
    logger.warn({ detail: outcome.detail, outcome: outcome.kind }, 'Oura did not exchange the code of a consent');
    const isApplicationRefused = outcome.kind === 'application-refused';
    return { kind: 'not-exchanged', isApplicationRefused, detail: outcome.detail, again: await again(attempt) };
  }

  async function whoIs(pair: NewPair): Promise<{ ouraUserId: string } | { detail: string }> {
    const answer = await parts.http({
      url: new URL(`${parts.apiUrl.replace(/\/+$/, '')}/v2/usercollection/${resource('personal_info').route}`),
      headers: { authorization: `Bearer ${pair.tokens.accessToken}`, accept: 'application/json' },
    });
    if (answer.kind !== 'answer')
      return { detail: answer.kind === 'no-answer' ? answer.detail : 'far too large an answer' };
    const info = personalInfo.safeParse(jsonOf(answer.bytes));
    if (answer.status !== 200 || !info.success) return { detail: `Oura answered ${answer.status}` };
    return { ouraUserId: info.data.id };
  }

  async function settle(state: string, attempt: ConnectAttempt, pair: NewPair): Promise<ConnectResult> {
    const owner = await whoIs(pair);
    if ('detail' in owner) {
      logger.warn({ detail: owner.detail }, 'a new grant works, but Oura did not say whose it is');
      return { kind: 'person-unknown', detail: owner.detail };
    }
    const person = await database.transaction(async (tx) => {
      const { ouraUserId } = owner;
      const adopted = await adoptPerson(tx, { name: attempt.personName, ouraUserId, nowMs: clock.now() });
      await saveConsent(tx, secrets, adopted.userId, pair);
      await deleteConnectAttempt(tx, state);
      await parts.whenConnected(tx, adopted);
      return adopted;
    });
    logger.info({ userId: person.userId, scopes: pair.scopes }, 'a ring is connected');
    parts.afterConnected(person);
    const closed = closedResources(pair.scopes);
    return { kind: 'connected', person, closed, again: closed.length > 0 ? await again(attempt) : undefined };
  }

  return {
    async begin({ name, validForMs }) {
      const expiresAtMs = clock.now() + validForMs;
      const { state, codeVerifier } = await open(name, expiresAtMs);
      const connectUrl = parts.addresses().publicUrl + linkOf(state);
      return { authorizeUrl: pageOf(state, { codeVerifier }), connectUrl, expiresAtMs };
    },
    async consentPage(state) {
      const attempt = await find(state);
      return attempt && !attempt.isClaimed ? pageOf(state, attempt) : undefined;
    },
    async finish({ state, code, error }) {
      const attempt = state ? await find(state) : undefined;
      if (!state || !attempt) return { kind: 'unknown-state' };
      if (attempt.pair) return settle(state, attempt, attempt.pair);
      if (attempt.isClaimed) return { kind: 'already-used' };
      if (error === 'access_denied') return { kind: 'denied', again: linkOf(state) };
      if (!code) return { kind: 'refused', error: error ?? 'no code', again: linkOf(state) };
      const result = await exchange(state, code, attempt);
      return 'kind' in result ? result : settle(state, attempt, result);
    },
  };
}
