// The settings that concern Oura's cloud: our application there, its addresses (two portals exist; an application belongs to one of them),
// how Oura reaches us, and how many requests we allow ourselves. Spread into the settings of ingest.
import { z } from 'zod';
import { setting } from '../../runtime/settings.ts';
import { webhookDataTypes } from '../subscriptions/decide-subscriptions.ts';

const urlList = () =>
  setting
    .list()
    .refine(
      (urls) => urls.length > 0 && urls.every((url) => URL.canParse(url) && /^https?:/.test(url)),
      'expected one or more addresses that begin with http:// or https://, separated by commas',
    );

export const ouraSettings = z.object({
  OURA_CLIENT_ID: setting.text().optional().describe('Client id of your application at Oura.'),
  OURA_CLIENT_SECRET: setting
    .text()
    .optional()
    .describe('Client secret of your application at Oura. Oura also signs its webhooks with it.'),
  OURA_REDIRECT_URI: setting
    .url()
    .optional()
    .describe(
      'The callback address exactly as registered at Oura. Default: PUBLIC_URL, or http://localhost:PUBLIC_PORT, with /oauth/callback.',
    ),
  PUBLIC_URL: setting
    .url()
    .optional()
    .describe(
      'The https address under which Oura reaches the public listener. Without it there are no webhooks, only polls.',
    ),
  OURA_SCOPES: setting
    .list()
    .default([
      ...['personal', 'daily', 'heartrate', 'workout', 'tag', 'session', 'spo2', 'heart_health'],
      ...['ring_configuration', 'stress'],
    ])
    .describe('Scopes to ask for, separated by commas. Leave out those your application does not have.'),
  OURA_API_URL: setting.url().default('https://api.ouraring.com').describe('Address of the Oura API.'),
  OURA_AUTHORIZE_URL: setting
    .url()
    .default('https://cloud.ouraring.com/oauth/authorize')
    .describe("Oura's consent page; it leads applications of the new portal on to theirs."),
  OURA_TOKEN_URL: urlList()
    .default(['https://moi.ouraring.com/oauth/v2/ext/oauth-token', 'https://api.ouraring.com/oauth/token'])
    .describe('Token addresses in the order in which they are tried; the one that issued a grant refreshes it.'),
  OURA_REVOKE_URL: urlList()
    .default(['https://moi.ouraring.com/oauth/v2/ext/oauth-revoke', 'https://api.ouraring.com/oauth/revoke'])
    .describe('Addresses that end a grant, one per token address, in the same order.'),
  OURA_WEBHOOK_EVENTS: setting
    .list()
    .refine(
      (events) => events.every((event) => ['create', 'update', 'delete'].includes(event)),
      'expected create, update and delete, separated by commas',
    )
    .default(['create', 'update', 'delete'])
    .describe('Kinds of events to subscribe to.'),
  OURA_WEBHOOK_TYPES: setting
    .list()
    .default([...webhookDataTypes])
    .describe('Data types to subscribe to.'),
  OURA_RATE_WINDOW_S: setting.wholeNumber().min(1).default(300).describe('Length of the window for requests to Oura.'),
  OURA_RATE_LIMIT: setting
    .wholeNumber()
    .min(1)
    .default(5000)
    .describe('Requests to Oura in one window, all people together.'),
  OURA_RATE_LIMIT_PER_PERSON: setting.wholeNumber().min(1).default(2500).describe('Of these, for one person.'),
});

export type OuraSettings = z.output<typeof ouraSettings>;

/** Our application at Oura; undefined while it is not set up. */
export interface OuraApplication {
  clientId: string;
  clientSecret: string;
}

export const applicationOf = (settings: OuraSettings): OuraApplication | undefined =>
  settings.OURA_CLIENT_ID && settings.OURA_CLIENT_SECRET
    ? { clientId: settings.OURA_CLIENT_ID, clientSecret: settings.OURA_CLIENT_SECRET }
    : undefined;

/** Where the public listener is reached: by Oura, or failing that from this machine alone. Without a slash at the end. */
export const publicBaseUrl = (settings: Pick<OuraSettings, 'PUBLIC_URL'>, publicPort: number): string =>
  (settings.PUBLIC_URL ?? `http://localhost:${publicPort}`).replace(/\/+$/, '');

export const redirectUri = (
  settings: Pick<OuraSettings, 'PUBLIC_URL' | 'OURA_REDIRECT_URI'>,
  publicPort: number,
): string => settings.OURA_REDIRECT_URI ?? `${publicBaseUrl(settings, publicPort)}/oauth/callback`;
