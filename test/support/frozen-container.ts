// A container whose processes stand still, as after SIGSTOP.
import { setTimeout as wait } from 'node:timers/promises';
import { getContainerRuntimeClient, type StartedTestContainer } from 'testcontainers';

const mostTries = 10;
const retryMs = 500;

export interface Freezer {
  freeze(): Promise<void>;
  thaw(): Promise<void>;
  /** Stops the container whatever state it is in: a frozen one cannot be stopped. */
  stop(): Promise<void>;
}

export async function createFreezer(container: StartedTestContainer): Promise<Freezer> {
  const client = await getContainerRuntimeClient();
  const handle = client.container.getById(container.getId());
  return {
    async freeze() {
      for (let tries = 1; ; tries += 1) {
        try {
          return void (await handle.pause());
        } catch (error) {
          // On a busy machine the kernel may not get all processes to stand still in time; then none does.
          if (tries === mostTries || !String(error).includes('unable to freeze')) throw error;
          await wait(retryMs);
        }
      }
    },
    thaw: async () => void (await handle.unpause()),
    async stop() {
      await handle.unpause().catch(() => undefined);
      await container.stop();
    },
  };
}
