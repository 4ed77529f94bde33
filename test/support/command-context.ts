// What a command is given: what the person types, and everything that it says kept.
import { Readable, Writable } from 'node:stream';
import type { CommandContext } from '../../services/cli/command-context.ts';
import { createTerminal } from '../../services/cli/terminal.ts';

export interface RecordedContext extends CommandContext {
  /** What stands on stdout. */
  printed(): string;
  /** What stands on stderr. */
  noted(): string;
}

export function recordedContext(environment: Record<string, string>, typed = ''): RecordedContext {
  const [stdout, stderr] = [keeping(), keeping()];
  return {
    environment: { LOG_LEVEL: 'silent', ...environment },
    terminal: createTerminal({
      stdin: Readable.from([typed]),
      stdout: stdout.stream,
      stderr: stderr.stream,
      now: Date.now,
    }),
    signal: new AbortController().signal,
    printed: stdout.text,
    noted: stderr.text,
  };
}

function keeping() {
  let kept = '';
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      kept += chunk.toString();
      done();
    },
  });
  return { stream, text: () => kept };
}
