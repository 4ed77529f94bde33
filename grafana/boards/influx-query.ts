// An InfluxQL query as Grafana keeps it. InfluxQL, not Flux: InfluxDB 1.8, 2 and 3 answer it, and Flux is in maintenance (README.md).
import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog';

export const influx = { type: 'influxdb', uid: 'oura-influxdb' } as const;
export const postgres = { type: 'grafana-postgresql-datasource', uid: 'oura-postgres' } as const;

interface InfluxQuery extends Dataquery {
  refId: string;
  query: string;
  alias?: string;
}

/** @param query uses $person, $range and $timeFilter */
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

const where = ({ resource, aggregation }: Selection, time: string): string =>
  `WHERE "user" = '$person' AND "resource" = '${resource}' AND "aggregation" = '${aggregation}' AND ${time}`;

/** The newest value of the day that the time picker shows. */
export const newest = (selection: Selection): string =>
  `SELECT last("value") FROM "${selection.metric}" ${where(selection, '$timeFilter')}`;

/** Every value of the last 20 hours: the night before this morning. */
export const lastNight = (selection: Selection): string =>
  `SELECT "value" FROM "${selection.metric}" ${where(selection, 'time > now() - 20h')}`;

/** One value a day over the chosen range; a day without one stays empty. */
export const daily = (selection: Selection): string =>
  `SELECT last("value") FROM "${selection.metric}" ${where(selection, 'time > now() - $range')} GROUP BY time(1d) fill(null)`;
