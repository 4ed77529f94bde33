// The settings become the options of kafkajs in one place, with the defensive values the adapter relies on.
import { readFileSync } from 'node:fs';
import { type KafkaConfig, logLevel, type SASLOptions } from 'kafkajs';
import { SettingsError } from '../settings.ts';
import type { KafkaSettings } from './kafka-settings.ts';

/** @throws SettingsError when the settings contradict each other or the CA file cannot be read */
export function kafkaConfig(settings: KafkaSettings, clientId: string): KafkaConfig {
  const problems: string[] = [];
  const sasl = saslOf(settings, problems);
  const ca = certificateOf(settings, problems);
  if (!settings.KAFKA_BROKERS?.length) problems.push('KAFKA_BROKERS is not set: expected host:port');
  for (const broker of settings.KAFKA_BROKERS ?? []) {
    if (!/^[^\s:/]+:\d+$/.test(broker)) problems.push(`KAFKA_BROKERS: "${broker}" is not of the form host:port`);
  }
  if (problems.length > 0) throw new SettingsError(problems);
  return {
    clientId,
    brokers: settings.KAFKA_BROKERS ?? [],
    ...(settings.KAFKA_SSL && { ssl: ca === undefined ? true : { ca: [ca] } }),
    ...(sasl && { sasl }),
    connectionTimeout: 3000,
    authenticationTimeout: 5000,
    // Longer than any long poll of ours, short enough that a webhook can still be answered.
    requestTimeout: 8000,
    enforceRequestTimeout: true,
    retry: { retries: 3, initialRetryTime: 100, maxRetryTime: 1000 },
    // What matters reaches our logger as a Failure.
    logLevel: logLevel.NOTHING,
  };
}

function saslOf(settings: KafkaSettings, problems: string[]): SASLOptions | undefined {
  const { KAFKA_SASL_MECHANISM: mechanism, KAFKA_SASL_USERNAME: username, KAFKA_SASL_PASSWORD: password } = settings;
  if (!mechanism) {
    if (username || password) problems.push('KAFKA_SASL_MECHANISM is not set, but a user or password for Kafka is');
    return undefined;
  }
  if (!username) problems.push('KAFKA_SASL_USERNAME is not set: a login needs it');
  if (!password) problems.push('KAFKA_SASL_PASSWORD is not set: a login needs it');
  const login = { username: username ?? '', password: password ?? '' };
  switch (mechanism) {
    case 'plain':
      return { mechanism, ...login };
    case 'scram-sha-256':
      return { mechanism, ...login };
    case 'scram-sha-512':
      return { mechanism, ...login };
  }
}

function certificateOf({ KAFKA_SSL, KAFKA_SSL_CA_FILE }: KafkaSettings, problems: string[]): string | undefined {
  if (KAFKA_SSL_CA_FILE === undefined) return undefined;
  if (!KAFKA_SSL) problems.push('KAFKA_SSL_CA_FILE is set, but KAFKA_SSL is not true');
  try {
    return readFileSync(KAFKA_SSL_CA_FILE, 'utf8');
  } catch (error) {
    problems.push(`KAFKA_SSL_CA_FILE cannot be read: ${error instanceof Error ? error.message : error}`);
    return undefined;
  }
}
