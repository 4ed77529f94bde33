// oura.documents.v1: one version of a raw Oura document, its bytes cut verbatim out of Oura's answer, or its deletion. Versions of one
// object are numbered by ingest (`sequence`); a reader applies only a higher number. `time` is when the request for it began.
import { z } from 'zod';
import { resourceName } from './oura/resources.ts';
import {
  cloudEventHeaders,
  decodeJson,
  encodeJson,
  MalformedMessage,
  parseOrMalformed,
  type ReadableRecord,
  type WireRecord,
} from './wire.ts';

export const documentsTopic = 'oura.documents.v1';
export const documentType = 'oura.document.v1';
export const documentDeletedType = 'oura.document.deleted.v1';
export const documentDataSchema = 'urn:oura-streaming:schema:document:1';
export const documentDeletedDataSchema = 'urn:oura-streaming:schema:document-deleted:1';

/** How a version reached us. Open for readers: a new way may be added. */
export const via = z.string().min(1);
export const knownVia = ['webhook', 'poll', 'backfill', 'import'] as const;
export type Via = (typeof knownVia)[number];

/** The payload of a deletion; a document's own payload is Oura's and is described by `oura/`. */
export const documentDeletion = z.looseObject({ resource: resourceName, object_id: z.string().min(1) });

const documentHeaders = cloudEventHeaders.extend({
  ce_type: z.enum([documentType, documentDeletedType]),
  ce_sequence: z.string().regex(/^[1-9]\d*$/, 'expected a whole number from 1'),
  ce_resource: resourceName,
  ce_objectid: z.string().min(1),
  ce_via: via,
});

export interface DocumentMessage {
  /** Hash of (user, resource, object id, sequence, content), hex: the de-duplication key. */
  id: string;
  userId: string;
  resource: z.infer<typeof resourceName>;
  /** Oura's id; for rows without ids the UTC hour (`2026-11-23T07`), for personal_info its name. */
  objectId: string;
  /** 1 for the first version of the object, then one more for each change of content. */
  sequence: number;
  /** When the request that answered it began, ISO 8601 UTC. */
  time: string;
  via: string;
  deleted: boolean;
  /** The document's exact bytes; for a deletion our own small JSON. */
  bytes: Uint8Array;
  traceparent?: string;
}

/** The value of a deletion message. */
export const deletionBytes = (resource: string, objectId: string): Uint8Array =>
  encodeJson({ resource, object_id: objectId });

export function encodeDocument(message: DocumentMessage): WireRecord {
  return {
    topic: documentsTopic,
    partitionKey: message.userId,
    key: `${message.userId}/${message.id}`,
    value: message.bytes,
    headers: {
      ce_specversion: '1.0',
      ce_id: message.id,
      ce_type: message.deleted ? documentDeletedType : documentType,
      ce_source: '/oura-streaming/ingest',
      ce_subject: `${message.resource}/${message.objectId}`,
      ce_time: message.time,
      ce_dataschema: message.deleted ? documentDeletedDataSchema : documentDataSchema,
      ce_partitionkey: message.userId,
      ce_sequence: String(message.sequence),
      ce_resource: message.resource,
      ce_objectid: message.objectId,
      ce_via: message.via,
      'content-type': 'application/json',
      ...(message.traceparent && { traceparent: message.traceparent }),
    },
  };
}

/** Reads the envelope; the payload is left as bytes. @throws MalformedMessage */
export function decodeDocument(record: ReadableRecord): DocumentMessage {
  const headers = parseOrMalformed(documentHeaders, record.headers, `${record.topic} headers`);
  if (record.value === null) throw new MalformedMessage(`${record.topic}: a document has no value`);
  const deleted = headers.ce_type === documentDeletedType;
  if (deleted) parseOrMalformed(documentDeletion, decodeJson(record), `${record.topic} deletion`);
  return {
    id: headers.ce_id,
    userId: headers.ce_partitionkey,
    resource: headers.ce_resource,
    objectId: headers.ce_objectid,
    sequence: Number(headers.ce_sequence),
    time: headers.ce_time,
    via: headers.ce_via,
    deleted,
    bytes: record.value,
    ...(headers.traceparent && { traceparent: headers.traceparent }),
  };
}
