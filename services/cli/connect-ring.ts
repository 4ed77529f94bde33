// Connects a simulated ring as a person would: asks the pipeline for the consent page, says yes there, and lets the redirect lead back.
// Used by the demo; a real ring is connected by a hand on the page.
import { z } from 'zod';
import { CommandError } from './exit-code.ts';

const begun = z.looseObject({ authorize_url: z.url() });

export interface RingConnection {
  /** The pipeline's API. */
  apiUrl: string;
  password: string | undefined;
  /** What the pipeline calls the person. */
  name: string;
  /** The simulated person's Oura id. */
  ouraUserId: string;
  signal: AbortSignal;
}

/** @throws CommandError with what the pipeline or the consent page answered */
export async function connectRing({ apiUrl, password, name, ouraUserId, signal }: RingConnection): Promise<void> {
  const answer = await ask(new URL('/api/v1/connect', apiUrl), {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(password && { authorization: `Bearer ${password}` }) },
    body: JSON.stringify({ name }),
    signal,
  });
  if (!answer.ok) throw refused(name, answer.status, await answer.text());
  const page = new URL(begun.parse(await answer.json()).authorize_url);
  const form = new URLSearchParams(page.searchParams);
  for (const scope of (form.get('scope') ?? '').split(' ')) form.append('granted', scope);
  form.set('user', ouraUserId);
  form.set('decision', 'allow');
  page.search = '';
  const end = await ask(page, { method: 'POST', body: form, signal });
  if (!end.ok) throw refused(name, end.status, `at ${end.url.split('?')[0]}`);
}

async function ask(url: URL, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (error) {
    throw new CommandError(`${url.origin} cannot be reached yet: ${String(error)}.`);
  }
}

const refused = (name: string, status: number, said: string) =>
  new CommandError(`The ring of ${name} could not be connected: ${status} ${said}`);
