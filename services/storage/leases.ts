// Leases: the right of one process among replicas to run what must run once (polls, jobs, alert ticks). A lease is kept by renewing it
// before it expires; who dies lets it expire. Each change of hands raises the token, so a late write of the former holder can be refused
// in its own transaction (`holdsLease`). Expiry compares the clocks of the replicas: a term is many times their difference.
import type { SchemaModule, Transaction } from 'kysely';
import type { ColumnTypes } from '../runtime/database/column-types.ts';

export interface LeaseTables {
  leases: {
    name: string;
    /** The process that holds it. Unique per start, where several may run. */
    owner: string;
    token: number;
    expires_at_ms: number;
  };
}

export async function createLeaseTables(schema: SchemaModule, types: ColumnTypes): Promise<void> {
  await schema
    .createTable('leases')
    .addColumn('name', 'text', (c) => c.primaryKey())
    .addColumn('owner', 'text', (c) => c.notNull())
    .addColumn('token', types.integer64, (c) => c.notNull())
    .addColumn('expires_at_ms', types.integer64, (c) => c.notNull())
    .execute();
}

export interface LeaseTerm {
  name: string;
  owner: string;
  nowMs: number;
  termMs: number;
}

/**
 * Takes the lease when nobody holds it, its term is over, or this owner held it: an owner that starts again under its name knows that its former
 * self is dead. Its token, or undefined when another owner holds it.
 */
export async function acquireLease(
  tx: Transaction<LeaseTables>,
  { name, owner, nowMs, termMs }: LeaseTerm,
): Promise<number | undefined> {
  const expiresAtMs = nowMs + termMs;
  const row = await tx
    .insertInto('leases')
    .values({ name, owner, token: 1, expires_at_ms: expiresAtMs })
    .onConflict((conflict) =>
      conflict
        .column('name')
        .doUpdateSet((eb) => ({ owner, token: eb('leases.token', '+', 1), expires_at_ms: expiresAtMs }))
        .where((eb) => eb.or([eb('leases.expires_at_ms', '<=', nowMs), eb('leases.owner', '=', owner)])),
    )
    .returning('token')
    .executeTakeFirst();
  return row?.token;
}

export interface HeldLease {
  name: string;
  token: number;
}

/** Prolongs the lease, also past its term as long as nobody took it. False when somebody did. */
export async function renewLease(
  tx: Transaction<LeaseTables>,
  { name, token, nowMs, termMs }: HeldLease & Omit<LeaseTerm, 'owner'>,
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('leases')
    .set({ expires_at_ms: nowMs + termMs })
    .where('name', '=', name)
    .where('token', '=', token)
    .executeTakeFirstOrThrow();
  return Number(numUpdatedRows) === 1;
}

/** Lets the next one have it at once. Without effect when it is no longer held. */
export async function releaseLease(tx: Transaction<LeaseTables>, { name, token }: HeldLease): Promise<void> {
  await tx
    .updateTable('leases')
    .set({ expires_at_ms: 0 })
    .where('name', '=', name)
    .where('token', '=', token)
    .execute();
}

/** The fence: asked in the transaction that writes, it says whether the lease was taken by another meanwhile. */
export async function holdsLease(tx: Transaction<LeaseTables>, { name, token }: HeldLease): Promise<boolean> {
  const row = await tx.selectFrom('leases').select('token').where('name', '=', name).executeTakeFirst();
  return row?.token === token;
}
