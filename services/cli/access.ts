// How a command reaches the data: through the API of the server that owns the folder, or by opening the files itself under the same lock. With
// engines of the stack there is no file to own, and a command simply connects.
import { Registry } from 'prom-client';
import { z } from 'zod';
import { systemClock } from '../runtime/clock.ts';
import { findFolderOwner, openDataFolder } from '../runtime/data-folder.ts';
import { httpSettings } from '../runtime/http/http-settings.ts';
import { createLogger, type Logger } from '../runtime/logger.ts';
import { readSettings } from '../runtime/settings.ts';
import type { CommandContext } from './command-context.ts';
import { type Engines, isEmbedded, openEngines } from './engines.ts';
import { CommandError } from './exit-code.ts';
import { type EngineSettings, engineSettings } from './settings.ts';

/** The API of the server that runs. */
export interface ServerApi {
  url: string;
  /** @throws CommandError with the server's own words when it refuses */
  request(path: string, init?: RequestInit): Promise<Response>;
}

export const readEngineSettings = ({ environment }: CommandContext): EngineSettings =>
  readSettings(engineSettings, environment);

/** The server that owns the data folder; undefined when none runs, or the data is not in a folder. */
export function findServer(context: CommandContext): ServerApi | undefined {
  const settings = readEngineSettings(context);
  if (!isEmbedded(settings)) return undefined;
  const owner = findFolderOwner(settings.DATA_DIR);
  if (!owner) return undefined;
  if (!owner.url)
    throw new CommandError(
      `${settings.DATA_DIR} is in use (${owner.purpose}, process ${owner.pid}). Try again when it has ended.`,
    );
  return serverApi(owner.url, readSettings(httpSettings, context.environment).HTTP_PASSWORD);
}

/** Whom a command of the ingest service goes to: the server that owns the data folder, or in a stack what INGEST_URL names. */
export function findIngest(context: CommandContext): ServerApi | undefined {
  const url = context.environment.INGEST_URL?.trim();
  return url ? serverApi(url, readSettings(httpSettings, context.environment).HTTP_PASSWORD) : findServer(context);
}

export function serverApi(url: string, password: string | undefined): ServerApi {
  return {
    url,
    async request(path, init = {}) {
      const headers = new Headers(init.headers);
      if (password) headers.set('authorization', `Bearer ${password}`);
      const answer = await fetch(new URL(path, url), { ...init, headers }).catch((error: unknown) => {
        throw new CommandError(`The server at ${url} cannot be reached: ${String(error)}`);
      });
      if (answer.ok) return answer;
      throw new CommandError(`The server at ${url} refused: ${refusalOf(answer.status, await answer.text())}`);
    },
  };
}

const refusal = z.object({ error: z.object({ message: z.string(), hint: z.string().optional() }) });

/** What a server says when it says no, as a sentence. */
export function refusalOf(status: number, body: string): string {
  try {
    const { message, hint } = refusal.parse(JSON.parse(body)).error;
    return hint === undefined ? message : `${message} ${hint}`;
  } catch {
    return `${status} ${body.slice(0, 200)}`;
  }
}

export interface OpenPipeline extends Engines {
  logger: Logger;
  registry: Registry;
}

export interface OpenOptions {
  /** What it is for: others who want the folder are told. */
  purpose: string;
  /** Only reads: may stand beside a running server. */
  readOnly?: boolean;
}

/** Opens the engines for the time of `work`. */
export async function withPipeline<Result>(
  context: CommandContext,
  { purpose, readOnly = false }: OpenOptions,
  work: (pipeline: OpenPipeline) => Promise<Result>,
): Promise<Result> {
  const settings = readEngineSettings(context);
  const folder = isEmbedded(settings) && !readOnly ? openDataFolder(settings.DATA_DIR, purpose) : undefined;
  try {
    const engines = await openEngines(settings, systemClock);
    try {
      const level = settings.LOG_LEVEL === 'info' ? 'warn' : settings.LOG_LEVEL;
      const logger = createLogger({ level, name: `oura-streaming ${purpose}` });
      return await work({ ...engines, logger, registry: new Registry() });
    } finally {
      await engines.close();
    }
  } finally {
    folder?.close();
  }
}
