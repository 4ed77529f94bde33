// The rows of a person in `state`, by the service that writes them. A table added to `state` that names people belongs in here as well: the test of
// `people erase` fills every table and looks for what is left.
import type { Kysely, Transaction } from 'kysely';
import type { AlertOutboxTables } from '../alert-outbox.ts';
import type { AlertRuleStateTables } from '../alert-rule-states.ts';
import type { AlertTables } from '../alerts.ts';
import type { DocumentHeadTables } from '../document-heads.ts';
import { type Erasure, idsOf } from '../erasures.ts';
import type { FetchJobTables } from '../fetch-jobs.ts';
import type { GrantTables } from '../grants.ts';
import type { IngestOutboxTables } from '../ingest-outbox.ts';
import type { PeopleTables } from '../people.ts';
import type { PollTables } from '../polls.ts';
import { budgetOfPerson, type RateBudgetTables } from '../rate-budgets.ts';
import type { RejectedRecordTables } from '../rejected-records.ts';

export type IngestRowTables = PeopleTables &
  GrantTables &
  DocumentHeadTables &
  IngestOutboxTables &
  FetchJobTables &
  PollTables &
  RejectedRecordTables &
  RateBudgetTables;

const ofIngest = [
  'people',
  'grants',
  'document_heads',
  'ingest_outbox',
  'fetch_jobs',
  'polls',
  'rejected_records',
] as const satisfies readonly (keyof IngestRowTables)[];

export async function eraseIngestRows(tx: Transaction<IngestRowTables>, erasure: Erasure): Promise<void> {
  const ids = idsOf(erasure);
  for (const table of ofIngest) await tx.deleteFrom(table).where('user_id', 'in', ids).execute();
  await tx.deleteFrom('rate_budgets').where('budget', 'in', ids.map(budgetOfPerson)).execute();
}

export type AlertRowTables = AlertTables & AlertOutboxTables & AlertRuleStateTables;

const ofAlert = [
  'alerts',
  'alert_transitions',
  'alert_rule_states',
  'alert_people',
] as const satisfies readonly (keyof AlertRowTables)[];

export async function eraseAlertRows(tx: Transaction<AlertRowTables>, erasure: Erasure): Promise<void> {
  const ids = idsOf(erasure);
  await tx
    .deleteFrom('alert_deliveries')
    .where('transition_id', 'in', (e) =>
      e.selectFrom('alert_transitions').select('transition_id').where('user_id', 'in', ids),
    )
    .execute();
  for (const table of ofAlert) await tx.deleteFrom(table).where('user_id', 'in', ids).execute();
}

/** What is left of a person, by table; empty when nothing is. */
export async function countStateRows(
  db: Kysely<IngestRowTables & AlertRowTables>,
  erasure: Erasure,
): Promise<Map<string, number>> {
  const ids = idsOf(erasure);
  const left = new Map<string, number>();
  for (const table of [...ofIngest, ...ofAlert]) {
    const { rows } = await db
      .selectFrom(table)
      .select(({ fn }) => fn.countAll<number>().as('rows'))
      .where('user_id', 'in', ids)
      .executeTakeFirstOrThrow();
    if (Number(rows) > 0) left.set(table, Number(rows));
  }
  return left;
}
