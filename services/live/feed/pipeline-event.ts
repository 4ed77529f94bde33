// What a record of the log means to the feed: who it is about and what happened. Reads only what the feed shows, so a long night's points are
// not checked again here; a record that cannot be read is null, because the service that owns it makes it a dead letter.
import { alertsTopic, decodeAlert } from '../../../schemas/alert-transition.ts';
import { decodeDocument, documentsTopic } from '../../../schemas/document.ts';
import { metricsTopic } from '../../../schemas/metrics-message.ts';
import { decodeNotification, notificationsTopic } from '../../../schemas/notification.ts';
import { resourceOfDataType } from '../../../schemas/oura/resources.ts';
import { decodeJson, MalformedMessage } from '../../../schemas/wire.ts';
import type { LogRecord } from '../../runtime/log/message-log.ts';

export const liveTopics: readonly string[] = [notificationsTopic, documentsTopic, metricsTopic, alertsTopic];

export type PipelineEvent =
  | { kind: 'notification'; id: string; atMs: number; resource: string; objectId: string | null; eventType: string }
  | {
      kind: 'document';
      id: string;
      askedAtMs: number;
      storedAtMs: number;
      resource: string;
      objectId: string;
      version: number;
      via: string;
      deleted: boolean;
    }
  | { kind: 'metrics'; document: string; measuredAtMs: number; day: string | null }
  | { kind: 'alert'; id: string; at: string; title: string; state: string; level: string; day: string | null };

/** Whose record it is; readable without its value. */
export const personOf = ({ headers }: LogRecord): string | undefined => headers.ce_partitionkey;

export function pipelineEvent(record: LogRecord): PipelineEvent | null {
  if (record.value === null) return null;
  try {
    return read(record);
  } catch (error) {
    if (error instanceof MalformedMessage) return null;
    throw error;
  }
}

function read(record: LogRecord): PipelineEvent | null {
  switch (record.topic) {
    case notificationsTopic: {
      const { id, receivedAt, body } = decodeNotification(record);
      return {
        kind: 'notification',
        id,
        atMs: Date.parse(receivedAt),
        resource: resourceOfDataType(body.data_type)?.name ?? body.data_type,
        objectId: body.object_id ?? null,
        eventType: body.event_type,
      };
    }
    case documentsTopic: {
      const { id, time, resource, objectId, sequence, via, deleted } = decodeDocument(record);
      const storedAtMs = record.appendedAtMs;
      return {
        kind: 'document',
        id,
        askedAtMs: Date.parse(time),
        storedAtMs,
        resource,
        objectId,
        version: sequence,
        via,
        deleted,
      };
    }
    case metricsTopic: {
      const value = decodeJson(record);
      if (typeof value !== 'object' || value === null || !('document' in value)) return null;
      const day = 'day' in value && typeof value.day === 'string' ? value.day : null;
      return { kind: 'metrics', document: String(value.document), measuredAtMs: record.appendedAtMs, day };
    }
    case alertsTopic: {
      const { id, at, title, state, level, day = null } = decodeAlert(record);
      return { kind: 'alert', id, at, title, state, level, day };
    }
    default:
      return null;
  }
}
