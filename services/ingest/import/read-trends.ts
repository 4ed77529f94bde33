// Reads the trends file of Oura's account export, line by line, so that it may be of any length. Whether a CSV is one is known by its header.

import { pipeline, Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import type { FoundNote, FoundProblem } from './read-json.ts';
import {
  dateColumn,
  plainHeader,
  type TrendsColumn,
  trendsColumns,
  trendsGaps,
  untranslatable,
} from './trends-columns.ts';
import { readTrendsRow, type TrendsDocument } from './trends-row.ts';

export interface FoundTrendsDocument extends TrendsDocument {
  kind: 'stand-in';
  place: string;
}

export type FoundTrends = FoundTrendsDocument | FoundProblem | FoundNote;

interface Line {
  record: string[];
  raw: string;
  info: { lines: number };
}

const byName = new Map(trendsColumns.flatMap((column) => column.names.map((name) => [name, column] as const)));
const longestLine = 100_000;

export async function* readTrends(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<FoundTrends> {
  const parser = parse({
    ...{ bom: true, info: true, raw: true, relax_column_count: true, skip_empty_lines: true },
    ...{ delimiter: [',', ';', '\t'], max_record_size: longestLine },
  });
  // The error reaches the loop below through the parser itself.
  pipeline(Readable.from(chunks), parser, () => {});
  const lines: AsyncIterable<Line> = parser;
  let columns: readonly (TrendsColumn | undefined)[] | undefined;
  let headers: readonly string[] = [];
  let datePosition = -1;
  const days = new Set<string>();
  try {
    for await (const { record, raw, info } of lines) {
      const place = `line ${info.lines}`;
      if (!columns) {
        headers = record;
        datePosition = headers.findIndex((header) => plainHeader(header) === dateColumn);
        columns = headers.map((header) => byName.get(plainHeader(header)));
        if (datePosition < 0 || columns.every((column) => column === undefined)) {
          yield {
            ...{ kind: 'problem', place },
            reason:
              "this is not the trends file of Oura's account export: expected the columns date, Sleep Score, Readiness Score …",
          };
          return;
        }
        yield* notesOf(headers, columns);
        continue;
      }
      const bytes = Buffer.from(raw.trim());
      const day = record[datePosition]?.trim() ?? '';
      if (!isDay(day)) {
        yield { kind: 'problem', place, reason: `expected a date as YYYY-MM-DD, got "${day.slice(0, 40)}"`, bytes };
        continue;
      }
      if (days.has(day)) {
        yield {
          kind: 'problem',
          place,
          reason: `the day ${day} stands in the file twice; the first line counts`,
          bytes,
        };
        continue;
      }
      days.add(day);
      const cells = columns.flatMap((column, index) =>
        column ? [{ column, header: (headers[index] ?? '').trim(), text: record[index] ?? '' }] : [],
      );
      const { documents, problems } = readTrendsRow(day, cells);
      if (problems.length > 0) yield { kind: 'problem', place, reason: problems.join('; '), bytes };
      for (const document of documents) yield { kind: 'stand-in', place, ...document };
    }
    if (!columns) yield { kind: 'problem', place: 'line 1', reason: 'the file is empty' };
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const reason = columns
      ? `not a readable CSV from here on: ${error.message}`
      : `neither JSON nor the trends file of Oura's account export (${error.message})`;
    yield { kind: 'problem', place: 'the file', reason };
  }
}

function isDay(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false;
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

function* notesOf(headers: readonly string[], columns: readonly (TrendsColumn | undefined)[]): Generator<FoundNote> {
  for (const [index, header] of headers.entries()) {
    const name = plainHeader(header);
    if (columns[index] || name === dateColumn) continue;
    const text = untranslatable[name] ?? 'a column nobody here knows; left out';
    yield { kind: 'note', place: `column "${header.trim()}"`, text };
  }
  for (const text of trendsGaps) yield { kind: 'note', place: 'the file', text };
}
