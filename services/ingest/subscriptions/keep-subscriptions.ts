// One round: look at what Oura has, do what is decided, look again where Oura said that a pair exists already, and note how it stands.
// A pair that cannot be had is a problem of that pair alone; an Oura that does not answer ends the round.
import type { Clock } from '../../runtime/clock.ts';
import type { Database } from '../../runtime/database/database.ts';
import {
  type SubscriptionStatus,
  type SubscriptionTables,
  saveSubscriptionStatuses,
} from '../../storage/subscriptions.ts';
import {
  decideSubscriptions,
  type ExistingSubscription,
  type SubscriptionAction,
  type SubscriptionPair,
  type WantedSubscriptions,
} from './decide-subscriptions.ts';
import type { SubscriptionAnswer, SubscriptionApi } from './subscription-api.ts';

export interface RoundParts {
  api: SubscriptionApi;
  state: Database<SubscriptionTables>;
  clock: Pick<Clock, 'now'>;
  wanted: WantedSubscriptions;
}

export type Round =
  | { kind: 'done'; actions: number; statuses: readonly SubscriptionStatus[] }
  | { kind: 'unavailable'; detail: string; retryAfterMs?: number };

/** @throws Failure when our own database is down */
export async function keepSubscriptions({ api, state, clock, wanted }: RoundParts): Promise<Round> {
  const problems = new Map<string, string>();
  let listed = await api.list();
  if (listed.kind !== 'ok') return ended(listed);
  const actions = decideSubscriptions(wanted, listed.result, clock.now());
  for (const action of actions) {
    const answer = await act(api, action);
    if (answer.kind === 'unavailable') return ended(answer);
    if (answer.kind !== 'ok') problems.set(keyOf(action.pair), sentence(answer));
  }
  if (actions.length > 0) {
    listed = await api.list();
    if (listed.kind !== 'ok') return ended(listed);
  }
  const statuses = statusesOf(wanted, listed.result, problems, clock.now());
  await state.transaction((tx) => saveSubscriptionStatuses(tx, statuses));
  return { kind: 'done', actions: actions.length, statuses };
}

const keyOf = ({ dataType, eventType }: SubscriptionPair): string => `${dataType}/${eventType}`;

async function act(api: SubscriptionApi, action: SubscriptionAction): Promise<SubscriptionAnswer<unknown>> {
  const { pair } = action;
  switch (action.kind) {
    case 'create':
      return api.create(pair);
    case 'remove': {
      const removed = await api.remove(action.id);
      return removed.kind === 'gone' ? { kind: 'ok', result: undefined } : removed;
    }
    case 'move': {
      const moved = await api.move(action.id, pair);
      return moved.kind === 'gone' ? api.create(pair) : moved;
    }
    case 'renew': {
      const renewed = await api.renew(action.id);
      if (renewed.kind === 'ok' || renewed.kind === 'unavailable') return renewed;
      // An expired one may be listed and yet not be renewable: then it is in the way of a new one.
      const removed = await api.remove(action.id);
      return removed.kind === 'unavailable' ? removed : api.create(pair);
    }
  }
}

function statusesOf(
  wanted: WantedSubscriptions,
  existing: readonly ExistingSubscription[],
  problems: ReadonlyMap<string, string>,
  nowMs: number,
): SubscriptionStatus[] {
  return wanted.pairs.map((pair) => {
    const found = existing.find((one) => keyOf(one) === keyOf(pair) && one.callbackUrl === wanted.callbackUrl);
    const isLive = found?.expiresAtMs !== undefined && found.expiresAtMs > nowMs;
    return {
      ...{ dataType: pair.dataType, eventType: pair.eventType, checkedAtMs: nowMs },
      subscriptionId: found?.id ?? null,
      callbackUrl: found?.callbackUrl ?? null,
      expiresAtMs: found?.expiresAtMs ?? null,
      // Oura answers 422 to a pair that exists: where it is there and lives, all is well whatever was said.
      problem: isLive ? null : (problems.get(keyOf(pair)) ?? 'Oura does not list this subscription.'),
    };
  });
}

const sentence = (answer: Exclude<SubscriptionAnswer<unknown>, { kind: 'ok' | 'unavailable' }>): string =>
  answer.kind === 'gone' ? 'Oura does not let our application have this subscription (403).' : answer.detail;

function ended(answer: Exclude<SubscriptionAnswer<unknown>, { kind: 'ok' }>): Round {
  if (answer.kind !== 'unavailable') return { kind: 'unavailable', detail: sentence(answer) };
  const { detail, retryAfterMs } = answer;
  return { kind: 'unavailable', detail, ...(retryAfterMs !== undefined && { retryAfterMs }) };
}
