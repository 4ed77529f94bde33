// Names of variables that nothing reads, because they are misspelt. A pure decision. A line of `.env` is meant for us, so every unknown one is told.
// The environment belongs to other programs as well: of it only what is written almost like one of ours, and whatever has our own prefix.
// They are told and not refused: a variable of another program must never stop a server, nor one that a later version no longer reads.

export interface NamesGiven {
  /** Names that something reads. */
  known: ReadonlySet<string>;
  /** Names with a value in the environment, those of the file among them or not. */
  environment: Iterable<string>;
  /** Names in `.env`. */
  file: Iterable<string>;
  /** Names that begin so are ours whatever follows. */
  prefix: string;
}

export interface UnknownName {
  name: string;
  isFromFile: boolean;
  /** What was probably meant. */
  nearest: string | undefined;
}

/** Of widespread programs, and by chance written almost like one of ours. */
const ofOthers = new Set(['HTTPS_PORT', 'HTTP_PORTS', 'HTTPS_PORTS', 'LOG_LEVELS']);
/** Kubernetes and Docker put these into every container beside a service, with the service's name before them. */
const serviceLink = /_(SERVICE_(HOST|PORT)(_\w+)?|PORT(_\d+_(TCP|UDP)(_(PROTO|PORT|ADDR))?)?)$/;

export function findUnknownNames({ known, environment, file, prefix }: NamesGiven): UnknownName[] {
  const inFile = new Set(file);
  const given = new Set(environment);
  const unknown = (name: string): UnknownName => ({
    name,
    isFromFile: inFile.has(name),
    nearest: nearest(name, known),
  });
  const misspelt = [...given]
    .filter((name) => !known.has(name) && !inFile.has(name) && !ofOthers.has(name) && !serviceLink.test(name))
    .map(unknown)
    .filter(({ name, nearest: meant }) => (meant === undefined ? name.startsWith(prefix) : !given.has(meant)));
  return [...[...inFile].filter((name) => !known.has(name)).map(unknown), ...misspelt];
}

export function describeUnknownName({ name, isFromFile, nearest: meant }: UnknownName): string {
  const where = isFromFile ? `.env: ${name}` : `${name} (in the environment)`;
  const hint = meant === undefined ? 'The README lists them.' : `Did you mean ${meant}?`;
  return `${where} is no setting of this program and does nothing. ${hint}`;
}

const lettersPerMistake = 5;
const mostMistakes = 2;

function nearest(name: string, known: ReadonlySet<string>): string | undefined {
  const mistakes = Math.min(mostMistakes, Math.floor(name.length / lettersPerMistake));
  const [best] = [...known]
    .map((candidate) => ({ candidate, apart: distance(name.toUpperCase(), candidate) }))
    .filter(({ apart }) => apart <= mistakes)
    .toSorted((a, b) => a.apart - b.apart);
  return best?.candidate;
}

/** Letters to add, leave out, change or swap with their neighbour (optimal string alignment). */
export function distance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, column) => column)];
  const at = (row: number, column: number) => rows[row]?.[column] ?? Number.POSITIVE_INFINITY;
  for (let i = 1; i <= a.length; i += 1) {
    rows[i] = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const change = at(i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swap = isSwap ? at(i - 2, j - 2) + 1 : Number.POSITIVE_INFINITY;
      rows[i]?.push(Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, change, swap));
    }
  }
  return at(a.length, b.length);
}
