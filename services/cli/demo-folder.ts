// Where the demo ring's data lies: apart from a person's, so the two never mix.
import { join } from 'node:path';

export const demoFolder = (dataDir: string): string => join(dataDir, 'demo');
