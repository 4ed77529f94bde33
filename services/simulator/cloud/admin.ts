// The handle on the simulator itself, under /_simulator/: see its state, move its time, break it, make it speak. For compose stacks and
// hands; tests in the same process call the simulator directly.

import { z } from 'zod';
import type { NotificationRequest, Simulator } from '../options.ts';
import { faultSchema } from './faults.ts';
import { type Answer, bare, type Part } from './http.ts';

const PREFIX = '/_simulator/';

const units: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `90s`, `15m`, `6h`, `7d`. */
const durationSchema = z
  .string()
  .regex(/^\d+(\.\d+)?[smhd]$/, 'expected a number and a unit: 90s, 15m, 6h or 7d')
  .transform((text) => Number(text.slice(0, -1)) * (units[text.slice(-1)] ?? 0));

const advanceSchema = z
  .strictObject({ to: z.iso.datetime({ offset: true }).optional(), by: durationSchema.optional() })
  .refine(
    ({ to, by }) => (to === undefined) !== (by === undefined),
    'expected either "to" (an instant) or "by" (a duration)',
  );

const notifySchema = z.strictObject({
  ouraUserId: z.string(),
  dataType: z.string(),
  eventType: z.enum(['create', 'update', 'delete']),
  objectId: z.string(),
  forgeWith: z.string().optional(),
  timestampS: z.number().int().optional(),
  times: z.number().int().positive().optional(),
});

/** An optional field that is undefined is left out. */
const definedOnly = ({ forgeWith, timestampS, times, ...rest }: z.infer<typeof notifySchema>): NotificationRequest => ({
  ...rest,
  ...(forgeWith === undefined ? {} : { forgeWith }),
  ...(timestampS === undefined ? {} : { timestampS }),
  ...(times === undefined ? {} : { times }),
});

export interface AdminState {
  subscriptions: number;
  connected: string[];
  pendingDeliveries: number;
  pendingFaults: number;
}

const readJson = (text: string): unknown => {
  try {
    return JSON.parse(text === '' ? '{}' : text);
  } catch {
    return null;
  }
};

const refused = (error: z.ZodError): Answer => ({ status: 400, json: { error: z.prettifyError(error) } });

export function createAdmin(simulator: () => Simulator, state: () => AdminState): Part {
  return async ({ path, method, body }) => {
    if (!path.startsWith(PREFIX)) return null;
    const it = simulator();
    const action = path.slice(PREFIX.length);
    if (method === 'GET' && action === 'state') {
      return {
        status: 200,
        json: { present: it.present().toISOString(), users: it.users, traps: it.traps, ...state() },
      };
    }
    if (method === 'GET' && action === 'requests') return { status: 200, json: it.requests };
    if (method === 'GET' && action === 'deliveries') return { status: 200, json: it.deliveries };
    if (method !== 'POST') return bare(404);
    if (action === 'advance') {
      const wanted = advanceSchema.safeParse(readJson(body));
      if (!wanted.success) return refused(wanted.error);
      const { to, by } = wanted.data;
      const target = to === undefined ? new Date(it.present().getTime() + (by ?? 0)) : new Date(to);
      const events = await it.advance(target);
      return { status: 200, json: { present: it.present().toISOString(), events } };
    }
    if (action === 'fail') {
      const fault = faultSchema.safeParse(readJson(body));
      if (!fault.success) return refused(fault.error);
      it.failNext(fault.data);
      return bare(204);
    }
    if (action === 'notify') {
      const notification = notifySchema.safeParse(readJson(body));
      if (!notification.success) return refused(notification.error);
      it.notify(definedOnly(notification.data));
      return bare(204);
    }
    if (action === 'settle') {
      await it.settle();
      return bare(204);
    }
    return bare(404);
  };
}
