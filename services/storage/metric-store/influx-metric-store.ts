// The metric store on InfluxDB 2. Points go there; what each document was made to say stands in a ledger in the `store` database, with which a new
// version overwrites and deletes only the difference. The order is: note what is coming as pending, write, delete, note it as said. A crash anywhere
// in between leaves the document pending, and its redelivery repairs it. Applying belongs to one consumer per person at a time, as its partition does.
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { formatOffsetTime } from '../../../schemas/metrics/offset-time.ts';
import type { MetricsMessage } from '../../../schemas/metrics-message.ts';
import type { Database } from '../../runtime/database/database.ts';
import {
  documentsBetween,
  eraseFromLedger,
  type LedgerEntry,
  loadEntries,
  loadOverlapping,
  type MetricLedgerTables,
  nextPointMs,
  saveEntries,
  servingBucket,
  usersInLedger,
} from '../metric-ledger.ts';
import { documentKey } from '../metric-points.ts';
import type { InfluxClient, InfluxSeries } from './influx-client.ts';
import { noContext } from './influx-lines.ts';
import { ledgerDiff } from './ledger-diff.ts';
import type { MetricQuery, MetricStore, StoredPoint } from './metric-store.ts';
import { newestOf } from './newest-of.ts';
import { type PackedRow, packMessage } from './pack-message.ts';
import { utcOffsetMinutes } from './placement.ts';
import { comparePoints } from './point-order.ts';
import { type DocumentFacts, pointsOf, storedPoint } from './unpack-row.ts';

export interface InfluxMetricStoreParts {
  client: InfluxClient;
  /** The `store` database, with the ledger. */
  database: Database<MetricLedgerTables>;
  /** The bucket, until a rebuild has named another. */
  bucket: string;
}

const windowMs = 4 * 24 * 3_600_000;

export function createInfluxMetricStore({ client, database, bucket }: InfluxMetricStoreParts): MetricStore {
  const bucketName = async () => (await servingBucket(database.read)) ?? bucket;

  return {
    async apply(messages) {
      const newest = newestOf(messages);
      const known = new Map((await loadEntries(database.read, newest)).map((entry) => [documentKey(entry), entry]));
      const newer = newest.filter((message) => message.version > (known.get(documentKey(message))?.version ?? 0));
      if (newer.length === 0) return;
      const changes = newer.map((message) => changeOf(message, known.get(documentKey(message))));
      const neighbours = await neighboursOf(database, changes);
      const { lines, ranges } = ledgerDiff(
        changes,
        neighbours.map((entry) => unpack(entry, entry.payload)),
      );
      const name = await bucketName();
      await database.transaction((tx) =>
        saveEntries(
          tx,
          changes.map(({ pending }) => pending),
        ),
      );
      await client.write(name, lines);
      for (const range of ranges) await client.delete(name, range);
      await database.transaction((tx) =>
        saveEntries(
          tx,
          changes.map(({ said }) => said),
        ),
      );
    },

    async *query(query) {
      const users = query.user === undefined ? await usersInLedger(database.read) : [query.user];
      const name = await bucketName();
      for (const user of users) yield* pointsOfUser({ client, database, bucket: name }, user, query);
    },

    async buckets({ user, metric, fromMs, toMs, resolutionMs, resource }) {
      const firstMs = await nextPointMs(database.read, user, fromMs);
      if (firstMs === undefined) return [];
      const where = conditions({
        user,
        fromMs: Math.max(fromMs, firstMs),
        toMs,
        resources: resource === undefined ? undefined : [resource],
      });
      const select = 'select count("value"), mean("value"), min("value"), max("value")';
      const series = await client.select(
        await bucketName(),
        `${select} from ${identifier(metric)} where ${where} group by time(${resolutionMs}ms) fill(none)`,
      );
      return series.flatMap(({ values }) =>
        values.map(([startMs, count, mean, min, max]) => ({
          startMs: Number(startMs),
          count: Number(count),
          mean: Number(mean),
          min: Number(min),
          max: Number(max),
        })),
      );
    },

    async erase(user) {
      await client.deleteUser(await bucketName(), user);
      await database.transaction((tx) => eraseFromLedger(tx, user));
    },

    check: async () => client.check(await bucketName()),
    // The database belongs to whoever opened it; requests hold nothing open.
    close: async () => {},
  };
}

const compress = (rows: readonly PackedRow[]): Uint8Array => deflateRawSync(JSON.stringify(rows), { level: 1 });

function rowsOf(payload: Uint8Array | null): PackedRow[] {
  return payload === null ? [] : JSON.parse(inflateRawSync(payload).toString());
}

const unpack = (document: DocumentFacts, payload: Uint8Array | null): StoredPoint[] =>
  rowsOf(payload).flatMap((row) => pointsOf(row).map((point) => storedPoint(row, document, point)));

const nothing = compress([]);

/** One document on its way from what was said to what is said now, with the two entries of the ledger on that way. */
function changeOf(message: MetricsMessage, known: LedgerEntry | undefined) {
  const rows = packMessage(message);
  const name = { user_id: message.user_id, resource: message.resource, object_id: message.object_id };
  const facts = {
    ...name,
    version: message.version,
    known_at: message.known_at,
    day: message.day ?? null,
    algorithm: message.algorithm ?? null,
  };
  const payload = compress(rows);
  const said: LedgerEntry = { ...facts, ...spanOf(rows), payload, pending: null };
  const known_ = known ?? { ...facts, version: 0, first_ms: null, last_ms: null, payload: nothing, pending: null };
  const everything = spanOf([...rowsOf(known_.payload), ...rowsOf(known_.pending), ...rows]);
  return {
    said,
    pending: { ...known_, ...everything, pending: payload },
    span: everything,
    before: unpack(known_, known_.payload),
    maybe: unpack(facts, known_.pending),
    after: unpack(facts, payload),
  };
}

