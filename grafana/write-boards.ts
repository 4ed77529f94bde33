// Writes grafana/dashboards from boards/: `npm run boards`. A test fails when they differ.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { todayBoard } from './boards/today.ts';

/** File name → content of everything in grafana/dashboards. */
export const boardFiles = (): Record<string, string> => ({
  'today.json': `${JSON.stringify(todayBoard(), null, 2)}\n`,
});

if (import.meta.main) {
  for (const [name, text] of Object.entries(boardFiles()))
    writeFileSync(join(import.meta.dirname, 'dashboards', name), text);
}
