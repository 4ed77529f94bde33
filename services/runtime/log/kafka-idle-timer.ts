// kafkajs 2.2.4 arms a timer with a negative delay after every answer, which Node runs after 1 ms and which arms the next: an idle
// connection keeps a core 1–2 % busy for ever (network/requestQueue, scheduleCheckPendingRequests). The timer is only of use while requests
// wait or the broker throttles, so it is armed only then. The version of kafkajs is pinned.
import { createRequire } from 'node:module';

interface RequestQueue {
  pending: readonly unknown[];
  throttledUntil: number;
}

interface RequestQueueClass {
  prototype: RequestQueue & { scheduleCheckPendingRequests(this: RequestQueue): void };
}

let isGuarded = false;

export function guardIdleTimer(): void {
  if (isGuarded) return;
  isGuarded = true;
  const requestQueue: RequestQueueClass = createRequire(import.meta.url)('kafkajs/src/network/requestQueue');
  const schedule = requestQueue.prototype.scheduleCheckPendingRequests;
  requestQueue.prototype.scheduleCheckPendingRequests = function guarded(this: RequestQueue) {
    if (this.pending.length > 0 || this.throttledUntil > Date.now()) schedule.call(this);
  };
}
