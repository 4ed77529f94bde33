// The tables of `state`: what no log can give back (grants, version heads, fetch jobs, alert state …), with its consumers' offsets.
// No rebuild touches them. A step that was released never changes; a new one is added below.
import type { Migrations } from '../../runtime/database/migrate.ts';
import { createOffsetTables } from '../consumer-offsets.ts';
import { createPeopleTables } from '../people.ts';

export const stateMigrations: Migrations = (types) => ({
  '0001_consumer_offsets': { up: (db) => createOffsetTables(db.schema, types) },
  '0002_people': { up: (db) => createPeopleTables(db.schema, types) },
});
