// A real InfluxDB for tests: one container per test file, a bucket of its own per subject. Its name holds `test`.
import { randomBytes } from 'node:crypto';
import { GenericContainer, type StartedTestContainer, Wait } from 'testcontainers';
import type { InfluxConnection } from '../../services/storage/metric-store/influx-settings.ts';

export interface InfluxServer {
  container: StartedTestContainer;
  /** How to reach a bucket that does not exist yet. */
  connection(): InfluxConnection;
  stop(): Promise<void>;
}

const port = 8086;
const token = 'test-token';

export async function startInflux(): Promise<InfluxServer> {
  const container = await new GenericContainer(process.env.INFLUXDB_IMAGE ?? 'influxdb:2.7-alpine')
    .withEnvironment({
      DOCKER_INFLUXDB_INIT_MODE: 'setup',
      DOCKER_INFLUXDB_INIT_USERNAME: 'test',
      DOCKER_INFLUXDB_INIT_PASSWORD: 'test-password',
      DOCKER_INFLUXDB_INIT_ORG: 'oura',
      DOCKER_INFLUXDB_INIT_BUCKET: 'first',
      DOCKER_INFLUXDB_INIT_ADMIN_TOKEN: token,
    })
    .withExposedPorts(port)
    // Set-up is over when the token works; before that the server on this port is a passing one.
    .withWaitStrategy(
      Wait.forSuccessfulCommand(
        `curl -sf -H 'Authorization: Token ${token}' 'http://127.0.0.1:${port}/api/v2/buckets?name=first'`,
      ),
    )
    .start();
  return {
    container,
    connection: () => ({
      url: `http://${container.getHost()}:${container.getMappedPort(port)}`,
      token,
      org: 'oura',
      bucket: `test_${randomBytes(6).toString('hex')}`,
      timeoutMs: 30_000,
    }),
    stop: async () => void (await container.stop()),
  };
}
