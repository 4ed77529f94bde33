// The composition root: opens the engines, makes the services, mounts their routes on the two listeners, starts everything and stops it in the
// opposite order. One process runs all services (`npm start`) or the ones that are named (a container of the stack); the code is the same.
import { randomUUID } from 'node:crypto';
import type { RequestListener } from 'node:http';
import type { Router } from 'express';
import { collectDefaultMetrics, Registry } from 'prom-client';
import packageJson from '../../package.json' with { type: 'json' };
import { createAlert } from '../alert/alert-service.ts';
import { createArchive } from '../archive/archive-service.ts';
import { createIngest, type Ingest } from '../ingest/ingest-service.ts';
import { createLive, type Live } from '../live/live-service.ts';
import { createNormalize } from '../normalize/normalize-service.ts';
import { type Clock, systemClock } from '../runtime/clock.ts';
import { openDataFolder } from '../runtime/data-folder.ts';
import type { Engine } from '../runtime/database/database.ts';
import { postgresNowMs } from '../runtime/database/postgres-now.ts';
import { createLogger, type Logger } from '../runtime/logger.ts';
import { createSecrets } from '../runtime/secrets.ts';
import { loadSecretsKeys } from '../runtime/secrets-key.ts';
import type { Service } from '../runtime/service.ts';
import type { Environment } from '../runtime/settings.ts';
import { keepLease } from '../storage/lease-keeper.ts';
import type { LeaseTables } from '../storage/leases.ts';
import { type Engines, isEmbedded, openEngines, prepareEngines } from './engines.ts';
import { createMainHandler } from './main-listener.ts';
import { operationsRouter } from './operations-router.ts';
import { claimPorts, type Ports, sharesPort } from './ports.ts';
import { type ServiceName, serviceNames } from './service-names.ts';
import { type ApplicationSettings, readApplicationSettings } from './settings.ts';

export interface ApplicationOptions {
  environment: Environment;
  /** All when left out. */
  services?: readonly ServiceName[];
  /** What the page says at its top. */
  notices?: { text: string; variables: string[] }[];
  clock?: Clock;
  logger?: Logger;
  /** Claimed already; else it claims them itself. Stopped with the rest. */
  ports?: Ports;
}

export interface Application {
  settings: ApplicationSettings;
  engines: Engines;
  services: readonly Service[];
  /** Page and API. */
  url: string;
  /** What Oura reaches; undefined where ingest does not run. */
  publicUrl: string | undefined;
  /** Resolves when everything at hand is finished. Safe to call twice. */
  stop(): Promise<void>;
}

/** @throws SettingsError with everything that is wrong, Failure when a port, the data folder or an engine cannot be had */
export async function startApplication(options: ApplicationOptions): Promise<Application> {
  const { environment, services: wanted = serviceNames, notices = [], clock = systemClock } = options;
  const settings = readApplicationSettings(environment, wanted);
  const logger = options.logger ?? createLogger({ level: settings.LOG_LEVEL, name: 'oura-streaming' });

  // Undone in the opposite order by stop(), and at once when a later step fails.
  const undo: (() => Promise<void> | void)[] = [];
  let stopped: Promise<void> | undefined;
  const stop = () => {
    stopped ??= (async () => {
      for (const step of undo.toReversed()) await step();
    })();
    return stopped;
  };

  try {
    const ports = options.ports ?? (await claimPorts(settings, { isPublic: wanted.includes('ingest') }));
    undo.push(() => ports.stop());
    const folder = isEmbedded(settings) ? openDataFolder(settings.DATA_DIR, `serve ${wanted.join(' ')}`) : undefined;
    undo.push(() => folder?.close());
    if (wanted.length === serviceNames.length)
      for (const difference of await prepareEngines(settings)) logger.warn(difference);
    const engines = await openEngines(settings, clock);
    undo.push(() => engines.close());

    const registry = new Registry();
    collectDefaultMetrics({ register: registry });
    const parts = { ...engines, settings, clock, logger, registry };
    const leaseTerms = leaseTermsOf(engines.state.engine);
    const lease = (name: string) => {
      const keeper = keepLease({ state: engines.state, name, clock, logger, ...leaseTerms });
      undo.push(() => keeper.stop());
      return keeper;
    };

    const services: Service[] = [];
    const routers: Router[] = [];
    let live: Live | undefined;
    let ingest: Ingest | undefined;
    if (wanted.includes('archive')) services.push(createArchive(parts));
    if (wanted.includes('normalize')) services.push(createNormalize(parts));
    if (wanted.includes('alert')) {
      const alert = createAlert({ ...parts, lease: lease('alert') });
      services.push(alert);
      routers.push(alert.commands);
    }
    if (wanted.includes('ingest')) {
      const secrets = createSecrets(loadSecretsKeys({ secretsKey: settings.SECRETS_KEY, dataDir: settings.DATA_DIR }));
      ingest = createIngest({
        ...parts,
        secrets,
        lease: lease('ingest'),
        publicPort: () => ports.public?.port ?? settings.PUBLIC_PORT,
      });
      services.push(ingest);
      routers.push(ingest.commands);
    }
    if (wanted.includes('live')) {
      live = await createLive({
        ...parts,
        notices,
        version: packageJson.version,
        canConnect: Boolean(settings.INGEST_URL || (settings.OURA_CLIENT_ID && settings.OURA_CLIENT_SECRET)),
        password: settings.HTTP_PASSWORD,
        allowedHosts: settings.HTTP_ALLOWED_HOSTS,
      });
      services.push(live);
      routers.push(live.router, operationsRouter(engines.log));
    }

    for (const service of services) {
      await service.start();
      undo.push(() => service.stop());
    }

    // Stopped before the services: what still asks is answered.
    undo.push(() => ports.stop());
    const main = createMainHandler({ settings, services, routers, registry, logger });
    ports.openMain(sharesPort(settings) && ingest ? bothOn(ingest, main) : main);
    live?.attachWebSocket(ports.main.server);
    undo.push(() => live?.closePages());
    if (ingest) {
      ports.openPublic(ingest.publicHandler);
      ingest.publicListenerIsLive();
    }
    folder?.announce(ports.main.url);
    return { settings, engines, services, url: ports.main.url, publicUrl: ports.public?.url, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A short term costs a write every two seconds, and is the longest that a successor waits after a kill. Whoever owns the folder of SQLite is alone and waits for nobody. */
const leaseTermsOf = (engine: Engine) =>
  engine === 'postgres'
    ? { owner: randomUUID(), termMs: 8_000, sharedNowMs: postgresNowMs<LeaseTables> }
    : { owner: 'the server of this folder', termMs: 30_000 };

/** Both listeners on one port: ingest's public addresses pass before any check, everything else is the main listener's. */
function bothOn(ingest: Ingest, main: RequestListener): RequestListener {
  const isPublic = (url: string) => /^\/(webhooks\/oura|oauth\/callback|connect)(\?|$)/.test(url);
  return (request, response) =>
    isPublic(request.url ?? '') ? void ingest.publicHandler(request, response) : void main(request, response);
}
