// The commands of deploy/README.md on the composed stack, in containers whose roles in PostgreSQL may not touch the tables of others. Erasing is the last
// check of all, since nobody is there afterwards.
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { command, runChecks, select, until } from './stack.ts';

const tables = [
  ...['store.archived_documents', 'store.archived_notifications', 'store.metric_ledger'],
  ...['state.grants', 'state.people', 'state.fetch_jobs', 'state.alert_transitions'],
];
const rows = async (): Promise<string[]> =>
  (await select(tables.map((table) => `select '${table}', count(*) from ${table}`).join(' union all '))).filter(
    (line) => !line.endsWith('|0'),
  );

/** Long before anything of the simulated ring. */
const stress = { id: 'imported', day: '2020-02-01', stress_high: 3600, recovery_high: 1800, day_summary: 'normal' };

function expectText(text: string, pattern: RegExp): void {
  if (!pattern.test(text)) throw new Error(`expected ${pattern}, got: ${text.slice(0, 400)}`);
}

await runChecks({
  'what is here is told and exported': async () => {
    expectText(await command('ingest', 'status'), /^Demo: active$/m);
    expectText(await command('ingest', 'export', '--csv', '--from', '2026-01-01'), /^user,metric,.*\n.*,sleep/s);
  },
  'a channel of alerts is tested': async () => {
    expectText(await command('ingest', 'alert', 'test'), /^ok {3}slack/m);
  },
  'a file is imported': async () => {
    const files = await mkdtemp(join(tmpdir(), 'oura-streaming-import-'));
    try {
      await chmod(files, 0o755);
      await writeFile(join(files, 'stress.json'), JSON.stringify({ data: [stress] }));
      const inContainer = ['-v', `${files}:/files:ro`, 'ingest'];
      const importing = ['import', '--user', 'Demo', '--type', 'daily_stress', '/files/stress.json'];
      const said = await command(...inContainer, ...importing);
      expectText(said, /: 1 document imported/);
    } finally {
      await rm(files, { recursive: true });
    }
    const imported = "select count(*) from store.archived_documents where via = 'import'";
    await until(
      () => select(imported),
      ([count]) => count === '1',
    );
  },
  'archive and points are made anew from the log': async () => {
    expectText(await command('prepare', 'rebuild'), /^normalize: [1-9]\d* done$/m);
  },
  'a person is erased from every table': async () => {
    const before = await rows();
    if (before.length < 3) throw new Error(`there was little to erase: ${before.join(', ')}`);
    expectText(await command('ingest', 'people', 'erase', 'Demo', '--yes'), /^Demo is erased/);
    const left = await rows();
    if (left.length > 0) throw new Error(`left: ${left.join(', ')}`);
  },
});
