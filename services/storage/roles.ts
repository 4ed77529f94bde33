// Who may do what in PostgreSQL: one role per service, each writes its own tables and reads what it needs, credentials stay with ingest. The
// maps are total, so a new table does not compile before somebody owns it. Pure: the statements are run by roles-apply.ts and stand for
// administrators in deploy/postgres/roles.sql. Safe to run again; a right that was taken away here is taken away there.
import type { StateTables, StoreTables } from './tables.ts';

/** `grafana` only reads. */
export const databaseRoles = ['ingest', 'archive', 'normalize', 'alert', 'live', 'grafana'] as const;
export type DatabaseRole = (typeof databaseRoles)[number];

export const roleName = (role: DatabaseRole): string => `oura_${role}`;

type Writers = readonly DatabaseRole[];

const storeWriters: Readonly<Record<keyof StoreTables, Writers>> = {
  consumer_offsets: ['archive', 'normalize'],
  archived_notifications: ['archive'],
  archived_documents: ['archive'],
  metric_documents: ['normalize'],
  metric_rows: ['normalize'],
  metric_ledger: ['normalize'],
  metric_buckets: ['normalize'],
};

const stateWriters: Readonly<Record<keyof StateTables, Writers>> = {
  consumer_offsets: ['ingest', 'alert'],
  leases: ['ingest', 'alert'],
  people: ['ingest'],
  document_heads: ['ingest'],
  ingest_outbox: ['ingest'],
  fetch_jobs: ['ingest'],
  handled_notifications: ['ingest'],
  polls: ['ingest'],
  grants: ['ingest'],
  connect_attempts: ['ingest'],
  rate_budgets: ['ingest'],
  webhook_subscriptions: ['ingest'],
  rejected_records: ['ingest'],
  erasures: ['ingest'],
  erased_ids: ['ingest'],
  alert_rule_states: ['alert'],
  alert_people: ['alert'],
  alerts: ['alert'],
  alert_transitions: ['alert'],
  alert_deliveries: ['alert'],
  alert_notes: ['alert'],
};

/** What others than the writer may read of a table with credentials; an empty list is nothing. All other tables are read by every service. */
const shownColumns: Readonly<{ [Table in keyof StateTables]?: readonly (keyof StateTables[Table])[] }> = {
  grants: ['user_id', 'scopes', 'token_url', 'grant_state', 'generation', 'expires_at_ms', 'issued_at_ms'],
  connect_attempts: [],
};

/** What Grafana may read of `state`: names for its lists, and alerts. Of `store` it may read everything. */
const shownToGrafana: readonly (keyof StateTables)[] = ['people', 'alerts', 'alert_transitions'];

const schemas = { store: storeWriters, state: stateWriters } as const;
const migrationTables = ['kysely_migration', 'kysely_migration_lock'];

/** Each makes one role; nothing happens when it exists. */
export const createRoleStatements = (): string[] =>
  databaseRoles.map(
    (role) => `do $$ begin create role ${roleName(role)} login; exception when duplicate_object then null; end $$`,
  );

/** Gives the roles exactly the rights of this file, in one transaction after the migrations. */
export function grantStatements(): string[] {
  const names = databaseRoles.map(roleName).join(', ');
  return Object.entries(schemas).flatMap(([schema, writers]) => [
    `revoke all on all tables in schema ${schema} from ${names}`,
    `grant usage on schema ${schema} to ${names}`,
    `grant select on ${migrationTables.map((table) => `${schema}.${table}`).join(', ')} to ${names}`,
    ...Object.entries(writers).flatMap(([table, writersOfTable]) => grantsOf(schema, table, writersOfTable)),
  ]);
}

function grantsOf(schema: string, table: string, writers: Writers): string[] {
  const on = `on ${schema}.${table}`;
  const readers = databaseRoles.filter((role) => !writers.includes(role) && mayRead(role, schema, table));
  const columns = schema === 'state' ? columnsShown(table) : undefined;
  const toReaders = columns ? `select (${columns.join(', ')})` : 'select';
  const hasReaders = readers.length > 0 && columns?.length !== 0;
  return [
    `grant select, insert, update, delete ${on} to ${writers.map(roleName).join(', ')}`,
    ...(hasReaders ? [`grant ${toReaders} ${on} to ${readers.map(roleName).join(', ')}`] : []),
  ];
}

const columnsShown = (table: string): readonly string[] | undefined =>
  Object.entries(shownColumns).find(([name]) => name === table)?.[1];

const mayRead = (role: DatabaseRole, schema: string, table: string): boolean =>
  role !== 'grafana' || schema === 'store' || shownToGrafana.some((shown) => shown === table);
