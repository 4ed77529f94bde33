// Signed webhooks of 1 kB to durable: the process that takes them alone, and the whole pipeline in one process, against a bare server that checks the
// signature and keeps nothing. Rounds are interleaved; the generator shares the machine with what it measures.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { systemClock } from '../../services/runtime/clock.ts';
import { freePort } from '../browser/free-port.ts';
import { lagOf } from '../support/server-settled.ts';
import type { Bench, Figure } from './bench.ts';
import { startEmbedded } from './embedded-server.ts';
import { median, milliseconds, percent, perSecond } from './figures.ts';
import { type Load, secret, sendLoad } from './load/send-load.ts';

const connections = 64;
const rounds = 3;
const count = 30_000;
const steadySeconds = 8;
export const ouraUserIds = Array.from({ length: 16 }, (_, i) => `bench-${i}`);

export async function startBare(): Promise<{ port: number; stop(): void }> {
  const port = await freePort();
  const child = spawn(process.execPath, [join(import.meta.dirname, 'load/bare-server.ts')], {
    env: { PORT: String(port), OURA_CLIENT_SECRET: secret },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  while (!(await fetch(`http://127.0.0.1:${port}`).catch(() => undefined))) if (child.exitCode !== null) break;
  return { port, stop: () => void child.kill() };
}

const of = (loads: readonly Load[], name: keyof Load) => median(loads.map((load) => load[name]));

export const bench: Bench = {
  name: 'webhooks',
  async run() {
    const bare = await startBare();
    const ingest = await startEmbedded({ services: ['ingest'] });
    const whole = await startEmbedded();
    try {
      const ports = { bare: bare.port, ingest: ingest.publicPort, whole: whole.publicPort };
      const loads: Record<keyof typeof ports, Load[]> = { bare: [], ingest: [], whole: [] };
      for (let round = 0; round <= rounds; round += 1) {
        for (const name of ['bare', 'ingest', 'whole'] as const) {
          const load = await sendLoad({ port: ports[name], connections, count, ouraUserIds });
          // The first round warms up.
          if (round > 0) loads[name].push(load);
        }
      }
      const bareRate = of(loads.bare, 'perSecond');
      const figure = (measure: string, measured: Load[]): Figure => ({
        measure: `${measure}, 1 kB signed, ${connections} connections`,
        value: `${perSecond(of(measured, 'perSecond'))}, p99 ${milliseconds(of(measured, 'p99Ms'))}`,
        goal: '≥ 50 % of bare, p99 ≤ 15 ms',
        beside: `${percent(of(measured, 'perSecond') / bareRate)} of bare \`node:http\` + HMAC: ${perSecond(bareRate)}, p99 ${milliseconds(of(loads.bare, 'p99Ms'))}`,
      });
      // What the bursts left behind is not of the steady state.
      while ((await lagOf(whole.url)) > 0) await systemClock.wait(200);
      const steady = await sendLoad({
        port: whole.publicPort,
        connections,
        count: 1000 * steadySeconds,
        ratePerS: 1000,
        ouraUserIds,
      });
      return [
        figure('webhooks to durable, ingest in its own process', loads.ingest),
        figure('webhooks to durable, whole pipeline in one process', loads.whole),
        {
          measure: 'webhooks at a steady 1,000/s, whole pipeline',
          value: `p50 ${milliseconds(steady.p50Ms)}, p99 ${milliseconds(steady.p99Ms)}`,
          goal: 'p99 ≤ 7 ms',
        },
      ];
    } finally {
      bare.stop();
      await ingest.remove();
      await whole.remove();
    }
  },
};
