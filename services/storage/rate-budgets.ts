// How many requests to Oura were used in the running window, per budget (the application, and each person's token), shared by all replicas.
// A budget is taken in handfuls, so a write to the database pays for many requests; what a process took and did not use is lost with
// its window, never over-spent. A 429 of Oura closes a budget until a given instant.
// Written by ingest alone.
import type { Kysely, SchemaModule, Transaction } from 'kysely';
import type { ColumnTypes } from '../runtime/database/column-types.ts';

/** The name of one person's budget. */
export const budgetOfPerson = (userId: string): string => `person/${userId}`;

export interface RateBudgetTables {
  rate_budgets: {
    budget: string;
    window_start_ms: number;
    used: number;
    blocked_until_ms: number;
  };
}

export async function createRateBudgetTables(schema: SchemaModule, types: ColumnTypes): Promise<void> {
  await schema
    .createTable('rate_budgets')
    .addColumn('budget', 'text', (c) => c.primaryKey())
    .addColumn('window_start_ms', types.integer64, (c) => c.notNull())
    .addColumn('used', 'integer', (c) => c.notNull())
    .addColumn('blocked_until_ms', types.integer64, (c) => c.notNull())
    .execute();
}

export interface BudgetClaim {
  budget: string;
  limit: number;
  windowMs: number;
  /** How many requests to take at once. */
  wanted: number;
  nowMs: number;
}

export type BudgetShare =
  | { kind: 'granted'; requests: number; windowEndsMs: number }
  | { kind: 'exhausted'; retryAfterMs: number };

/** Takes up to `wanted` requests out of the running window. */
export async function claimBudget(
  tx: Transaction<RateBudgetTables>,
  { budget, limit, windowMs, wanted, nowMs }: BudgetClaim,
): Promise<BudgetShare> {
  await tx
    .insertInto('rate_budgets')
    .values({ budget, window_start_ms: nowMs, used: 0, blocked_until_ms: 0 })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  // On PostgreSQL this write takes the row, so that two replicas never read the same count.
  const row = await tx
    .updateTable('rate_budgets')
    .set((e) => ({ used: e.ref('used') }))
    .where('budget', '=', budget)
    .returning(['window_start_ms', 'used', 'blocked_until_ms'])
    .executeTakeFirstOrThrow();
  if (row.blocked_until_ms > nowMs) return { kind: 'exhausted', retryAfterMs: row.blocked_until_ms - nowMs };
  const isOver = nowMs >= row.window_start_ms + windowMs;
  const start = isOver ? nowMs : row.window_start_ms;
  const used = isOver ? 0 : row.used;
  const requests = Math.min(wanted, limit - used);
  if (requests <= 0) return { kind: 'exhausted', retryAfterMs: Math.max(1, start + windowMs - nowMs) };
  await tx
    .updateTable('rate_budgets')
    .set({ window_start_ms: start, used: used + requests })
    .where('budget', '=', budget)
    .execute();
  return { kind: 'granted', requests, windowEndsMs: start + windowMs };
}

/** Closes a budget until `untilMs`; an earlier, longer closure stays. */
export async function blockBudget(
  tx: Transaction<RateBudgetTables>,
  { budget, untilMs, nowMs }: { budget: string; untilMs: number; nowMs: number },
): Promise<void> {
  await tx
    .insertInto('rate_budgets')
    .values({ budget, window_start_ms: nowMs, used: 0, blocked_until_ms: untilMs })
    .onConflict((conflict) =>
      conflict
        .column('budget')
        .doUpdateSet({ blocked_until_ms: untilMs })
        .where('rate_budgets.blocked_until_ms', '<', untilMs),
    )
    .execute();
}

export interface BudgetUse {
  budget: string;
  used: number;
  windowStartMs: number;
  blockedUntilMs: number;
}

/** For the status page. */
export async function listBudgets(db: Kysely<RateBudgetTables>): Promise<BudgetUse[]> {
  const rows = await db.selectFrom('rate_budgets').selectAll().orderBy('budget').execute();
  return rows.map((row) => ({
    budget: row.budget,
    used: row.used,
    windowStartMs: row.window_start_ms,
    blockedUntilMs: row.blocked_until_ms,
  }));
}
