// A Kafka broker for the tests of this folder: one broker and controller, reachable through one mapped port.
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:net';
import { type KafkaConfig, logLevel } from 'kafkajs';
import { GenericContainer, type StartedTestContainer, Wait } from 'testcontainers';
import { createFreezer } from '../support/frozen-container.ts';
import type { ServerCertificate } from './certificates.ts';

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

export interface KafkaProtection {
  /** Who may log in, by PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512, and do everything. `guest`, by PLAIN with the same password, may do what it is given. */
  login: { username: string; password: string };
  tls: ServerCertificate;
}

const keystore = '/tmp/keystore.pem';

/** Protected, it asks for a login and speaks TLS only; `config` is then that of an unprotected one, and refused. */
export async function startKafka(protection?: KafkaProtection): Promise<KafkaBroker> {
  const port = await freePort();
  const container = await new GenericContainer(process.env.KAFKA_IMAGE ?? 'apache/kafka:4.3.1')
    .withEnvironment({
      KAFKA_NODE_ID: '1',
      KAFKA_PROCESS_ROLES: 'broker,controller',
      KAFKA_LISTENERS: 'CLIENT://:9092,CONTROLLER://:9093,INSIDE://:9094',
      KAFKA_ADVERTISED_LISTENERS: `CLIENT://127.0.0.1:${port},INSIDE://localhost:9094`,
      KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: `CONTROLLER:PLAINTEXT,INSIDE:PLAINTEXT,CLIENT:${protection ? 'SASL_SSL' : 'PLAINTEXT'}`,
      KAFKA_CONTROLLER_LISTENER_NAMES: 'CONTROLLER',
      KAFKA_CONTROLLER_QUORUM_VOTERS: '1@localhost:9093',
      KAFKA_INTER_BROKER_LISTENER_NAME: 'INSIDE',
      KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: '1',
      KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS: '1',
      KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR: '1',
      KAFKA_TRANSACTION_STATE_LOG_MIN_ISR: '1',
      KAFKA_SHARE_COORDINATOR_STATE_TOPIC_REPLICATION_FACTOR: '1',
      KAFKA_SHARE_COORDINATOR_STATE_TOPIC_MIN_ISR: '1',
      KAFKA_AUTO_CREATE_TOPICS_ENABLE: 'false',
      KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS: '0',
      KAFKA_HEAP_OPTS: '-Xmx512m',
      ...(protection && protectedBy(protection)),
    })
    .withCopyContentToContainer(
      protection ? [{ content: protection.tls.key + protection.tls.certificate, target: keystore, mode: 0o644 }] : [],
    )
    .withExposedPorts({ container: 9092, host: port })
    .withWaitStrategy(Wait.forListeningPorts())
    .withStartupTimeout(120_000)
    .start();
  if (protection) await addScramUser(container, protection.login);
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
    },
    freeze,
    thaw,
    stop,
  };
}

function protectedBy({ login: { username, password } }: KafkaProtection): Record<string, string> {
  const scram = 'org.apache.kafka.common.security.scram.ScramLoginModule required;';
  return {
    KAFKA_SSL_KEYSTORE_TYPE: 'PEM',
    KAFKA_SSL_KEYSTORE_LOCATION: keystore,
    KAFKA_SASL_ENABLED_MECHANISMS: 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
    KAFKA_LISTENER_NAME_CLIENT_PLAIN_SASL_JAAS_CONFIG: `org.apache.kafka.common.security.plain.PlainLoginModule required user_${username}="${password}" user_guest="${password}";`,
    KAFKA_AUTHORIZER_CLASS_NAME: 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    // Anonymous are those inside.
    KAFKA_SUPER_USERS: `User:ANONYMOUS;User:${username}`,
    KAFKA_LISTENER_NAME_CLIENT_SCRAM___SHA___256_SASL_JAAS_CONFIG: scram,
    KAFKA_LISTENER_NAME_CLIENT_SCRAM___SHA___512_SASL_JAAS_CONFIG: scram,
  };
}

/** One mechanism a call: Kafka refuses to change a user twice in one. */
async function addScramUser(container: StartedTestContainer, { username, password }: KafkaProtection['login']) {
  for (const mechanism of ['SCRAM-SHA-256', 'SCRAM-SHA-512']) {
    const { exitCode, output } = await container.exec([
      ...['/opt/kafka/bin/kafka-configs.sh', '--bootstrap-server', 'localhost:9094', '--alter'],
      ...['--entity-type', 'users', '--entity-name', username],
      ...['--add-config', `${mechanism}=[password=${password}]`],
    ]);
    if (exitCode !== 0) throw new Error(`no user in Kafka: ${output}`);
  }
}

export const uniqueTopic = (name: string): string => `test-${name}-${randomUUID()}`;
