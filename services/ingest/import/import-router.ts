// `POST /api/v1/people/NAME/import?file=sleep.json&type=sleep`: the file is the body. It is first written to a private temporary file as fast as
// it comes, because reading it into the log takes longer than a request may take to arrive; it is gone when the answer is given.
// Who accepts `application/x-ndjson` gets lines of progress, and the report (or the error) as the last line.
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Request, type Response, Router } from 'express';
import { z } from 'zod';
import { resourceName, resourceNames } from '../../../schemas/oura/resources.ts';
import { asHttpError, HttpError } from '../../runtime/http/json-error.ts';
import { normalizeName } from '../../storage/people.ts';
import { importFile } from './import-file.ts';
import { type ImportReport, reportJson } from './import-report.ts';
import type { ImportParts } from './import-writer.ts';

export interface ImportRouterParts extends ImportParts {
  /** Larger files are refused. Default: 4 GiB. */
  limitBytes?: number;
  /** Where the body waits. Default: the system's folder for temporary files. */
  spoolFolder?: string;
}

const query = z.object({
  file: z.string().min(1).max(255).default('import.json'),
  type: resourceName.optional(),
  replace: z.enum(['true', 'false']).default('false'),
});

const progressEveryBytes = 256 * 1024;

export function createImportRouter(parts: ImportRouterParts): Router {
  const router = Router();
  router.post('/api/v1/people/:name/import', async (request, response) => {
    const personName = normalizeName(request.params.name);
    if (!personName)
      throw new HttpError({
        status: 400,
        code: 'bad_name',
        message: 'A name has 1 to 80 characters and no control characters.',
      });
    const asked = query.safeParse(request.query);
    if (!asked.success)
      throw new HttpError({
        ...{ status: 400, code: 'bad_request', message: 'file, type or replace cannot be understood.' },
        hint: `type is one of ${resourceNames.join(', ')}; replace is true or false.`,
      });
    const folder = await mkdtemp(join(parts.spoolFolder ?? tmpdir(), 'oura-streaming-import-'));
    const forget = () => rm(folder, { recursive: true, force: true });
    try {
      const path = join(folder, 'body');
      const size = await spool(request, path, parts.limitBytes ?? 4 * 1024 ** 3);
      const { file: fileName, type, replace } = asked.data;
      const answer = progressAnswer(request, response, size);
      await answer.end(() =>
        importFile(parts, {
          ...{ personName, fileName, chunks: createReadStream(path), replace: replace === 'true' },
          ...(type && { type }),
          onProgress: answer.progress,
        }).finally(forget),
      );
    } finally {
      await forget();
    }
  });
  return router;
}

/** Answers the size. @throws HttpError 413 as soon as it is too large */
async function spool(request: Request, path: string, limitBytes: number): Promise<number> {
  let size = 0;
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      size += chunk.length;
      if (size <= limitBytes) return done(null, chunk);
      done(new HttpError({ status: 413, code: 'too_large', message: `A file may have at most ${limitBytes} bytes.` }));
    },
  });
  await pipeline(request, counted, createWriteStream(path, { mode: 0o600 }));
  return size;
}

function progressAnswer(request: Request, response: Response, totalBytes: number) {
  const isStream = request.accepts(['application/json', 'application/x-ndjson']) === 'application/x-ndjson';
  const line = (value: object) => response.write(`${JSON.stringify(value)}\n`);
  let told = 0;
  return {
    progress({ bytes, documents }: { bytes: number; documents: number }): void {
      if (!isStream || bytes - told < progressEveryBytes) return;
      told = bytes;
      line({ progress: { bytes, total_bytes: totalBytes, documents } });
    },
    async end(work: () => Promise<ImportReport>): Promise<void> {
      if (!isStream) return void response.json(reportJson(await work()));
      response.status(200).type('application/x-ndjson');
      try {
        line({ report: reportJson(await work()) });
      } catch (error) {
        const { code, message, hint } = asHttpError(error);
        line({ error: { code, message, ...(hint !== undefined && { hint }) } });
      }
      response.end();
    },
  };
}