type Change = ReturnType<typeof changeOf>;

const spanOf = (rows: readonly PackedRow[]): Pick<LedgerEntry, 'first_ms' | 'last_ms'> =>
  rows.length === 0
    ? { first_ms: null, last_ms: null }
    : {
        first_ms: rows.reduce((first, row) => Math.min(first, row.first_ms), Number.POSITIVE_INFINITY),
        last_ms: rows.reduce((last, row) => Math.max(last, row.last_ms), Number.NEGATIVE_INFINITY),
      };

/** Every other document of the same person and resource that has points in the stretch of a changed one. */
async function neighboursOf(
  database: Database<MetricLedgerTables>,
  changes: readonly Change[],
): Promise<LedgerEntry[]> {
  const changing = new Set(changes.map(({ said }) => documentKey(said)));
  const spans = changes.flatMap(({ said: { user_id, resource }, span: { first_ms, last_ms } }) =>
    first_ms === null || last_ms === null ? [] : [{ user_id, resource, firstMs: first_ms, lastMs: last_ms }],
  );
  const entries = await loadOverlapping(database.read, spans);
  return entries.filter((entry) => !changing.has(documentKey(entry)));
}

const quoted = (text: string) => `'${text.replace(/[\\']/g, '\\$&').replace(/\n/g, '\\n')}'`;
const identifier = (text: string) => `"${text.replace(/[\\"]/g, '\\$&')}"`;

interface Conditions {
  user: string;
  fromMs: number;
  toMs: number;
  resources: readonly string[] | undefined;
}

function conditions({ user, fromMs, toMs, resources }: Conditions): string {
  const among = resources?.map((resource) => `"resource" = ${quoted(resource)}`).join(' or ');
  const range = `time >= ${Math.ceil(fromMs)}ms and time < ${Math.ceil(toMs)}ms`;
  return `"user" = ${quoted(user)} and ${range}${among === undefined ? '' : ` and (${among})`}`;
}

/** Windows of some days, each ordered as a whole; stretches in which the ledger knows no document are not asked for. */
async function* pointsOfUser(
  { client, database, bucket }: InfluxMetricStoreParts,
  user: string,
  query: Omit<MetricQuery, 'user'>,
): AsyncIterable<StoredPoint> {
  const {
    fromMs = Number.MIN_SAFE_INTEGER,
    toMs = Number.MAX_SAFE_INTEGER,
    metrics,
    resources,
    fromDay,
    toDay,
  } = query;
  if (metrics?.length === 0 || resources?.length === 0) return;
  const from = metrics === undefined ? '/.*/' : [...new Set(metrics)].map(identifier).join(', ');
  for (let startMs = await nextPointMs(database.read, user, fromMs); startMs !== undefined && startMs < toMs; ) {
    const endMs = Math.min(startMs + windowMs, toMs);
    const documents = (await documentsBetween(database.read, user, startMs, endMs)).filter(
      ({ resource, day }) =>
        (resources === undefined || resources.includes(resource)) &&
        (fromDay === undefined || (day !== null && day >= fromDay)) &&
        (toDay === undefined || (day !== null && day <= toDay)),
    );
    if (documents.length > 0) {
      const where = conditions({ user, fromMs: startMs, toMs: endMs, resources });
      const series = await client.select(bucket, `select * from ${from} where ${where}`);
      const byName = new Map(documents.map((document) => [`${document.resource}/${document.object_id}`, document]));
      yield* series.flatMap((one) => readSeries(one, byName)).sort(comparePoints);
    }
    startMs = await nextPointMs(database.read, user, endMs);
  }
}

function readSeries(
  { name, columns, values }: InfluxSeries,
  documents: ReadonlyMap<string, DocumentFacts>,
): StoredPoint[] {
  const at = (column: string) => columns.indexOf(column);
  const [time, value, document, end, word, version, zone] = [
    'time',
    'value',
    'document',
    'end',
    'text',
    'version',
    'zone',
  ].map(at);
  const [aggregation, context, resource, unit] = ['aggregation', 'context', 'resource', 'unit'].map(at);
  return values.flatMap((row) => {
    const text = (column: number | undefined) => String(row[column ?? -1] ?? '');
    const facts = documents.get(text(document));
    if (!facts) return [];
    const start = startOf(Number(row[time ?? 0]), text(zone));
    return {
      user: facts.user_id,
      metric: name,
      aggregation: text(aggregation),
      resource: text(resource),
      context: text(context) === noContext ? null : text(context),
      start,
      end: text(end) || null,
      day: facts.day,
      utcOffsetMinutes: utcOffsetMinutes(start),
      value: Number(row[value ?? -1]),
      unit: text(unit),
      text: text(word) || null,
      document: text(document),
      version: Number(row[version ?? -1]),
      firstSeen: facts.known_at,
      algorithm: facts.algorithm,
    };
  });
}

function startOf(ms: number, zone: string): string {
  if (zone === 'date') return new Date(ms).toISOString().slice(0, 10);
  return formatOffsetTime(ms, zone === 'Z' ? null : utcOffsetMinutes(`2000-01-01T00:00:00${zone}`));
}
