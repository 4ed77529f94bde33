// What has to be done so that Oura sends us every pair of data type and event that we want, to our address, for weeks to come. One
// subscription serves all people of the application, and a pair can be subscribed to once, so a pair that points elsewhere is moved. Pure.
import { resources } from '../../../schemas/oura/resources.ts';

export interface SubscriptionPair {
  dataType: string;
  eventType: string;
}

export interface ExistingSubscription extends SubscriptionPair {
  id: string;
  callbackUrl: string;
  /** Undefined when Oura's text could not be read: then it is renewed. */
  expiresAtMs: number | undefined;
}

export interface WantedSubscriptions {
  pairs: readonly SubscriptionPair[];
  callbackUrl: string;
}

export type SubscriptionAction =
  | { kind: 'create'; pair: SubscriptionPair }
  | { kind: 'move'; id: string; pair: SubscriptionPair }
  | { kind: 'renew'; id: string; pair: SubscriptionPair }
  | { kind: 'remove'; id: string; pair: SubscriptionPair };

/** All that Oura announces, `meal` included: it has no document to fetch, but every notification is kept. */
export const webhookDataTypes: readonly string[] = [
  ...resources.flatMap((resource) => resource.webhookDataType ?? []),
  'meal',
];

export const pairsOf = (dataTypes: readonly string[], eventTypes: readonly string[]): SubscriptionPair[] =>
  dataTypes.flatMap((dataType) => eventTypes.map((eventType) => ({ dataType, eventType })));

/** They last about 90 days; three weeks leave time to notice that renewing fails. */
const renewalMarginMs = 21 * 24 * 3_600_000;

const keyOf = ({ dataType, eventType }: SubscriptionPair): string => `${dataType}/${eventType}`;

export function decideSubscriptions(
  wanted: WantedSubscriptions,
  existing: readonly ExistingSubscription[],
  nowMs: number,
): SubscriptionAction[] {
  const byPair = Map.groupBy(existing, keyOf);
  const wantedKeys = new Set(wanted.pairs.map(keyOf));
  const kept = wanted.pairs.flatMap((pair) => keep(pair, byPair.get(keyOf(pair)) ?? [], wanted.callbackUrl, nowMs));
  // What we no longer want is only ours to remove when it points to us.
  const unwanted = existing.filter((e) => !wantedKeys.has(keyOf(e)) && e.callbackUrl === wanted.callbackUrl);
  return [...kept, ...unwanted.map((e): SubscriptionAction => ({ kind: 'remove', id: e.id, pair: pairOf(e) }))];
}

const pairOf = ({ dataType, eventType }: SubscriptionPair): SubscriptionPair => ({ dataType, eventType });

function keep(
  pair: SubscriptionPair,
  candidates: readonly ExistingSubscription[],
  callbackUrl: string,
  nowMs: number,
): SubscriptionAction[] {
  const [best, ...others] = candidates.toSorted(
    (a, b) =>
      Number(b.callbackUrl === callbackUrl) - Number(a.callbackUrl === callbackUrl) ||
      (b.expiresAtMs ?? 0) - (a.expiresAtMs ?? 0),
  );
  if (!best) return [{ kind: 'create', pair }];
  const isLasting = best.expiresAtMs !== undefined && best.expiresAtMs - nowMs >= renewalMarginMs;
  return [
    ...others
      .filter((other) => other.callbackUrl === callbackUrl)
      .map((other): SubscriptionAction => ({ kind: 'remove', id: other.id, pair })),
    ...(best.callbackUrl === callbackUrl ? [] : [{ kind: 'move', id: best.id, pair } as const]),
    ...(isLasting ? [] : [{ kind: 'renew', id: best.id, pair } as const]),
  ];
}

/** Oura writes UTC without saying so, with up to nine digits of fraction; an offset, where given, holds. */
export function parseExpiry(text: string): number | undefined {
  const match = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:?\d\d)?$/.exec(text.trim());
  if (!match) return undefined;
  const [, date, time, fraction = '', zone = 'Z'] = match;
  const ms = Date.parse(`${date}T${time}.${fraction.slice(0, 3).padEnd(3, '0')}${zone}`);
  return Number.isNaN(ms) ? undefined : ms;
}
