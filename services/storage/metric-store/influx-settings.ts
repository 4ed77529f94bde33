// How to reach InfluxDB. INFLUX_URL switches the metric store to it; the others are then needed.
import { z } from 'zod';
import { SettingsError, setting } from '../../runtime/settings.ts';

export const influxSettings = z.object({
  INFLUX_URL: setting
    .url()
    .optional()
    .describe('InfluxDB 2 for the time series instead of the embedded tables: its address, `http://influxdb:8086`.'),
  INFLUX_TOKEN: setting
    .text()
    .optional()
    .describe(
      'API token that may read and write the bucket; to rebuild, and to make the bucket, also buckets of the organisation.',
    ),
  INFLUX_ORG: setting.text().default('oura').describe('Organisation in InfluxDB.'),
  INFLUX_BUCKET: setting
    .text()
    .default('oura')
    .describe('Bucket in InfluxDB; made when it is missing. A rebuild fills another one and switches.'),
  INFLUX_TIMEOUT_MS: setting
    .wholeNumber()
    .min(1000)
    .default(30_000)
    .describe('A request to InfluxDB that takes longer is given up and tried again.'),
});

export interface InfluxConnection {
  url: string;
  token: string;
  org: string;
  bucket: string;
  timeoutMs: number;
}

/** Undefined where the embedded store is meant. @throws SettingsError */
export function influxConnection(settings: z.output<typeof influxSettings>): InfluxConnection | undefined {
  const { INFLUX_URL, INFLUX_TOKEN, INFLUX_ORG, INFLUX_BUCKET, INFLUX_TIMEOUT_MS } = settings;
  if (INFLUX_URL === undefined) return undefined;
  if (INFLUX_TOKEN === undefined) throw new SettingsError(['INFLUX_TOKEN is not set: INFLUX_URL needs an API token']);
  return {
    url: INFLUX_URL.replace(/\/+$/, ''),
    token: INFLUX_TOKEN,
    org: INFLUX_ORG,
    bucket: INFLUX_BUCKET,
    timeoutMs: INFLUX_TIMEOUT_MS,
  };
}
