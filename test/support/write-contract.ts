// Writes schemas/published from the schemas.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { contractFiles } from '../../schemas/contract.ts';

const folder = resolve(import.meta.dirname, '../../schemas/published');
mkdirSync(folder, { recursive: true });
for (const [name, text] of Object.entries(contractFiles())) writeFileSync(join(folder, name), text);
