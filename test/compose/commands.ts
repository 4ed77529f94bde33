// A person is erased from the composed stack by the command of its README, in a container whose role in PostgreSQL may not touch the tables of others: the
// last check, since nobody is there afterwards.
import { exec, runChecks, select } from './stack.ts';

const tables = [
  ...['store.archived_documents', 'store.archived_notifications', 'store.metric_ledger'],
  ...['state.grants', 'state.people', 'state.fetch_jobs', 'state.alert_transitions'],
];
const rows = async (): Promise<string[]> =>
  (await select(tables.map((table) => `select '${table}', count(*) from ${table}`).join(' union all '))).filter(
    (line) => !line.endsWith('|0'),
  );

await runChecks({
  'a person is erased from every table by the command in a container': async () => {
    const before = await rows();
    if (before.length < 3) throw new Error(`there was little to erase: ${before.join(', ')}`);
    const said = await exec('ingest', 'node', 'services/cli/bin.js', 'people', 'erase', 'Demo', '--yes');
    if (!said.includes('Demo is erased')) throw new Error(said);
    const left = await rows();
    if (left.length > 0) throw new Error(`left: ${left.join(', ')}`);
  },
});
