// All tables, by the database they stand in. Each module of this folder owns its own; a function takes only the tables it uses.
import type { Database } from '../runtime/database/database.ts';
import type { AlertNoteTables } from './alert-notes.ts';
import type { AlertOutboxTables } from './alert-outbox.ts';
import type { AlertRuleStateTables } from './alert-rule-states.ts';
import type { AlertTables } from './alerts.ts';
import type { ArchiveTables } from './archive.ts';
import type { ConnectAttemptTables } from './connect-attempts.ts';
import type { OffsetTables } from './consumer-offsets.ts';
import type { DocumentHeadTables } from './document-heads.ts';
import type { ErasureTables } from './erasures.ts';
import type { FetchJobTables } from './fetch-jobs.ts';
import type { GrantTables } from './grants.ts';
import type { HandledNotificationTables } from './handled-notifications.ts';
import type { IngestOutboxTables } from './ingest-outbox.ts';
import type { LeaseTables } from './leases.ts';
import type { MetricLedgerTables } from './metric-ledger.ts';
import type { MetricTables } from './metric-points.ts';
import type { PeopleTables } from './people.ts';
import type { PollTables } from './polls.ts';
import type { RateBudgetTables } from './rate-budgets.ts';
import type { RejectedRecordTables } from './rejected-records.ts';
import type { SubscriptionTables } from './subscriptions.ts';

export interface StoreTables extends OffsetTables, MetricTables, ArchiveTables, MetricLedgerTables {}

export interface StateTables
  extends OffsetTables,
    PeopleTables,
    DocumentHeadTables,
    IngestOutboxTables,
    FetchJobTables,
    HandledNotificationTables,
    PollTables,
    LeaseTables,
    GrantTables,
    ConnectAttemptTables,
    RateBudgetTables,
    SubscriptionTables,
    RejectedRecordTables,
    ErasureTables,
    AlertRuleStateTables,
    AlertTables,
    AlertOutboxTables,
    AlertNoteTables {}

export type StoreDatabase = Database<StoreTables>;
export type StateDatabase = Database<StateTables>;
