// What every command is given: the environment, the terminal, and a signal that ends it.
import type { Environment } from '../runtime/settings.ts';
import type { Terminal } from './terminal.ts';

export interface CommandContext {
  environment: Environment;
  terminal: Terminal;
  /** Aborted by SIGINT and SIGTERM. */
  signal: AbortSignal;
}
