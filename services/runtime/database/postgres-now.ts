// What time it is by the database server: the one clock that all its clients share, whatever their own say.
import { type Kysely, sql } from 'kysely';

/** Milliseconds since the epoch, at the moment of asking and not of the transaction's begin. @throws Failure */
export async function postgresNowMs<Tables>(db: Kysely<Tables>): Promise<number> {
  const asked = sql<{ now_ms: number }>`select floor(extract(epoch from clock_timestamp()) * 1000)::bigint as now_ms`;
  const { rows } = await asked.execute(db);
  return rows[0]?.now_ms ?? Number.NaN;
}
