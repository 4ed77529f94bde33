// One service of the stack as a child process under a supervisor that starts it again when it dies, as compose does. A crash point is given to one life only.
import { systemClock } from '../../services/runtime/clock.ts';
import { freePort } from '../browser/free-port.ts';
import { type ServerProcess, startServer } from '../support/server-process.ts';

export interface SupervisedService {
  readonly name: string;
  readonly url: string;
  /** The process of now. */
  process(): ServerProcess;
  start(): void;
  /** One life after the other, each of which is to die at its point; then a healthy one. Resolves to the points that were not reached within the time. */
  strike(points: readonly string[], withinMs: number): Promise<string[]>;
  /** SIGKILL; it is started again. Resolves when it answers again. */
  kill(): Promise<void>;
  /** Like an operator who takes it away: not started again. Resolves to the exit code. */
  stop(): Promise<number | null>;
  /** SIGKILL, which a stopped process obeys too, and not started again. */
  end(): Promise<void>;
}

const restartDelayMs = 200;

export async function superviseService(
  service: string,
  { folder, environment, name = service }: { folder: string; environment: Record<string, string>; name?: string },
): Promise<SupervisedService> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  let current: ServerProcess | undefined;
  let isWanted = false;

  const live = (crash?: string): ServerProcess => {
    const started = startServer({
      folder,
      environment: { ...environment, HTTP_PORT: String(port) },
      services: [service],
      ...(crash && { crash }),
    });
    current = started;
    void started.exited.then(async () => {
      await systemClock.wait(restartDelayMs);
      if (isWanted && current === started) live();
    });
    return started;
  };
  const process = () => {
    if (!current) throw new Error(`${name} was never started`);
    return current;
  };
  const start = () => {
    isWanted = true;
    live();
  };
  const stop = async () => {
    isWanted = false;
    return current ? current.stop() : 0;
  };
  const diesAt = async (point: string, withinMs: number): Promise<boolean> => {
    const doomed = live(point);
    doomed.arm();
    const dead = new AbortController();
    void doomed.exited.then(() => dead.abort());
    await systemClock.wait(withinMs, dead.signal);
    doomed.kill('SIGKILL');
    await doomed.exited;
    return doomed.struck() !== undefined;
  };
  return {
    name,
    url,
    process,
    start,
    stop,
    async end() {
      isWanted = false;
      current?.kill('SIGKILL');
      await current?.exited;
    },
    async strike(points, withinMs) {
      await stop();
      const missed: string[] = [];
      for (const point of points) {
        if (!(await diesAt(point, withinMs))) missed.push(`${name} ${point}`);
        await systemClock.wait(restartDelayMs);
      }
      start();
      return missed;
    },
    async kill() {
      const dying = process();
      dying.kill('SIGKILL');
      await dying.exited;
      await systemClock.wait(2 * restartDelayMs);
      await process().answers(`${url}/readyz`);
    },
  };
}
