// `/webhooks/oura`: takes a signed notification and answers 202 only after the log has it durably (P1). A plain `node:http` handler that stands
// before any middleware, because it is the one route whose speed matters. It fetches nothing: a consumer reads the notification back.
// What must stay true: every request is answered within Oura's ten seconds, what is in flight is bounded, and nothing unsigned has any effect.
import { hash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import { encodeNotification, type NotificationBody, notificationBody } from '../../../schemas/notification.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { MessageLog } from '../../runtime/log/message-log.ts';
import { readBody } from './read-body.ts';
import { createRecentIds } from './recent-ids.ts';
import { createBag } from './request-bag.ts';
import { verifySignature } from './verify-signature.ts';
import { sendAnswer, type WebhookAnswer } from './webhook-answer.ts';

export const webhookPath = '/webhooks/oura';

export interface WebhookParts {
  log: Pick<MessageLog, 'append'>;
  /** Those that may have signed; empty while none is configured. */
  secrets: readonly string[];
  /** 0: any age. */
  windowMs: number;
  /** Null: they were erased here. */
  userIdOf(ouraUserId: string): string | null | Promise<string | null>;
  isVerificationToken(token: string): boolean;
  clock: Clock;
  logger: Pick<Logger, 'warn' | 'info'>;
  count(answer: WebhookAnswer | 'challenge'): void;
  /** Requests being read or kept at the same time; more are told to come again. */
  maxInFlight?: number;
}

export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => void;

// A notification has about 200 bytes.
const maxBodyBytes = 64 * 1024;
// Oura waits ten seconds.
const deadlineMs = 8_000;
const sweepMs = 1_000;
const rememberedIds = 10_000;
const traceparentForm = /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

interface InFlight {
  request: IncomingMessage;
  response: ServerResponse;
  deadlineMs: number;
  isRead: boolean;
}

export function createWebhookListener(parts: WebhookParts): RequestHandler {
  const { log, secrets, windowMs, clock, logger, count, maxInFlight = 1_000 } = parts;
  const recent = createRecentIds(rememberedIds);
  const inFlight = createBag<InFlight>();
  let isSweeping = false;
  let couldKeep = true;

  const answer = (response: ServerResponse, name: WebhookAnswer): void => {
    if (response.headersSent) return;
    count(name);
    sendAnswer(response, name);
  };

  /** One timer for all requests: those past their deadline are told to come again; the log may still get what it was given. */
  const sweep = async (): Promise<void> => {
    isSweeping = true;
    while (inFlight.size > 0) {
      await clock.wait(sweepMs);
      const nowMs = clock.now();
      for (const entry of inFlight) {
        if (entry.deadlineMs > nowMs) continue;
        answer(entry.response, entry.isRead ? 'not_kept' : 'incomplete');
        if (!entry.isRead) entry.response.once('finish', () => entry.request.destroy());
      }
    }
    isSweeping = false;
  };

  const keep = async (
    body: NotificationBody,
    bytes: Uint8Array,
    id: string,
    request: IncomingMessage,
  ): Promise<'accepted' | 'erased'> => {
    const { traceparent } = request.headers;
    const userId = await parts.userIdOf(body.user_id);
    if (userId === null) return 'erased';
    const record = encodeNotification({
      id,
      userId,
      receivedAt: new Date(clock.now()).toISOString(),
      signature: String(request.headers['x-oura-signature']),
      timestamp: String(request.headers['x-oura-timestamp']),
      body,
      bytes,
      ...(typeof traceparent === 'string' && traceparentForm.test(traceparent) && { traceparent }),
    });
    await log.append([record]);
    return 'accepted';
  };

  const take = async (entry: InFlight): Promise<WebhookAnswer> => {
    const { request } = entry;
    const read = await readBody(request, maxBodyBytes);
    entry.isRead = true;
    if (read.kind === 'too-large') return 'too_large';
    if (read.kind === 'aborted') return 'incomplete';
    const { bytes } = read;
    const { 'x-oura-signature': signature, 'x-oura-timestamp': timestamp } = request.headers;
    const verdict = verifySignature(
      { bytes, signature: single(signature), timestamp: single(timestamp) },
      { secrets, windowMs, nowMs: clock.now() },
    );
    if (verdict.kind !== 'valid') return verdict.kind;
    const body = parseBody(bytes);
    if (!body) return 'unreadable';
    // Of what was signed, not of what was sent: other whitespace around a captured notification is the same event.
    const id = hash('sha256', verdict.signed);
    if (recent.has(id)) return 'known';
    let kept: 'accepted' | 'erased';
    try {
      kept = await keep(body, bytes, id, request);
    } catch (error) {
      if (couldKeep) logger.warn({ err: error }, 'notifications cannot be kept: Oura is told to come again');
      couldKeep = false;
      return 'not_kept';
    }
    if (!couldKeep) logger.info('notifications are kept again');
    couldKeep = true;
    if (kept === 'accepted') recent.add(id);
    return kept;
  };

  const post: RequestHandler = (request, response) => {
    if (!isJson(request.headers['content-type'], request.headers['content-encoding'])) {
      request.resume();
      return answer(response, 'unsupported_type');
    }
    if (secrets.length === 0 || inFlight.size >= maxInFlight) {
      request.resume();
      return answer(response, secrets.length === 0 ? 'no_secret' : 'overloaded');
    }
    const entry = { request, response, deadlineMs: clock.now() + deadlineMs, isRead: false };
    const leave = inFlight.add(entry);
    if (!isSweeping) void sweep();
    void take(entry).then((name) => {
      leave();
      answer(response, name);
    });
  };

  const challenge: RequestHandler = (request, response) => {
    const { searchParams } = new URL(request.url ?? '', 'http://localhost');
    const token = searchParams.get('verification_token');
    const text = searchParams.get('challenge');
    if (!token || !text) return answer(response, 'no_challenge');
    if (!parts.isVerificationToken(token)) return answer(response, 'wrong_token');
    count('challenge');
    const headers = {
      'content-type': 'application/json',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    };
    response.writeHead(200, headers).end(JSON.stringify({ challenge: text }));
  };

  return (request, response) => {
    if (request.method === 'POST') return post(request, response);
    request.resume();
    return request.method === 'GET' ? challenge(request, response) : answer(response, 'method_not_allowed');
  };
}

const single = (header: string | string[] | undefined): string | undefined =>
  Array.isArray(header) ? header[0] : header;

/** A missing content type is not held against a signed body. */
const isJson = (type: string | undefined, encoding: string | undefined): boolean =>
  (type === undefined || /^application\/json\s*(;|$)/i.test(type)) &&
  (encoding === undefined || encoding === 'identity');

function parseBody(bytes: Buffer): NotificationBody | undefined {
  try {
    return notificationBody.safeParse(JSON.parse(bytes.toString())).data;
  } catch {
    return undefined;
  }
}
