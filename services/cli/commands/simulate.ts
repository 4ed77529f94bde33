// `simulate`: a stand-in for the Oura cloud until a signal ends it; with --connect its people connect their rings to a pipeline.
import { once } from 'node:events';
import { systemClock } from '../../runtime/clock.ts';
import { runSimulator } from '../../simulator/main.ts';
import type { CommandContext } from '../command-context.ts';
import { connectRing } from '../connect-ring.ts';
import { explain } from '../exit-code.ts';

export interface SimulateOptions {
  host: string;
  port: number;
  users: number;
  seed: number;
  historyDays: number;
  speed: number;
  liveliness: number;
  connect?: string;
}

const betweenAttemptsMs = 2000;

export async function simulate(
  { environment, terminal, signal }: CommandContext,
  options: SimulateOptions,
): Promise<undefined> {
  const { connect, users, ...rest } = options;
  const timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const { simulator, stop } = await runSimulator({
    ...rest,
    users: Array.from({ length: users }, (_, index) => (index === 0 ? { timeZone } : {})),
    clientSecret: environment.DEMO_CLIENT_SECRET || 'demo-secret',
  });
  try {
    terminal.print(`The simulated Oura cloud answers at ${simulator.url}`);
    for (const [index, { ouraUserId }] of connect ? simulator.users.entries() : []) {
      const name = users === 1 ? 'Demo' : `Demo ${index + 1}`;
      // The pipeline may still be starting.
      while (!signal.aborted) {
        try {
          await connectRing({
            apiUrl: String(connect),
            password: environment.HTTP_PASSWORD || undefined,
            name,
            ouraUserId,
            signal,
          });
          terminal.note(`The ring of ${name} is connected.`);
          break;
        } catch (error) {
          terminal.note(`${explain(error).message} Trying again.`);
          await systemClock.wait(betweenAttemptsMs, signal);
        }
      }
    }
    if (!signal.aborted) await once(signal, 'abort');
  } finally {
    await stop();
  }
  return undefined;
}
