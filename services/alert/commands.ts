// The HTTP commands and reads of the alert service: list, acknowledge, snooze, try the channels, show the rules. Who may call them is decided where the router is
// mounted.
import { json, type Request, Router } from 'express';
import { z } from 'zod';
import { HttpError } from '../runtime/http/json-error.ts';
import { type DeliveryRecord, listDeliveries } from '../storage/alert-deliveries.ts';
import { silenceFiring, snoozeDeliveries } from '../storage/alert-delivery-sweeps.ts';
import { type Alert, findAlert, listAlerts, markAcknowledged, markSnoozed } from '../storage/alerts.ts';
import { type AlertContext, planOf } from './alert-context.ts';
import { tryChannels } from './try-channels.ts';

const longestSnoozeMs = 30 * 86_400_000;

const listQuery = z.object({
  state: z.enum(['open', 'firing', 'resolved', 'all']).default('all'),
  user: z.string().min(1).optional(),
  rule: z.string().min(1).optional(),
  before: z.iso.datetime({ offset: true }).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});
const snoozeBody = z.strictObject({ until: z.iso.datetime({ offset: true }) });

export function alertCommands(context: AlertContext): Router {
  const { state, clock } = context;
  const router = Router();
  const body = json({ limit: '4kb' });

  const shown = async (alerts: readonly Alert[]) => {
    const deliveries = await listDeliveries(
      state.read,
      alerts.map(({ id }) => id),
    );
    return alerts.map((alert) => toJson(alert, deliveries));
  };

  router.get('/api/v1/alerts', async (request, response) => {
    const { state: wanted, user, rule, before, limit } = parsed(listQuery, request.query);
    const alerts = await listAlerts(state.read, {
      state: wanted === 'all' ? undefined : wanted === 'open' ? 'firing' : wanted,
      userId: user,
      rule,
      beforeMs: before === undefined ? undefined : Date.parse(before),
      limit,
    });
    response.set('Cache-Control', 'no-store').json({ data: await shown(alerts) });
  });

  router.get('/api/v1/alerts/rules', (_request, response) => {
    const { file, problems, loadedAtMs } = context.rules.current();
    const rules = file.rules.map((rule) => ({ ...rule, goes_to: planOf(context, rule).channels }));
    response.json({
      data: rules,
      quiet_hours: file.quiet_hours,
      channels: context.channels.map(({ name }) => name),
      loaded_at: new Date(loadedAtMs).toISOString(),
      problems,
    });
  });

  router.post('/api/v1/alerts/test', async (_request, response) => {
    response.json({ data: await tryChannels(context) });
  });

  router.post('/api/v1/alerts/:id/acknowledge', async (request, response) => {
    const alert = await openAlert(context, request);
    const nowMs = clock.now();
    const silenced = await state.transaction(async (tx) => {
      await markAcknowledged(tx, alert.id, nowMs);
      await markSnoozed(tx, alert.id, null);
      return silenceFiring(tx, alert.id, nowMs);
    });
    for (const channel of silenced) context.metrics.deliveries.inc({ channel, outcome: 'silenced' });
    response.json({ data: await one(alert.id) });
  });

  router.post('/api/v1/alerts/:id/snooze', body, async (request, response) => {
    const alert = await openAlert(context, request);
    const nowMs = clock.now();
    const untilMs = Date.parse(parsed(snoozeBody, request.body).until);
    if (untilMs <= nowMs || untilMs > nowMs + longestSnoozeMs)
      throw invalid('until: expected a time from now to 30 days ahead');
    await state.transaction(async (tx) => {
      await markSnoozed(tx, alert.id, untilMs);
      await snoozeDeliveries(tx, { alertId: alert.id, untilMs, nowMs });
    });
    response.json({ data: await one(alert.id) });
  });

  const one = async (id: string) => {
    const alert = await findAlert(state.read, id);
    return alert && (await shown([alert]))[0];
  };
  return router;
}

const invalid = (message: string) => new HttpError({ status: 400, code: 'bad_request', message });

function parsed<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value ?? {});
  if (result.success) return result.data;
  throw invalid(result.error.issues.map((issue) => `${issue.path.join('.') || 'body'}: ${issue.message}`).join('; '));
}

async function openAlert({ state }: AlertContext, request: Request<{ id: string }>): Promise<Alert> {
  const alert = await findAlert(state.read, request.params.id);
  if (!alert)
    throw new HttpError({
      status: 404,
      code: 'not_found',
      message: 'There is no alert with this id.',
      hint: 'GET /api/v1/alerts lists them.',
    });
  if (alert.state === 'firing') return alert;
  throw new HttpError({ status: 409, code: 'already_over', message: 'This alert is over already.' });
}

function toJson(alert: Alert, deliveries: readonly DeliveryRecord[]) {
  const iso = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString());
  return {
    id: alert.id,
    user_id: alert.userId,
    rule: alert.rule,
    state: alert.state,
    opened_at: iso(alert.openedAtMs),
    changed_at: iso(alert.changedAtMs),
    acknowledged_at: iso(alert.acknowledgedAtMs),
    snoozed_until: iso(alert.snoozedUntilMs),
    transition: alert.transition,
    deliveries: deliveries
      .filter(({ alertId }) => alertId === alert.id)
      .map(({ id, transitionId, channel, status, attempts, reason, advice, endedAtMs }) => ({
        id,
        transition: transitionId,
        channel,
        status,
        attempts,
        reason,
        advice,
        ended_at: iso(endedAtMs),
      })),
  };
}
