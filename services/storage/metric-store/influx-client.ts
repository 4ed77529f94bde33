// The requests that are made to InfluxDB 2: lines in, InfluxQL out, deletions, buckets. Writing uses the official client with its trap disarmed: its
// WriteApi neither awaits nor reports what it sends by itself, so nothing may be sent by size, by time or a second time; one awaited flush sends all.
// Everything throws a Failure.
import { InfluxDB } from '@influxdata/influxdb-client';
import { z } from 'zod';
import { Failure } from '../../runtime/failure.ts';
import { asInfluxFailure } from './influx-failure.ts';
import type { SeriesTags } from './influx-lines.ts';
import type { InfluxConnection } from './influx-settings.ts';

/** Lines of one request: about 3 MB, which InfluxDB takes in a tenth of a second. */
const linesPerRequest = 20_000;

const yearS = 365 * 24 * 60 * 60;

const cell = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const answer = z.object({
  results: z.array(
    z.object({
      error: z.string().optional(),
      series: z
        .array(z.object({ name: z.string(), columns: z.array(z.string()), values: z.array(z.array(cell)) }))
        .default([]),
    }),
  ),
});
export type InfluxSeries = z.output<typeof answer>['results'][number]['series'][number];

const bucketList = z.object({
  buckets: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      retentionRules: z.array(z.object({ shardGroupDurationSeconds: z.number().optional() })).default([]),
    }),
  ),
});
const orgList = z.object({ orgs: z.array(z.object({ id: z.string() })) });
const dbrpList = z.object({
  content: z.array(z.object({ id: z.string(), bucketID: z.string(), virtual: z.boolean().optional() })),
});

export interface SeriesRange extends SeriesTags {
  metric: string;
  /** Both inclusive, milliseconds. */
  firstMs: number;
  lastMs: number;
}

const refused = (what: string, why: string) => new Failure('configuration', `InfluxDB, ${what}: ${why}`);

export type InfluxClient = ReturnType<typeof createInfluxClient>;

