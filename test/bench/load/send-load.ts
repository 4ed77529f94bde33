// Runs the load generator in a process of its own and hands back what it measured.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { quantile } from '../figures.ts';
import type { LoadPlan, LoadResult } from './load-generator.ts';

export interface Load {
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
}

export const secret = 'secret-of-the-bench';

/** @throws Error when a request was not answered 202 */
export async function sendLoad(plan: Omit<LoadPlan, 'secret' | 'bodyBytes'>): Promise<Load> {
  const child = fork(join(import.meta.dirname, 'load-generator.ts'), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  try {
    child.send({ ...plan, secret, bodyBytes: 1000 });
    const [{ result, error }] = (await once(child, 'message')) as [{ result?: LoadResult; error?: string }];
    if (!result) throw new Error(`the load generator failed: ${error}`);
    const { '202': accepted = 0, ...others } = result.statuses;
    if (accepted !== plan.count)
      throw new Error(`of ${plan.count} requests ${accepted} were accepted, ${JSON.stringify(others)}`);
    return {
      perSecond: (plan.count * 1000) / result.tookMs,
      p50Ms: quantile(result.latenciesMs, 0.5),
      p99Ms: quantile(result.latenciesMs, 0.99),
    };
  } finally {
    child.kill();
  }
}
