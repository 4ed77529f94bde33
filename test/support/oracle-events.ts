// The oracle outside: signs notifications as Oura does, sends them, and remembers each one's exact bytes and what was answered. An event is acknowledged
// when it got a 2xx once; one that got no answer may or may not have been kept. Retries send the same bytes under a new signature, as Oura's do.
import { createHash } from 'node:crypto';
import { systemClock } from '../../services/runtime/clock.ts';
import { signNotification } from '../../services/simulator/cloud/signature.ts';
import { clientSecret } from './oracle-wearers.ts';

export interface OracleEvent {
  /** What the product must call it: the hash of the body. */
  id: string;
  body: string;
  ouraUserId: string;
  dataType: string;
  objectId: string;
  eventType: string;
  madeAtMs: number;
  isAcknowledged: boolean;
  attempts: number;
  /** An attempt that somebody listened to ended without an answer. */
  wasCutOff: boolean;
}

export type EventName = Pick<OracleEvent, 'ouraUserId' | 'dataType' | 'objectId'> & { eventType?: string };

export interface OracleEvents {
  all(): OracleEvent[];
  acknowledged(): OracleEvent[];
  /** Sent, never answered 2xx. */
  unanswered(): OracleEvent[];
  make(name: EventName): OracleEvent;
  /** One attempt: the status, or undefined without an answer. */
  send(event: OracleEvent): Promise<number | undefined>;
  /** Tries until it is acknowledged. @throws Error after `timeoutMs` */
  insist(event: OracleEvent, timeoutMs?: number): Promise<void>;
}

const answerWithinMs = 10_000;
const retryEveryMs = 100;

/** @param url of the webhook; asked at each attempt, because a fault may move it */
export function createOracleEvents(url: () => string): OracleEvents {
  const events: OracleEvent[] = [];
  const send = async (event: OracleEvent): Promise<number | undefined> => {
    event.attempts += 1;
    const timestamp = String(Math.floor(Date.now() / 1000));
    try {
      const answer = await fetch(url(), {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'x-oura-timestamp': timestamp,
          'x-oura-signature': signNotification(clientSecret, timestamp, event.body),
        },
        body: event.body,
        signal: AbortSignal.timeout(answerWithinMs),
      });
      // The status alone is the acknowledgement: Oura reads no further.
      if (answer.ok) event.isAcknowledged = true;
      await answer.arrayBuffer().catch(() => undefined);
      return answer.status;
    } catch (error) {
      if (!isRefused(error)) event.wasCutOff = true;
      return undefined;
    }
  };
  return {
    all: () => events,
    acknowledged: () => events.filter((event) => event.isAcknowledged),
    unanswered: () => events.filter((event) => !event.isAcknowledged && event.attempts > 0),
    make({ ouraUserId, dataType, objectId, eventType = 'update' }) {
      const number = events.length;
      const madeAtMs = Date.now();
      // Odd whitespace and digits: only the exact bytes are right.
      const body =
        `{ "event_type":"${eventType}", "data_type":"${dataType}","object_id":"${objectId}",` +
        `${' '.repeat(number % 3)}"event_time":"${new Date(madeAtMs).toISOString()}","user_id":"${ouraUserId}","made": ${number}.0}`;
      const id = createHash('sha256').update(body).digest('hex');
      const name = { ouraUserId, dataType, objectId, eventType };
      const event = { id, body, ...name, madeAtMs, isAcknowledged: false, attempts: 0, wasCutOff: false };
      events.push(event);
      return event;
    },
    send,
    async insist(event, timeoutMs = 60_000) {
      for (const endMs = Date.now() + timeoutMs; ; ) {
        const status = await send(event);
        if (event.isAcknowledged) return;
        if (Date.now() > endMs) throw new Error(`still no 2xx after ${timeoutMs} ms, the last answer was ${status}`);
        await systemClock.wait(retryEveryMs);
      }
    },
  };
}

/** Nobody listened, so nothing was under way. */
const isRefused = (error: unknown): boolean =>
  error instanceof Error &&
  error.cause instanceof Error &&
  'code' in error.cause &&
  error.cause.code === 'ECONNREFUSED';
