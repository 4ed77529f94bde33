// Walks JSON of any size that arrives in chunks, keeping only what is being cut out: the value at hand, up to a limit. It knows structure,
// not meaning, and whether a cut part is valid is for JSON.parse of that part to say (as in versions/json-spans.ts, which has all bytes).
import { MalformedJson } from '../versions/json-spans.ts';

export interface CutValue {
  /** Where it begins, bytes from the start of the file. */
  start: number;
  /** Undefined when it is longer than the limit. */
  bytes: Uint8Array | undefined;
}

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const colon = 0x3a;
const openArray = 0x5b;
const closeArray = 0x5d;
const openObject = 0x7b;
const closeObject = 0x7d;
const isSpace = (byte: number): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
const isDelimiter = (byte: number): boolean =>
  byte === comma || byte === closeArray || byte === closeObject || isSpace(byte);
const byteOrderMark = [0xef, 0xbb, 0xbf];

export interface ByteCursor {
  /** Position of the next byte. */
  position(): number;
  /** The next byte that is no space, not taken; undefined at the end. */
  peek(): Promise<number | undefined>;
  /** Takes the next byte if it is `byte`, spaces before it left out. */
  take(byte: number): Promise<boolean>;
  /** @throws MalformedJson that names what was expected when the next byte is another one */
  expect(byte: number, what: string): Promise<void>;
  /** Takes one value. @throws MalformedJson when the file ends inside it */
  cut(): Promise<CutValue>;
  /** Remembers from the next byte on, until `release`; used to turn an object that was looked into back into bytes. */
  remember(): Promise<void>;
  release(): CutValue | undefined;
  /** Back to where `remember` was called; false when that grew too long. */
  rewind(): boolean;
}

export function createByteCursor(chunks: AsyncIterable<Uint8Array>, limitBytes: number): ByteCursor {
  const source = chunks[Symbol.asyncIterator]();
  let buffer: Uint8Array = new Uint8Array();
  let at = 0;
  let base = 0;
  let remembered: { start: number; isTooLong: boolean } | undefined;
  /** Absolute start of the value that is being cut; undefined once it grew too long. */
  let cutStart: number | undefined;

  async function more(): Promise<boolean> {
    const next = await source.next();
    if (next.done) return false;
    if (remembered && base + at - remembered.start > limitBytes) remembered.isTooLong = true;
    if (cutStart !== undefined && base + at - cutStart > limitBytes) cutStart = undefined;
    const keepFrom = Math.min(
      base + at,
      remembered && !remembered.isTooLong ? remembered.start : Number.POSITIVE_INFINITY,
      cutStart ?? Number.POSITIVE_INFINITY,
    );
    const kept = buffer.subarray(keepFrom - base);
    at -= keepFrom - base;
    base = keepFrom;
    buffer = kept.length === 0 ? next.value : Buffer.concat([kept, next.value]);
    return true;
  }

  const fail = (what: string): never => {
    throw new MalformedJson(`expected ${what} at byte ${base + at}`);
  };

  async function peek(): Promise<number | undefined> {
    for (;;) {
      for (; at < buffer.length; at += 1) {
        const byte = buffer[at];
        if (byte === undefined) break;
        if (base + at < 3 && byte === byteOrderMark[base + at]) continue;
        if (!isSpace(byte)) return byte;
      }
      if (!(await more())) return undefined;
    }
  }

  async function skipString(): Promise<void> {
    at += 1;
    for (;;) {
      for (; at < buffer.length; at += 1) {
        if (buffer[at] === quote) {
          at += 1;
          return;
        }
        if (buffer[at] === backslash) {
          at += 1;
          if (at >= buffer.length && !(await more())) fail('the end of a text');
        }
      }
      if (!(await more())) fail('the end of a text');
    }
  }

  async function skipContainer(): Promise<void> {
    let depth = 0;
    for (;;) {
      while (at < buffer.length) {
        const byte = buffer[at];
        if (byte === quote) {
          await skipString();
          continue;
        }
        at += 1;
        if (byte === openObject || byte === openArray) depth += 1;
        else if ((byte === closeObject || byte === closeArray) && --depth === 0) return;
      }
      if (!(await more())) fail('the end of an object or list');
    }
  }

  async function skipScalar(): Promise<void> {
    const start = base + at;
    for (;;) {
      for (; at < buffer.length; at += 1) {
        const byte = buffer[at];
        if (byte === undefined || isDelimiter(byte)) {
          if (base + at === start) fail('a value');
          return;
        }
      }
      if (!(await more())) return;
    }
  }

  return {
    position: () => base + at,
    peek,
    async take(byte) {
      if ((await peek()) !== byte) return false;
      at += 1;
      return true;
    },
    async expect(byte, what) {
      if ((await peek()) !== byte) fail(what);
      at += 1;
    },
    async cut() {
      const first = await peek();
      if (first === undefined) return fail('a value');
      const start = base + at;
      cutStart = start;
      try {
        if (first === quote) await skipString();
        else if (first === openObject || first === openArray) await skipContainer();
        else await skipScalar();
        const isShort = cutStart !== undefined && base + at - start <= limitBytes;
        return { start, bytes: isShort ? buffer.slice(start - base, at) : undefined };
      } finally {
        cutStart = undefined;
      }
    },
    async remember() {
      await peek();
      remembered = { start: base + at, isTooLong: false };
    },
    rewind() {
      if (!remembered || remembered.isTooLong) return false;
      at = remembered.start - base;
      return true;
    },
    release() {
      if (!remembered) return undefined;
      const { start, isTooLong } = remembered;
      remembered = undefined;
      const isShort = !isTooLong && base + at - start <= limitBytes;
      return { start, bytes: isShort ? buffer.slice(start - base, at) : undefined };
    },
  };
}

export const symbols = { comma, colon, openArray, closeArray, openObject, closeObject, quote } as const;
