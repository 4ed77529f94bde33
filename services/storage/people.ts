// The people whose data we keep. Our id is opaque and made at the first import or connection; the name is for people and unique;
// Oura's id is an alias, learnt from personal_info, so a person imported from a file is the same person once connected.
// Written by ingest alone. Leaves out their grants.
import { randomUUID } from 'node:crypto';
import type { Kysely, SchemaModule, Transaction } from 'kysely';
import type { ColumnTypes } from '../runtime/database/column-types.ts';

export interface PeopleTables {
  people: {
    user_id: string;
    name: string;
    oura_user_id: string | null;
    created_at_ms: number;
  };
}

export interface Person {
  userId: string;
  name: string;
  ouraUserId: string | null;
  createdAtMs: number;
}

/** The name of whoever imports or connects without giving one. */
export const defaultPersonName = 'me';

export async function createPeopleTables(schema: SchemaModule, types: ColumnTypes): Promise<void> {
  await schema
    .createTable('people')
    .addColumn('user_id', 'text', (c) => c.primaryKey())
    .addColumn('name', 'text', (c) => c.notNull().unique())
    .addColumn('oura_user_id', 'text', (c) => c.unique())
    .addColumn('created_at_ms', types.integer64, (c) => c.notNull())
    .execute();
}

/** A name as it is stored: composed, without outer or doubled spaces; undefined when it is empty, too long or holds control characters. */
export function normalizeName(name: string): string | undefined {
  const clean = name.normalize('NFC').trim().replace(/\s+/g, ' ');
  return clean.length === 0 || clean.length > 80 || /\p{C}/u.test(clean) ? undefined : clean;
}

type Row = PeopleTables['people'];
const person = (row: Row | undefined): Person | undefined =>
  row && { userId: row.user_id, name: row.name, ouraUserId: row.oura_user_id, createdAtMs: row.created_at_ms };

const findBy = async (db: Kysely<PeopleTables>, column: 'user_id' | 'name' | 'oura_user_id', value: string) =>
  person(await db.selectFrom('people').selectAll().where(column, '=', value).executeTakeFirst());

export const findPersonById = (db: Kysely<PeopleTables>, userId: string) => findBy(db, 'user_id', userId);
export const findPersonByName = (db: Kysely<PeopleTables>, name: string) => findBy(db, 'name', name);
export const findPersonByOuraId = (db: Kysely<PeopleTables>, ouraUserId: string) =>
  findBy(db, 'oura_user_id', ouraUserId);

/** Whom somebody means who writes our id, a name or Oura's id. Our id goes first: nobody takes it from its owner by calling themselves so. */
export async function findPerson(db: Kysely<PeopleTables>, meant: string): Promise<Person | undefined> {
  return (
    (await findPersonById(db, meant)) ??
    (await findPersonByName(db, normalizeName(meant) ?? meant)) ??
    (await findPersonByOuraId(db, meant))
  );
}

/** Everybody, oldest first. */
export async function listPeople(db: Kysely<PeopleTables>): Promise<Person[]> {
  const rows = await db.selectFrom('people').selectAll().orderBy('created_at_ms').orderBy('user_id').execute();
  return rows.flatMap((row) => person(row) ?? []);
}

export interface NewPerson {
  name: string;
  ouraUserId?: string;
  nowMs: number;
}

/** Makes a person; undefined when the name or Oura's id is taken. `name` is a normalised one. */
export async function createPerson(tx: Transaction<PeopleTables>, made: NewPerson): Promise<Person | undefined> {
  const row = await tx
    .insertInto('people')
    .values({
      user_id: randomUUID(),
      name: made.name,
      oura_user_id: made.ouraUserId ?? null,
      created_at_ms: made.nowMs,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returningAll()
    .executeTakeFirst();
  return person(row);
}

/** The person who is meant (see `findPerson`), made with that name if there is none. `name` is a normalised one. */
export async function ensurePerson(tx: Transaction<PeopleTables>, name: string, nowMs: number): Promise<Person> {
  const found =
    (await findPerson(tx, name)) ?? (await createPerson(tx, { name, nowMs })) ?? (await findPersonByName(tx, name));
  if (!found) throw new Error('a person was neither made nor found by name');
  return found;
}

/** Renames; false when another person has that name or nobody has that id. `name` is a normalised one. */
export async function renamePerson(tx: Transaction<PeopleTables>, userId: string, name: string): Promise<boolean> {
  const holder = await findPersonByName(tx, name);
  if (holder) return holder.userId === userId;
  const result = await tx.updateTable('people').set({ name }).where('user_id', '=', userId).executeTakeFirst();
  return Number(result.numUpdatedRows) === 1;
}

/**
 * Notes Oura's id of a person who has none yet. False when it is somebody else's, or the person has another one: two rings' owners are never
 * merged by accident.
 */
export async function learnOuraId(tx: Transaction<PeopleTables>, userId: string, ouraUserId: string): Promise<boolean> {
  const holder = await findPersonByOuraId(tx, ouraUserId);
  if (holder) return holder.userId === userId;
  const result = await tx
    .updateTable('people')
    .set({ oura_user_id: ouraUserId })
    .where('user_id', '=', userId)
    .where('oura_user_id', 'is', null)
    .executeTakeFirst();
  return Number(result.numUpdatedRows) === 1;
}

/**
 * Who has connected: the person known by Oura's id; else the person of the asked name who has no Oura id yet (imported before); else a new
 * one. A name that belongs to another ring's owner gets a number, so that nobody's data is mixed.
 */
export async function adoptPerson(
  tx: Transaction<PeopleTables>,
  { name, ouraUserId, nowMs }: Required<NewPerson>,
): Promise<Person> {
  for (let number = 1; ; number += 1) {
    const known = await findPersonByOuraId(tx, ouraUserId);
    if (known) return known;
    const candidate = number === 1 ? name : `${name} ${number}`;
    const made = await createPerson(tx, { name: candidate, ouraUserId, nowMs });
    if (made) return made;
    const namesake = await findPersonByName(tx, candidate);
    if (namesake && (await learnOuraId(tx, namesake.userId, ouraUserId))) return { ...namesake, ouraUserId };
  }
}
