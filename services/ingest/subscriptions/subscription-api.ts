// Oura's subscription routes. They belong to the application, not to a person: our client id and secret open them, no token.
import { z } from 'zod';
import type { Clock } from '../../runtime/clock.ts';
import type { OuraApplication } from '../oauth/oura-settings.ts';
import { retryAfterPauseMs } from '../oura-client/decide-answer.ts';
import { type HttpExchange, jsonOf } from '../oura-client/http-exchange.ts';
import { type ExistingSubscription, parseExpiry, type SubscriptionPair } from './decide-subscriptions.ts';

export type SubscriptionAnswer<Result> =
  | { kind: 'ok'; result: Result }
  /** 403: this id does not exist. */
  | { kind: 'gone' }
  | { kind: 'refused'; status: number; detail: string }
  /** Try the whole round again later. */
  | { kind: 'unavailable'; detail: string; retryAfterMs?: number };

export interface SubscriptionApi {
  list(): Promise<SubscriptionAnswer<ExistingSubscription[]>>;
  create(pair: SubscriptionPair): Promise<SubscriptionAnswer<ExistingSubscription>>;
  /** To our address. */
  move(id: string, pair: SubscriptionPair): Promise<SubscriptionAnswer<ExistingSubscription>>;
  renew(id: string): Promise<SubscriptionAnswer<ExistingSubscription>>;
  remove(id: string): Promise<SubscriptionAnswer<undefined>>;
}

const model = z
  .looseObject({
    id: z.string().min(1),
    callback_url: z.string(),
    event_type: z.string(),
    data_type: z.string(),
    expiration_time: z.string(),
  })
  .transform(
    (found): ExistingSubscription => ({
      id: found.id,
      callbackUrl: found.callback_url,
      eventType: found.event_type,
      dataType: found.data_type,
      expiresAtMs: parseExpiry(found.expiration_time),
    }),
  );
const problems = z.looseObject({ detail: z.array(z.looseObject({ msg: z.string() })) });

export interface SubscriptionApiParts {
  http: HttpExchange;
  apiUrl: string;
  application: OuraApplication;
  callbackUrl: string;
  verificationToken: string;
  clock: Pick<Clock, 'now'>;
}

export function createSubscriptionApi(parts: SubscriptionApiParts): SubscriptionApi {
  const { http, application, callbackUrl, verificationToken, clock } = parts;
  const base = `${parts.apiUrl.replace(/\/+$/, '')}/v2/webhook/subscription`;

  async function ask<Result>(
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    path: string,
    result: z.ZodType<Result>,
    body?: object,
  ): Promise<SubscriptionAnswer<Result>> {
    const answer = await http({
      url: new URL(base + path),
      method,
      headers: {
        'x-client-id': application.clientId,
        'x-client-secret': application.clientSecret,
        accept: 'application/json',
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    if (answer.kind === 'no-answer') return { kind: 'unavailable', detail: answer.detail };
    if (answer.kind === 'too-large') return { kind: 'unavailable', detail: 'the answer was far too large' };
    const { status } = answer;
    const json = jsonOf(answer.bytes);
    if (status >= 200 && status < 300) {
      const parsed = result.safeParse(json);
      return parsed.success
        ? { kind: 'ok', result: parsed.data }
        : { kind: 'unavailable', detail: `Oura answered ${status} with something else than a subscription` };
    }
    if (status === 403) return { kind: 'gone' };
    if (status === 429 || status >= 500) {
      const retryAfterMs = retryAfterPauseMs(Object.fromEntries(answer.headers), clock.now());
      return {
        kind: 'unavailable',
        detail: `Oura answered ${status}`,
        ...(retryAfterMs !== undefined && { retryAfterMs }),
      };
    }
    const said = problems
      .safeParse(json)
      .data?.detail.map((problem) => problem.msg)
      .join('; ');
    return { kind: 'refused', status, detail: `Oura answered ${status}${said ? `: ${said.slice(0, 300)}` : ''}` };
  }

  const target = { callback_url: callbackUrl, verification_token: verificationToken };
  const named = ({ dataType, eventType }: SubscriptionPair) => ({ data_type: dataType, event_type: eventType });
  const at = (id: string): string => `/${encodeURIComponent(id)}`;
  return {
    list: () => ask('GET', '', z.array(model)),
    create: (pair) => ask('POST', '', model, { ...target, ...named(pair) }),
    move: (id, pair) => ask('PUT', at(id), model, { ...target, ...named(pair) }),
    renew: (id) => ask('PUT', `/renew${at(id)}`, model),
    remove: (id) =>
      ask(
        'DELETE',
        at(id),
        z.unknown().transform(() => undefined),
      ),
  };
}
