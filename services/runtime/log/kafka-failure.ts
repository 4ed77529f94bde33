// What an error of kafkajs means. Pure: by the protocol's own error names first (https://kafka.apache.org/protocol, "Error Codes"), then by the
// class of the error. What is unknown counts as a dependency: waiting loses nothing.
import { Failure, type FailureKind } from '../failure.ts';

const byType: Readonly<Record<string, FailureKind>> = {
  MESSAGE_TOO_LARGE: 'poison',
  RECORD_LIST_TOO_LARGE: 'poison',
  INVALID_RECORD: 'poison',
  INVALID_TIMESTAMP: 'poison',
  CORRUPT_MESSAGE: 'dependency',
  // A new topic's partitions are not with their broker at once. That a topic does not exist is for its metadata to say (kafka-cluster.ts).
  UNKNOWN_TOPIC_OR_PARTITION: 'dependency',
  INVALID_TOPIC_EXCEPTION: 'configuration',
  INVALID_REQUIRED_ACKS: 'configuration',
  INVALID_CONFIG: 'configuration',
  INVALID_PARTITIONS: 'configuration',
  INVALID_REPLICATION_FACTOR: 'configuration',
  INVALID_GROUP_ID: 'configuration',
  INVALID_SESSION_TIMEOUT: 'configuration',
  INCONSISTENT_GROUP_PROTOCOL: 'configuration',
  POLICY_VIOLATION: 'configuration',
  TOPIC_AUTHORIZATION_FAILED: 'configuration',
  GROUP_AUTHORIZATION_FAILED: 'configuration',
  CLUSTER_AUTHORIZATION_FAILED: 'configuration',
  SASL_AUTHENTICATION_FAILED: 'configuration',
  UNSUPPORTED_SASL_MECHANISM: 'configuration',
  UNSUPPORTED_VERSION: 'configuration',
  UNSUPPORTED_COMPRESSION_TYPE: 'configuration',
  SECURITY_DISABLED: 'configuration',
};

const byName: Readonly<Record<string, FailureKind>> = {
  KafkaJSSASLAuthenticationError: 'configuration',
  KafkaJSServerDoesNotSupportApiKey: 'configuration',
  KafkaJSUnsupportedMagicByteInMessageSet: 'configuration',
  KafkaJSNotImplemented: 'configuration',
};

/** Node's words for a certificate that is not trusted or does not fit the host. */
const certificateCode = /^(ERR_TLS_|CERT_|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT|UNABLE_TO_(GET|VERIFY))/;

const certificateAdvice =
  'KAFKA_SSL_CA_FILE is the file of the authority that signed the broker’s certificate, KAFKA_BROKERS its name as the certificate has it';
const closedAdvice =
  'If it stays so: does the broker expect TLS (KAFKA_SSL) or a login (KAFKA_SASL_MECHANISM), or not expect them?';

const maxDepth = 6;

interface Meaning {
  kind: FailureKind;
  /** What happened, where the outermost error does not say it. */
  words?: string;
  /** What to look at, where kafkajs's own words do not say. */
  advice?: string;
}

function meaningOf(error: unknown, depth = 0): Meaning {
  if (!(error instanceof Error) || depth > maxDepth) return { kind: 'dependency' };
  const type = 'type' in error && typeof error.type === 'string' ? error.type : '';
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const kind = byType[type] ?? byName[error.name];
  if (kind) return { kind };
  // One error for each topic of a request.
  if ('errors' in error && Array.isArray(error.errors)) {
    const kinds = error.errors.map((each) => meaningOf(each, depth + 1).kind);
    const words = [...new Set(error.errors.map((each) => (each instanceof Error ? each.message : String(each))))];
    return { kind: kinds.find((each) => each !== 'dependency') ?? 'dependency', words: words.join('; ') };
  }
  if (certificateCode.test(code)) return { kind: 'configuration', advice: certificateAdvice };
  // A broker says nothing to who does not speak as it does.
  if (error.name === 'KafkaJSConnectionClosedError') return { kind: 'dependency', advice: closedAdvice };
  // A retry that gave up, and kafkajs's own wrapping, carry what really happened as their cause.
  return meaningOf(error.cause, depth + 1);
}

export const kafkaFailureKind = (error: unknown): FailureKind => meaningOf(error).kind;

export function asKafkaFailure(error: unknown, what: string): Failure {
  if (error instanceof Failure) return error;
  const message = error instanceof Error ? error.message : String(error);
  const { kind, words, advice } = meaningOf(error);
  return new Failure(kind, `Kafka: ${what}: ${words ?? message}${advice ? `. ${advice}` : ''}`, { cause: error });
}
