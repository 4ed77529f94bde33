// All tables, by the database they stand in. Each module of this folder owns its own; a function takes only the tables it uses.
import type { Database } from '../runtime/database/database.ts';
import type { OffsetTables } from './consumer-offsets.ts';
import type { PeopleTables } from './people.ts';

export interface StoreTables extends OffsetTables {}

export interface StateTables extends OffsetTables, PeopleTables {}

export type StoreDatabase = Database<StoreTables>;
export type StateDatabase = Database<StateTables>;
