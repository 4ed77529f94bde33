// The settings of the composition root: where data lies and which engines are used. Every service has its own beside its code.
import { z } from 'zod';
import { type AlertSettings, alertSettings } from '../alert/settings.ts';
import { type IngestSettings, ingestSettings } from '../ingest/settings.ts';
import { type LiveSettings, liveSettings } from '../live/settings.ts';
import { postgresSettings } from '../runtime/database/postgres-settings.ts';
import { requireCredentials } from '../runtime/http/credentials.ts';
import { type HttpSettings, httpSettings } from '../runtime/http/http-settings.ts';
import { kafkaSettings } from '../runtime/log/kafka-settings.ts';
import { parseSecretsKeys } from '../runtime/secrets-key.ts';
import { type Environment, readSettings, SettingsError, setting } from '../runtime/settings.ts';
import { influxSettings } from '../storage/metric-store/influx-settings.ts';
import { type ServiceName, serviceNames } from './service-names.ts';
import type { SettingsGroup } from './settings-table.ts';

export const coreSettings = z.object({
  DATA_DIR: setting.text().default('data').describe('Folder of the embedded log and databases, and of the key.'),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent'], 'expected fatal, error, warn, info, debug or silent')
    .default('info')
    .describe(
      'How much is logged: fatal, error, warn, info, debug or silent. No secret at any level, no health value from info up.',
    ),
  SECRETS_KEY: setting
    .text()
    .refine(
      isSecretsKeys,
      'expected 32 bytes as 64 hexadecimal digits or in base64; "openssl rand -hex 32" makes such a key',
    )
    .optional()
    .describe(
      'Key of the stored credentials: 32 bytes in hex or base64; a comma-separated list rotates it. Made once in `DATA_DIR` when not set.',
    ),
});

export const publicSettings = z.object({
  PUBLIC_HOST: setting.text().default('127.0.0.1').describe('Address that what Oura must reach listens on.'),
  PUBLIC_PORT: setting
    .port()
    .default(8001)
    .describe(
      'Port of what Oura must reach: webhook, OAuth callback, connect links, nothing else. Lead a tunnel only here. The same as HTTP_PORT where a platform gives one port; that needs HTTP_PASSWORD.',
    ),
});

export const engineSettings = z.object({
  ...coreSettings.shape,
  ...kafkaSettings.shape,
  ...postgresSettings.shape,
  ...influxSettings.shape,
});
/** For `prepare`, which runs as the owner of the database. */
export const prepareSettings = engineSettings.extend({
  DATABASE_ROLE_PASSWORD: setting
    .text()
    .optional()
    .describe(
      'For `prepare`: password of the services’ own roles in PostgreSQL. Not set: an administrator gives them theirs.',
    ),
});

export type EngineSettings = z.output<typeof engineSettings>;

export type ApplicationSettings = EngineSettings &
  HttpSettings &
  z.output<typeof publicSettings> &
  IngestSettings &
  AlertSettings &
  LiveSettings;

function isSecretsKeys(text: string): boolean {
  try {
    parseSecretsKeys(text, 'SECRETS_KEY');
    return true;
  } catch {
    return false;
  }
}

/** Ingest can do nothing with half of an application at Oura. Live needs the id alone. */
function halfApplication(environment: Environment, services: readonly ServiceName[]): string[] {
  const pair = ['OURA_CLIENT_ID', 'OURA_CLIENT_SECRET'];
  const missing = pair.filter((name) => !environment[name]?.trim());
  if (!services.includes('ingest') || missing.length !== 1) return [];
  return [`${missing[0]} is not set: OURA_CLIENT_ID and OURA_CLIENT_SECRET belong together; set both, or neither`];
}

/** Whoever can be reached by others needs a password. */
function openToStrangers(http: HttpSettings, open: z.output<typeof publicSettings>): string[] {
  const { HTTP_HOST: host, HTTP_PASSWORD: password, HTTP_PORT: port } = http;
  if (password !== undefined) return [];
  if (open.PUBLIC_PORT === port && port !== 0)
    return ['HTTP_PASSWORD is not set, but PUBLIC_PORT is HTTP_PORT: strangers reach the page, so set a password'];
  try {
    requireCredentials({ host, password });
    return [];
  } catch (error) {
    if (error instanceof SettingsError) return [...error.problems];
    throw error;
  }
}

/** Everything the pipeline reads. @throws SettingsError with the problems of all services at once */
export function readApplicationSettings(
  environment: Environment,
  services: readonly ServiceName[] = serviceNames,
): ApplicationSettings {
  const problems: string[] = [];
  const read = <Shape extends z.ZodRawShape>(schema: z.ZodObject<Shape>): z.output<z.ZodObject<Shape>> | undefined => {
    try {
      return readSettings(schema, environment);
    } catch (error) {
      if (!(error instanceof SettingsError)) throw error;
      problems.push(...error.problems);
      return undefined;
    }
  };
  const engines = read(engineSettings);
  const http = read(httpSettings);
  const open = read(publicSettings);
  const ingest = read(ingestSettings);
  const alert = read(alertSettings);
  const live = read(liveSettings);
  problems.push(...halfApplication(environment, services));
  if (http && open) problems.push(...openToStrangers(http, open));
  if (problems.length > 0 || !engines || !http || !open || !ingest || !alert || !live)
    throw new SettingsError(problems);
  return { ...engines, ...http, ...open, ...ingest, ...alert, ...live };
}

/** For the README. */
export const settingsGroups: readonly SettingsGroup[] = [
  { title: 'Your ring', schema: ingestSettings },
  { title: 'Alerts', schema: alertSettings },
  {
    title: 'Page and API',
    schema: z.object({ ...httpSettings.shape, ...publicSettings.shape, ...liveSettings.shape }),
  },
  { title: 'Data and engines', schema: prepareSettings },
];
