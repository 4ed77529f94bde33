// TypeScript to JavaScript for the browser, with Node's own type stripping: lines and columns stay, and nothing has to be built before a start.
// Node calls its function experimental with a warning on the terminal; the result is ours to test, so that one warning is held back.
import { stripTypeScriptTypes } from 'node:module';

export function stripTypes(source: string): string {
  const { emitWarning } = process;
  // Synchronous from here to `finally`: nobody else's warning can be lost.
  process.emitWarning = () => {};
  try {
    return stripTypeScriptTypes(source);
  } finally {
    process.emitWarning = emitWarning;
  }
}
