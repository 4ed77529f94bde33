// The simulator as a running thing: its own clock (real, faster, or moved by hand over HTTP) and a tick that lets what is due
// happen. For `oura-streaming simulate` and for the demo, which runs it inside the same process.

import { parseArgs } from 'node:util';
import { z } from 'zod';
import { createSimulator, type Simulator, type SimulatorOptions } from './simulator.ts';

export interface RunOptions extends Partial<Omit<SimulatorOptions, 'now'>> {
  /** Simulated seconds per real second; 0 stands still until moved by hand. */
  speed?: number;
  /** Where the simulated time begins; now, if left out. */
  startAt?: Date;
  tickMs?: number;
}

export interface RunningSimulator {
  simulator: Simulator;
  stop(): Promise<void>;
}

const DEFAULT_TICK_MS = 1000;

/** Defaults make a demo: one ring with 90 days behind it, something new about every half minute. */
export async function runSimulator(options: RunOptions = {}): Promise<RunningSimulator> {
  const { speed = 1, startAt = new Date(), tickMs = DEFAULT_TICK_MS, ...rest } = options;
  const realStartMs = Date.now();
  const now = (): Date => new Date(startAt.getTime() + (Date.now() - realStartMs) * speed);
  const simulator = await createSimulator({
    seed: 1,
    users: [{ timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone }],
    clientId: 'demo-client',
    clientSecret: 'demo-secret',
    historyDays: 90,
    liveliness: 90,
    ...rest,
    now,
  });
  const timer = setInterval(() => {
    // A tick never throws: advancing makes values and queues deliveries, whose failures are retried.
    void simulator.advance(simulator.present());
  }, tickMs);
  return {
    simulator,
    stop: () => {
      clearInterval(timer);
      return simulator.stop();
    },
  };
}

const flagSchema = z.object({
  port: z.coerce.number().int().min(0).max(65_535).default(8400),
  host: z.string().default('127.0.0.1'),
  users: z.coerce.number().int().min(1).max(10_000).default(1),
  seed: z.coerce.number().int().default(1),
  'history-days': z.coerce.number().int().min(1).max(3650).default(90),
  speed: z.coerce.number().min(0).default(1),
  liveliness: z.coerce.number().min(1).max(1000).default(90),
  recorded: z.string().optional(),
  'client-id': z.string().min(1).default('demo-client'),
  'client-secret': z.string().min(1).default('demo-secret'),
  'auto-consent': z.boolean().default(false),
});

/** The options of `oura-streaming simulate`, with what each does. */
export const simulateFlags = {
  port: { type: 'string', help: 'port to listen on (8400; 0 for any free one)' },
  host: { type: 'string', help: 'address to listen on (127.0.0.1)' },
  users: { type: 'string', help: 'number of simulated people (1)' },
  seed: { type: 'string', help: 'the same seed gives the same bytes (1)' },
  'history-days': { type: 'string', help: 'days of history behind the present (90)' },
  speed: { type: 'string', help: 'simulated seconds per real second (1; 0 stands still)' },
  liveliness: { type: 'string', help: 'syncs per natural sync (90: about two a minute)' },
  recorded: { type: 'string', help: 'serve the recorded answers of this folder instead' },
  'client-id': { type: 'string', help: 'client id of the simulated app (demo-client)' },
  'client-secret': { type: 'string', help: 'client secret of the simulated app (demo-secret)' },
  'auto-consent': { type: 'boolean', help: 'consent without showing the page' },
} as const;

/** Reads the flags; a wrong one is an error that names it. */
export function readFlags(argv: readonly string[]): RunOptions {
  const { values } = parseArgs({ args: [...argv], options: simulateFlags, strict: true });
  const flags = flagSchema.safeParse(values);
  if (!flags.success) throw new Error(`The simulator cannot start:\n${z.prettifyError(flags.error)}`);
  const { users, recorded, ...rest } = flags.data;
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return {
    port: rest.port,
    host: rest.host,
    seed: rest.seed,
    historyDays: rest['history-days'],
    speed: rest.speed,
    liveliness: rest.liveliness,
    clientId: rest['client-id'],
    clientSecret: rest['client-secret'],
    autoConsent: rest['auto-consent'],
    users: Array.from({ length: users }, (_, index) => (index === 0 ? { timeZone: zone } : {})),
    ...(recorded === undefined ? {} : { recordedFolder: recorded }),
  };
}

if (import.meta.main) {
  const { simulator, stop } = await runSimulator(readFlags(process.argv.slice(2)));
  process.stdout.write(`The simulated Oura cloud answers at ${simulator.url}\n`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      stop().then(
        () => process.exit(0),
        () => process.exit(1),
      );
    });
  }
}
