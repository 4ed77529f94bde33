// The contract of the simulator: what it is given and what it offers. Times are instants; the simulated present is an
// input (`now`) that tests and the demo move. Nothing here knows how the answers are made.

import type { Fault } from './cloud/faults.ts';
import type { TrapName, Traps } from './traps.ts';

export type Chronotype = 'early' | 'middle' | 'late';

/** Who wears a simulated ring. What is left out follows from the seed and the position in the list. */
export interface SimulatedUserSpec {
  ouraUserId?: string;
  email?: string;
  /** IANA name of the home time zone. */
  timeZone?: string;
  chronotype?: Chronotype;
  hardware?: 'gen3' | 'gen4' | 'or5';
  age?: number;
  weightKg?: number;
  heightM?: number;
  biologicalSex?: 'female' | 'male';
}

export interface AutoConsent {
  /** Email or Oura id of the person who consents; the first user if left out. */
  user?: string;
  /** Scopes the person leaves unticked. */
  refuse?: string[];
}

export interface SimulatorOptions {
  seed: number;
  users: SimulatedUserSpec[];
  clientId: string;
  clientSecret: string;
  /** The simulated present. */
  now: () => Date;
  /** How far the rings' history goes back from the first `now()`. */
  historyDays: number;
  /** 0 (the default) lets the system choose. */
  port?: number;
  /** 127.0.0.1 by default. */
  host?: string;
  /** Changes to `usualTraps`. */
  traps?: Partial<Traps>;
  /** Serve the recorded answers of this folder instead of made ones. */
  recordedFolder?: string;
  /** Waits between the attempts of a notification; Oura's ten retries take about an hour, these a few seconds. */
  retryDelaysMs?: number[];
  deliveryTimeoutMs?: number;
  /** Consent without a page (the demo); `true` is the first user with everything ticked. */
  autoConsent?: boolean | AutoConsent;
  /** When given, only these exact redirect URIs are accepted. */
  redirectUris?: string[];
  accessTokenLifetimeS?: number;
  /** Syncs per natural sync: 1 is a phone (about every 45 minutes); 90 makes a page move every half minute, day and night. */
  liveliness?: number;
  /** From this day on no disruptive trap occurs. */
  liveFrom?: Date;
  pageSize?: { documents?: number; rows?: number };
  /** Answer 429 above this many requests in a window, per token and (ten times as many) for the app. Off by default. */
  rateLimit?: { requests: number; windowS: number };
}

export interface SimulatedUser {
  ouraUserId: string;
  email: string;
  timeZone: string;
}

export interface RequestRecord {
  at: Date;
  method: string;
  path: string;
  query: string;
  status: number;
  ouraUserId: string | null;
}

export interface DeliveryRecord {
  at: Date;
  subscriptionId: string;
  callbackUrl: string;
  headers: Record<string, string>;
  body: string;
  attempt: number;
  /** The receiver's answer, or what went wrong on the way to it. */
  outcome: number | 'timeout' | 'unreachable';
}

export interface NotificationRequest {
  ouraUserId: string;
  dataType: string;
  eventType: 'create' | 'update' | 'delete';
  objectId: string;
  eventTime?: Date;
  /** Sign with something else than the client secret: a forgery. */
  forgeWith?: string;
  /** Put this in `x-oura-timestamp` (seconds) instead of the present. */
  timestampS?: number;
  /** How many times the same bytes are sent. */
  times?: number;
}

export interface TokenAnswer {
  access_token: string;
  refresh_token: string;
  token_type: 'bearer';
  expires_in: number;
  scope: string;
}

export interface Simulator {
  url: string;
  users: SimulatedUser[];
  traps: Traps;
  present(): Date;
  /** Moves the present and sends a notification for each change due since the last call. Resolves to their number. */
  advance(to: Date): Promise<number>;
  /** The next matching request or requests fail as told. */
  failNext(fault: Fault): void;
  /** Sends one made-up notification to whoever subscribed to its pair. */
  notify(notification: NotificationRequest): void;
  /** A grant without the consent page, for tests that begin after it. */
  grant(ouraUserId: string, scopes?: string[]): TokenAnswer;
  /** The days (ISO) of the history so far on which a trap of the ring occurs. */
  occurrences(trap: TrapName, ouraUserId: string): string[];
  /** The last 10,000 requests and attempts. */
  requests: readonly RequestRecord[];
  deliveries: readonly DeliveryRecord[];
  /** Resolves when no delivery is pending. */
  settle(): Promise<void>;
  stop(): Promise<void>;
}
