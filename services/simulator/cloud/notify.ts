// Delivers notifications: signs each attempt, retries what failed, forgets what failed ten times, cancels a subscription on 410.
// First attempts of one person go out in order (with the trap, a few at a time and some out of order); retries wait beside them.

import type { DeliveryRecord, NotificationRequest } from '../options.ts';
import { uniformOf } from '../prng.ts';
import type { Traps } from '../traps.ts';
import { signNotification } from './signature.ts';
import type { Subscription, Subscriptions } from './subscriptions.ts';

export interface NotifierSettings {
  clientSecret: string;
  traps: Traps;
  subscriptions: Subscriptions;
  presentMs: () => number;
  retryDelaysMs: number[];
  timeoutMs: number;
  record: (delivery: DeliveryRecord) => void;
}

interface Delivery {
  subscription: Subscription;
  body: string;
  secret: string;
  timestampS: number | null;
}

export interface Notifier {
  /** Queues one notification per matching subscription; resolves nothing, see `settle`. */
  send(notifications: readonly NotificationRequest[]): void;
  pending(): number;
  settle(): Promise<void>;
  stop(): void;
}

const eventTime = (at: Date): string => `${at.toISOString().slice(0, 23)}000+00:00`;

const bodyOf = (notification: NotificationRequest, happened: Date): string =>
  JSON.stringify({
    event_type: notification.eventType,
    data_type: notification.dataType,
    object_id: notification.objectId,
    event_time: eventTime(happened),
    user_id: notification.ouraUserId,
  });

/** Lets every eighth or so change places with the one after it. */
function shuffled<T extends { body: string }>(deliveries: T[]): T[] {
  const order = [...deliveries];
  for (let i = 0; i + 1 < order.length; i += 2) {
    const [first, second] = [order[i], order[i + 1]];
    if (first === undefined || second === undefined || uniformOf('swap', first.body) >= 0.125) continue;
    order[i] = second;
    order[i + 1] = first;
  }
  return order;
}

export function createNotifier(settings: NotifierSettings): Notifier {
  const { traps } = settings;
  const lanes = new Map<string, { waiting: Delivery[]; running: number }>();
  const timers = new Set<NodeJS.Timeout>();
  const stopping = new AbortController();
  let waiters: (() => void)[] = [];
  let pending = 0;

  const finish = (): void => {
    pending -= 1;
    if (pending > 0) return;
    for (const resolve of waiters) resolve();
    waiters = [];
  };

  async function attempt(delivery: Delivery, number: number): Promise<'done' | 'again'> {
    const { subscription, body, secret } = delivery;
    const presentMs = settings.presentMs();
    const timestamp = String(delivery.timestampS ?? Math.floor(presentMs / 1000));
    const headers = {
      'content-type': 'application/json',
      'x-oura-signature': signNotification(secret, timestamp, body, traps.upperCaseSignature),
      'x-oura-timestamp': timestamp,
    };
    const timeout = AbortSignal.timeout(settings.timeoutMs);
    let outcome: DeliveryRecord['outcome'];
    try {
      const signal = AbortSignal.any([timeout, stopping.signal]);
      const response = await fetch(subscription.callback_url, {
        method: 'POST',
        headers,
        body,
        redirect: 'manual',
        signal,
      });
      await response.arrayBuffer();
      outcome = response.status;
    } catch {
      // Every reason not to have an answer leads to a retry; which one it was stands in the record.
      outcome = timeout.aborted ? 'timeout' : 'unreachable';
    }
    const { id, callback_url } = subscription;
    settings.record({
      at: new Date(presentMs),
      subscriptionId: id,
      callbackUrl: callback_url,
      headers,
      body,
      attempt: number,
      outcome,
    });
    if (outcome === 410 && traps.goneCancelsSubscription) {
      settings.subscriptions.cancel(id);
      return 'done';
    }
    return typeof outcome === 'number' && outcome >= 200 && outcome < 400 ? 'done' : 'again';
  }

  async function deliver(delivery: Delivery, number: number): Promise<void> {
    const isCancelled = settings.subscriptions.get(delivery.subscription.id) === null;
    if (isCancelled || stopping.signal.aborted || (await attempt(delivery, number)) === 'done') return finish();
    const waitMs = settings.retryDelaysMs[number - 1];
    if (waitMs === undefined || stopping.signal.aborted) return finish();
    const timer = setTimeout(() => {
      timers.delete(timer);
      void deliver(delivery, number + 1);
    }, waitMs);
    timers.add(timer);
  }

  function pump(ouraUserId: string): void {
    const lane = lanes.get(ouraUserId);
    if (lane === undefined) return;
    const most = traps.outOfOrderNotifications ? 4 : 1;
    while (lane.running < most) {
      const next = lane.waiting.shift();
      if (next === undefined) break;
      lane.running += 1;
      void deliver(next, 1).then(() => {
        lane.running -= 1;
        pump(ouraUserId);
      });
    }
  }

  return {
    send: (notifications) => {
      const fresh = new Map<string, Delivery[]>();
      for (const notification of notifications) {
        const happened = notification.eventTime ?? new Date(settings.presentMs());
        const body = bodyOf(notification, happened);
        const isDoubled = traps.duplicateNotifications && uniformOf('double', body) < 0.07;
        const times = notification.times ?? (isDoubled ? 2 : 1);
        for (const subscription of settings.subscriptions.matching(
          notification.dataType,
          notification.eventType,
          happened.getTime(),
        )) {
          const secret = notification.forgeWith ?? settings.clientSecret;
          const delivery = { subscription, body, secret, timestampS: notification.timestampS ?? null };
          const queued = fresh.get(notification.ouraUserId) ?? [];
          for (let i = 0; i < times; i += 1) queued.push(delivery);
          fresh.set(notification.ouraUserId, queued);
        }
      }
      for (const [ouraUserId, deliveries] of fresh) {
        const lane = lanes.get(ouraUserId) ?? { waiting: [], running: 0 };
        lanes.set(ouraUserId, lane);
        lane.waiting.push(...(traps.outOfOrderNotifications ? shuffled(deliveries) : deliveries));
        pending += deliveries.length;
        pump(ouraUserId);
      }
    },
    pending: () => pending,
    settle: () => (pending === 0 ? Promise.resolve() : new Promise((resolve) => waiters.push(resolve))),
    stop: () => {
      stopping.abort();
      for (const timer of timers) clearTimeout(timer);
      for (const resolve of waiters) resolve();
      waiters = [];
    },
  };
}
