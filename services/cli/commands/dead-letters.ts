// `dead-letters list|show|replay|discard`: through the server that runs, or on the log itself.
import { z } from 'zod';
import {
  type DeadLetter,
  discardDeadLetter,
  findDeadLetter,
  listDeadLetters,
  replayDeadLetter,
} from '../../runtime/consumer/dead-letters.ts';
import { findServer, withPipeline } from '../access.ts';
import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../exit-code.ts';
import { deadLetterTopics } from '../operations-router.ts';

const letter = z.looseObject({
  id: z.string(),
  topic: z.string(),
  key: z.string(),
  consumer: z.string(),
  reason: z.string(),
  error: z.string(),
  time: z.string(),
  bytes: z.number(),
});
const letters = z.object({ data: z.array(letter) });
const wholeLetter = letter.extend({ headers: z.record(z.string(), z.string()), value: z.base64() });

const path = (id: string) => `/api/v1/dead-letters/${encodeURIComponent(id)}`;
const gone = (id: string) =>
  new CommandError(`There is no dead letter ${id} (any more). \`dead-letters list\` shows them.`);
const reading = { purpose: 'dead-letters', readOnly: true };

export async function list(context: CommandContext, { json }: { json?: boolean }): Promise<undefined> {
  const server = findServer(context);
  const found: Pick<DeadLetter, 'id' | 'time' | 'consumer' | 'reason' | 'bytes' | 'error'>[] = server
    ? letters.parse(await (await server.request('/api/v1/dead-letters')).json()).data
    : await withPipeline(context, reading, ({ log }) => listDeadLetters(log, deadLetterTopics));
  const { terminal } = context;
  if (json) terminal.print(JSON.stringify(found));
  else if (found.length === 0) terminal.print('There are no dead letters.');
  else
    for (const { id, time, consumer, reason, bytes, error } of found)
      terminal.print(
        `${id}  ${time}  ${consumer}  ${reason}  ${bytes} bytes  ${error.split('\n')[0]?.slice(0, 120) ?? ''}`,
      );
  return undefined;
}

export async function show(context: CommandContext, id: string): Promise<undefined> {
  const server = findServer(context);
  const found = server
    ? await server
        .request(path(id))
        .then(async (answer) => wholeLetter.parse(await answer.json()))
        .then((whole) => ({ ...whole, value: Buffer.from(whole.value, 'base64') }))
    : await withPipeline(context, reading, ({ log }) => findDeadLetter(log, id));
  if (!found) throw gone(id);
  const { value, headers, ...facts } = found;
  for (const [name, fact] of Object.entries(facts)) context.terminal.print(`${name}: ${String(fact)}`);
  for (const [name, text] of Object.entries(headers)) context.terminal.print(`header ${name}: ${text}`);
  context.terminal.print('');
  context.terminal.print(Buffer.from(value).toString('utf8'));
  return undefined;
}

export async function replay(context: CommandContext, id: string): Promise<undefined> {
  const server = findServer(context);
  if (server) await server.request(`${path(id)}/replay`, { method: 'POST' });
  else if (!(await withPipeline(context, { purpose: 'dead-letters replay' }, ({ log }) => replayDeadLetter(log, id))))
    throw gone(id);
  context.terminal.print(`${id} stands in its topic again.`);
  return undefined;
}

export async function discard(context: CommandContext, id: string): Promise<undefined> {
  const server = findServer(context);
  if (server) await server.request(path(id), { method: 'DELETE' });
  else if (!(await withPipeline(context, { purpose: 'dead-letters discard' }, ({ log }) => discardDeadLetter(log, id))))
    throw gone(id);
  context.terminal.print(`${id} is discarded.`);
  return undefined;
}
