// One version of an Oura document in, everything it says as metrics out. A pure function: the same version gives the same points for ever, and
// no other document is looked at (joins belong to readers). It executes the mapping of schemas/metrics and knows no field by itself but those
// that decide about the whole document.
import type { DocumentMessage } from '../../schemas/document.ts';
import { mapping } from '../../schemas/metrics/mapping.ts';
import type { MetricsMessage } from '../../schemas/metrics-message.ts';
import { documentSchemas } from '../../schemas/oura/documents.ts';
import { addPoints } from './add-points.ts';
import { addSeries } from './add-series.ts';
import { planOf } from './planned-row.ts';
import { type Fields, type ReadingContext, textAt } from './reading-context.ts';

export type MalformedReason = 'not_json' | 'unexpected_shape' | 'unplaceable_time';

export type Normalized =
  | {
      ok: true;
      message: MetricsMessage /** Words no codebook lists, as `resource.field=word`. */;
      unknownWords: string[];
    }
  | { ok: false; reason: MalformedReason; error: string };

const decoder = new TextDecoder('utf-8', { fatal: true });

export function normalizeDocument(version: DocumentMessage): Normalized {
  if (version.deleted) return { ok: true, message: envelope(version), unknownWords: [] };
  let json: unknown;
  try {
    json = JSON.parse(decoder.decode(version.bytes));
  } catch (error) {
    return { ok: false, reason: 'not_json', error: (error as Error).message };
  }
  const parsed = documentSchemas[version.resource].safeParse(json);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.') || '(root)'}: ${message}`);
    return { ok: false, reason: 'unexpected_shape', error: `${version.resource}: ${problems.slice(0, 5).join('; ')}` };
  }
  const document: Fields = Array.isArray(parsed.data) ? { rows: parsed.data } : parsed.data;
  return normalizeFields(version, document);
}

function normalizeFields(version: DocumentMessage, document: Fields): Normalized {
  const { day: dayField, silent, resource } = mapping[version.resource];
  const day = dayField === undefined ? undefined : textAt(document, dayField);
  const context: ReadingContext = {
    document,
    day,
    fetchedAt: version.time,
    unknownWords: [],
    problems: [],
    lastPeriod: undefined,
  };
  const algorithm = textAt(document, 'sleep_algorithm_version');
  const message: MetricsMessage = envelope(version);
  if (day !== undefined) message.day = day;
  if (algorithm !== undefined) message.algorithm = algorithm;
  const isSilent = silent?.is.includes(String(document[silent.field])) ?? false;
  if (!isSilent) {
    if (resource === 'sleep' && textAt(document, 'bedtime_end') === undefined) message.in_progress = true;
    for (const row of planOf(resource)) {
      if (row.kind === 'series') addSeries(row, context, message);
      else addPoints(row, context, message);
    }
  }
  const [problem] = context.problems;
  if (problem) {
    const all = new Set(context.problems.map(({ what }) => what));
    return { ok: false, reason: problem.reason, error: `${resource}: ${[...all].slice(0, 5).join('; ')}` };
  }
  return { ok: true, message, unknownWords: named(resource, context.unknownWords) };
}

const named = (resource: string, words: readonly string[]): string[] =>
  words.length === 0 ? [] : [...new Set(words)].map((word) => `${resource}.${word}`);

const envelope = (version: DocumentMessage): MetricsMessage => ({
  user_id: version.userId,
  resource: version.resource,
  object_id: version.objectId,
  document: version.id,
  version: version.sequence,
  known_at: version.time,
  via: version.via,
  deleted: version.deleted,
  points: [],
  series: [],
});
