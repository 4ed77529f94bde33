// Wires what ingest has towards Oura's cloud out of its settings: tokens, client, connect flow, disconnection. Undefined parts mean that no
// application at Oura is set up; everything else of ingest works without them (webhooks, imports).
import type { Transaction } from 'kysely';
import type { Clock } from '../../runtime/clock.ts';
import type { Logger } from '../../runtime/logger.ts';
import type { Secrets } from '../../runtime/secrets.ts';
import type { Person } from '../../storage/people.ts';
import type { StateDatabase, StateTables } from '../../storage/tables.ts';
import { createHttpExchange, type Fetch } from '../oura-client/http-exchange.ts';
import { createHttpOuraClient } from '../oura-client/http-oura-client.ts';
import type { OuraAnswer, OuraClient } from '../oura-client/oura-client.ts';
import { createRequestBudget } from '../oura-client/request-budget.ts';
import { createAccessTokens } from './access-tokens.ts';
import { type ConnectFlow, createConnectFlow } from './connect-flow.ts';
import { type Disconnection, disconnect } from './disconnect.ts';
import { applicationOf, type OuraSettings, publicBaseUrl, redirectUri } from './oura-settings.ts';
import { createTokenEndpoint } from './token-endpoint.ts';

export interface CloudParts {
  settings: OuraSettings;
  state: StateDatabase;
  secrets: Secrets;
  clock: Pick<Clock, 'now'>;
  logger: Logger;
  /** Port of the public listener; asked late, because the system may choose it. */
  publicPort(): number;
  whenConnected(tx: Transaction<StateTables>, person: Person): Promise<void>;
  afterConnected(person: Person): void;
  observe?(answer: OuraAnswer['kind'], route: string): void;
  fetch?: Fetch;
}

export interface Cloud {
  client: OuraClient;
  flow: ConnectFlow | undefined;
  disconnect(userId: string): Promise<Disconnection>;
}

export function createCloud(parts: CloudParts): Cloud {
  const { settings, state, secrets, clock, logger, publicPort } = parts;
  const http = createHttpExchange(parts.fetch ?? fetch);
  const application = applicationOf(settings);
  if (!application)
    return {
      client: { get: async () => ({ kind: 'needs-consent' }) },
      flow: undefined,
      disconnect: async () => ({ kind: 'not-connected' }),
    };
  const endpoint = createTokenEndpoint({ http, application, clock });
  const tokenUrls = settings.OURA_TOKEN_URL;
  const apiUrl = settings.OURA_API_URL;
  return {
    client: createHttpOuraClient({
      ...{ apiUrl, http, clock, tokens: createAccessTokens({ state, secrets, endpoint, clock, logger }) },
      budget: createRequestBudget({
        ...{ state, clock },
        limits: {
          windowMs: settings.OURA_RATE_WINDOW_S * 1000,
          perApplication: settings.OURA_RATE_LIMIT,
          perPerson: settings.OURA_RATE_LIMIT_PER_PERSON,
        },
      }),
      ...(parts.observe && { observe: parts.observe }),
    }),
    flow: createConnectFlow({
      ...{ state, secrets, endpoint, http, clock, logger, apiUrl, tokenUrls, clientId: application.clientId },
      ...{ authorizeUrl: settings.OURA_AUTHORIZE_URL, scopes: settings.OURA_SCOPES },
      addresses: () => ({
        redirectUri: redirectUri(settings, publicPort()),
        publicUrl: publicBaseUrl(settings, publicPort()),
      }),
      ...{ whenConnected: parts.whenConnected, afterConnected: parts.afterConnected },
    }),
    disconnect: (userId) =>
      disconnect(
        { ...{ state, secrets, http, logger, application, tokenUrls }, revokeUrls: settings.OURA_REVOKE_URL },
        userId,
      ),
  };
}
