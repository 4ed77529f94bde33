// Writes roles.sql beside itself out of services/storage/roles.ts: `node deploy/postgres/write-roles.ts`. A test fails when it is stale.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rolesScript } from './roles-script.ts';

writeFileSync(join(import.meta.dirname, 'roles.sql'), rolesScript());
