// What was known at a time: the versions whose request had begun by then, normalised anew into a store of their own. Metrics are a pure function of
// the document versions, so nothing but the archive is needed, and the answer of then and the answer about then are the same.
import type { Kysely } from 'kysely';
import type { DocumentMessage } from '../../schemas/document.ts';
import type { MetricsMessage } from '../../schemas/metrics-message.ts';
import { resourceName } from '../../schemas/oura/resources.ts';
import type { ArchiveTables } from '../storage/archive.ts';
import { currentDocuments } from '../storage/archived-documents.ts';
import type { MetricStore } from '../storage/metric-store/metric-store.ts';

export interface AsOfParts {
  archive: Kysely<ArchiveTables>;
  /** Undefined for a document that cannot be read; the live service has made it a dead letter. */
  normalize(document: DocumentMessage): MetricsMessage | undefined;
  /** Empty; the points go into it. */
  scratch: MetricStore;
}

const documentsPerBatch = 500;

/** Fills `scratch` with what was known at `asOfMs`; resolves to the number of documents. */
export async function fillAsOf(
  { archive, normalize, scratch }: AsOfParts,
  { asOfMs, user }: { asOfMs: number; user?: string | undefined },
): Promise<number> {
  let batch: MetricsMessage[] = [];
  let count = 0;
  for await (const { resource, ...document } of currentDocuments(archive, {
    asOfMs,
    ...(user !== undefined && { userId: user }),
  })) {
    const known = resourceName.safeParse(resource);
    const message = known.success && !document.deleted ? normalize({ ...document, resource: known.data }) : undefined;
    if (!message) continue;
    batch.push(message);
    count += 1;
    if (batch.length < documentsPerBatch) continue;
    await scratch.apply(batch);
    batch = [];
  }
  await scratch.apply(batch);
  return count;
}
