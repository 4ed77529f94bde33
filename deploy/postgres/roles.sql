-- One role per service of oura-streaming, each with the rights it needs and no more. Made from services/storage/roles.ts.
-- Run it as a superuser in the database of DATABASE_URL, after the tables exist and after every update of oura-streaming:
--   psql "$DATABASE_URL" --single-transaction -f deploy/postgres/roles.sql
-- Then give each role a password:
--   \password oura_ingest
--   \password oura_archive
--   \password oura_normalize
--   \password oura_alert
--   \password oura_live
--   \password oura_grafana
do $$ begin create role oura_ingest login; exception when duplicate_object then null; end $$;
do $$ begin create role oura_archive login; exception when duplicate_object then null; end $$;
do $$ begin create role oura_normalize login; exception when duplicate_object then null; end $$;
do $$ begin create role oura_alert login; exception when duplicate_object then null; end $$;
do $$ begin create role oura_live login; exception when duplicate_object then null; end $$;
do $$ begin create role oura_grafana login; exception when duplicate_object then null; end $$;
revoke all on all tables in schema store from oura_ingest, oura_archive, oura_normalize, oura_alert, oura_live, oura_grafana;
grant usage on schema store to oura_ingest, oura_archive, oura_normalize, oura_alert, oura_live, oura_grafana;
grant select on store.kysely_migration, store.kysely_migration_lock to oura_ingest, oura_archive, oura_normalize, oura_alert, oura_live, oura_grafana;
grant select, insert, update, delete on store.consumer_offsets to oura_archive, oura_normalize;
grant select on store.consumer_offsets to oura_ingest, oura_alert, oura_live, oura_grafana;
grant select, insert, update, delete on store.archived_notifications to oura_archive;
grant select on store.archived_notifications to oura_ingest, oura_normalize, oura_alert, oura_live, oura_grafana;
grant select, insert, update, delete on store.archived_documents to oura_archive;
grant select on store.archived_documents to oura_ingest, oura_normalize, oura_alert, oura_live, oura_grafana;
grant select, insert, update, delete on store.metric_documents to oura_normalize;
grant select on store.metric_documents to oura_ingest, oura_archive, oura_alert, oura_live, oura_grafana;
grant select, insert, update, delete on store.metric_rows to oura_normalize;
grant select on store.metric_rows to oura_ingest, oura_archive, oura_alert, oura_live, oura_grafana;
grant select, insert, update, delete on store.metric_ledger to oura_normalize;
grant select on store.metric_ledger to oura_ingest, oura_archive, oura_alert, oura_live, oura_grafana;
grant select, insert, update, delete on store.metric_buckets to oura_normalize;
grant select on store.metric_buckets to oura_ingest, oura_archive, oura_alert, oura_live, oura_grafana;
revoke all on all tables in schema state from oura_ingest, oura_archive, oura_normalize, oura_alert, oura_live, oura_grafana;
grant usage on schema state to oura_ingest, oura_archive, oura_normalize, oura_alert, oura_live, oura_grafana;
grant select on state.kysely_migration, state.kysely_migration_lock to oura_ingest, oura_archive, oura_normalize, oura_alert, oura_live, oura_grafana;
grant select, insert, update, delete on state.consumer_offsets to oura_ingest, oura_alert;
grant select on state.consumer_offsets to oura_archive, oura_normalize, oura_live;
grant select, insert, update, delete on state.leases to oura_ingest, oura_alert;
grant select on state.leases to oura_archive, oura_normalize, oura_live;
grant select, insert, update, delete on state.people to oura_ingest;
grant select on state.people to oura_archive, oura_normalize, oura_alert, oura_live, oura_grafana;
grant select, insert, update, delete on state.document_heads to oura_ingest;
grant select on state.document_heads to oura_archive, oura_normalize, oura_alert, oura_live;
grant select, insert, update, delete on state.ingest_outbox to oura_ingest;
grant select on state.ingest_outbox to oura_archive, oura_normalize, oura_alert, oura_live;
grant select, insert, update, delete on state.fetch_jobs to oura_ingest;
grant select on state.fetch_jobs to oura_archive, oura_normalize, oura_alert, oura_live;
grant select, insert, update, delete on state.handled_notifications to oura_ingest;
grant select on state.handled_notifications to oura_archive, oura_normalize, oura_alert, oura_live;
grant select, insert, update, delete on state.polls to oura_ingest;
grant select on state.polls to oura_archive, oura_normalize, oura_alert, oura_live;
grant select, insert, update, delete on state.grants to oura_ingest;
grant select (user_id, scopes, token_url, grant_state, generation, expires_at_ms, issued_at_ms) on state.grants to oura_archive, oura_normalize, oura_alert, oura_live;
grant select, insert, update, delete on state.connect_attempts to oura_ingest;
grant select, insert, update, delete on state.rate_budgets to oura_ingest;
grant select on state.rate_budgets to oura_archive, oura_normalize, oura_alert, oura_live;
grant select, insert, update, delete on state.webhook_subscriptions to oura_ingest;
grant select on state.webhook_subscriptions to oura_archive, oura_normalize, oura_alert, oura_live;
grant select, insert, update, delete on state.rejected_records to oura_ingest;
grant select on state.rejected_records to oura_archive, oura_normalize, oura_alert, oura_live;
grant select, insert, update, delete on state.erasures to oura_ingest;
grant select on state.erasures to oura_archive, oura_normalize, oura_alert, oura_live;
grant select, insert, update, delete on state.erased_ids to oura_ingest;
grant select on state.erased_ids to oura_archive, oura_normalize, oura_alert, oura_live;
grant select, insert, update, delete on state.alert_rule_states to oura_alert;
grant select on state.alert_rule_states to oura_ingest, oura_archive, oura_normalize, oura_live;
grant select, insert, update, delete on state.alert_people to oura_alert;
grant select on state.alert_people to oura_ingest, oura_archive, oura_normalize, oura_live;
grant select, insert, update, delete on state.alerts to oura_alert;
grant select on state.alerts to oura_ingest, oura_archive, oura_normalize, oura_live, oura_grafana;
grant select, insert, update, delete on state.alert_transitions to oura_alert;
grant select on state.alert_transitions to oura_ingest, oura_archive, oura_normalize, oura_live, oura_grafana;
grant select, insert, update, delete on state.alert_deliveries to oura_alert;
grant select on state.alert_deliveries to oura_ingest, oura_archive, oura_normalize, oura_live;
grant select, insert, update, delete on state.alert_notes to oura_alert;
grant select on state.alert_notes to oura_ingest, oura_archive, oura_normalize, oura_live;
