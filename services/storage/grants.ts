// What each person has granted us: the token pair (encrypted, bound to the person), the scopes of the token response, the address that
// issued it. A pair is stored before it is used. Oura's refresh tokens work once, so a refresh runs under a lock per person that holds
// across replicas, and a new pair is only accepted on top of the one it came from (`generation`).
// Written by ingest alone. Leaves out the requests to Oura.
import type { Kysely, SchemaModule, Transaction } from 'kysely';
import type { ColumnTypes } from '../runtime/database/column-types.ts';
import type { Secrets } from '../runtime/secrets.ts';

export interface GrantTables {
  grants: {
    user_id: string;
    /** Encrypted JSON of a TokenPair. */
    tokens: string;
    /** Space separated, without a portal's prefix. */
    scopes: string;
    token_url: string;
    /** `active` or `needs_consent`. */
    grant_state: string;
    /** Counts the pairs of this person. */
    generation: number;
    expires_at_ms: number;
    issued_at_ms: number;
    refresh_failures: number;
    /** No refresh before this instant, after one whose outcome is unknown. */
    refresh_after_ms: number;
    lock_holder: string | null;
    lock_until_ms: number;
  };
}

export async function createGrantTables(schema: SchemaModule, types: ColumnTypes): Promise<void> {
  await schema
    .createTable('grants')
    .addColumn('user_id', 'text', (c) => c.primaryKey())
    .addColumn('tokens', 'text', (c) => c.notNull())
    .addColumn('scopes', 'text', (c) => c.notNull())
    .addColumn('token_url', 'text', (c) => c.notNull())
    .addColumn('grant_state', 'text', (c) => c.notNull())
    .addColumn('generation', 'integer', (c) => c.notNull())
    .addColumn('expires_at_ms', types.integer64, (c) => c.notNull())
    .addColumn('issued_at_ms', types.integer64, (c) => c.notNull())
    .addColumn('refresh_failures', 'integer', (c) => c.notNull())
    .addColumn('refresh_after_ms', types.integer64, (c) => c.notNull())
    .addColumn('lock_holder', 'text')
    .addColumn('lock_until_ms', types.integer64, (c) => c.notNull())
    .execute();
}

export interface TokenPair {
  accessToken: string;
  /** Absent when Oura gave none: the grant ends when the access token does. */
  refreshToken?: string;
}

/** What may be shown of a grant. */
export interface GrantSummary {
  userId: string;
  state: 'active' | 'needs_consent';
  scopes: readonly string[];
  tokenUrl: string;
  generation: number;
  expiresAtMs: number;
  issuedAtMs: number;
}

export interface Grant extends GrantSummary {
  tokens: TokenPair;
  refreshFailures: number;
  refreshAfterMs: number;
}

export interface NewPair {
  tokens: TokenPair;
  scopes: readonly string[];
  tokenUrl: string;
  expiresAtMs: number;
  nowMs: number;
}

const summaryColumns = [
  'user_id',
  'scopes',
  'token_url',
  'grant_state',
  'generation',
  'expires_at_ms',
  'issued_at_ms',
] as const;
type SummaryRow = Pick<GrantTables['grants'], (typeof summaryColumns)[number]>;

const summary = (row: SummaryRow): GrantSummary => ({
  userId: row.user_id,
  state: row.grant_state === 'active' ? 'active' : 'needs_consent',
  scopes: row.scopes.split(' ').filter(Boolean),
  tokenUrl: row.token_url,
  generation: row.generation,
  expiresAtMs: row.expires_at_ms,
  issuedAtMs: row.issued_at_ms,
});

const place = (userId: string) => `grant/${userId}`;
const seal = (secrets: Secrets, userId: string, tokens: TokenPair) =>
  secrets.encrypt(JSON.stringify(tokens), place(userId));
const open = (secrets: Secrets, userId: string, sealed: string): TokenPair =>
  JSON.parse(secrets.decrypt(sealed, place(userId)));

export async function findGrantSummary(db: Kysely<GrantTables>, userId: string): Promise<GrantSummary | undefined> {
  const row = await db.selectFrom('grants').select(summaryColumns).where('user_id', '=', userId).executeTakeFirst();
  return row && summary(row);
}

/** Everybody's, by user id. */
export async function listGrantSummaries(db: Kysely<GrantTables>): Promise<GrantSummary[]> {
  return (await db.selectFrom('grants').select(summaryColumns).orderBy('user_id').execute()).map(summary);
}

