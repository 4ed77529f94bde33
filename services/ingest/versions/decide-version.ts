// Whether an answer of Oura is a new version of its object. The content is compared with the current version alone, so a return to what
// was said earlier is a new version; an answer older than the current one is dropped. Pure.

export interface CurrentVersion {
  sequence: number;
  contentHash: string;
  /** When the request that brought it began. */
  beganAtMs: number;
  deleted: boolean;
  /** Rows of an hour; null for a document. */
  rowCount: number | null;
  /** An hour with fewer rows that was read once and not yet believed. */
  doubtedHash: string | null;
}

export interface Candidate {
  contentHash: string;
  beganAtMs: number;
  deleted: boolean;
  rowCount: number | null;
}

export type VersionDecision =
  | { kind: 'append'; sequence: number }
  /** The current version says the same; `clearsDoubt` when a smaller reading was remembered meanwhile. */
  | { kind: 'unchanged'; clearsDoubt: boolean }
  /** Its request began before the current version's. */
  | { kind: 'stale' }
  /** An hour lost rows: remembered, and believed when the next reading says the same. */
  | { kind: 'doubted' };

export function decideVersion(current: CurrentVersion | undefined, candidate: Candidate): VersionDecision {
  if (!current) return { kind: 'append', sequence: 1 };
  const isSame =
    current.deleted === candidate.deleted && (current.deleted || current.contentHash === candidate.contentHash);
  if (candidate.beganAtMs < current.beganAtMs)
    return isSame ? { kind: 'unchanged', clearsDoubt: false } : { kind: 'stale' };
  if (isSame) return { kind: 'unchanged', clearsDoubt: current.doubtedHash !== null };
  const lostRows = !current.deleted && (candidate.rowCount ?? 0) < (current.rowCount ?? 0);
  if (lostRows && current.doubtedHash !== candidate.contentHash) return { kind: 'doubted' };
  return { kind: 'append', sequence: current.sequence + 1 };
}
