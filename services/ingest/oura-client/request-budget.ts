// Our own limit of requests to Oura, below the one at which it answers 429: one budget for the application, one per person, so that
// one person's history never uses up everybody's. The counts stand in the database; this process takes handfuls of them.
import type { Clock } from '../../runtime/clock.ts';
import type { Database } from '../../runtime/database/database.ts';
import {
  type BudgetShare,
  blockBudget,
  budgetOfPerson,
  claimBudget,
  type RateBudgetTables,
} from '../../storage/rate-budgets.ts';

export interface RequestBudget {
  /** Takes the right to one request; otherwise how long to wait. @throws Failure */
  take(userId: string): Promise<{ kind: 'granted' } | { kind: 'exhausted'; retryAfterMs: number }>;
  /** Oura said 429. @throws Failure */
  block(layer: 'token' | 'application', userId: string, pauseMs: number): Promise<void>;
}

export interface BudgetLimits {
  windowMs: number;
  perApplication: number;
  perPerson: number;
}

export interface RequestBudgetParts {
  state: Database<RateBudgetTables>;
  clock: Pick<Clock, 'now'>;
  limits: BudgetLimits;
  /** How many requests are taken out of the database at once. */
  handful?: number;
}

interface Handful {
  requests: number;
  windowEndsMs: number;
}

const application = 'application';

export function createRequestBudget({ state, clock, limits, handful = 20 }: RequestBudgetParts): RequestBudget {
  const handfuls = new Map<string, Handful>();
  const claims = new Map<string, Promise<BudgetShare>>();

  /** Callers that come while a claim is on its way wait for it instead of making another. */
  function claim(budget: string, limit: number): Promise<BudgetShare> {
    const running = claims.get(budget);
    if (running) return running;
    const { windowMs } = limits;
    const claimed = state
      .transaction((tx) => claimBudget(tx, { budget, limit, windowMs, wanted: handful, nowMs: clock.now() }))
      .then((share) => {
        if (share.kind === 'granted') handfuls.set(budget, share);
        return share;
      })
      .finally(() => claims.delete(budget));
    claims.set(budget, claimed);
    return claimed;
  }

  async function takeOf(budget: string, limit: number): Promise<number> {
    for (;;) {
      const held = handfuls.get(budget);
      if (held && held.requests > 0 && clock.now() < held.windowEndsMs) {
        held.requests -= 1;
        return 0;
      }
      handfuls.delete(budget);
      const share = await claim(budget, limit);
      if (share.kind === 'exhausted') return share.retryAfterMs;
    }
  }

  return {
    async take(userId) {
      const personWaitMs = await takeOf(budgetOfPerson(userId), limits.perPerson);
      if (personWaitMs > 0) return { kind: 'exhausted', retryAfterMs: personWaitMs };
      const applicationWaitMs = await takeOf(application, limits.perApplication);
      if (applicationWaitMs === 0) return { kind: 'granted' };
      const unused = handfuls.get(budgetOfPerson(userId));
      if (unused) unused.requests += 1;
      return { kind: 'exhausted', retryAfterMs: applicationWaitMs };
    },
    async block(layer, userId, pauseMs) {
      const budget = layer === 'application' ? application : budgetOfPerson(userId);
      handfuls.delete(budget);
      const nowMs = clock.now();
      await state.transaction((tx) => blockBudget(tx, { budget, untilMs: nowMs + pauseMs, nowMs }));
    },
  };
}
