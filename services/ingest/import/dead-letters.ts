// Records of a file that cannot become documents go to the dead letters of oura.documents.v1, bytes as they were, once each: the same file
// again makes none. First the log, then the note that it is done, so a crash in between doubles one and loses none.
import { createHash } from 'node:crypto';
import { encodeDeadLetter } from '../../../schemas/dead-letter.ts';
import { documentDataSchema, documentsTopic, documentType } from '../../../schemas/document.ts';
import type { WireRecord } from '../../../schemas/wire.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Database } from '../../runtime/database/database.ts';
import type { MessageLog } from '../../runtime/log/message-log.ts';
import { knownRejections, type RejectedRecordTables, saveRejections } from '../../storage/rejected-records.ts';

export interface Rejection {
  place: string;
  reason: string;
  bytes: Uint8Array;
}

export interface RejectionParts {
  state: Database<RejectedRecordTables>;
  log: Pick<MessageLog, 'append'>;
  clock: Pick<Clock, 'now'>;
}

/** At most 1,000 at a time. Answers how many are new. @throws Failure */
export async function rejectRecords(
  { state, log, clock }: RejectionParts,
  { userId, fileName }: { userId: string; fileName: string },
  rejections: readonly Rejection[],
): Promise<number> {
  const byId = new Map(rejections.map((rejection) => [idOf(userId, rejection), rejection]));
  const known = await knownRejections(state.read, [...byId.keys()]);
  const fresh = [...byId].filter(([id]) => !known.has(id));
  if (fresh.length === 0) return 0;
  const nowMs = clock.now();
  const time = new Date(nowMs).toISOString();
  await log.append(
    fresh.map(([id, { place, reason, bytes }]) =>
      encodeDeadLetter(recordOf({ id, userId, time, bytes }), {
        ...{ reason: 'unusable_record', error: `${fileName}, ${place}: ${reason}`, consumer: 'import' },
        ...{ partition: 0, offset: 0, time },
      }),
    ),
  );
  await state.transaction((tx) => saveRejections(tx, { userId, ids: fresh.map(([id]) => id), nowMs }));
  return fresh.length;
}

const idOf = (userId: string, { bytes }: Rejection): string =>
  createHash('sha256').update(`rejected ${userId}\n`).update(bytes).digest('hex');

/** The message it would have been, as far as anybody knows. */
const recordOf = (made: { id: string; userId: string; time: string; bytes: Uint8Array }): WireRecord => ({
  topic: documentsTopic,
  partitionKey: made.userId,
  key: `${made.userId}/${made.id}`,
  value: made.bytes,
  headers: {
    ce_specversion: '1.0',
    ce_id: made.id,
    ce_type: documentType,
    ce_source: '/oura-streaming/ingest',
    ce_subject: 'unknown',
    ce_time: made.time,
    ce_dataschema: documentDataSchema,
    ce_partitionkey: made.userId,
    ce_via: 'import',
    'content-type': 'application/octet-stream',
  },
});
