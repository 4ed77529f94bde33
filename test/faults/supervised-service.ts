// One service of the stack as a child process under a supervisor that starts it again when it dies, as compose does. A crash point is given to one life only.
import { systemClock } from '../../services/runtime/clock.ts';
import { freePort } from '../browser/free-port.ts';
import { type ServerProcess, startServer } from '../support/server-process.ts';

export interface SupervisedService {
  readonly name: string;
  readonly url: string;
  /** The process of now. */
  process(): ServerProcess;
  /** Dies at the point in its next life, which begins now. Resolves when it has died there; false when it did not within the time. */
  strikeAt(point: string, timeoutMs: number): Promise<boolean>;
  /** Like an operator who takes it away: not started again. Resolves to the exit code. */
  stop(): Promise<number | null>;
  start(): void;
}

const restartDelayMs = 200;

export async function superviseService(
  service: string,
  { folder, environment, name = service }: { folder: string; environment: Record<string, string>; name?: string },
): Promise<SupervisedService> {
  const port = await freePort();
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
  const stop = async () => {
    isWanted = false;
    return current ? current.stop() : 0;
  };
  return {
    name,
    url: `http://127.0.0.1:${port}`,
    process,
    stop,
    start() {
      isWanted = true;
      live();
    },
    async strikeAt(point, timeoutMs) {
      await stop();
      isWanted = true;
      const doomed = live(point);
      await doomed.answers(`http://127.0.0.1:${port}/healthz`).catch(() => doomed.exited);
      doomed.arm();
      const late = new AbortController();
      void doomed.exited.then(() => late.abort());
      await systemClock.wait(timeoutMs, late.signal);
      return doomed.struck() !== undefined;
    },
  };
}
