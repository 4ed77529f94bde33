// What a person sees after Oura sent them back: one plain page without script, link or font from elsewhere, that says what happened and
// what to do. Nothing that came with the request is shown, so nobody can make it say something else. Pure.
import { createHash } from 'node:crypto';
import type { Resource } from '../../../schemas/oura/resources.ts';
import type { ConnectResult } from './connect-flow.ts';

export interface Page {
  status: number;
  title: string;
  sentences: readonly string[];
  action?: { href: string; label: string };
}

export const expiredLinkPage: Page = {
  status: 404,
  title: 'This link leads nowhere any more',
  sentences: ['It was used already, or its time is over.', 'Ask for a new one where this one came from.'],
};

export const notSetUpPage: Page = {
  status: 404,
  title: 'Not set up',
  sentences: ['No application at Oura is set up here yet: OURA_CLIENT_ID and OURA_CLIENT_SECRET are not given.'],
};

export function resultPage(result: ConnectResult): Page {
  switch (result.kind) {
    case 'connected':
      return {
        status: 200,
        title: 'Your ring is connected',
        sentences: [
          `Everything Oura has of ${result.person.name} is being loaded now; new nights and days follow by themselves.`,
          ...(result.closed.length > 0
            ? [`Not allowed on Oura's page, and therefore left out: ${namesOf(result.closed)}.`]
            : []),
          'You can close this page.',
        ],
        ...(result.again && { action: { href: result.again, label: 'Allow more' } }),
      };
    case 'unknown-state':
      return {
        status: 400,
        title: 'This answer fits no open connection',
        sentences: [
          'If you have just connected your ring, all is well and you can close this page.',
          'Otherwise the time for it is over: start again where you started.',
        ],
      };
    case 'already-used':
      return {
        status: 409,
        title: 'This connection is under way, or was used before',
        sentences: ['If your ring does not appear within a minute, start again where you started.'],
      };
    case 'denied':
      return {
        status: 403,
        title: 'Nothing was connected',
        sentences: ["You said no on Oura's page. Nothing was read, and nothing will be."],
        action: { href: result.again, label: 'Connect after all' },
      };
    case 'refused':
      return {
        status: 502,
        title: 'Oura did not open its door',
        sentences: [refusalSentence(result.error)],
        action: { href: result.again, label: 'Try again' },
      };
    case 'not-exchanged':
      return {
        status: 502,
        title: 'Oura did not finish the connection',
        sentences: [
          result.isApplicationRefused
            ? 'Oura does not accept our application: whoever runs this server should check OURA_CLIENT_ID, OURA_CLIENT_SECRET and the redirect address registered at Oura.'
            : 'Its permission could not be picked up. It is valid for ten minutes and works once, so please give it again.',
        ],
        action: { href: result.again, label: 'Try again' },
      };
    case 'person-unknown':
      return {
        status: 503,
        title: 'Almost there',
        sentences: [
          'Oura gave its permission, and it is safe here, but it did not answer whose ring this is.',
          'Reload this page in a minute.',
        ],
      };
  }
}

const refusalSentence = (error: string): string =>
  error === 'invalid_scope'
    ? 'Oura does not know one of the scopes we asked for: whoever runs this server should take it out of OURA_SCOPES.'
    : 'Oura reported a problem with the request. Trying again may help; if not, the log of this server says more.';

const words = (resource: Resource): string => resource.name.replaceAll('_', ' ');
const namesOf = (resources: readonly Resource[]): string => resources.map(words).join(', ');

const style = `:root{color-scheme:light dark}
body{font:1.125rem/1.6 system-ui,sans-serif;max-width:34rem;margin:12vh auto;padding:0 1.5rem}
h1{font-size:1.6rem;line-height:1.25}
a{display:inline-block;margin-top:1rem;padding:.6rem 1.1rem;border:1px solid currentcolor;border-radius:.6rem;color:inherit}`;

/** Nothing may load or run but this one style. */
export const pagePolicy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`);

export function renderPage({ title, sentences, action }: Page): string {
  const paragraphs = sentences.map((sentence) => `<p>${escapeHtml(sentence)}</p>`).join('\n');
  const link = action ? `<a href="${escapeHtml(action.href)}">${escapeHtml(action.label)}</a>` : '';
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeHtml(title)}</title><style>${style}</style></head>
<body><main><h1>${escapeHtml(title)}</h1>
${paragraphs}
${link}</main></body>
</html>
`;
}
