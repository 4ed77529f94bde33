// `import`: takes files in through the server that runs, or into the files themselves, and then brings archive and metrics up to date.
import { accessSync, constants, createReadStream, statSync } from 'node:fs';
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import { type ResourceName, resourceName, resourceNames } from '../../../schemas/oura/resources.ts';
import { importFile } from '../../ingest/import/import-file.ts';
import { type ImportReport, parseReport, reportJson } from '../../ingest/import/import-report.ts';
import { createOutboxPublisher } from '../../ingest/versions/outbox-publisher.ts';
import { systemClock } from '../../runtime/clock.ts';
import { normalizeName } from '../../storage/people.ts';
import { findIngest, type OpenPipeline, readEngineSettings, type ServerApi, withPipeline } from '../access.ts';
import { catchUp } from '../catch-up.ts';
import type { CommandContext } from '../command-context.ts';
import { isEmbedded } from '../engines.ts';
import { CommandError, exitCode } from '../exit-code.ts';
import type { Progress } from '../terminal.ts';

export interface ImportOptions {
  user: string;
  type?: string;
  json?: boolean;
}

interface Source {
  path: string;
  personName: string;
  resource: ResourceName | undefined;
  progress: Progress;
}

export async function importFiles(
  context: CommandContext,
  files: readonly string[],
  options: ImportOptions,
): Promise<number> {
  const { terminal, signal } = context;
  const personName = normalizeName(options.user);
  if (!personName)
    throw new CommandError('--user: a name has 1 to 80 characters and no control characters.', exitCode.usage);
  const resource = options.type === undefined ? undefined : parseResource(options.type);
  const bytes = files.map((file) => sizeOf(file)).reduce((sum, size) => sum + size, 0);

  const importAll = async (take: (source: Source) => Promise<ImportReport>): Promise<ImportReport[]> => {
    const progress = terminal.progress('bytes', bytes);
    const reports: ImportReport[] = [];
    for (const path of files) reports.push(await take({ path, personName, resource, progress }));
    progress.end();
    return reports;
  };
  const server = findIngest(context);
  const reports = server
    ? await importAll((source) => throughServer(server, source))
    : await withPipeline(context, { purpose: 'import' }, async (pipeline) => {
        const done = await importAll((source) => intoFiles(pipeline, source));
        // In a stack its services do it.
        if (isEmbedded(readEngineSettings(context))) await catchUp(pipeline, terminal, signal);
        return done;
      });

  if (options.json) terminal.print(JSON.stringify(reports.map(reportJson)));
  else for (const line of reports.flatMap(describe)) terminal.print(line);
  return reports.some(({ problemCount }) => problemCount > 0) ? exitCode.partial : exitCode.done;
}

function parseResource(text: string): ResourceName {
  const parsed = resourceName.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new CommandError(
    `--type: there is no resource ${text}. Known are: ${resourceNames.join(', ')}.`,
    exitCode.usage,
  );
}

function sizeOf(path: string): number {
  try {
    accessSync(path, constants.R_OK);
    const found = statSync(path);
    if (!found.isDirectory()) return found.size;
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandError(
      isMissing ? `There is no file ${path}.` : `${path} cannot be read: ${reason}`,
      exitCode.usage,
    );
  }
  throw new CommandError(`${path} is a folder: name the files in it, such as ${path}/*.json.`, exitCode.usage);
}

async function intoFiles(
  { state, log }: OpenPipeline,
  { path, personName, resource, progress }: Source,
): Promise<ImportReport> {
  const clock = systemClock;
  let seen = 0;
  return importFile(
    { state, log, clock, versions: { state, clock, outbox: createOutboxPublisher({ state, log }) } },
    {
      fileName: basename(path),
      personName,
      ...(resource && { type: resource }),
      chunks: createReadStream(path),
      onProgress: ({ bytes }) => {
        progress.advance(bytes - seen);
        seen = bytes;
      },
    },
  );
}

async function throughServer(
  server: ServerApi,
  { path, personName, resource, progress }: Source,
): Promise<ImportReport> {
  const query = new URLSearchParams({ file: basename(path), ...(resource && { type: resource }) });
  const body = Readable.toWeb(
    createReadStream(path).on('data', (part) => progress.advance(part.length)),
  ) as ReadableStream;
  const answer = await server.request(`/api/v1/people/${encodeURIComponent(personName)}/import?${query}`, {
    method: 'POST',
    headers: { 'content-type': 'application/octet-stream' },
    body,
    duplex: 'half',
  } as RequestInit);
  return parseReport(await answer.json());
}

function describe(report: ImportReport): string[] {
  const { file, imported, unchanged, leftAsIs, byResource, problemCount, problems, notes } = report;
  const kinds = Object.entries(byResource).map(([name, count]) => `${count} ${name}`);
  const rest = [
    ...(unchanged > 0 ? [`${unchanged} known already`] : []),
    ...(leftAsIs > 0 ? [`${leftAsIs} left as Oura said since`] : []),
  ];
  return [
    `${file}: ${imported} ${imported === 1 ? 'document' : 'documents'} imported${kinds.length > 0 ? ` (${kinds.join(', ')})` : ''}${rest.length > 0 ? `, ${rest.join(', ')}` : ''}.`,
    ...notes.map(({ place, text }) => `  note: ${place}: ${text}`),
    ...problems.map(({ place, reason }) => `  not taken: ${place}: ${reason}`),
    ...(problemCount > problems.length
      ? [`  and ${problemCount - problems.length} more; \`dead-letters list\` shows all`]
      : []),
  ];
}
