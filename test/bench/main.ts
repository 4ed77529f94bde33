// `npm run bench [name…]`, `engines` for all that need Docker: runs benchmarks one after the other and prints one table. A bench that fails says so in its line and the others
// go on.
import type { Bench, Figure } from './bench.ts';
import { machine } from './machine.ts';

const embedded = ['webhooks', 'archive', 'normalize', 'rebuild', 'page', 'ring-year'];
const engines = ['engines-webhooks', 'engines-archive', 'engines-points', 'engines-consumers'];
const names = [...embedded, ...engines];

async function load(name: string): Promise<Bench> {
  const { bench } = (await import(`./${name}.ts`)) as { bench: Bench };
  return bench;
}

function line({ measure, value, goal = '', beside = '' }: Figure): string {
  return `| ${measure} | ${value} | ${goal} | ${beside} |`;
}

async function figuresOf(bench: Bench): Promise<Figure[]> {
  const startMs = performance.now();
  try {
    return await bench.run();
  } catch (error) {
    process.exitCode = 1;
    return [{ measure: bench.name, value: 'failed', beside: error instanceof Error ? error.message : String(error) }];
  } finally {
    process.stderr.write(`${bench.name}: ${((performance.now() - startMs) / 1000).toFixed(0)} s\n`);
  }
}

const asked = process.argv.slice(2).flatMap((name) => (name === 'engines' ? engines : name));
const unknown = asked.filter((name) => !names.includes(name));
if (unknown.length > 0) {
  console.error(`There is no benchmark ${unknown.join(', ')}. Known are: ${names.join(', ')}.`);
  process.exit(2);
}
const title = machine();
const lines: string[] = [];
for (const name of asked.length > 0 ? asked : names) {
  const bench = await load(name);
  lines.push(...(await figuresOf(bench)).map(line));
}
console.log(`${title}\n\n| measured | figure | goal | beside it |\n|---|---|---|---|\n${lines.join('\n')}`);
// A container or a pool that failed to close must not keep the table waiting.
process.exit();
