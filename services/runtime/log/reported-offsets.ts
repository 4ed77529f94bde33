// How far each group is, for lag tools: kept in memory and written down now and then, because nothing depends on it (a consumer's own
// offset stands in its sink's database) and a commit per batch would cost a disk sync each.
import type { ReportedOffset } from './sqlite-log-writer.ts';

export interface ReportedOffsets {
  set(group: string, partitionId: number, next: number): void;
  get(group: string, partitionId: number): number | undefined;
  /** Writes what changed since the last time. Never rejects: what could not be written stays for the next time. */
  flush(): Promise<void>;
}

export function createReportedOffsets(target: { report(offsets: ReportedOffset[]): Promise<void> }): ReportedOffsets {
  const known = new Map<string, ReportedOffset>();
  let changed = new Map<string, ReportedOffset>();
  const name = (group: string, partitionId: number) => `${partitionId} ${group}`;
  return {
    set(group, partitionId, next) {
      const offset = { group, partitionId, next };
      known.set(name(group, partitionId), offset);
      changed.set(name(group, partitionId), offset);
    },
    get: (group, partitionId) => known.get(name(group, partitionId))?.next,
    async flush() {
      if (changed.size === 0) return;
      const written = changed;
      changed = new Map();
      try {
        await target.report([...written.values()]);
      } catch {
        // A disk that is full or busy: the appends say so; the lag tools can wait.
        changed = new Map([...written, ...changed]);
      }
    },
  };
}
