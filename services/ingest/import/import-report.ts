// What an import came to, for the person who asked for it; and its form in the API and under `--json`.
import { z } from 'zod';
import { type ResourceName, resourceName } from '../../../schemas/oura/resources.ts';
import type { Person } from '../../storage/people.ts';

export interface ImportReport {
  file: string;
  /** Undefined when nothing of the file could be used. */
  person: Pick<Person, 'userId' | 'name'> | undefined;
  /** New versions; deletions of stand-ins are not counted. */
  imported: number;
  unchanged: number;
  /** Said otherwise by Oura since, or by a file before: left as it was. */
  leftAsIs: number;
  byResource: Partial<Record<ResourceName, number>>;
  problemCount: number;
  /** The first of them. */
  problems: { place: string; reason: string }[];
  /** What the file cannot tell, and what else the person should know. */
  notes: { place: string; text: string }[];
}

export const emptyReport = (file: string): ImportReport => ({
  ...{ file, person: undefined, imported: 0, unchanged: 0, leftAsIs: 0 },
  ...{ byResource: {}, problemCount: 0, problems: [], notes: [] },
});

export const reportJson = (report: ImportReport) => ({
  file: report.file,
  user_id: report.person?.userId ?? null,
  name: report.person?.name ?? null,
  imported: report.imported,
  unchanged: report.unchanged,
  left_as_is: report.leftAsIs,
  by_resource: report.byResource,
  problem_count: report.problemCount,
  problems: report.problems,
  notes: report.notes,
});

const count = z.number().int().min(0);
const answer = z
  .looseObject({
    file: z.string(),
    user_id: z.string().nullable(),
    name: z.string().nullable(),
    imported: count,
    unchanged: count,
    left_as_is: count,
    by_resource: z.partialRecord(resourceName, count),
    problem_count: count,
    problems: z.array(z.looseObject({ place: z.string(), reason: z.string() })),
    notes: z.array(z.looseObject({ place: z.string(), text: z.string() })),
  })
  .transform(
    (given): ImportReport => ({
      file: given.file,
      person: given.user_id !== null && given.name !== null ? { userId: given.user_id, name: given.name } : undefined,
      imported: given.imported,
      unchanged: given.unchanged,
      leftAsIs: given.left_as_is,
      byResource: given.by_resource,
      problemCount: given.problem_count,
      problems: given.problems,
      notes: given.notes,
    }),
  );

/** What `reportJson` made, read again. @throws ZodError when it is something else */
export const parseReport = (json: unknown): ImportReport => answer.parse(json);