/** The token address that issued the newest grant: an app belongs to one portal, so the next exchange asks there first. */
export async function latestTokenUrl(db: Kysely<GrantTables>): Promise<string | undefined> {
  const row = await db.selectFrom('grants').select('token_url').orderBy('issued_at_ms', 'desc').executeTakeFirst();
  return row?.token_url;
}

/** With its tokens. @throws Failure `configuration` when they cannot be decrypted */
export async function loadGrant(db: Kysely<GrantTables>, secrets: Secrets, userId: string): Promise<Grant | undefined> {
  const row = await db.selectFrom('grants').selectAll().where('user_id', '=', userId).executeTakeFirst();
  return (
    row && {
      ...summary(row),
      tokens: open(secrets, userId, row.tokens),
      refreshFailures: row.refresh_failures,
      refreshAfterMs: row.refresh_after_ms,
    }
  );
}

const pairColumns = (secrets: Secrets, userId: string, pair: NewPair) => ({
  tokens: seal(secrets, userId, pair.tokens),
  scopes: pair.scopes.join(' '),
  token_url: pair.tokenUrl,
  grant_state: 'active',
  expires_at_ms: pair.expiresAtMs,
  issued_at_ms: pair.nowMs,
  refresh_failures: 0,
  refresh_after_ms: 0,
  lock_holder: null,
  lock_until_ms: 0,
});

/** A new consent: replaces whatever the person granted before, and ends any refresh of that. */
export async function saveConsent(
  tx: Transaction<GrantTables>,
  secrets: Secrets,
  userId: string,
  pair: NewPair,
): Promise<void> {
  const columns = pairColumns(secrets, userId, pair);
  await tx
    .insertInto('grants')
    .values({ user_id: userId, generation: 1, ...columns })
    .onConflict((conflict) =>
      conflict.column('user_id').doUpdateSet((e) => ({ ...columns, generation: e('grants.generation', '+', 1) })),
    )
    .execute();
}

/** A refreshed pair, accepted only on top of `generation`; false when there was a new consent or a disconnection meanwhile. */
export async function saveRefreshed(
  tx: Transaction<GrantTables>,
  secrets: Secrets,
  { userId, generation, pair }: { userId: string; generation: number; pair: NewPair },
): Promise<boolean> {
  const result = await tx
    .updateTable('grants')
    .set({ ...pairColumns(secrets, userId, pair), generation: generation + 1 })
    .where('user_id', '=', userId)
    .where('generation', '=', generation)
    .executeTakeFirst();
  return Number(result.numUpdatedRows) === 1;
}

export interface RefreshLock {
  userId: string;
  holder: string;
  nowMs: number;
  untilMs: number;
}

/** Takes the right to refresh; false while another holds it. The time limit only matters when the holder died. */
export async function lockRefresh(
  tx: Transaction<GrantTables>,
  { userId, holder, nowMs, untilMs }: RefreshLock,
): Promise<boolean> {
  const result = await tx
    .updateTable('grants')
    .set({ lock_holder: holder, lock_until_ms: untilMs })
    .where('user_id', '=', userId)
    .where((e) => e.or([e('lock_holder', 'is', null), e('lock_until_ms', '<=', nowMs)]))
    .executeTakeFirst();
  return Number(result.numUpdatedRows) === 1;
}

export type RefreshFailure =
  | { kind: 'refused' }
  /** Nobody knows whether the refresh token was used up: the pair stays, and is tried again after a pause. */
  | { kind: 'unknown'; refreshAfterMs: number };

/** Ends a refresh without a new pair and gives the lock back. */
export async function endRefresh(
  tx: Transaction<GrantTables>,
  { userId, holder, generation }: { userId: string; holder: string; generation: number },
  failure?: RefreshFailure,
): Promise<void> {
  await tx
    .updateTable('grants')
    .set((e) => ({
      lock_holder: null,
      lock_until_ms: 0,
      ...(failure?.kind === 'refused' && { grant_state: 'needs_consent' }),
      ...(failure?.kind === 'unknown' && {
        refresh_failures: e('refresh_failures', '+', 1),
        refresh_after_ms: failure.refreshAfterMs,
      }),
    }))
    .where('user_id', '=', userId)
    .where('generation', '=', generation)
    .where('lock_holder', '=', holder)
    .execute();
}

/** Forgets the grant; the person and their data stay. */
export async function deleteGrant(tx: Transaction<GrantTables>, userId: string): Promise<void> {
  await tx.deleteFrom('grants').where('user_id', '=', userId).execute();
}
