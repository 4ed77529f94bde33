// Imports one file for one person: what is in it goes the way of everything else, through the versions onto oura.documents.v1; what cannot is
// reported and becomes a dead letter. The same file twice changes nothing.
// A file is old news: it adds what is missing, and never replaces what Oura said later. Without a word in it about when it was read it
// replaces nothing at all, unless the person insists (`replace`).
import { emptyReport, type ImportReport } from './import-report.ts';
import { createImportWriter, type ImportParts } from './import-writer.ts';
import { type ImportSource, readImport } from './read-import.ts';

export interface ImportRequest extends ImportSource {
  /** A normalised name; the person is made if nobody has it. */
  personName: string;
  chunks: AsyncIterable<Uint8Array>;
  replace?: boolean;
  onProgress?(progress: { bytes: number; documents: number }): void;
}

/** @throws Failure when a store of ours is down; what was imported until then stays, and the same file again goes on */
export async function importFile(parts: ImportParts, request: ImportRequest): Promise<ImportReport> {
  const { personName, fileName, replace = false } = request;
  const report = emptyReport(fileName);
  const writer = createImportWriter(parts, { personName, fileName, replace }, report);
  const progress = { bytes: 0, documents: 0 };
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const chunk of request.chunks) {
      progress.bytes += chunk.length;
      request.onProgress?.(progress);
      yield chunk;
    }
  }
  for await (const item of readImport(counted(), request)) {
    progress.documents += 1;
    switch (item.kind) {
      case 'document':
        await writer.document(item);
        break;
      case 'row':
        await writer.row(item);
        break;
      case 'problem':
        await writer.problem(item);
        break;
      case 'note':
        report.notes.push({ place: item.place, text: item.text });
    }
  }
  await writer.finish();
  return report;
}
