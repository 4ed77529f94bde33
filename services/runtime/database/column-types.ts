// Column types by engine, the only place where their words differ in a migration. Instants are ISO 8601 text where they are shown and
// whole milliseconds (`integer64`) where they are compared; payloads are bytes, JSON of our own is text.
import { type Expression, sql } from 'kysely';
import type { Engine } from './database.ts';

type DataType = Expression<unknown>;

export interface ColumnTypes {
  bytes: DataType;
  integer64: DataType;
  double: DataType;
}

export const columnTypes: Readonly<Record<Engine, ColumnTypes>> = {
  sqlite: { bytes: sql`blob`, integer64: sql`integer`, double: sql`real` },
  postgres: { bytes: sql`bytea`, integer64: sql`bigint`, double: sql`double precision` },
};
