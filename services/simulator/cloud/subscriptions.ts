// Webhook subscriptions: app-level, one per pair of data type and event type, verified by a challenge before they exist, expiring
// after 90 days. The receiver must be live before it subscribes.

import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Traps } from '../traps.ts';
import { dataTypes } from './catalogue.ts';
import { type Answer, type ApiRequest, bare, type Part, segmentAfter, singleHeader, unprocessable } from './http.ts';

const PATH = '/v2/webhook/subscription';
const LIFETIME_MS = 90 * 86_400_000;
const CHALLENGE_TIMEOUT_MS = 10_000;

const createSchema = z.object({
  callback_url: z.url(),
  verification_token: z.string().min(1),
  event_type: z.enum(['create', 'update', 'delete']),
  data_type: z.enum(dataTypes),
});
const updateSchema = createSchema.partial().required({ verification_token: true });
const challengeSchema = z.object({ challenge: z.string() });

export interface Subscription {
  id: string;
  callback_url: string;
  verification_token: string;
  event_type: 'create' | 'update' | 'delete';
  data_type: string;
  expiresMs: number;
}

export interface SubscriptionSettings {
  seed: number;
  clientId: string;
  clientSecret: string;
  traps: Traps;
  presentMs: () => number;
}

export interface Subscriptions {
  part: Part;
  /** Those of a pair that live at an instant: an expired one is still listed, but nothing is sent to it. */
  matching(dataType: string, eventType: string, atMs: number): Subscription[];
  get(id: string): Subscription | null;
  cancel(id: string): void;
  count(): number;
}

const nanoseconds = (id: string): string => String(Number.parseInt(id.slice(0, 6), 16) % 1_000_000).padStart(6, '0');

/** Oura writes UTC without saying so, to the nanosecond. */
function expiryText(subscription: Subscription, traps: Traps): string {
  const text = new Date(subscription.expiresMs).toISOString();
  return traps.expiryWithoutTimeZone ? text.replace('Z', nanoseconds(subscription.id)) : text;
}

/** Sends the challenge; null when it was answered well, else what was wrong. */
async function challenge(callbackUrl: string, token: string, secret: string): Promise<string | null> {
  const url = new URL(callbackUrl);
  url.searchParams.set('verification_token', token);
  url.searchParams.set('challenge', secret);
  try {
    const response = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(CHALLENGE_TIMEOUT_MS) });
    const body = challengeSchema.safeParse(await response.json().catch(() => null));
    if (response.status !== 200) return `callback_url answered ${response.status} to the verification challenge`;
    return body.success && body.data.challenge === secret
      ? null
      : 'callback_url did not answer {"challenge": …} with the challenge';
  } catch (error) {
    return `callback_url could not be reached: ${error instanceof Error ? error.message : String(error)}`;
  }
}

const readJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const invalid = (error: z.ZodError): Answer => ({
  status: 422,
  json: {
    detail: error.issues.map(({ path, message, code }) => ({
      loc: ['body', ...path.map(String)],
      msg: message,
      type: code,
    })),
  },
});

export function createSubscriptions(settings: SubscriptionSettings): Subscriptions {
  const { traps, presentMs } = settings;
  const held = new Map<string, Subscription>();
  let serial = 0;

  const newId = (): string => {
    serial += 1;
    const hex = createHash('sha256').update(`subscription|${settings.seed}|${presentMs()}|${serial}`).digest('hex');
    return [
      hex.slice(0, 8),
      hex.slice(8, 12),
      `4${hex.slice(13, 16)}`,
      `8${hex.slice(17, 20)}`,
      hex.slice(20, 32),
    ].join('-');
  };
  const show = (subscription: Subscription) => ({
    id: subscription.id,
    callback_url: subscription.callback_url,
    event_type: subscription.event_type,
    data_type: subscription.data_type,
    expiration_time: expiryText(subscription, traps),
  });
  const isTaken = (candidate: Subscription): boolean =>
    [...held.values()].some(
      ({ id, data_type, event_type }) =>
        id !== candidate.id && data_type === candidate.data_type && event_type === candidate.event_type,
    );

  async function save(candidate: Subscription, status: number): Promise<Answer> {
    const taken = unprocessable(['body'], 'A subscription for this data_type and event_type exists already');
    if (isTaken(candidate)) return taken;
    const problem = await challenge(candidate.callback_url, candidate.verification_token, newId());
    if (problem !== null) return unprocessable(['body', 'callback_url'], problem);
    // Another request may have taken the pair while the receiver answered.
    if (isTaken(candidate)) return taken;
    held.set(candidate.id, candidate);
    return { status, json: show(candidate) };
  }

  function create(request: ApiRequest): Answer | Promise<Answer> {
    const body = createSchema.safeParse(readJson(request.body));
    return body.success
      ? save({ ...body.data, id: newId(), expiresMs: presentMs() + LIFETIME_MS }, 201)
      : invalid(body.error);
  }

  function change(request: ApiRequest, known: Subscription): Answer | Promise<Answer> {
    const body = updateSchema.safeParse(readJson(request.body));
    if (!body.success) return invalid(body.error);
    const { callback_url, event_type, data_type, verification_token } = body.data;
    return save(
      {
        ...known,
        verification_token,
        callback_url: callback_url ?? known.callback_url,
        event_type: event_type ?? known.event_type,
        data_type: data_type ?? known.data_type,
      },
      200,
    );
  }

  const part: Part = (request) => {
    const { path, method } = request;
    if (path !== PATH && !path.startsWith(`${PATH}/`)) return null;
    const isKnown =
      singleHeader(request.headers['x-client-id']) === settings.clientId &&
      singleHeader(request.headers['x-client-secret']) === settings.clientSecret;
    if (!isKnown) return bare(401);
    if (path === PATH) {
      if (method === 'GET') return { status: 200, json: [...held.values()].map(show) };
      return method === 'POST' ? create(request) : bare(405);
    }
    const renewed = segmentAfter(`${PATH}/renew/`, path);
    const subscription = held.get(renewed ?? segmentAfter(`${PATH}/`, path) ?? '');
    if (subscription === undefined) return bare(traps.unknownSubscriptionIs403 ? 403 : 404);
    if (renewed !== null) {
      if (method !== 'PUT') return bare(405);
      subscription.expiresMs = presentMs() + LIFETIME_MS;
      return { status: 200, json: show(subscription) };
    }
    if (method === 'GET') return { status: 200, json: show(subscription) };
    if (method === 'PUT') return change(request, subscription);
    if (method !== 'DELETE') return bare(405);
    held.delete(subscription.id);
    return bare(204);
  };

  return {
    part,
    matching: (dataType, eventType, atMs) =>
      [...held.values()].filter(
        (held) => held.data_type === dataType && held.event_type === eventType && held.expiresMs > atMs,
      ),
    get: (id) => held.get(id) ?? null,
    cancel: (id) => {
      held.delete(id);
    },
    count: () => held.size,
  };
}
