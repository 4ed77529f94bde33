// Makes the roles of roles.ts and gives them their rights and one password, as the owner of the database (`prepare` in the stack, at every
// start, because a new version may bring new tables).
import { sql } from 'kysely';
import { Failure } from '../runtime/failure.ts';
import { createRoleStatements, databaseRoles, grantStatements, roleName } from './roles.ts';
import { scramVerifier } from './roles-password.ts';
import type { StateDatabase } from './tables.ts';

export interface RolesRequest {
  /** Opened by the owner; both schemas have to be migrated. */
  state: StateDatabase;
  /** Of all roles; undefined leaves passwords to the administrator. */
  password: string | undefined;
}

/** @throws Failure `configuration` when the owner may not make roles */
export async function applyRoles({ state, password }: RolesRequest): Promise<void> {
  const passwords = databaseRoles.flatMap((role) =>
    password === undefined ? [] : [`alter role ${roleName(role)} password '${scramVerifier(password)}'`],
  );
  try {
    await state.transaction(async (tx) => {
      // Two of these at a time would fail on the same catalogue rows.
      await sql`select pg_advisory_xact_lock(hashtext('oura-streaming roles'))`.execute(tx);
      for (const statement of [...createRoleStatements(), ...passwords, ...grantStatements()])
        await sql.raw(statement).execute(tx);
    });
  } catch (error) {
    if (!(error instanceof Failure) || error.kind !== 'configuration') throw error;
    throw new Failure(
      'configuration',
      `the roles of the services cannot be set up (${error.message}): let an administrator run deploy/postgres/roles.sql, or give DATABASE_URL a user with createrole`,
      { cause: error },
    );
  }
}
