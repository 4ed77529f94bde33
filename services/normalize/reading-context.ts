// What the parts of normalising share while they read one document: its fields, the facts of its message, and two lists of what could not
// be said. Paths are dotted; a value on the way that is null ends the path.

export type Fields = Readonly<Record<string, unknown>>;

export interface Period {
  start: string;
  end?: string;
}

export interface ReadingContext {
  document: Fields;
  /** Oura's day of the document. */
  day: string | undefined;
  /** When the request that brought the document began, ISO 8601 UTC. */
  fetchedAt: string;
  /** Words and characters no codebook lists, as `field=word`, maybe repeatedly; they get no point. */
  unknownWords: string[];
  /** Why the document cannot be read after all; any makes it malformed. */
  problems: { reason: 'unexpected_shape' | 'unplaceable_time'; what: string }[];
  /** What the last time rule said for the document as a whole: most points of a document are of one rule. */
  lastPeriod: { rule: string; period: Period | undefined } | undefined;
}

export function valueAt(fields: Fields, path: readonly string[]): unknown {
  const [first] = path;
  if (path.length === 1 && first !== undefined) return fields[first];
  let value: unknown = fields;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Fields)[key];
  }
  return value;
}

/** The text at a key, unless it is missing, null or empty. */
export const textAt = (fields: Fields, key: string): string | undefined => {
  const value = fields[key];
  return typeof value === 'string' && value !== '' ? value : undefined;
};
