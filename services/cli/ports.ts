// The ports of the two listeners, claimed before anything else is touched: a port in use must not be found out when folder, leases and engines are
// taken already. Until the handlers are there, whoever comes is told to come back.
import type { RequestListener } from 'node:http';
import { Failure } from '../runtime/failure.ts';
import { createGate, type Gate } from '../runtime/http/gate.ts';
import { type HttpServerOptions, type RunningHttpServer, startHttpServer } from '../runtime/http/http-server.ts';
import type { ApplicationSettings } from './settings.ts';

interface Listener {
  server: RunningHttpServer;
  gate: Gate;
}

export interface Ports {
  /** Page and API. */
  main: RunningHttpServer;
  /** What Oura reaches; the main one where both share a port, undefined where ingest does not run. */
  public: RunningHttpServer | undefined;
  openMain(handler: RequestListener): void;
  /** Does nothing where both share a port: the main handler knows both then. */
  openPublic(handler: RequestListener): void;
  /** Safe to call twice. */
  stop(): Promise<void>;
}

type PortSettings = Pick<ApplicationSettings, 'HTTP_HOST' | 'HTTP_PORT' | 'PUBLIC_HOST' | 'PUBLIC_PORT'>;

export const sharesPort = ({ HTTP_PORT, PUBLIC_PORT }: PortSettings): boolean =>
  PUBLIC_PORT === HTTP_PORT && HTTP_PORT !== 0;

/** @throws Failure `configuration` that names every port that cannot be had; none is held then */
export async function claimPorts(settings: PortSettings, { isPublic }: { isPublic: boolean }): Promise<Ports> {
  const page = { name: 'the page', host: settings.HTTP_HOST, port: settings.HTTP_PORT };
  const reached = {
    name: 'what Oura reaches',
    host: settings.PUBLIC_HOST,
    port: settings.PUBLIC_PORT,
    variables: { host: 'PUBLIC_HOST', port: 'PUBLIC_PORT' },
  };
  const [main, apart] = await claimAll(isPublic && !sharesPort(settings) ? [page, reached] : [page]);
  if (!main) throw new Error('a claimed port is missing');
  return {
    main: main.server,
    public: isPublic ? (apart ?? main).server : undefined,
    openMain: main.gate.open,
    openPublic: (handler) => apart?.gate.open(handler),
    async stop() {
      await Promise.all([main.server.stop(), apart?.server.stop()]);
    },
  };
}

async function claimAll(wanted: readonly Omit<HttpServerOptions, 'handler'>[]): Promise<Listener[]> {
  const listeners: Listener[] = [];
  const problems: Failure[] = [];
  for (const one of wanted) {
    const gate = createGate();
    try {
      listeners.push({ gate, server: await startHttpServer({ ...one, handler: gate.handler }) });
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      problems.push(error);
    }
  }
  if (problems.length === 0) return listeners;
  for (const { server } of listeners) await server.stop();
  throw new Failure('configuration', problems.map(({ message }) => message).join('\n'));
}
