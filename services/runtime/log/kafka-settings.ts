// How to reach Kafka, as people have it: brokers, TLS, a user with PLAIN or SCRAM.
import { z } from 'zod';
import { setting } from '../settings.ts';

export const kafkaSettings = z.object({
  KAFKA_BROKERS: setting
    .list()
    .optional()
    .describe('Kafka brokers, as host:port,host:port. Not set: the embedded log in DATA_DIR.'),
  KAFKA_SSL: setting.switch().default(false).describe('Speak TLS to Kafka.'),
  KAFKA_SSL_CA_FILE: setting
    .text()
    .optional()
    .describe('PEM file of the authority that signed the brokers’ certificates, where it is not a public one.'),
  KAFKA_SASL_MECHANISM: z
    .enum(['plain', 'scram-sha-256', 'scram-sha-512'])
    .optional()
    .describe('How to log in to Kafka: plain, scram-sha-256 or scram-sha-512. Not set: no login.'),
  KAFKA_SASL_USERNAME: setting.text().optional().describe('User for Kafka.'),
  KAFKA_SASL_PASSWORD: setting.text().optional().describe('Password for Kafka.'),
  KAFKA_PARTITIONS: setting
    .wholeNumber()
    .min(1)
    .max(1000)
    .default(6)
    .describe('Partitions of topics that are made now; existing topics keep theirs.'),
});
export type KafkaSettings = z.output<typeof kafkaSettings>;
