// What the alert service remembers of each person and rule, and the wearer's offset. Consumer and tick both write here, so a row carries a version
// and is only written over the version that was read. Written by alert alone.
import type { Kysely, SchemaModule, Transaction } from 'kysely';
import { type RuleState, ruleState } from '../../schemas/alert-state.ts';
import type { ColumnTypes } from '../runtime/database/column-types.ts';

export interface AlertRuleStateTables {
  alert_rule_states: {
    user_id: string;
    rule: string;
    version: number;
    state: string;
    /** When the tick has to look; null when only a message can change it. */
    due_at_ms: number | null;
  };
  alert_people: {
    user_id: string;
    utc_offset_minutes: number;
    offset_at_ms: number;
  };
}

export async function createAlertRuleStateTables(schema: SchemaModule, types: ColumnTypes): Promise<void> {
  await schema
    .createTable('alert_rule_states')
    .addColumn('user_id', 'text', (c) => c.notNull())
    .addColumn('rule', 'text', (c) => c.notNull())
    .addColumn('version', 'integer', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('due_at_ms', types.integer64)
    .addPrimaryKeyConstraint('alert_rule_states_pk', ['user_id', 'rule'])
    .execute();
  await schema.createIndex('alert_rule_states_due').on('alert_rule_states').column('due_at_ms').execute();
  await schema
    .createTable('alert_people')
    .addColumn('user_id', 'text', (c) => c.primaryKey())
    .addColumn('utc_offset_minutes', 'integer', (c) => c.notNull())
    .addColumn('offset_at_ms', types.integer64, (c) => c.notNull())
    .execute();
}

export interface KeptRuleState {
  userId: string;
  rule: string;
  version: number;
  state: RuleState;
  dueAtMs: number | null;
}

type Row = AlertRuleStateTables['alert_rule_states'];
const kept = (row: Row): KeptRuleState => ({
  userId: row.user_id,
  rule: row.rule,
  version: row.version,
  state: ruleState.parse(JSON.parse(row.state)),
  dueAtMs: row.due_at_ms,
});

export async function loadRuleStates(
  db: Kysely<AlertRuleStateTables>,
  userIds: readonly string[],
): Promise<KeptRuleState[]> {
  if (userIds.length === 0) return [];
  const rows = await db.selectFrom('alert_rule_states').selectAll().where('user_id', 'in', userIds).execute();
  return rows.map(kept);
}

/** What the tick has to look at, the longest overdue first. */
export async function loadDueRuleStates(
  db: Kysely<AlertRuleStateTables>,
  nowMs: number,
  limit: number,
): Promise<KeptRuleState[]> {
  const rows = await db
    .selectFrom('alert_rule_states')
    .selectAll()
    .where('due_at_ms', '<=', nowMs)
    .orderBy('due_at_ms')
    .orderBy('user_id')
    .limit(limit)
    .execute();
  return rows.map(kept);
}

/** Writes over version `readVersion` (undefined: there was none); false when somebody else wrote meanwhile. */
export async function saveRuleState(
  tx: Transaction<AlertRuleStateTables>,
  next: Omit<KeptRuleState, 'version'> & { readVersion: number | undefined },
): Promise<boolean> {
  const values = { state: JSON.stringify(next.state), due_at_ms: next.dueAtMs };
  if (next.readVersion === undefined) {
    const inserted = await tx
      .insertInto('alert_rule_states')
      .values({ user_id: next.userId, rule: next.rule, version: 1, ...values })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    return Number(inserted.numInsertedOrUpdatedRows ?? 0) === 1;
  }
  const updated = await tx
    .updateTable('alert_rule_states')
    .set({ ...values, version: next.readVersion + 1 })
    .where('user_id', '=', next.userId)
    .where('rule', '=', next.rule)
    .where('version', '=', next.readVersion)
    .executeTakeFirst();
  return Number(updated.numUpdatedRows) === 1;
}

export interface PersonOffset {
  minutes: number;
  atMs: number;
}

export async function loadOffsets(
  db: Kysely<AlertRuleStateTables>,
  userIds: readonly string[],
): Promise<Map<string, PersonOffset>> {
  if (userIds.length === 0) return new Map();
  const rows = await db.selectFrom('alert_people').selectAll().where('user_id', 'in', userIds).execute();
  return new Map(rows.map((row) => [row.user_id, { minutes: row.utc_offset_minutes, atMs: row.offset_at_ms }]));
}

export async function savePersonOffset(
  tx: Transaction<AlertRuleStateTables>,
  userId: string,
  { minutes, atMs }: PersonOffset,
): Promise<void> {
  const values = { utc_offset_minutes: minutes, offset_at_ms: atMs };
  await tx
    .insertInto('alert_people')
    .values({ user_id: userId, ...values })
    .onConflict((conflict) => conflict.column('user_id').doUpdateSet(values))
    .execute();
}
