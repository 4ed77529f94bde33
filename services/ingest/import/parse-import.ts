// A whole file at once, for those who have it in memory: every document in it, rows grouped into their UTC hours, and every problem.
import type { ResourceName } from '../../../schemas/oura/resources.ts';
import { hourDocuments } from '../polls/hour-documents.ts';
import { type ImportedRow, type ImportSource, readImport } from './read-import.ts';

export interface ParsedDocument {
  resource: ResourceName;
  objectId: string;
  bytes: Uint8Array;
  place: string;
}

export interface ParsedImport {
  documents: ParsedDocument[];
  problems: { place: string; reason: string; bytes?: Uint8Array }[];
  /** What the file cannot tell, for the person to know. */
  notes: { place: string; text: string }[];
}

/** A file does not say which stretch it covers: its first and last hour are taken as they are. */
export const wholeTime = { fromMs: Number.NEGATIVE_INFINITY, toMs: Number.POSITIVE_INFINITY };

export async function parseImport(bytes: Uint8Array, source: ImportSource): Promise<ParsedImport> {
  const parsed: ParsedImport = { documents: [], problems: [], notes: [] };
  const rows: ImportedRow[] = [];
  for await (const item of readImport(oneChunk(bytes), source)) {
    switch (item.kind) {
      case 'document':
        parsed.documents.push(item);
        break;
      case 'row':
        rows.push(item);
        break;
      case 'problem':
        parsed.problems.push(item);
        break;
      case 'note':
        parsed.notes.push(item);
    }
  }
  for (const [resource, found] of Map.groupBy(rows, (row) => row.resource)) {
    const place = found[0]?.place ?? '$';
    for (const hour of hourDocuments(found, wholeTime)) parsed.documents.push({ ...hour, resource, place });
  }
  return parsed;
}

async function* oneChunk(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
