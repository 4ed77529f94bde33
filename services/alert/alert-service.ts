// The alert service: judges metrics messages by rules, remembers alerts, and tells people. Consumer, tick and sender share one context; tick and sender run
// where the lease is held, so replicas never send side by side. Wiring only.
import type { Router } from 'express';
import type { Registry } from 'prom-client';
import type { Clock } from '../runtime/clock.ts';
import { type RunningConsumer, runConsumer } from '../runtime/consumer/run-consumer.ts';
import type { MessageLog } from '../runtime/log/message-log.ts';
import type { Logger } from '../runtime/logger.ts';
import type { HealthReport, Service } from '../runtime/service.ts';
import { loadOffset, moveOffset } from '../storage/consumer-offsets.ts';
import { createEraser } from '../storage/erasure/eraser.ts';
import { withoutErased } from '../storage/erasure/without-erased.ts';
import { guardedBy, type Lease } from '../storage/lease-keeper.ts';
import type { StateDatabase } from '../storage/tables.ts';
import { alertConsumer } from './alert-consumer.ts';
import type { AlertContext } from './alert-context.ts';
import { alertErasePart } from './alert-erase-part.ts';
import { type Loop, startLoop } from './alert-loop.ts';
import { createAlertMetrics } from './alert-metrics.ts';
import { sendDue } from './alert-sender.ts';
import { tick } from './alert-tick.ts';
import { openChannels, variableOf } from './channels/open-channels.ts';
import { alertCommands } from './commands.ts';
import { createRules } from './rules/rules-file.ts';
import type { AlertSettings } from './settings.ts';

export interface AlertParts {
  settings: AlertSettings;
  log: MessageLog;
  state: StateDatabase;
  clock: Clock;
  logger: Logger;
  registry: Registry;
  /** Only its holder ticks and sends. */
  lease: Lease;
}

const tickEveryMs = 10_000;
const sendEveryMs = 5_000;
const hourMs = 3_600_000;

export function createAlert(parts: AlertParts): Service & { commands: Router } {
  const { settings, log, state, clock, logger, registry, lease } = parts;
  const rules = createRules({ path: settings.ALERT_RULES_FILE, state, logger });
  const channels = openChannels(settings);
  const advice = new Map<string, string>();
  const eraser = createEraser({ part: alertErasePart(state), state, log, clock, logger });
  let loops: { tick: Loop; sender: Loop } | undefined;
  let consumer: RunningConsumer | undefined;
  let failure: string | undefined;
  let stopping = false;
  const context: AlertContext = {
    log,
    state,
    clock,
    logger,
    rules,
    channels,
    metrics: createAlertMetrics(registry),
    timing: { maxAgeMs: settings.ALERT_MAX_AGE_HOURS * hourMs, settleMs: settings.ALERT_SETTLE_MINUTES * 60_000 },
    limitMs: settings.ALERT_LIMIT_HOURS * hourMs,
    recipients: settings.ALERT_EMAIL_TO ?? [],
    timeZone: settings.TZ ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
    wakeSender: () => loops?.sender.wake(),
  };
  const guarded: AlertContext = { ...context, state: guardedBy(lease, state) };

  const onTick = async () => {
    await rules.reload(clock.now());
    context.metrics.rulesProblems.set(rules.current().problems.length);
    if (lease.held()) await tick(guarded);
  };
  const onSend = async () => {
    if (!lease.held()) return;
    await sendDue({
      context: guarded,
      mayGoOn: () => lease.held() && !stopping,
      random: Math.random,
      onTry: ({ name }, said) => (said === undefined ? advice.delete(name) : advice.set(name, said)),
    });
  };

  return {
    name: 'alert',
    commands: alertCommands(context),
    async start() {
      await rules.load(clock.now());
      consumer = await runConsumer({
        definition: withoutErased(alertConsumer(context), state),
        log,
        database: state,
        offsets: { load: loadOffset, move: moveOffset },
        clock,
        logger,
        registry,
        onFailure: (error) => {
          failure = error.message;
        },
      });
      loops = {
        tick: startLoop({ name: 'alert tick', everyMs: tickEveryMs, clock, logger, work: onTick }),
        sender: startLoop({ name: 'alert sender', everyMs: sendEveryMs, clock, logger, work: onSend }),
      };
      eraser.start();
    },
    async stop() {
      stopping = true;
      await eraser.stop();
      await consumer?.stop();
      await Promise.all([loops?.tick.stop(), loops?.sender.stop()]);
      for (const channel of channels) channel.close();
    },
    health(): HealthReport {
      const consuming = consumer?.health() ?? {
        alive: true,
        ready: false,
        problems: ['The alert service is starting.'],
      };
      const said = [failure, loops?.tick.problem(), loops?.sender.problem(), ...advice.values()];
      return {
        alive: consuming.alive,
        ready: consuming.ready,
        problems: [
          ...consuming.problems,
          ...said.filter((problem) => problem !== undefined),
          ...rules.current().problems,
          ...unreachable(context),
        ],
      };
    },
  };
}

/** Rules that name only channels that are not configured speak to nobody. */
function unreachable({ rules, channels }: AlertContext): string[] {
  const names = channels.map(({ name }) => name);
  return rules
    .current()
    .file.rules.filter((rule) => rule.enabled)
    .flatMap((rule) =>
      (rule.channels ?? [])
        .filter((name) => !names.includes(name))
        .map((name) => `Rule ${rule.id} goes to ${name}, which is not configured: set ${variableOf[name]}.`),
    );
}
