// The settings of the composition root: where data lies and which engines are used. Every service has its own beside its code.
import { z } from 'zod';
import { setting } from '../runtime/settings.ts';

export const coreSettings = z.object({
  DATA_DIR: setting.text().default('data').describe('Folder of the embedded log and databases, and of the key.'),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent'], 'expected fatal, error, warn, info, debug or silent')
    .default('info')
    .describe('How much is logged: fatal, error, warn, info, debug or silent. No secret at any level, no health value from info up.'),
  SECRETS_KEY: setting
    .text()
    .optional()
    .describe('Key of the stored credentials: 32 bytes in hex or base64; a comma-separated list rotates it. Made once in `DATA_DIR` when not set.'),
  PUBLIC_HOST: setting.text().default('127.0.0.1').describe('Address that what Oura must reach listens on.'),
  PUBLIC_PORT: setting
    .port()
    .default(8001)
    .describe('Port of what Oura must reach: webhook, OAuth callback, connect links, nothing else. Lead a tunnel only here.'),
});
export type CoreSettings = z.output<typeof coreSettings>;
