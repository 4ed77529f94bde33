// One service of the stack as a process of its own on the engines of a benchmark, and what it says of itself in /metrics.
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../../browser/free-port.ts';
import { type ServerProcess, startServer } from '../../support/server-process.ts';
import { secret } from '../load/send-load.ts';
import type { EngineStack } from './engine-stack.ts';

export interface StackService {
  process: ServerProcess;
  url: string;
  publicPort: number;
  /** Processor time since its start, in seconds. */
  cpuSeconds(): Promise<number>;
  stop(): Promise<void>;
}

export async function startStackService(
  { folder, environment }: Pick<EngineStack, 'folder' | 'environment'>,
  services: readonly string[],
): Promise<StackService> {
  const [port, publicPort] = [await freePort(), await freePort()];
  const url = `http://127.0.0.1:${port}`;
  const process = startServer({
    folder: await mkdtemp(join(folder, `${services.join('-')}-`)),
    services,
    environment: {
      LOG_LEVEL: 'error',
      SECRETS_KEY: '00'.repeat(32),
      OURA_CLIENT_ID: 'bench',
      OURA_CLIENT_SECRET: secret,
      OURA_API_URL: 'http://127.0.0.1:9',
      ...environment,
      HTTP_PORT: String(port),
      PUBLIC_PORT: String(publicPort),
    },
  });
  try {
    await process.answers(`${url}/healthz`);
  } catch (error) {
    await process.stop();
    throw error;
  }
  return {
    process,
    url,
    publicPort,
    async cpuSeconds() {
      const text = await (await fetch(`${url}/metrics`)).text();
      return Number(/^process_cpu_seconds_total (\S+)/m.exec(text)?.[1]);
    },
    stop: async () => void (await process.stop()),
  };
}
