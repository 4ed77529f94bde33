// The script for administrators of a PostgreSQL whose owner may not make roles itself.
import { createRoleStatements, databaseRoles, grantStatements, roleName } from '../../services/storage/roles.ts';

const header = `-- One role per service of oura-streaming, each with the rights it needs and no more. Made from services/storage/roles.ts.
-- Run it as a superuser in the database of DATABASE_URL, after the tables exist and after every update of oura-streaming:
--   psql "$DATABASE_URL" --single-transaction -f deploy/postgres/roles.sql
-- Then give each role a password:
${databaseRoles.map((role) => `--   \\password ${roleName(role)}`).join('\n')}
`;

export const rolesScript = (): string =>
  [header, ...[...createRoleStatements(), ...grantStatements()].map((statement) => `${statement};\n`)].join('');
