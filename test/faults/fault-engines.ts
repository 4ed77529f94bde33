// Kafka, PostgreSQL and InfluxDB as containers, each behind a TCP proxy: services keep their addresses over a restart that moves the ports, and the network
// can fail by itself.
import { GenericContainer, type StartedTestContainer, Wait } from 'testcontainers';
import { createFreezer } from '../support/frozen-container.ts';
import { openTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';

export interface FaultEngine {
  proxy: TcpProxy;
  /** Stops it the hard way and starts it again; resolves when it answers. */
  restart(): Promise<void>;
  /** SIGSTOP for all its processes. */
  pause(): Promise<void>;
  unpause(): Promise<void>;
  /** Whatever state it is in. */
  stop(): Promise<void>;
}

export interface FaultEngines {
  kafka: FaultEngine;
  postgres: FaultEngine;
  influx: FaultEngine;
  /** What leads a service to them. */
  environment: Record<string, string>;
  stop(): Promise<void>;
}

const influxToken = 'fault-test-token';

async function behindProxy(container: StartedTestContainer, port: number, proxy: TcpProxy): Promise<FaultEngine> {
  const aim = () => {
    proxy.target = { host: container.getHost(), port: container.getMappedPort(port) };
  };
  aim();
  const { freeze, thaw, stop } = await createFreezer(container);
  return {
    proxy,
    async restart() {
      proxy.target = undefined;
      await container.restart({ timeout: 0 });
      aim();
    },
    pause: freeze,
    unpause: thaw,
    stop,
  };
}

export async function startFaultEngines(): Promise<FaultEngines> {
  const proxies = { kafka: await openTcpProxy(), postgres: await openTcpProxy(), influx: await openTcpProxy() };
  const closeProxies = () => Promise.all(Object.values(proxies).map((proxy) => proxy.close()));
  const starts = [startKafka(proxies.kafka.port), startPostgres(), startInflux()] as const;
  const [kafka, postgres, influx] = await Promise.all(starts).catch(async (error: unknown) => {
    for (const start of await Promise.allSettled(starts)) if (start.status === 'fulfilled') await start.value.stop();
    await closeProxies();
    throw error;
  });
  const engines = {
    kafka: await behindProxy(kafka, 9092, proxies.kafka),
    postgres: await behindProxy(postgres, 5432, proxies.postgres),
    influx: await behindProxy(influx, 8086, proxies.influx),
  };
  return {
    ...engines,
    environment: {
      KAFKA_BROKERS: `127.0.0.1:${proxies.kafka.port}`,
      DATABASE_URL: `postgres://owner:secret@127.0.0.1:${proxies.postgres.port}/test_faults`,
      INFLUX_URL: `http://127.0.0.1:${proxies.influx.port}`,
      INFLUX_TOKEN: influxToken,
      INFLUX_ORG: 'oura',
      INFLUX_BUCKET: 'test_faults',
    },
    async stop() {
      await closeProxies();
      await Promise.all(Object.values(engines).map((engine) => engine.stop()));
    },
  };
}

/** One broker; it tells its clients the address of the proxy. */
const startKafka = (advertisedPort: number): Promise<StartedTestContainer> =>
  new GenericContainer(process.env.KAFKA_IMAGE ?? 'apache/kafka:4.3.1')
    .withEnvironment({
      KAFKA_NODE_ID: '1',
      KAFKA_PROCESS_ROLES: 'broker,controller',
      KAFKA_LISTENERS: 'CLIENT://:9092,INTERNAL://:9094,CONTROLLER://:9093',
      KAFKA_ADVERTISED_LISTENERS: `CLIENT://127.0.0.1:${advertisedPort},INTERNAL://localhost:9094`,
      KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: 'CONTROLLER:PLAINTEXT,CLIENT:PLAINTEXT,INTERNAL:PLAINTEXT',
      KAFKA_CONTROLLER_LISTENER_NAMES: 'CONTROLLER',
      KAFKA_CONTROLLER_QUORUM_VOTERS: '1@localhost:9093',
      KAFKA_INTER_BROKER_LISTENER_NAME: 'INTERNAL',
      KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: '1',
      KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS: '1',
      KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR: '1',
      KAFKA_TRANSACTION_STATE_LOG_MIN_ISR: '1',
      KAFKA_AUTO_CREATE_TOPICS_ENABLE: 'false',
      KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS: '0',
      KAFKA_HEAP_OPTS: '-Xmx512m',
    })
    .withExposedPorts(9092)
    .withWaitStrategy(Wait.forListeningPorts())
    .withStartupTimeout(120_000)
    .start();

const startPostgres = (): Promise<StartedTestContainer> =>
  new GenericContainer(process.env.POSTGRES_IMAGE ?? 'postgres:15-alpine')
    .withEnvironment({ POSTGRES_USER: 'owner', POSTGRES_PASSWORD: 'secret', POSTGRES_DB: 'test_faults' })
    .withExposedPorts(5432)
    // Not the log line: it comes twice, the first time from the server that only sets up.
    .withWaitStrategy(Wait.forSuccessfulCommand('pg_isready -h 127.0.0.1 -U owner -d test_faults'))
    .start();

const startInflux = (): Promise<StartedTestContainer> =>
  new GenericContainer(process.env.INFLUXDB_IMAGE ?? 'influxdb:2.7-alpine')
    .withEnvironment({
      DOCKER_INFLUXDB_INIT_MODE: 'setup',
      DOCKER_INFLUXDB_INIT_USERNAME: 'test',
      DOCKER_INFLUXDB_INIT_PASSWORD: 'test-password',
      DOCKER_INFLUXDB_INIT_ORG: 'oura',
      DOCKER_INFLUXDB_INIT_BUCKET: 'test_faults',
      DOCKER_INFLUXDB_INIT_ADMIN_TOKEN: influxToken,
    })
    .withExposedPorts(8086)
    // Set-up is over when the token works.
    .withWaitStrategy(
      Wait.forSuccessfulCommand(
        `curl -sf -H 'Authorization: Token ${influxToken}' 'http://127.0.0.1:8086/api/v2/buckets?name=test_faults'`,
      ),
    )
    .start();
