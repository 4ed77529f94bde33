import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import { recordedContext } from '../../../test/support/command-context.ts';
import { emptyReport, reportJson } from '../../ingest/import/import-report.ts';
import { importFiles } from './import.ts';

test('in a stack a file goes to the ingest service, which alone may write it', async () => {
  const asked: string[] = [];
  const ingest = createServer(async (request, response) => {
    let bytes = 0;
    for await (const part of request) bytes += part.length;
    asked.push(`${request.method} ${request.url} ${bytes > 0}`);
    response.end(JSON.stringify(reportJson({ ...emptyReport('heartrate.json'), imported: 3 })));
  }).listen(0, '127.0.0.1');
  await once(ingest, 'listening');
  const context = recordedContext({
    INGEST_URL: `http://127.0.0.1:${(ingest.address() as AddressInfo).port}`,
    // Nobody is there: whoever opens the engines fails.
    KAFKA_BROKERS: '127.0.0.1:1',
    DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none',
  });
  const file = resolve(import.meta.dirname, '../../../test/fixtures/samples/jeff-kohn_oura_charts/heartrate.json');
  try {
    expect(await importFiles(context, [file], { user: 'Anna' })).toBe(0);
  } finally {
    ingest.close();
  }
  expect(asked).toEqual(['POST /api/v1/people/Anna/import?file=heartrate.json true']);
  expect(context.printed()).toContain('heartrate.json: 3 documents imported');
});
