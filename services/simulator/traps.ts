// The odd things Oura really does, each with a name and a switch. A trap that is on happens at its natural rate (or always,
// when it is a property of the protocol); one that is off never happens, and nothing else changes: every value of the ring
// has its own random stream. The catalogue is the table of the README and the list that traps.test.ts walks.

interface TrapFact {
  /** What a client meets when the trap is on. */
  does: string;
  /** Where the fact stands: a section of the research notes on Oura's API. */
  source: string;
  /** Off unless asked for: sources disagree, or it would be a defect of Oura's rather than its habit. */
  rare?: true;
  /** Silences a ring for a while: kept away from days at and after `liveFrom`, so that a demo always moves. */
  disruptive?: true;
}

export const trapCatalogue = {
  newPortalApp: {
    does: 'the legacy token address answers 400 to a refresh and 401 to a code, and the code is burnt',
    source: '§3',
  },
  prefixedScopes: { does: 'granted scopes are named `extapi:daily`, not `daily`', source: '§3' },
  bareScopesDropped: {
    does: '`heart_health` and `stress`, asked for without `extapi:`, are not granted',
    source: '§3',
    rare: true,
  },
  rotatingRefreshTokens: { does: 'a refresh token works once', source: '§3' },
  missingScopeIs401: { does: 'a missing scope answers 401 where the specification says 403', source: '§3' },
  expiryWithoutTimeZone: { does: '`expiration_time` has nine digits of fraction and no time zone', source: '§2.1' },
  unknownSubscriptionIs403: { does: 'an unknown subscription id answers 403, not 404', source: '§2.1' },
  upperCaseSignature: { does: 'the signature is upper-case hexadecimal', source: '§2.4' },
  goneCancelsSubscription: { does: 'an answer 410 to a notification cancels its subscription', source: '§2.5' },
  duplicateNotifications: { does: 'some notifications are sent twice', source: '§2.5' },
  outOfOrderNotifications: { does: 'some notifications overtake earlier ones', source: '§2.5' },
  notFoundAfterNotification: { does: 'the first fetch after some notifications answers 404', source: '§2.6' },
  notifyOutsideScopes: { does: 'notifications come also for data the person did not grant', source: '§2.6' },
  silentWebhooks: {
    does: 'for two days no notification at all, though the data comes',
    source: '§2.6',
    disruptive: true,
  },
  windowByInstant: {
    does: 'date windows compare an instant, not `day`: an end date drops its own activity, a night is not found under its own day',
    source: '§4.2',
  },
  unorderedLists: { does: 'documents of a page are in no order', source: '§4.4' },
  absentNextToken: { does: 'the last page of a time series has no `next_token` at all', source: '§1.1' },
  repeatedNextToken: { does: 'the last page repeats the token that led to it', source: '§1.1', rare: true },
  exactCaseVo2Max: { does: '`vo2_max` answers 404; only `vO2_max` exists', source: '§1.1' },
  inProgressNights: {
    does: 'a night is published while it lasts, with `bedtime_end` null, and completed later',
    source: '§4.4',
  },
  bedtimeEdits: { does: 'the person corrects a bedtime: same id, shorter night', source: '§4.4' },
  rescoring: { does: 'scores change a day later', source: '§4.4' },
  backgroundAnalysis: { does: 'a Ring 5 publishes a night before the app is opened, and again after', source: '§4.4' },
  deletions: { does: 'a nap is deleted: webhook `delete`, then 404', source: '§4.4' },
  rejectedSleep: { does: 'a nap becomes type `rest` or `deleted` and stays in the list', source: '§4.4' },
  lateSyncs: { does: 'no sync for two or three days, then everything at once', source: '§4.4', disruptive: true },
  naps: { does: 'several sleep documents a day', source: '§4.4' },
  lateNaps: { does: 'a nap after 18:00 counts for the next day', source: '§4.3' },
  splitNights: { does: 'two documents of type `long_sleep` in one day', source: '§4.4' },
  flights: { does: 'the offset changes with travel; the day of a flight is longer or shorter', source: '§4.3' },
  dstDays: { does: 'days of 23 and 25 hours', source: '§4.3' },
  daysNotWorn: {
    does: 'a day without the ring: no sleep, no scores, only non-wear time',
    source: '§4.5',
    disruptive: true,
  },
  missingActivity: { does: 'a worn day without any daily_activity document', source: '§4.5', disruptive: true },
  noneAsNumber: { does: 'lowest heart rate 255 and average 0.0 mean "none"', source: '§4.5' },
  nullSeries: { does: 'heart rate and HRV of a sleep are null, or all their items are', source: '§4.5' },
  poorNaps: { does: 'efficiency as low as 6 to 24 %, latency 0', source: '§4.5' },
  contributorsOutOfRange: { does: 'contributors of 0, below the documented 1–100', source: '§4.5' },
  nullScores: { does: 'a score is null when there is not enough data', source: '§4.5' },
  nullSleepType: { does: 'a sleep has no type', source: '§4.5' },
  negativeMetersToTarget: { does: '`meters_to_target` falls below zero', source: '§4.5' },
  emptyResources: { does: 'some resources are empty for a person, with 200', source: '§4.5' },
  nullSpo2: { does: '`spo2_percentage` is null', source: '§4.5' },
  heartRateBursts: {
    does: 'heart rates come in bursts 1–5 s apart when awake, about every 5 minutes at rest',
    source: '§4.5',
  },
  sameSecondHeartRates: { does: 'several heart rates carry the same second', source: '§4.5' },
  severalRings: { does: 'ring_configuration lists every ring ever worn', source: '§4.4' },
  lowBattery: { does: 'the ring is charged a day late and falls below 15 %', source: '§4.5' },
  restMode: { does: 'an illness with rest mode: warm skin, high heart rate, low readiness', source: '§1.3' },
} as const satisfies Record<string, TrapFact>;

export type TrapName = keyof typeof trapCatalogue;
export type Traps = Record<TrapName, boolean>;

const facts: Record<TrapName, TrapFact> = trapCatalogue;
export const trapNames = Object.keys(trapCatalogue).filter((name): name is TrapName => name in trapCatalogue);

const switchAll = (to: (name: TrapName) => boolean): Traps => {
  const entries = trapNames.map((name) => [name, to(name)] as const);
  return Object.fromEntries(entries) as Traps;
};

/** What Oura does on ordinary days: everything but the rare. */
export const usualTraps: Traps = switchAll((name) => facts[name].rare !== true);
/** An Oura as its specification would have it. */
export const noTraps: Traps = switchAll(() => false);

export const isDisruptive = (name: TrapName): boolean => facts[name].disruptive === true;
