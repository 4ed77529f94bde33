// The published contract, made from the schemas: an AsyncAPI 3 document with Kafka bindings and one JSON Schema per message. The files in
// `published/` are written by `npm run contract`; a test fails when they are stale. Pure: it returns texts by file name.
import { z } from 'zod';
import { alertDataSchema, alertsTopic, alertTransition, alertType } from './alert-transition.ts';
import {
  documentDataSchema,
  documentDeletedDataSchema,
  documentDeletedType,
  documentDeletion,
  documentsTopic,
  documentType,
} from './document.ts';
import { metricsDataSchema, metricsMessage, metricsTopic, metricsType } from './metrics-message.ts';
import { notificationBody, notificationDataSchema, notificationsTopic, notificationType } from './notification.ts';
import { type Topic, topics } from './topics.ts';
import { cloudEventHeaders } from './wire.ts';

interface PublishedMessage {
  name: string;
  topic: string;
  type: string;
  dataSchema: string;
  summary: string;
  payload: z.ZodType;
}

const messages: readonly PublishedMessage[] = [
  {
    name: 'notification',
    topic: notificationsTopic,
    type: notificationType,
    dataSchema: notificationDataSchema,
    summary: 'A webhook of Oura; the value is the exact body.',
    payload: notificationBody,
  },
  {
    name: 'document',
    topic: documentsTopic,
    type: documentType,
    dataSchema: documentDataSchema,
    summary: 'A version of a document; the value is the bytes Oura answered, in Oura’s own schema for `ce_resource`.',
    payload: z.looseObject({}),
  },
  {
    name: 'document-deleted',
    topic: documentsTopic,
    type: documentDeletedType,
    dataSchema: documentDeletedDataSchema,
    summary: 'The deletion of a document.',
    payload: documentDeletion,
  },
  {
    name: 'metrics',
    topic: metricsTopic,
    type: metricsType,
    dataSchema: metricsDataSchema,
    summary: 'Everything one document version says, as points and series in UCUM units.',
    payload: metricsMessage,
  },
  {
    name: 'alert',
    topic: alertsTopic,
    type: alertType,
    dataSchema: alertDataSchema,
    summary: 'One transition of an alert.',
    payload: alertTransition,
  },
];

const jsonSchema = (schema: z.ZodType) => z.toJSONSchema(schema, { target: 'draft-7', io: 'input' });

const channel = (topic: Topic) => ({
  address: topic.name,
  description: topic.description,
  messages: Object.fromEntries(
    messages.filter((m) => m.topic === topic.name).map((m) => [m.name, { $ref: `#/components/messages/${m.name}` }]),
  ),
  bindings: {
    kafka: {
      topic: topic.name,
      topicConfiguration: { 'cleanup.policy': [topic.retention], 'retention.ms': -1 },
      bindingVersion: '0.5.0',
    },
  },
});

const message = (m: PublishedMessage, key: string) => ({
  name: m.type,
  title: m.name,
  summary: m.summary,
  contentType: 'application/json',
  headers: { $ref: './cloud-event-headers.schema.json' },
  payload: { $ref: `./${m.name}.schema.json` },
  bindings: { kafka: { key: { type: 'string', description: key }, bindingVersion: '0.5.0' } },
});

function asyncApi() {
  const published = topics.filter((topic) => messages.some((m) => m.topic === topic.name));
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'oura-streaming topics',
      version: '1.0.0',
      description:
        'CloudEvents 1.0 in Kafka binary mode. Topics are partitioned by person, delivered at least once and de-duplicated by ce_id. Inside a major version only optional fields are added, and enums may grow.',
      license: { name: 'MIT' },
    },
    defaultContentType: 'application/json',
    channels: Object.fromEntries(published.map((topic) => [topic.name, channel(topic)])),
    operations: Object.fromEntries(
      published.map((topic) => [
        `read-${topic.name}`,
        { action: 'receive', channel: { $ref: `#/channels/${topic.name.replaceAll('/', '~1')}` } },
      ]),
    ),
    components: {
      messages: Object.fromEntries(
        messages.map((m) => [m.name, message(m, topics.find((topic) => topic.name === m.topic)?.key ?? '')]),
      ),
    },
  };
}

/** File name → content of everything in `published/`. */
export function contractFiles(): Record<string, string> {
  const text = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
  const payloads = messages.map((m) => [
    `${m.name}.schema.json`,
    text({ $id: m.dataSchema, title: m.name, description: m.summary, ...jsonSchema(m.payload) }),
  ]);
  return {
    'asyncapi.json': text(asyncApi()),
    'cloud-event-headers.schema.json': text(jsonSchema(cloudEventHeaders)),
    ...Object.fromEntries(payloads),
  };
}
