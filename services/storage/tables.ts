// All tables, by the database they stand in. Each module of this folder owns its own; a function takes only the tables it uses.
import type { Database } from '../runtime/database/database.ts';
import type { OffsetTables } from './consumer-offsets.ts';

export interface StoreTables extends OffsetTables {}

export interface StateTables extends OffsetTables {}

export type StoreDatabase = Database<StoreTables>;
export type StateDatabase = Database<StateTables>;
