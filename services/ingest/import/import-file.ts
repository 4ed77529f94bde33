// Imports one file for one person: what is in it goes the way of everything else, through the versions onto oura.documents.v1; what cannot is
// reported and becomes a dead letter. The same file twice changes nothing.
// A file is old news: it adds what is missing, and never replaces what Oura said later. Without a word in it about when it was read it
// replaces nothing at all, unless the person insists (`replace`). Memory stays bounded whatever the size of the file.
import type { ResourceName } from '../../../schemas/oura/resources.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { MessageLog } from '../../runtime/log/message-log.ts';
import { objectsOfDays } from '../../storage/document-heads.ts';
import { ensurePerson, learnOuraId, type Person } from '../../storage/people.ts';
import type { StateDatabase } from '../../storage/tables.ts';
import { hourDocuments, hourId } from '../polls/hour-documents.ts';
import {
  maxDocumentBytes,
  type ReadDocument,
  recordDocuments,
  type VersionParts,
} from '../versions/record-documents.ts';
import { dayOf, isStandIn } from '../versions/stand-ins.ts';
import { type Rejection, rejectRecords } from './dead-letters.ts';
import { wholeTime } from './parse-import.ts';
import { type ImportedDocument, type ImportedRow, type ImportSource, readImport } from './read-import.ts';

export interface ImportParts {
  state: StateDatabase;
  versions: VersionParts;
  log: Pick<MessageLog, 'append'>;
  clock: Pick<Clock, 'now'>;
}

export interface ImportRequest extends ImportSource {
  /** A normalised name; the person is made if nobody has it. */
  personName: string;
  chunks: AsyncIterable<Uint8Array>;
  /** What is in the file counts as said now. */
  replace?: boolean;
  onProgress?(progress: { bytes: number; documents: number }): void;
}

export interface ImportReport {
  file: string;
  /** Undefined when nothing of the file could be used. */
  person: Pick<Person, 'userId' | 'name'> | undefined;
  /** New versions, deletions of stand-ins left out. */
  imported: number;
  unchanged: number;
  /** Said otherwise by Oura since, or by a file before: left as it was. */
  leftAsIs: number;
  byResource: Partial<Record<ResourceName, number>>;
  problemCount: number;
  /** The first of them. */
  problems: { place: string; reason: string }[];
  notes: { place: string; text: string }[];
}

const mostListedProblems = 500;
const batchDocuments = 500;
const batchBytes = 4 * 1024 * 1024;
const batchRejections = 200;
// About 25 MB in memory; three months of a ring.
const batchRows = 50_000;

