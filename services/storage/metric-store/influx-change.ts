// What a batch of messages changes in InfluxDB, worked out from the ledger: the lines to write, the ranges to delete, and the entries of the ledger on
// the way there (pending) and at the end (said).
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { MetricsMessage } from '../../../schemas/metrics-message.ts';
import type { Database } from '../../runtime/database/database.ts';
import { type LedgerEntry, loadOverlapping, type MetricLedgerTables } from '../metric-ledger.ts';
import { documentKey } from '../metric-points.ts';
import { linesOfRow } from './influx-lines.ts';
import { type LedgerDiff, ledgerDiff } from './ledger-diff.ts';
import type { StoredPoint } from './metric-store.ts';
import { type PackedRow, packMessage } from './pack-message.ts';
import { type DocumentFacts, pointsOf, storedPoint } from './unpack-row.ts';

/** Below this deflating takes longer than it is worth. */
const deflatedFromBytes = 1024;
const openingBracket = 0x5b;

/** As JSON, deflated when it is long. The deflated form of a text that begins with a bracket never begins with one. */
function pack(rows: readonly PackedRow[]): Uint8Array {
  const json = Buffer.from(JSON.stringify(rows));
  return json.length < deflatedFromBytes ? json : deflateRawSync(json, { level: 1 });
}

function rowsOf(payload: Uint8Array | null): PackedRow[] {
  if (payload === null) return [];
  const json = payload[0] === openingBracket ? payload : inflateRawSync(payload);
  return JSON.parse(Buffer.from(json.buffer, json.byteOffset, json.byteLength).toString());
}

const unpack = (document: DocumentFacts, payload: Uint8Array | null): StoredPoint[] =>
  rowsOf(payload).flatMap((row) => pointsOf(row).map((point) => storedPoint(row, document, point)));

const nothing = pack([]);

/** One document on its way from what was said to what is said now. `known` is its entry in the ledger so far. */
export function changeOf(message: MetricsMessage, known: LedgerEntry | undefined) {
  const rows = packMessage(message);
  const facts = {
    user_id: message.user_id,
    resource: message.resource,
    object_id: message.object_id,
    version: message.version,
    known_at: message.known_at,
    day: message.day ?? null,
    algorithm: message.algorithm ?? null,
  };
  const payload = pack(rows);
  const said: LedgerEntry = { ...facts, ...spanOf(rows), payload, pending: null };
  const earlier = known ?? { ...facts, version: 0, first_ms: null, last_ms: null, payload: nothing, pending: null };
  const span = known ? spanOf([...rowsOf(known.payload), ...rowsOf(known.pending), ...rows]) : spanOf(rows);
  return { rows, facts, said, span, known, pending: { ...earlier, ...span, pending: payload } };
}

export type Change = ReturnType<typeof changeOf>;

const spanOf = (rows: readonly PackedRow[]): Pick<LedgerEntry, 'first_ms' | 'last_ms'> =>
  rows.length === 0
    ? { first_ms: null, last_ms: null }
    : {
        first_ms: rows.reduce((first, row) => Math.min(first, row.first_ms), Number.POSITIVE_INFINITY),
        last_ms: rows.reduce((last, row) => Math.max(last, row.last_ms), Number.NEGATIVE_INFINITY),
      };

/** A first version that shares its stretch of time with nobody is simply written; the others are compared with what stands there. */
export async function differenceOf(
  database: Database<MetricLedgerTables>,
  changes: readonly Change[],
): Promise<LedgerDiff> {
  const neighbours = await neighboursOf(database, changes);
  const isAlone = aloneAmong([...changes.map(({ span, facts }) => ({ ...facts, ...span })), ...neighbours]);
  const isPlain = ({ known, facts }: Change) => known === undefined && isAlone(facts);
  const diff = ledgerDiff(
    changes
      .filter((change) => !isPlain(change))
      .map(({ known, facts, said }) => ({
        before: known ? unpack(known, known.payload) : [],
        maybe: known ? unpack(facts, known.pending) : [],
        after: unpack(facts, said.payload),
      })),
    neighbours.map((entry) => unpack(entry, entry.payload)),
  );
  const plain = changes.filter(isPlain).flatMap(({ rows, facts }) => rows.flatMap((row) => linesOfRow(row, facts)));
  return { ...diff, lines: [...plain, ...diff.lines] };
}

/** Every other document of the same person and resource that has points in the stretch of a changed one. */
async function neighboursOf(
  database: Database<MetricLedgerTables>,
  changes: readonly Change[],
): Promise<LedgerEntry[]> {
  const changing = new Set(changes.map(({ said }) => documentKey(said)));
  const spans = changes.flatMap(({ said: { user_id, resource, object_id }, span: { first_ms, last_ms } }) =>
    first_ms === null || last_ms === null ? [] : [{ user_id, resource, object_id, firstMs: first_ms, lastMs: last_ms }],
  );
  const entries = await loadOverlapping(database.read, spans);
  return entries.filter((entry) => !changing.has(documentKey(entry)));
}

type Placed = Pick<LedgerEntry, 'user_id' | 'resource' | 'object_id' | 'first_ms' | 'last_ms'>;

/** Whether no other of the documents of the same person and resource has points in the stretch of one. */
export function aloneAmong(documents: readonly Placed[]): (document: Omit<Placed, 'first_ms' | 'last_ms'>) => boolean {
  const shared = new Set<string>();
  for (const group of Map.groupBy(documents, ({ user_id, resource }) => `${user_id}/${resource}`).values()) {
    let furthest: Placed | undefined;
    for (const one of group.toSorted((a, b) => (a.first_ms ?? 0) - (b.first_ms ?? 0))) {
      if (one.first_ms === null) continue;
      // Whoever reaches furthest so far overlaps this one if any earlier one does.
      if (furthest && one.first_ms <= (furthest.last_ms ?? 0)) {
        shared.add(documentKey(one)).add(documentKey(furthest));
      }
      if (!furthest || (one.last_ms ?? 0) > (furthest.last_ms ?? 0)) furthest = one;
    }
  }
  return (document) => !shared.has(documentKey(document));
}
