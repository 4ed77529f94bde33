// A world for tests of the alert service: the real adapters in memory, a clock that leaps, and a service started on them as often as a test likes. Everything that was
// opened is closed after each test.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from '@jest/globals';
import { Registry } from 'prom-client';
import { alertsTopic, decodeAlert } from '../../schemas/alert-transition.ts';
import { encodeMetrics, type MetricsMessage, metricsTopic } from '../../schemas/metrics-message.ts';
import { topicNames } from '../../schemas/topics.ts';
import { createAlert } from '../../services/alert/alert-service.ts';
import { alertSettings } from '../../services/alert/settings.ts';
import type { Clock } from '../../services/runtime/clock.ts';
import type { MessageLog } from '../../services/runtime/log/message-log.ts';
import { openSqliteLog } from '../../services/runtime/log/sqlite-log.ts';
import { createLogger } from '../../services/runtime/logger.ts';
import { readSettings } from '../../services/runtime/settings.ts';
import { listDeliveries } from '../../services/storage/alert-deliveries.ts';
import { listAlerts } from '../../services/storage/alerts.ts';
import type { Lease } from '../../services/storage/lease-keeper.ts';
import type { StateDatabase } from '../../services/storage/tables.ts';
import { openTestState } from './databases.ts';
import { heldLease } from './held-lease.ts';

export const silentLogger = createLogger({ level: 'silent', name: 'test' });

/** What is to be closed after the test, last first. */
export const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});
export const kept = <T extends { close(): Promise<void> }>(opened: T): T => {
  closers.push(() => opened.close());
  return opened;
};

/** Waits in real time for what happens outside of the moved clock: sockets. */
export async function until<T>(probe: () => T | Promise<T>, what: string): Promise<T> {
  for (let turn = 0; turn < 2_000; turn += 1) {
    const found = await probe();
    if (found) return found;
    await new Promise(setImmediate);
    if (turn > 200) await new Promise((resolve) => setTimeout(resolve, 2));
  }
  throw new Error(`never: ${what}`);
}

interface LeapingClock extends Clock {
  /** Moves time and wakes whoever waited, in steps (one step by default), so that a day takes no time; ends when all wait again. */
  advance(durationMs: number, stepMs?: number): Promise<void>;
  /** Moves time while nobody waits. */
  sleep(durationMs: number): void;
  waiting(): number;
}

/** The tick, the sender and the eraser of a service wait, each for its next turn. */
const loops = 3;
const settle = async () => {
  for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
};

function createLeapingClock(startMs: number): LeapingClock {
  let nowMs = startMs;
  const waits = new Set<{ dueMs: number; resolve: () => void }>();
  return {
    now: () => nowMs,
    wait: (durationMs, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        const wait = { dueMs: nowMs + durationMs, resolve };
        waits.add(wait);
        signal?.addEventListener('abort', () => waits.delete(wait) && resolve(), { once: true });
      }),
    async advance(durationMs, stepMs = durationMs) {
      const untilMs = nowMs + durationMs;
      while (nowMs < untilMs) {
        nowMs = Math.min(untilMs, nowMs + stepMs);
        for (const wait of [...waits].filter(({ dueMs }) => dueMs <= nowMs)) {
          waits.delete(wait);
          wait.resolve();
        }
        await settle();
        await until(() => waits.size >= loops, 'tick, sender and eraser wait again');
      }
    },
    sleep(durationMs) {
      nowMs += durationMs;
    },
    waiting: () => waits.size,
  };
}

export interface AlertWorld {
  log: MessageLog;
  state: StateDatabase;
  clock: LeapingClock;
  takes(...messages: MetricsMessage[]): Promise<void>;
  /** Everything read, everything due decided and sent. */
  settled(): Promise<void>;
  published(): Promise<string[]>;
  deliveries(): Promise<string[]>;
  /** Noted tries of all deliveries. */
  tries(): Promise<number>;
}

export async function openWorld(at: string): Promise<AlertWorld> {
  const clock = createLeapingClock(Date.parse(at));
  const state = kept(await openTestState());
  const log = kept(await openSqliteLog({ path: ':memory:', topics: topicNames }));
  const isRead = async () => {
    const [range] = await log.ranges(metricsTopic);
    const row = await state.read.selectFrom('consumer_offsets').select('next_offset').executeTakeFirst();
    return (row?.next_offset ?? 0) === (range?.next ?? 0);
  };
  return {
    log,
    state,
    clock,
    async takes(...messages) {
      await log.append(messages.map((message) => encodeMetrics(message, message.document)));
      await until(isRead, 'the consumer reads what was appended');
    },
    async settled() {
      await settle();
      await until(() => clock.waiting() === loops, 'tick, sender and eraser have nothing to do');
    },
    async published() {
      const records = await log.read({ topic: alertsTopic, partition: 0, offset: 0 }, 100);
      return records
        .map((record) => decodeAlert(record))
        .map(({ rule, subject, state: to, number }) => `${rule} ${subject} ${to} ${number}`);
    },
    async tries() {
      const rows = await state.read.selectFrom('alert_deliveries').select('attempts').execute();
      return rows.reduce((sum, { attempts }) => sum + attempts, 0);
    },
    async deliveries() {
      const alerts = await listAlerts(state.read, { limit: 100 });
      const all = await listDeliveries(
        state.read,
        alerts.map(({ id }) => id),
      );
      return all.map(({ transitionId, channel, status }) => `${transitionId.split(':').at(-1)} ${channel} ${status}`);
    },
  };
}

export async function startAlert(
  world: AlertWorld,
  environment: Record<string, string> = {},
  lease: Partial<Lease> = {},
) {
  const settings = readSettings(alertSettings, { TZ: 'Europe/Berlin', ...environment });
  const registry = new Registry();
  const service = createAlert({
    ...world,
    settings,
    logger: silentLogger,
    registry,
    lease: { ...heldLease, ...lease },
  });
  await service.start();
  closers.push(() => service.stop());
  return { ...service, registry };
}

const lowReadiness = {
  kind: 'metric',
  id: 'readiness_low',
  title: 'Readiness is low',
  reason: 'A test.',
  action: 'Rest.',
  level: 'warning',
  metric: 'score_readiness',
  resource: 'daily_readiness',
  comparison: '<',
  threshold: 60,
};

/** A rules file; each rule is the low readiness with changes, or a whole rule of another kind. */
export async function openRulesFile(rules: readonly object[]) {
  const folder = await mkdtemp(join(tmpdir(), 'alert-test-'));
  closers.push(() => rm(folder, { recursive: true }));
  const path = join(folder, 'rules.json');
  const write = (given: readonly object[]) => {
    const whole = given.map((rule) => ('kind' in rule ? rule : { ...lowReadiness, ...rule }));
    return writeFile(path, JSON.stringify({ version: 1, quiet_hours: { from: '22:00', to: '08:00' }, rules: whole }));
  };
  await write(rules);
  return { path, write };
}
