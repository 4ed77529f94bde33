// What a command says to the person at the terminal: answers on stdout, everything else on stderr, a progress bar only where a person
// watches and only for what takes longer than a second.
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

export interface Terminal {
  /** An answer: one line on stdout. */
  print(line: string): void;
  /** A remark for the person: stderr. */
  note(line: string): void;
  /** Puts a question to the person; undefined when nobody answers. */
  ask(question: string): Promise<string | undefined>;
  /** Where streams of rows go. */
  readonly out: Writable;
  progress(label: string, total?: number): Progress;
}

export interface Progress {
  advance(by?: number): void;
  end(): void;
}

const patienceMs = 1000;
const redrawMs = 100;
const barWidth = 28;

export function progressLine(label: string, done: number, total: number | undefined): string {
  const count = done.toLocaleString('en');
  if (!total) return `${label} ${count}`;
  const share = Math.min(1, done / total);
  const filled = Math.round(share * barWidth);
  return `${label} [${'#'.repeat(filled)}${'-'.repeat(barWidth - filled)}] ${Math.floor(share * 100)}% ${count}/${total.toLocaleString('en')}`;
}

export interface TerminalStreams {
  stdin: Readable;
  stdout: Writable;
  stderr: Writable & { isTTY?: boolean };
  now(): number;
}

export function createTerminal({ stdin, stdout, stderr, now }: TerminalStreams): Terminal {
  return {
    out: stdout,
    print: (line) => void stdout.write(`${line}\n`),
    note: (line) => void stderr.write(`${line}\n`),
    async ask(question) {
      stderr.write(question);
      const lines = createInterface({ input: stdin });
      try {
        const [answer] = await Promise.race([once(lines, 'line'), once(lines, 'close').then(() => [undefined])]);
        return typeof answer === 'string' ? answer : undefined;
      } finally {
        lines.close();
      }
    },
    progress(label, total) {
      const beganMs = now();
      let done = 0;
      let drawnMs = 0;
      let isShown = false;
      return {
        advance(by = 1) {
          done += by;
          const nowMs = now();
          if (!stderr.isTTY || nowMs - beganMs < patienceMs || nowMs - drawnMs < redrawMs) return;
          drawnMs = nowMs;
          isShown = true;
          stderr.write(`\r\x1b[2K${progressLine(label, done, total)}`);
        },
        end() {
          if (isShown) stderr.write('\r\x1b[2K');
        },
      };
    },
  };
}
