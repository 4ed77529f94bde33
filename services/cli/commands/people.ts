// `people list`: whose data is here, under which ids, connected or not, and how much of it. Reads beside a running server.
import { countArchived } from '../../storage/archive.ts';
import { listErasures } from '../../storage/erasures.ts';
import { listGrantSummaries } from '../../storage/grants.ts';
import { listPeople } from '../../storage/people.ts';
import { withPipeline } from '../access.ts';
import type { CommandContext } from '../command-context.ts';

export async function list(context: CommandContext, { json }: { json?: boolean }): Promise<undefined> {
  const { terminal } = context;
  const found = await withPipeline(context, { purpose: 'people', readOnly: true }, async ({ state, store }) => {
    const [people, grants, archived, erasures] = await Promise.all([
      listPeople(state.read),
      listGrantSummaries(state.read),
      countArchived(store.read),
      listErasures(state.read),
    ]);
    const erasing = new Set(erasures.map(({ userId }) => userId));
    return people.map(({ userId, name, ouraUserId, createdAtMs }) => ({
      name,
      user: userId,
      oura_user: ouraUserId,
      since: new Date(createdAtMs).toISOString(),
      connection: erasing.has(userId)
        ? 'being erased'
        : (grants.find((grant) => grant.userId === userId)?.state ?? 'not connected'),
      versions: archived
        .filter((count) => count.userId === userId && count.kind !== 'notification')
        .reduce((sum, { rows }) => sum + rows, 0),
    }));
  });
  if (json) terminal.print(JSON.stringify(found));
  else if (found.length === 0) terminal.print('Nobody is here yet: connect a ring, or import a file.');
  else
    for (const { name, user, oura_user, connection, versions } of found)
      terminal.print(
        `${name}  ${user}  ${connection}  ${versions} document versions${oura_user === null ? '' : `  Oura: ${oura_user}`}`,
      );
  return undefined;
}
