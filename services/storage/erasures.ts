// Who is being erased, and who was. Of work at hand a row says whose; when nothing is left it goes, and only hashes of the ids stay for ever: by
// them every consumer skips what the log still holds until it is compacted, a rebuild brings nothing back, and a late webhook is not kept.
// Written by ingest alone. Leaves out the erasing itself (erasure/).
import { createHash } from 'node:crypto';
import type { Kysely, SchemaModule, Transaction } from 'kysely';
import type { ColumnTypes } from '../runtime/database/column-types.ts';

export interface ErasureTables {
  erasures: {
    user_id: string;
    name: string;
    oura_user_id: string | null;
    /** The owner of what came before the person connected. */
    stand_in_id: string | null;
    begun_at_ms: number;
  };
  erased_ids: { id_hash: string; erased_at_ms: number };
}

export interface Erasure {
  userId: string;
  name: string;
  ouraUserId: string | null;
  standInId: string | null;
  begunAtMs: number;
}

export async function createErasureTables(schema: SchemaModule, types: ColumnTypes): Promise<void> {
  await schema
    .createTable('erasures')
    .addColumn('user_id', 'text', (c) => c.primaryKey())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('oura_user_id', 'text')
    .addColumn('stand_in_id', 'text')
    .addColumn('begun_at_ms', types.integer64, (c) => c.notNull())
    .execute();
  await schema
    .createTable('erased_ids')
    .addColumn('id_hash', 'text', (c) => c.primaryKey())
    .addColumn('erased_at_ms', types.integer64, (c) => c.notNull())
    .execute();
}

/** The ids under which rows and messages of the person stand. */
export const idsOf = ({ userId, standInId }: Erasure): string[] =>
  standInId === null ? [userId] : [userId, standInId];

const hashOf = (kind: 'user' | 'oura', id: string): string =>
  createHash('sha256').update(`erased ${kind}\n${id}`).digest('hex');

/** Writes down that the person is to be erased; from then on nothing of theirs is taken. Again changes nothing. */
export async function beginErasure(tx: Transaction<ErasureTables>, erasure: Erasure): Promise<void> {
  await tx
    .insertInto('erasures')
    .values({
      user_id: erasure.userId,
      name: erasure.name,
      oura_user_id: erasure.ouraUserId,
      stand_in_id: erasure.standInId,
      begun_at_ms: erasure.begunAtMs,
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const hashes = idsOf(erasure).map((id) => hashOf('user', id));
  if (erasure.ouraUserId !== null) hashes.push(hashOf('oura', erasure.ouraUserId));
  await tx
    .insertInto('erased_ids')
    .values(hashes.map((hash) => ({ id_hash: hash, erased_at_ms: erasure.begunAtMs })))
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** Work at hand, oldest first. */
export async function listErasures(db: Kysely<ErasureTables>): Promise<Erasure[]> {
  const rows = await db.selectFrom('erasures').selectAll().orderBy('begun_at_ms').orderBy('user_id').execute();
  return rows.map((row) => ({
    userId: row.user_id,
    name: row.name,
    ouraUserId: row.oura_user_id,
    standInId: row.stand_in_id,
    begunAtMs: Number(row.begun_at_ms),
  }));
}

/** The work at hand for whoever is meant by a name or an id. */
export async function findErasure(db: Kysely<ErasureTables>, meant: string): Promise<Erasure | undefined> {
  const open = await listErasures(db);
  return open.find(({ userId, name, ouraUserId }) => [userId, name, ouraUserId].includes(meant));
}

/** Nothing is left: forgets whose it was. */
export async function endErasure(tx: Transaction<ErasureTables>, userId: string): Promise<void> {
  await tx.deleteFrom('erasures').where('user_id', '=', userId).execute();
}

const idsPerQuery = 500;

/** Which of these people are erased. Costs next to nothing where nobody ever was. */
export async function findErased(db: Kysely<ErasureTables>, userIds: readonly string[]): Promise<Set<string>> {
  const erased = new Set<string>();
  if (!(await db.selectFrom('erased_ids').select('id_hash').limit(1).executeTakeFirst())) return erased;
  for (let start = 0; start < userIds.length; start += idsPerQuery) {
    const byHash = new Map(userIds.slice(start, start + idsPerQuery).map((id) => [hashOf('user', id), id]));
    const rows = await db
      .selectFrom('erased_ids')
      .select('id_hash')
      .where('id_hash', 'in', [...byHash.keys()])
      .execute();
    for (const { id_hash } of rows) erased.add(byHash.get(id_hash) ?? '');
  }
  return erased;
}

const isKnown = async (db: Kysely<ErasureTables>, hash: string): Promise<boolean> =>
  Boolean(await db.selectFrom('erased_ids').select('id_hash').where('id_hash', '=', hash).executeTakeFirst());

export const isErased = (tx: Transaction<ErasureTables>, userId: string): Promise<boolean> =>
  isKnown(tx, hashOf('user', userId));

/** Whether whoever Oura calls so was erased here, and has not connected again. */
export const isErasedAtOura = (db: Kysely<ErasureTables>, ouraUserId: string): Promise<boolean> =>
  isKnown(db, hashOf('oura', ouraUserId));

/** Who was erased connects again, as a new person: their webhooks are taken again. What they once were stays erased. */
export async function welcomeAgain(tx: Transaction<ErasureTables>, ouraUserId: string): Promise<void> {
  await tx.deleteFrom('erased_ids').where('id_hash', '=', hashOf('oura', ouraUserId)).execute();
}
