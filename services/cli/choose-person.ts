// Whom a command is about. A person at the terminal writes a name, our id (the column `user` of an export) or Oura's.
import type { Kysely } from 'kysely';
import { findPerson, listPeople, type PeopleTables, type Person } from '../storage/people.ts';
import { CommandError, exitCode } from './exit-code.ts';

const namesShown = 20;

/** @throws CommandError that says who there is */
export async function choosePerson(db: Kysely<PeopleTables>, meant: string): Promise<Person> {
  const found = await findPerson(db, meant);
  if (found) return found;
  const everybody = await listPeople(db);
  throw new CommandError(
    nobodyCalled(
      meant,
      everybody.map(({ name }) => name),
    ),
    exitCode.usage,
  );
}

export function nobodyCalled(meant: string, names: readonly string[]): string {
  const nobody = `Nobody here has the name or id "${meant}".`;
  if (names.length === 0) return `${nobody} Nobody is here yet: connect a ring, or import a file.`;
  const more = names.length > namesShown ? ` and ${names.length - namesShown} more` : '';
  return `${nobody} Here are: ${names.slice(0, namesShown).join(', ')}${more}.`;
}
