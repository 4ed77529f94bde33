// Open ways to connect a ring: each is one secret `state` that is used as the connect link and in Oura's consent page alike, expires, and
// serves once. Kept are its hash, the person it is for and the PKCE verifier; once Oura has given tokens they are kept here (encrypted)
// until the person they belong to is known, so that no consent is lost to a failure in between.
// Written by ingest alone.
import { createHash } from 'node:crypto';
import type { Kysely, SchemaModule, Transaction } from 'kysely';
import type { ColumnTypes } from '../runtime/database/column-types.ts';
import type { Secrets } from '../runtime/secrets.ts';
import type { NewPair } from './grants.ts';

export interface ConnectAttemptTables {
  connect_attempts: {
    state_hash: string;
    person_name: string;
    code_verifier: string;
    expires_at_ms: number;
    claimed_at_ms: number | null;
    /** Encrypted JSON of a NewPair. */
    tokens: string | null;
  };
}

export async function createConnectAttemptTables(schema: SchemaModule, types: ColumnTypes): Promise<void> {
  await schema
    .createTable('connect_attempts')
    .addColumn('state_hash', 'text', (c) => c.primaryKey())
    .addColumn('person_name', 'text', (c) => c.notNull())
    .addColumn('code_verifier', 'text', (c) => c.notNull())
    .addColumn('expires_at_ms', types.integer64, (c) => c.notNull())
    .addColumn('claimed_at_ms', types.integer64)
    .addColumn('tokens', 'text')
    .execute();
}

export interface ConnectAttempt {
  personName: string;
  codeVerifier: string;
  expiresAtMs: number;
  /** The callback came: the code of this attempt was, or may have been, used. */
  isClaimed: boolean;
  /** What Oura granted, when only the person is still unknown. */
  pair?: NewPair;
}

const hashOf = (state: string): string => createHash('sha256').update(state).digest('hex');
const place = (state: string, what: string): string => `connect/${hashOf(state)}/${what}`;

/** Also forgets the attempts that have expired. */
export async function saveConnectAttempt(
  tx: Transaction<ConnectAttemptTables>,
  secrets: Secrets,
  {
    state,
    nowMs,
    ...attempt
  }: Pick<ConnectAttempt, 'personName' | 'codeVerifier' | 'expiresAtMs'> & { state: string; nowMs: number },
): Promise<void> {
  await tx.deleteFrom('connect_attempts').where('expires_at_ms', '<=', nowMs).execute();
  await tx
    .insertInto('connect_attempts')
    .values({
      state_hash: hashOf(state),
      person_name: attempt.personName,
      code_verifier: secrets.encrypt(attempt.codeVerifier, place(state, 'verifier')),
      expires_at_ms: attempt.expiresAtMs,
    })
    .execute();
}

/** The attempt of this state; undefined when there is none or it has expired. */
export async function findConnectAttempt(
  db: Kysely<ConnectAttemptTables>,
  secrets: Secrets,
  { state, nowMs }: { state: string; nowMs: number },
): Promise<ConnectAttempt | undefined> {
  const row = await db
    .selectFrom('connect_attempts')
    .selectAll()
    .where('state_hash', '=', hashOf(state))
    .where('expires_at_ms', '>', nowMs)
    .executeTakeFirst();
  return (
    row && {
      personName: row.person_name,
      codeVerifier: secrets.decrypt(row.code_verifier, place(state, 'verifier')),
      expiresAtMs: row.expires_at_ms,
      isClaimed: row.claimed_at_ms !== null,
      ...(row.tokens !== null && { pair: JSON.parse(secrets.decrypt(row.tokens, place(state, 'tokens'))) as NewPair }),
    }
  );
}

/** Takes the only use of a state; false when it was taken before. */
export async function claimConnectAttempt(
  tx: Transaction<ConnectAttemptTables>,
  { state, nowMs }: { state: string; nowMs: number },
): Promise<boolean> {
  const result = await tx
    .updateTable('connect_attempts')
    .set({ claimed_at_ms: nowMs })
    .where('state_hash', '=', hashOf(state))
    .where('expires_at_ms', '>', nowMs)
    .where('claimed_at_ms', 'is', null)
    .executeTakeFirst();
  return Number(result.numUpdatedRows) === 1;
}

/** Keeps what Oura granted until the person is known. */
export async function keepPairOfAttempt(
  tx: Transaction<ConnectAttemptTables>,
  secrets: Secrets,
  state: string,
  pair: NewPair,
): Promise<void> {
  await tx
    .updateTable('connect_attempts')
    .set({ tokens: secrets.encrypt(JSON.stringify(pair), place(state, 'tokens')) })
    .where('state_hash', '=', hashOf(state))
    .execute();
}

/** Of everybody who opened a link under that name. */
export async function deleteAttemptsNamed(tx: Transaction<ConnectAttemptTables>, name: string): Promise<void> {
  await tx.deleteFrom('connect_attempts').where('person_name', '=', name).execute();
}

export async function deleteConnectAttempt(tx: Transaction<ConnectAttemptTables>, state: string): Promise<void> {
  await tx.deleteFrom('connect_attempts').where('state_hash', '=', hashOf(state)).execute();
}
