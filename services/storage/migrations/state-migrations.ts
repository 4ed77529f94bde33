// The tables of `state`: what no log can give back (grants, version heads, fetch jobs, alert state …), with its consumers' offsets.
// No rebuild touches them. A step that was released never changes; a new one is added below.
import type { Migrations } from '../../runtime/database/migrate.ts';
import { createAlertNoteTables } from '../alert-notes.ts';
import { createAlertOutboxTables } from '../alert-outbox.ts';
import { createAlertRuleStateTables } from '../alert-rule-states.ts';
import { createAlertTables } from '../alerts.ts';
import { createConnectAttemptTables } from '../connect-attempts.ts';
import { createOffsetTables } from '../consumer-offsets.ts';
import { createDocumentHeadTables } from '../document-heads.ts';
import { createErasureTables } from '../erasures.ts';
import { createFetchJobTables } from '../fetch-jobs.ts';
import { createGrantTables } from '../grants.ts';
import { createHandledNotificationTables } from '../handled-notifications.ts';
import { createIngestOutboxTables } from '../ingest-outbox.ts';
import { createLeaseTables } from '../leases.ts';
import { createPeopleTables } from '../people.ts';
import { createPollTables } from '../polls.ts';
import { createRateBudgetTables } from '../rate-budgets.ts';
import { createRejectedRecordTables } from '../rejected-records.ts';
import { createSubscriptionTables } from '../subscriptions.ts';

export const stateMigrations: Migrations = (types) => ({
  '0001_consumer_offsets': { up: (db) => createOffsetTables(db.schema, types) },
  '0002_people': { up: (db) => createPeopleTables(db.schema, types) },
  '0003_document_heads': { up: (db) => createDocumentHeadTables(db.schema, types) },
  '0004_ingest_outbox': { up: (db) => createIngestOutboxTables(db.schema, types) },
  '0005_fetch_jobs': { up: (db) => createFetchJobTables(db.schema, types) },
  '0006_handled_notifications': { up: (db) => createHandledNotificationTables(db.schema, types) },
  '0007_polls': { up: (db) => createPollTables(db.schema, types) },
  '0010_leases': { up: (db) => createLeaseTables(db.schema, types) },
  '0020_grants': { up: (db) => createGrantTables(db.schema, types) },
  '0021_connect_attempts': { up: (db) => createConnectAttemptTables(db.schema, types) },
  '0022_rate_budgets': { up: (db) => createRateBudgetTables(db.schema, types) },
  '0023_subscriptions': { up: (db) => createSubscriptionTables(db.schema, types) },
  '0024_rejected_records': { up: (db) => createRejectedRecordTables(db.schema, types) },
  '0025_erasures': { up: (db) => createErasureTables(db.schema, types) },
  '0040_alert_rule_states': { up: (db) => createAlertRuleStateTables(db.schema, types) },
  '0041_alerts': { up: (db) => createAlertTables(db.schema, types) },
  '0042_alert_outbox': { up: (db) => createAlertOutboxTables(db.schema, types) },
  '0043_alert_notes': { up: (db) => createAlertNoteTables(db.schema, types) },
});
