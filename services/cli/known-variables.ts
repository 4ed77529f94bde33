// Every variable that something of this project reads: the settings, and the few that are no settings of a service.
import { settingsGroups } from './settings.ts';

/** Read by the command itself: the demo of the stack, the memory of `serve`, the health check of a container. */
const ofTheCommand = [
  'DEMO_SIMULATOR_URL',
  'DEMO_PUBLIC_URL',
  'DEMO_CLIENT_SECRET',
  'OURA_STREAMING_MEMORY',
  'PROBE_URL',
];

/** Read by docker-compose.yml, from the same `.env`. */
export const ofTheStack: readonly string[] = [
  'GRAFANA_IMAGE',
  'GRAFANA_PASSWORD',
  'GRAFANA_PORT',
  'INFLUXDB_IMAGE',
  'INFLUX_PASSWORD',
  'KAFKA_CLUSTER_ID',
  'KAFKA_HEAP_OPTS',
  'KAFKA_IMAGE',
  'NODE_IMAGE',
  'OURA_STREAMING_IMAGE',
  'POSTGRES_IMAGE',
  'POSTGRES_PASSWORD',
];

export const knownVariables: ReadonlySet<string> = new Set([
  ...settingsGroups.flatMap(({ schema }) => Object.keys(schema.shape)),
  ...ofTheCommand,
  ...ofTheStack,
]);
