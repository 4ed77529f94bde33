// `people erase`: through the server that runs, else with the files open. Whatever dies in between, the erasure is written down first: a server
// that starts goes on with it, and so does this command when it is called again.
import { z } from 'zod';
import { findErasure } from '../../storage/erasures.ts';
import { findPerson, type Person } from '../../storage/people.ts';
import { findIngest, type ServerApi, withPipeline } from '../access.ts';
import { choosePerson } from '../choose-person.ts';
import type { CommandContext } from '../command-context.ts';
import { eraseHere } from '../erase-here.ts';
import { CommandError, exitCode } from '../exit-code.ts';

export async function erase(context: CommandContext, meant: string, { yes }: { yes?: boolean }): Promise<number> {
  const { terminal } = context;
  const person = await withPipeline(context, { purpose: 'people', readOnly: true }, async ({ state }) => {
    // Whoever is here again under the name goes before an erasure that is not finished.
    const begun = (await findPerson(state.read, meant)) ? undefined : await findErasure(state.read, meant);
    return begun ? { ...begun, createdAtMs: begun.begunAtMs } : choosePerson(state.read, meant);
  });
  if (!yes) await confirm(context, person);
  const server = findIngest(context);
  const isRevoked = server
    ? await throughServer(context, server, person)
    : await withPipeline(context, { purpose: 'people erase' }, (pipeline) => eraseHere(context, pipeline, person));
  terminal.print(
    `${person.name} is erased: no table and no topic says anything of them any more. Backups and exports made before still do.`,
  );
  if (isRevoked === true) terminal.print('Oura confirmed that the grant has ended.');
  if (isRevoked === false)
    terminal.print('Oura did not confirm that the grant has ended: remove the application in the account at Oura.');
  return exitCode.done;
}

async function confirm({ terminal }: CommandContext, { name }: Person): Promise<void> {
  const answer = await terminal.ask(
    `This erases everything of ${name} here, for good, and ends the grant at Oura. Type the name to go on: `,
  );
  if (answer?.trim() === name) return;
  throw new CommandError(
    answer === undefined ? '\nNothing was erased: nobody typed the name. --yes does not ask.' : 'Nothing was erased.',
  );
}

const begun = z.object({ revoked_at_oura: z.boolean().nullable() });
const erasures = z.object({
  data: z.array(z.object({ user_id: z.string(), left: z.record(z.string(), z.number()) })),
});
const lookEveryMs = 500;
const patienceMs = 120_000;

/** Resolves to whether Oura confirmed; null without a grant. @throws CommandError when something is left after two minutes */
async function throughServer(
  { terminal, signal }: CommandContext,
  server: ServerApi,
  { userId }: Person,
): Promise<boolean | null> {
  const answer = await server.request(`/api/v1/people/${encodeURIComponent(userId)}`, { method: 'DELETE' });
  const { revoked_at_oura: isRevoked } = begun.parse(await answer.json());
  const endMs = Date.now() + patienceMs;
  const progress = terminal.progress('erased');
  try {
    for (let before = 0; ; ) {
      const { data } = erasures.parse(await (await server.request('/api/v1/erasures')).json());
      const left = data.find((erasure) => erasure.user_id === userId)?.left ?? {};
      const count = Object.values(left).reduce((sum, rows) => sum + rows, 0);
      if (count === 0) return isRevoked;
      progress.advance(Math.max(0, before - count));
      before = count;
      if (Date.now() > endMs || signal.aborted) throw notYet(left);
      await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
    }
  } finally {
    progress.end();
  }
}

const notYet = (left: Readonly<Record<string, number>>) =>
  new CommandError(
    `Not everything is erased yet: ${Object.entries(left)
      .map(([place, rows]) => `${rows} in ${place}`)
      .join(', ')}. The server goes on by itself; call this again to see how far it is.`,
  );