export function createInfluxClient({ url, token, org, timeoutMs }: InfluxConnection) {
  const influx = new InfluxDB({ url, token, timeout: timeoutMs });

  async function request(
    what: string,
    path: string,
    init: RequestInit = {},
    alsoFine: readonly number[] = [],
  ): Promise<Response> {
    try {
      const response = await fetch(url + path, {
        ...init,
        headers: { authorization: `Token ${token}`, ...init.headers },
        signal: AbortSignal.timeout(timeoutMs),
      });
      if (response.ok || alsoFine.includes(response.status)) return response;
      const text = (await response.text()).slice(0, 500);
      throw Object.assign(new Error(`${response.status} ${text}`), { statusCode: response.status });
    } catch (error) {
      throw asInfluxFailure(error, what);
    }
  }
  const json = (body: unknown, method = 'POST'): RequestInit => ({
    method,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const query = (parameters: Record<string, string>) => `?${new URLSearchParams(parameters)}`;
  const orgId = async (): Promise<string> => {
    const response = await request('looking for the organisation', `/api/v2/orgs${query({ org })}`);
    const [found] = orgList.parse(await response.json()).orgs;
    if (!found) throw refused('looking for the organisation', `no organisation that the token may see is named ${org}`);
    return found.id;
  };
  /** By the name of the organisation: a token for one bucket may not look at organisations. InfluxDB answers 404 to a name it does not have. */
  const findBucket = async (bucket: string) => {
    const response = await request(
      'looking for the bucket',
      `/api/v2/buckets${query({ org, name: bucket })}`,
      {},
      [404],
    );
    return response.ok ? bucketList.parse(await response.json()).buckets[0] : undefined;
  };

  return {
    async write(bucket: string, lines: readonly string[]): Promise<void> {
      for (let from = 0; from < lines.length; from += linesPerRequest) {
        const api = influx.getWriteApi(org, bucket, 'ms', {
          batchSize: 2,
          maxBatchBytes: Number.MAX_SAFE_INTEGER,
          flushInterval: 0,
          maxRetries: 0,
          maxBufferLines: 0,
          // Only the flush reports; without this the client also writes to the console.
          writeFailed: (error) => Promise.reject(error),
          // Most stacks run beside their InfluxDB: compressing would cost more than it saves.
          gzipThreshold: Number.MAX_SAFE_INTEGER,
        });
        // As one text: line by line the client measures, queues and joins what stands ready.
        api.writeRecord(lines.slice(from, from + linesPerRequest).join('\n'));
        try {
          await api.flush();
        } catch (error) {
          throw asInfluxFailure(error, 'writing points');
        } finally {
          await api.close().catch(() => {});
        }
      }
    },

    /** Times come in milliseconds. */
    async select(bucket: string, influxQl: string): Promise<InfluxSeries[]> {
      const body = new URLSearchParams({ db: bucket, q: influxQl, epoch: 'ms' });
      const response = await request('reading points', `/query${query({ org })}`, { method: 'POST', body });
      const { results } = answer.parse(await response.json());
      const error = results.find((result) => result.error !== undefined)?.error;
      if (error !== undefined)
        throw asInfluxFailure(Object.assign(new Error(error), { statusCode: 400 }), 'reading points');
      return results.flatMap((result) => result.series);
    },

    async delete(bucket: string, range: SeriesRange): Promise<void> {
      const { metric, firstMs, lastMs, ...tags } = range;
      const predicate = Object.entries({ _measurement: metric, ...tags })
        .map(([name, value]) => `"${name}"="${value.replace(/[\\"]/g, '\\$&')}"`)
        .join(' AND ');
      // Points stand on whole milliseconds, so it does not matter whether the end of the range belongs to it.
      const stop = `${new Date(lastMs).toISOString().slice(0, -1)}500Z`;
      const body = { start: new Date(firstMs).toISOString(), stop, predicate };
      await request('deleting points', `/api/v2/delete${query({ org, bucket })}`, json(body));
    },

    async deleteUser(bucket: string, user: string): Promise<void> {
      const predicate = `"user"="${user.replace(/[\\"]/g, '\\$&')}"`;
      const body = { start: '1970-01-01T00:00:00Z', stop: '2200-01-01T00:00:00Z', predicate };
      await request('erasing a person', `/api/v2/delete${query({ org, bucket })}`, json(body));
    },

    /** Makes the bucket if it is missing. Shards hold a year: years of one ring are few points, and many small shards cost memory. */
    async ensureBucket(bucket: string): Promise<void> {
      const retentionRules = [{ type: 'expire', everySeconds: 0, shardGroupDurationSeconds: yearS }];
      const found = await findBucket(bucket);
      if (!found) {
        const body = { orgID: await orgId(), name: bucket, retentionRules };
        await request('making the bucket', '/api/v2/buckets', json(body));
      } else if (found.retentionRules[0]?.shardGroupDurationSeconds !== yearS) {
        await request(
          'setting the shards of the bucket',
          `/api/v2/buckets/${found.id}`,
          json({ retentionRules }, 'PATCH'),
        );
      }
    },

    async dropBucket(bucket: string): Promise<void> {
      const found = await findBucket(bucket);
      if (found) await request('dropping the bucket', `/api/v2/buckets/${found.id}`, { method: 'DELETE' });
    },

    /** Lets InfluxQL's `db=name` lead to `bucket`, so dashboards keep their name over a switch. */
    async mapDatabase(name: string, bucket: string): Promise<void> {
      const found = await findBucket(bucket);
      if (!found) throw refused('mapping the database', `no bucket of ${org} is named ${bucket}`);
      const path = `/api/v2/dbrps${query({ org, db: name })}`;
      const { content } = dbrpList.parse(await (await request('reading the database mapping', path)).json());
      const own = content.filter((mapping) => mapping.virtual !== true);
      if (own.length === 1 && own[0]?.bucketID === found.id) return;
      for (const mapping of own) {
        await request('mapping the database', `/api/v2/dbrps/${mapping.id}${query({ org })}`, { method: 'DELETE' });
      }
      const body = { database: name, retention_policy: 'autogen', default: true, bucketID: found.id, org };
      await request('mapping the database', '/api/v2/dbrps', json(body));
    },

    async check(bucket: string): Promise<void> {
      if (await findBucket(bucket)) return;
      throw refused('checking', `no bucket of ${org} that the token may see is named ${bucket}`);
    },
  };
}
