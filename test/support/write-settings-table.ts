// Writes the table of settings into README.md, between its two markers: `npm run settings`.
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { settingsGroups } from '../../services/cli/settings.ts';
import { settingsTable } from '../../services/cli/settings-table.ts';

const readme = resolve(import.meta.dirname, '../../README.md');
const markers = /<!-- settings -->[\s\S]*<!-- \/settings -->/;

/** The README with the table as the schemas say it. */
export function readmeWithSettings(): { path: string; text: string } {
  const text = readFileSync(readme, 'utf8');
  if (!markers.test(text)) throw new Error('README.md has lost the markers of its settings table');
  const table = `<!-- settings -->\n${settingsTable(settingsGroups)}\n<!-- /settings -->`;
  return { path: readme, text: text.replace(markers, () => table) };
}

if (import.meta.main) {
  const { path, text } = readmeWithSettings();
  writeFileSync(path, text);
}
