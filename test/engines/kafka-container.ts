// A Kafka broker for the tests of this folder: one broker and controller, reachable through one mapped port.
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:net';
import { type KafkaConfig, logLevel } from 'kafkajs';
import { GenericContainer, type StartedTestContainer, Wait } from 'testcontainers';
import { createFreezer } from '../support/frozen-container.ts';

export interface KafkaBroker {
  config: KafkaConfig;
  container: StartedTestContainer;
  /** The broker stands still (SIGSTOP): connections stay open and nothing is answered. */
  freeze(): Promise<void>;
  thaw(): Promise<void>;
  stop(): Promise<void>;
}

/** A broker tells its clients its own address, so the port outside must be known before it starts. */
const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });

const user = 'tester';
const password = randomUUID();

/** With `login` the broker asks for a user and password (PLAIN). */
export async function startKafka({ login = false } = {}): Promise<KafkaBroker> {
  const port = await freePort();
  const protocol = login ? 'SASL_PLAINTEXT' : 'PLAINTEXT';
  const container = await new GenericContainer(process.env.KAFKA_IMAGE ?? 'apache/kafka:4.3.1')
    .withEnvironment({
      KAFKA_NODE_ID: '1',
      KAFKA_PROCESS_ROLES: 'broker,controller',
      KAFKA_LISTENERS: 'CLIENT://:9092,CONTROLLER://:9093',
      KAFKA_ADVERTISED_LISTENERS: `CLIENT://127.0.0.1:${port}`,
      KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: `CONTROLLER:PLAINTEXT,CLIENT:${protocol}`,
      KAFKA_CONTROLLER_LISTENER_NAMES: 'CONTROLLER',
      KAFKA_CONTROLLER_QUORUM_VOTERS: '1@localhost:9093',
      KAFKA_INTER_BROKER_LISTENER_NAME: 'CLIENT',
      KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: '1',
      KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS: '1',
      KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR: '1',
      KAFKA_TRANSACTION_STATE_LOG_MIN_ISR: '1',
      KAFKA_SHARE_COORDINATOR_STATE_TOPIC_REPLICATION_FACTOR: '1',
      KAFKA_SHARE_COORDINATOR_STATE_TOPIC_MIN_ISR: '1',
      KAFKA_AUTO_CREATE_TOPICS_ENABLE: 'false',
      KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS: '0',
      KAFKA_HEAP_OPTS: '-Xmx512m',
      ...(login && {
        KAFKA_SASL_ENABLED_MECHANISMS: 'PLAIN',
        KAFKA_SASL_MECHANISM_INTER_BROKER_PROTOCOL: 'PLAIN',
        KAFKA_LISTENER_NAME_CLIENT_PLAIN_SASL_JAAS_CONFIG:
          'org.apache.kafka.common.security.plain.PlainLoginModule required ' +
          `username="${user}" password="${password}" user_${user}="${password}";`,
      }),
    })
    .withExposedPorts({ container: 9092, host: port })
    .withWaitStrategy(Wait.forListeningPorts())
    .withStartupTimeout(120_000)
    .start();
  const { freeze, thaw, stop } = await createFreezer(container);
  return {
    container,
    config: {
      clientId: 'test',
      brokers: [`127.0.0.1:${port}`],
      connectionTimeout: 3000,
      requestTimeout: 8000,
      enforceRequestTimeout: true,
      retry: { retries: 3, initialRetryTime: 100, maxRetryTime: 1000 },
      logLevel: logLevel.NOTHING,
      ...(login && { sasl: { mechanism: 'plain', username: user, password } }),
    },
    freeze,
    thaw,
    stop,
  };
}

export const uniqueTopic = (name: string): string => `test-${name}-${randomUUID()}`;
