// Reads document versions and makes the metric store say what they say, then publishes it. The order is store, topic, offset, and each is idempotent: a
// redelivered version changes nothing in the store and is published under the same id. A rebuild uses the same consumer without a publisher.
import { createHash } from 'node:crypto';
import { decodeDocument, documentsTopic } from '../../schemas/document.ts';
import { mappingVersion } from '../../schemas/metrics/mapping.ts';
import { encodeMetrics, type MetricsMessage } from '../../schemas/metrics-message.ts';
import { MalformedMessage, type WireRecord } from '../../schemas/wire.ts';
import { type ConsumerDefinition, deadLetter, done, type Outcome } from '../runtime/consumer/consumer.ts';
import type { LogRecord } from '../runtime/log/message-log.ts';
import type { MetricStore } from '../storage/metric-store/metric-store.ts';
import type { StoreTables } from '../storage/tables.ts';
import { normalizeDocument } from './normalize-document.ts';

export const normalizeConsumerName = 'normalize';

export interface NormalizeConsumerParts {
  metricStore: MetricStore;
  /** Appends to the metrics topic; left out where nothing may be published. */
  publish?: (records: readonly WireRecord[]) => Promise<unknown>;
  observe?: (normalized: { resource: string; points: number; unknownWords: readonly string[] }) => void;
}

interface Step {
  outcome: Outcome;
  message?: MetricsMessage;
  traceparent?: string | undefined;
}

export function normalizeConsumer(parts: NormalizeConsumerParts): ConsumerDefinition<StoreTables> {
  return {
    name: normalizeConsumerName,
    topics: [documentsTopic],
    async handle(records) {
      const steps = records.map((record) => stepOf(record, parts));
      const messages = steps.flatMap(({ message }) => message ?? []);
      await parts.metricStore.apply(messages);
      if (parts.publish && messages.length > 0) {
        await parts.publish(
          steps.flatMap(({ message, traceparent }) =>
            message ? encodeMetrics(message, messageId(message.document), traceparent) : [],
          ),
        );
      }
      return { outcomes: steps.map(({ outcome }) => outcome) };
    },
  };
}

/** One document version under one mapping is one message, however often it is made. */
export const messageId = (documentId: string): string =>
  createHash('sha256').update(`${documentId}\n${mappingVersion}`).digest('hex');

function stepOf(record: LogRecord, { observe }: NormalizeConsumerParts): Step {
  try {
    const document = decodeDocument(record);
    const normalized = normalizeDocument(document);
    if (!normalized.ok) return { outcome: deadLetter(normalized.reason, normalized.error) };
    const { message, unknownWords } = normalized;
    observe?.({ resource: message.resource, points: message.points.length + message.series.length, unknownWords });
    return { outcome: done, message, traceparent: document.traceparent };
  } catch (error) {
    if (error instanceof MalformedMessage) return { outcome: deadLetter('malformed', error.message) };
    throw error;
  }
}
