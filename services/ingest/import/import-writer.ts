// Gathers what is found in a file and writes it in batches: documents, rows grouped into hours, dead letters. Memory stays bounded: what is
// gathered has a limit each, and of the rows only the hour at hand stays open, which in a file sorted either way is the one that goes on.
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
import type { ImportReport } from './import-report.ts';
import { wholeTime } from './parse-import.ts';
import type { ImportedDocument, ImportedRow } from './read-import.ts';

export interface ImportParts {
  state: StateDatabase;
  versions: VersionParts;
  log: Pick<MessageLog, 'append'>;
  clock: Pick<Clock, 'now'>;
  /** Rows held in memory. Default: 20,000, about a month of a ring. */
  batchRows?: number;
}

export interface ImportTask {
  personName: string;
  fileName: string;
  /** What is in the file counts as said now, instead of when the file says it was read (or long ago). */
  replace: boolean;
}

export interface ImportWriter {
  /** @throws Failure, as everything here */
  document(document: ImportedDocument): Promise<void>;
  row(row: ImportedRow): Promise<void>;
  problem(problem: { place: string; reason: string; bytes?: Uint8Array }): Promise<void>;
  finish(): Promise<void>;
}

const mostListedProblems = 500;
const batchDocuments = 500;
const batchBytes = 4 * 1024 * 1024;
const batchRejections = 200;

export function createImportWriter(parts: ImportParts, task: ImportTask, report: ImportReport): ImportWriter {
  const { state, clock } = parts;
  const beganAtMs = clock.now();
  const batchRows = parts.batchRows ?? 20_000;
  let documents: ImportedDocument[] = [];
  let documentBytes = 0;
  let rows: ImportedRow[] = [];
  let rejections: Rejection[] = [];
  let known: Person | undefined;

  /** Made with the first thing that is worth keeping. */
  async function person(): Promise<Person> {
    known ??= await state.transaction((tx) => ensurePerson(tx, task.personName, beganAtMs));
    report.person = { userId: known.userId, name: known.name };
    return known;
  }

  /** Of a file that does not say when it was read, nothing replaces anything. */
  const saidAt = (readAtMs: number | undefined): number =>
    task.replace ? beganAtMs : Math.min(readAtMs ?? 0, beganAtMs);

  async function record(resource: ResourceName, saidAtMs: number, read: readonly ReadDocument[]): Promise<void> {
    const { userId } = await person();
    for (let at = 0; at < read.length; at += batchDocuments) {
      const recorded = await recordDocuments(parts.versions, {
        ...{ userId, resource, beganAtMs, saidAtMs, via: 'import' },
        documents: read.slice(at, at + batchDocuments),
      });
      report.imported += recorded.appended;
      report.unchanged += recorded.unchanged;
      report.leftAsIs += recorded.stale + recorded.doubted;
      report.byResource[resource] = (report.byResource[resource] ?? 0) + recorded.appended;
    }
  }

  async function writeDocuments(): Promise<void> {
    const batch = documents;
    [documents, documentBytes] = [[], 0];
    for (const group of groupsOf(batch, saidAt)) {
      const { userId } = await person();
      const { resource } = group;
      const kept = await withoutReplaced(state, { userId, resource }, group.members);
      report.leftAsIs += group.members.length - kept.length;
      await record(resource, group.saidAtMs, kept);
      if (resource === 'personal_info') await learnWho(kept);
    }
  }

  /** Oura's id in the file makes a later connection find this person. */
  async function learnWho(infos: readonly ImportedDocument[]): Promise<void> {
    const { userId, name } = await person();
    for (const { value, place } of infos) {
      const { id } = value;
      if (typeof id !== 'string' || id === '') continue;
      if (await state.transaction((tx) => learnOuraId(tx, userId, id))) continue;
      const text = `the file belongs to another Oura account than that of ${name}: was it meant for somebody else?`;
      report.notes.push({ place, text });
    }
  }

  async function writeRows(keepHourOf?: ImportedRow): Promise<void> {
    const openHour = keepHourOf && hourOf(keepHourOf);
    const isOpen = (row: ImportedRow) => row.resource === keepHourOf?.resource && hourOf(row) === openHour;
    const closed = rows.filter((row) => !isOpen(row));
    rows = rows.filter(isOpen);
    for (const { resource, saidAtMs, members } of groupsOf(closed, saidAt)) {
      const hours = hourDocuments(members, wholeTime);
      const kept = hours.filter((hour) => hour.bytes.length <= maxDocumentBytes);
      for (const { objectId } of hours.filter((hour) => !kept.includes(hour)))
        list({ place: `${resource} of ${objectId}`, reason: 'an hour larger than a message may be' });
      await record(resource, saidAtMs, kept);
    }
  }

  async function writeRejections(): Promise<void> {
    const batch = rejections;
    rejections = [];
    if (batch.length === 0) return;
    const { userId } = await person();
    await rejectRecords(parts, { userId, fileName: task.fileName }, batch);
  }

  function list({ place, reason }: { place: string; reason: string }): void {
    report.problemCount += 1;
    if (report.problems.length < mostListedProblems) report.problems.push({ place, reason });
  }

  return {
    async document(document) {
      documents.push(document);
      documentBytes += document.bytes.length;
      if (documents.length >= batchDocuments || documentBytes >= batchBytes) await writeDocuments();
    },
    async row(row) {
      rows.push(row);
      if (rows.length >= batchRows) await writeRows(row);
    },
    async problem({ place, reason, bytes }) {
      list({ place, reason });
      if (bytes && bytes.length > 0) rejections.push({ place, reason, bytes });
      if (rejections.length >= batchRejections) await writeRejections();
    },
    async finish() {
      await writeDocuments();
      await writeRows();
      await writeRejections();
    },
  };
}

interface Group<Member> {
  resource: ResourceName;
  saidAtMs: number;
  members: Member[];
}

function groupsOf<Member extends { resource: ResourceName; readAtMs?: number }>(
  members: readonly Member[],
  saidAt: (readAtMs: number | undefined) => number,
): Group<Member>[] {
  const groups = new Map<string, Group<Member>>();
  for (const member of members) {
    const { resource } = member;
    const saidAtMs = saidAt(member.readAtMs);
    const key = `${resource} ${saidAtMs}`;
    const group = groups.get(key) ?? { resource, saidAtMs, members: [] };
    group.members.push(member);
    groups.set(key, group);
  }
  return [...groups.values()];
}

const hourOf = ({ value }: ImportedRow): string => hourId(Date.parse(String(value.timestamp)));

/** Without the stand-ins of days of which Oura's own documents are here. */
async function withoutReplaced(
  state: StateDatabase,
  scope: { userId: string; resource: ResourceName },
  members: readonly ImportedDocument[],
): Promise<readonly ImportedDocument[]> {
  const days = members.flatMap(({ isStandIn: isOurs, value }) => (isOurs ? (dayOf(value) ?? []) : []));
  if (days.length === 0) return members;
  const present = await objectsOfDays(state.read, scope, days);
  const taken = new Set(present.filter(({ objectId }) => !isStandIn(objectId)).map(({ day }) => day));
  return members.filter((document) => !document.isStandIn || !taken.has(dayOf(document.value) ?? ''));
}
