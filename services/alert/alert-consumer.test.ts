import { expect, test } from '@jest/globals';
import { Registry } from 'prom-client';
import { encodeMetrics, type MetricsMessage } from '../../schemas/metrics-message.ts';
import { readiness } from '../../test/support/alert-messages.ts';
import { openTestState } from '../../test/support/databases.ts';
import { createManualClock } from '../../test/support/manual-clock.ts';
import { Failure } from '../runtime/failure.ts';
import type { LogRecord } from '../runtime/log/message-log.ts';
import { openSqliteLog } from '../runtime/log/sqlite-log.ts';
import { createLogger } from '../runtime/logger.ts';
import { loadRuleStates, saveRuleState } from '../storage/alert-rule-states.ts';
import { listOpenAlerts } from '../storage/alerts.ts';
import { alertConsumer } from './alert-consumer.ts';
import type { AlertContext } from './alert-context.ts';
import { createAlertMetrics } from './alert-metrics.ts';
import { createRules } from './rules/rules-file.ts';

const nowMs = Date.parse('2026-11-23T09:00:00Z');
const logger = createLogger({ level: 'silent', name: 'test' });

async function openContext(): Promise<AlertContext & { close(): Promise<void> }> {
  const state = await openTestState();
  const log = await openSqliteLog({ path: ':memory:', topics: [] });
  return {
    log,
    state,
    clock: createManualClock(nowMs),
    logger,
    rules: createRules({ path: undefined, state, logger }),
    channels: [],
    metrics: createAlertMetrics(new Registry()),
    timing: { maxAgeMs: 36 * 3_600_000, settleMs: 0 },
    limitMs: 1,
    recipients: [],
    timeZone: 'UTC',
    wakeSender() {},
    async close() {
      await log.close();
      await state.close();
    },
  };
}

const records = (...messages: MetricsMessage[]): LogRecord[] =>
  messages.map((message, offset) => ({
    ...encodeMetrics(message, message.document),
    partition: 0,
    offset,
    appendedAtMs: nowMs,
  }));

test('a state that the tick wrote meanwhile is never overwritten: the batch comes again', async () => {
  const context = await openContext();
  const consumer = alertConsumer(context);
  const first = await consumer.handle(records(readiness('2026-11-22', 55)), nowMs);
  await context.state.transaction(async (tx) => first.write?.(tx));
  const second = await consumer.handle(records(readiness('2026-11-23', 80)), nowMs);
  const [kept] = (await loadRuleStates(context.state.read, ['anna'])).filter(({ rule }) => rule === 'readiness_low');
  if (!kept) throw new Error('no state was kept');
  await context.state.transaction((tx) => saveRuleState(tx, { ...kept, readVersion: kept.version }));
  const lost = context.state.transaction(async (tx) => second.write?.(tx));
  await expect(lost).rejects.toThrow(Failure);
  expect(await listOpenAlerts(context.state.read)).toHaveLength(1);
  const again = await consumer.handle(records(readiness('2026-11-23', 80)), nowMs);
  await context.state.transaction(async (tx) => again.write?.(tx));
  expect(await listOpenAlerts(context.state.read)).toHaveLength(0);
  await context.close();
});

test('a batch handled twice, its first commit lost, raises once', async () => {
  const context = await openContext();
  const consumer = alertConsumer(context);
  const batch = records(readiness('2026-11-22', 55), readiness('2026-11-22', 54, { version: 2 }));
  const lost = await consumer.handle(batch, nowMs);
  const rolledBack = context.state.transaction(async (tx) => {
    await lost.write?.(tx);
    throw new Error('killed before the commit');
  });
  await expect(rolledBack).rejects.toThrow('killed');
  const again = await consumer.handle(batch, nowMs);
  expect(again.outcomes).toEqual([{ kind: 'done' }, { kind: 'done' }]);
  await context.state.transaction(async (tx) => again.write?.(tx));
  const raised = await context.state.read.selectFrom('alert_transitions').select('transition_id').execute();
  expect(raised).toEqual([{ transition_id: 'anna:readiness_low:2026-11-22:1' }]);
  await context.close();
});