/** @throws Failure when a store of ours is down; what was imported until then stays, and the same file again goes on */
export async function importFile(parts: ImportParts, request: ImportRequest): Promise<ImportReport> {
  const { state, clock } = parts;
  const beganAtMs = clock.now();
  const report: ImportReport = {
    ...{ file: request.fileName, person: undefined, imported: 0, unchanged: 0, leftAsIs: 0, byResource: {} },
    ...{ problemCount: 0, problems: [], notes: [] },
  };
  let found: Person | undefined;
  const person = async (): Promise<Person> => {
    found ??= await state.transaction((tx) => ensurePerson(tx, request.personName, beganAtMs));
    report.person = { userId: found.userId, name: found.name };
    return found;
  };
  const saidAt = (readAtMs: number | undefined): number =>
    request.replace ? beganAtMs : Math.min(readAtMs ?? 0, beganAtMs);

  async function record(resource: ResourceName, saidAtMs: number, documents: readonly ReadDocument[]): Promise<void> {
    const { userId } = await person();
    for (let at = 0; at < documents.length; at += batchDocuments) {
      const batch = documents.slice(at, at + batchDocuments);
      const recorded = await recordDocuments(parts.versions, {
        ...{ userId, resource, beganAtMs, saidAtMs, via: 'import' },
        documents: batch,
      });
      report.imported += recorded.appended;
      report.unchanged += recorded.unchanged;
      report.leftAsIs += recorded.stale + recorded.doubted;
      report.byResource[resource] = (report.byResource[resource] ?? 0) + recorded.appended;
    }
  }

  let documents: ImportedDocument[] = [];
  let documentBytes = 0;
  async function writeDocuments(): Promise<void> {
    const batch = documents;
    [documents, documentBytes] = [[], 0];
    const { userId } = batch.length > 0 ? await person() : { userId: '' };
    const groups = Map.groupBy(batch, ({ resource, readAtMs }) => `${resource} ${saidAt(readAtMs)}`);
    for (const group of groups.values()) {
      const [first] = group;
      if (!first) continue;
      const { resource, readAtMs } = first;
      const kept = await withoutReplaced(state, { userId, resource }, group);
      report.leftAsIs += group.length - kept.length;
      await record(resource, saidAt(readAtMs), kept);
      if (resource === 'personal_info') await learnWho(kept);
    }
  }

  /** Oura's id in the file makes a later connection find this person. */
  async function learnWho(infos: readonly ImportedDocument[]): Promise<void> {
    const { userId, name } = await person();
    for (const { value, place } of infos) {
      const { id } = value;
      if (typeof id !== 'string' || id === '') continue;
      if (!(await state.transaction((tx) => learnOuraId(tx, userId, id))))
        report.notes.push({
          place,
          text: `the file belongs to another Oura account than that of ${name}: was it meant for somebody else?`,
        });
    }
  }

  let rows: ImportedRow[] = [];
  async function writeRows(keepHourOf?: ImportedRow): Promise<void> {
    const openHour = keepHourOf && hourOf(keepHourOf);
    const isOpen = (row: ImportedRow) => row.resource === keepHourOf?.resource && hourOf(row) === openHour;
    const closed = rows.filter((row) => !isOpen(row));
    rows = rows.filter(isOpen);
    for (const group of Map.groupBy(closed, ({ resource, readAtMs }) => `${resource} ${saidAt(readAtMs)}`).values()) {
      const [first] = group;
      if (!first) continue;
      const hours = hourDocuments(group, wholeTime);
      const kept = hours.filter((hour) => hour.bytes.length <= maxDocumentBytes);
      for (const { objectId } of hours.filter((hour) => !kept.includes(hour)))
        problem({ place: `${first.resource} of ${objectId}`, reason: 'an hour larger than a message may be' });
      await record(first.resource, saidAt(first.readAtMs), kept);
    }
  }

  let rejections: Rejection[] = [];
  async function writeRejections(): Promise<void> {
    const batch = rejections;
    rejections = [];
    if (batch.length === 0) return;
    const { userId } = await person();
    await rejectRecords(parts, { userId, fileName: request.fileName }, batch);
  }

  function problem({ place, reason }: { place: string; reason: string }): void {
    report.problemCount += 1;
    if (report.problems.length < mostListedProblems) report.problems.push({ place, reason });
  }

  let bytes = 0;
  let count = 0;
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const chunk of request.chunks) {
      bytes += chunk.length;
      request.onProgress?.({ bytes, documents: count });
      yield chunk;
    }
  }

  for await (const item of readImport(counted(), request)) {
    count += 1;
    if (item.kind === 'note') report.notes.push({ place: item.place, text: item.text });
    else if (item.kind === 'problem') {
      problem(item);
      if (item.bytes && item.bytes.length > 0) rejections.push({ ...item, bytes: item.bytes });
      if (rejections.length >= batchRejections) await writeRejections();
    } else if (item.kind === 'row') {
      rows.push(item);
      if (rows.length >= batchRows) await writeRows(item);
    } else {
      documents.push(item);
      documentBytes += item.bytes.length;
      if (documents.length >= batchDocuments || documentBytes >= batchBytes) await writeDocuments();
    }
  }
  await writeDocuments();
  await writeRows();
  await writeRejections();
  return report;
}

const hourOf = ({ value }: ImportedRow): string => hourId(Date.parse(String(value.timestamp)));

/** Without the stand-ins of days of which Oura's own documents are here. */
async function withoutReplaced(
  state: StateDatabase,
  scope: { userId: string; resource: ResourceName },
  group: readonly ImportedDocument[],
): Promise<readonly ImportedDocument[]> {
  const days = group.flatMap(({ isStandIn: isOurs, value }) => (isOurs ? (dayOf(value) ?? []) : []));
  if (days.length === 0) return group;
  const present = await objectsOfDays(state.read, scope, days);
  const taken = new Set(present.filter(({ objectId }) => !isStandIn(objectId)).map(({ day }) => day));
  return group.filter((document) => !document.isStandIn || !taken.has(dayOf(document.value) ?? ''));
}
