// Five years of one ring, all 19 resources at CALIBRATION's rates, from the log into a fresh store by `oura-streaming rebuild`, as a person starts it.
import { execFile } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { encodeDocument } from '../../schemas/document.ts';
import type { MetricsMessage } from '../../schemas/metrics-message.ts';
import { normalizeDocument } from '../../services/normalize/normalize-document.ts';
import type { Bench } from './bench.ts';
import { appendAll, inFolder, withEngines } from './embedded-files.ts';
import { megabytes, seconds, wholeNumber } from './figures.ts';
import { moveYears, simulatedDays } from './simulated-year.ts';

const years = 5;
const bin = join(import.meta.dirname, '../../services/cli/bin.js');
const run = promisify(execFile);

const valuesIn = ({ points, series }: MetricsMessage): number =>
  points.length + series.reduce((sum, { values }) => sum + values.filter((value) => value !== null).length, 0);

export const bench: Bench = {
  name: 'rebuild',
  run: () =>
    inFolder(async (folder) => {
      const counts = { versions: 0, values: 0 };
      const resources = new Set<string>();
      await withEngines(folder, async ({ log }) => {
        for (const piece of simulatedDays(365)) {
          for (const document of piece) {
            const normalized = normalizeDocument(document);
            counts.versions += years;
            counts.values += normalized.ok ? years * valuesIn(normalized.message) : 0;
            resources.add(document.resource);
          }
          for (let year = 0; year < years; year += 1)
            await appendAll(
              { log },
              piece.map((document) => moveYears(document, year)),
              encodeDocument,
            );
        }
      });
      const beganMs = performance.now();
      const { stdout } = await run(process.execPath, [bin, 'rebuild', '--json'], {
        cwd: folder,
        env: { PATH: process.env.PATH, DATA_DIR: folder },
      });
      const tookMs = performance.now() - beganMs;
      return [
        {
          measure: `rebuild of ${years} years of one ring, ${resources.size} resources`,
          value: seconds(tookMs),
          goal: '< 60 s',
          beside:
            `${wholeNumber(counts.versions)} versions with ${wholeNumber(counts.values)} values, ` +
            `log ${megabytes(statSync(join(folder, 'log.db')).size)}; it says ${stdout.trim()}`,
        },
      ];
    }),
};
