// Failures on demand: the next requests that match a fault are answered by it instead of by their route. Faults are taken in
// the order they were given, each as often as it says. An answer 429 brings Oura's rate headers along.

import { z } from 'zod';

export const faultSchema = z.strictObject({
  /** A resource (`sleep`), a path (`/oauth/token`) or `*`. */
  route: z.string().default('*'),
  method: z.string().optional(),
  ouraUserId: z.string().optional(),
  /** Left out with `delayMs`: the route answers as ever, only later. */
  status: z.number().int().min(200).max(599).optional(),
  times: z.number().int().positive().default(1),
  headers: z.record(z.string(), z.string()).default({}),
  body: z.string().default(''),
  /** Real milliseconds before anything is answered. */
  delayMs: z.number().nonnegative().default(0),
  /** Hang up without an answer. */
  hangUp: z.boolean().default(false),
});

export type Fault = z.input<typeof faultSchema>;
type PlannedFault = z.output<typeof faultSchema>;

export interface FaultQuery {
  method: string;
  path: string;
  resource: string | null;
  ouraUserId: string | null;
}

const matches = (fault: PlannedFault, query: FaultQuery): boolean =>
  (fault.route === '*' || fault.route === query.resource || query.path.startsWith(fault.route)) &&
  (fault.method === undefined || fault.method.toUpperCase() === query.method) &&
  (fault.ouraUserId === undefined || fault.ouraUserId === query.ouraUserId);

export interface FaultPlan {
  add(fault: Fault): void;
  /** Takes one use of the first fault that matches. */
  take(query: FaultQuery): PlannedFault | null;
  pending(): number;
}

export function createFaultPlan(): FaultPlan {
  const faults: PlannedFault[] = [];
  return {
    add: (fault) => {
      faults.push(faultSchema.parse(fault));
    },
    take: (query) => {
      const fault = faults.find((candidate) => matches(candidate, query));
      if (fault === undefined) return null;
      fault.times -= 1;
      if (fault.times === 0) faults.splice(faults.indexOf(fault), 1);
      return fault;
    },
    pending: () => faults.reduce((sum, fault) => sum + fault.times, 0),
  };
}

/** The headers of Oura's 429. */
export const rateLimitHeaders = (presentMs: number, windowS = 300, limit = 5000): Record<string, string> => ({
  'Retry-After': '1',
  'X-RateLimit-Limit': String(limit),
  'X-RateLimit-Window': String(windowS),
  'X-RateLimit-Reset': String(Math.ceil(presentMs / 1000) + 1),
  'X-RateLimit-Tier': 'standard',
});
