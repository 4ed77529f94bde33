// Waits until servers have nothing left to do: no consumer lags, no fetch job is open, both outboxes are empty; several looks in a row.
import { systemClock } from '../../services/runtime/clock.ts';
import { listJobs } from '../../services/storage/fetch-jobs.ts';
import type { StateDatabase } from '../../services/storage/tables.ts';

export interface Settling {
  /** Main addresses of all processes with consumers. */
  urls: readonly string[];
  state: StateDatabase;
}

const lookEveryMs = 100;
const looksInARow = 3;

/** Messages that wait, over all consumers of that process. */
export async function lagOf(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const lags = text.split('\n').filter((line) => line.startsWith('oura_consumer_lag_messages{'));
  if (lags.length === 0) throw new Error(`${url} tells no lag`);
  return lags.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}

async function left({ urls, state }: Settling): Promise<Record<string, number>> {
  const count = (rows: readonly unknown[]) => rows.length;
  const { read } = state;
  const lags = await Promise.all(urls.map(lagOf));
  const jobs = read.selectFrom('fetch_jobs').select('object_id').where('job_state', '=', 'open');
  const documents = read.selectFrom('ingest_outbox').select('ce_id');
  const transitions = read.selectFrom('alert_transitions').select('transition_id').where('published_at_ms', 'is', null);
  const deliveries = read.selectFrom('alert_deliveries').select('delivery_id').where('status', '=', 'waiting');
  return {
    lag: lags.reduce((sum, lag) => sum + lag, 0),
    open_fetch_jobs: count(await jobs.execute()),
    documents_to_publish: count(await documents.execute()),
    transitions_to_publish: count(await transitions.execute()),
    alerts_to_deliver: count(await deliveries.execute()),
  };
}

/** @throws Error with what still waits after `timeoutMs` */
export async function untilSettled(settling: Settling, timeoutMs = 90_000): Promise<void> {
  let quiet = 0;
  for (const endMs = Date.now() + timeoutMs; ; await systemClock.wait(lookEveryMs)) {
    const found = await left(settling).catch((error: unknown) => String(error));
    const isQuiet = typeof found !== 'string' && Object.values(found).every((number) => number === 0);
    quiet = isQuiet ? quiet + 1 : 0;
    if (quiet === looksInARow) return;
    if (Date.now() <= endMs) continue;
    const jobs = await listJobs(settling.state.read, { state: 'open', limit: 5 });
    throw new Error(
      `after ${timeoutMs} ms there is still ${JSON.stringify(found)}, among it the jobs ${JSON.stringify(jobs)}`,
    );
  }
}
