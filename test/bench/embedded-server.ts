// `oura-streaming serve` as the benchmarks measure it: a child process in an empty folder, as a person starts it.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../browser/free-port.ts';
import { type ServerProcess, startServer } from '../support/server-process.ts';
import { secret } from './load/send-load.ts';

export interface EmbeddedServer {
  process: ServerProcess;
  url: string;
  publicPort: number;
  /** DATA_DIR. */
  folder: string;
  /** Ends it and removes what it wrote. */
  remove(): Promise<void>;
}

export interface EmbeddedOptions {
  services?: readonly string[];
  environment?: Readonly<Record<string, string>>;
  /** Without an application at Oura it shows the demo ring. */
  isDemo?: boolean;
  /** Another one's folder, to start once more with what it holds. */
  folder?: string;
}

export async function startEmbedded({
  services = [],
  environment = {},
  isDemo = false,
  ...options
}: EmbeddedOptions = {}): Promise<EmbeddedServer> {
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'oura-streaming-bench-')));
  const [port, publicPort] = [await freePort(), await freePort()];
  const url = `http://127.0.0.1:${port}`;
  const process = startServer({
    folder,
    services,
    environment: {
      DATA_DIR: folder,
      HTTP_PORT: String(port),
      PUBLIC_PORT: String(publicPort),
      LOG_LEVEL: 'error',
      ...(!isDemo && { OURA_CLIENT_ID: 'bench', OURA_CLIENT_SECRET: secret, OURA_API_URL: 'http://127.0.0.1:9' }),
      ...environment,
    },
  });
  const remove = async () => {
    await process.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await process.answers(`${url}/readyz`);
  } catch (error) {
    await remove();
    throw error;
  }
  return { process, url, publicPort, folder, remove };
}
