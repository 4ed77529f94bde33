// An InfluxQL query as Grafana keeps it. InfluxQL, not Flux: InfluxDB 1.8, 2 and 3 answer it, and Flux is in maintenance (README.md).
import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog';

export const influx = { type: 'influxdb', uid: 'oura-influxdb' } as const;
export const postgres = { type: 'grafana-postgresql-datasource', uid: 'oura-postgres' } as const;

interface InfluxQuery extends Dataquery {
  refId: string;
  query: string;
  alias?: string;
}

/** @param query uses $person, $range, $timeFilter, or ${__from} and ${__to} in milliseconds */
export function influxQuery(query: string, alias?: string): Builder<Dataquery> {
  const target: InfluxQuery & Record<string, unknown> = {
    refId: alias ?? 'A',
    query,
    rawQuery: true,
    resultFormat: 'time_series',
    datasource: influx,
    ...(alias && { alias }),
    _implementsDataqueryVariant: () => {},
    dataqueryName: () => 'influxdb',
  };
  return { build: () => target };
}

export interface Selection {
  metric: string;
  resource: string;
  aggregation: string;
}

// $timeFilter allows no arithmetic, the two ends of the time picker do.
const dayOfSleep = `time >= \${__from}ms - 6h AND time <= \${__to}ms - 6h`;

const where = ({ resource, aggregation }: Selection, time: string): string =>
  `WHERE "user" = '$person' AND "resource" = '${resource}' AND "aggregation" = '${aggregation}' AND ${time}`;

/** The newest value of the day that the time picker shows. */
export const newest = (selection: Selection): string =>
  `SELECT last("value") FROM "${selection.metric}" ${where(selection, '$timeFilter')}`;

/** The newest value of that day's sleep. It stands where the sleep began, often the evening before: Oura's day of sleep changes at 18:00. */
export const newestOfSleep = (selection: Selection): string =>
  `SELECT last("value") FROM "${selection.metric}" ${where(selection, dayOfSleep)}`;

/** Every value of the last 20 hours: the night before this morning. */
export const lastNight = (selection: Selection): string =>
  `SELECT "value" FROM "${selection.metric}" ${where(selection, 'time > now() - 20h')}`;

/** One value a day over the chosen range; a day without one stays empty. Today's may stand at a noon UTC to come, and GROUP BY by itself ends now. */
export const daily = (selection: Selection): string =>
  `SELECT last("value") FROM "${selection.metric}" ${where(selection, 'time > now() - $range AND time < now() + 1d')} GROUP BY time(1d) fill(null)`;
