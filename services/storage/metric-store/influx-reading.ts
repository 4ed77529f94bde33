// Reads points back out of InfluxDB, by InfluxQL: windows of some days, each ordered as a whole; stretches of time in which the ledger knows no document
// are not asked for. What the engine does not keep with a point (the day, when it was known, the algorithm) comes from the ledger.
import { formatOffsetTime } from '../../../schemas/metrics/offset-time.ts';
import type { Database } from '../../runtime/database/database.ts';
import { documentsBetween, type MetricLedgerTables, nextPointMs } from '../metric-ledger.ts';
import type { InfluxClient, InfluxSeries } from './influx-client.ts';
import { noContext } from './influx-lines.ts';
import type { MetricQuery, StoredPoint } from './metric-store.ts';
import { utcOffsetMinutes } from './placement.ts';
import { comparePoints } from './point-order.ts';
import type { DocumentFacts } from './unpack-row.ts';

export interface InfluxReading {
  client: InfluxClient;
  database: Database<MetricLedgerTables>;
  bucket: string;
}

const windowMs = 4 * 24 * 3_600_000;

const quoted = (text: string) => `'${text.replace(/[\\']/g, '\\$&').replace(/\n/g, '\\n')}'`;
export const identifier = (text: string) => `"${text.replace(/[\\"]/g, '\\$&')}"`;

interface Conditions {
  user: string;
  fromMs: number;
  toMs: number;
  resources: readonly string[] | undefined;
}

export function conditions({ user, fromMs, toMs, resources }: Conditions): string {
  const among = resources?.map((resource) => `"resource" = ${quoted(resource)}`).join(' or ');
  const range = `time >= ${Math.ceil(fromMs)}ms and time < ${Math.ceil(toMs)}ms`;
  return `"user" = ${quoted(user)} and ${range}${among === undefined ? '' : ` and (${among})`}`;
}

export async function* pointsOfUser(
  { client, database, bucket }: InfluxReading,
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
