// The page on which a person chooses who they are and what they share. Plain HTML, no script.

import type { SimulatedUser } from '../options.ts';

const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => escapes[character] ?? character);

export interface ConsentRequest {
  action: string;
  scopes: string[];
  /** Sent back with the form as they came. */
  hidden: Record<string, string>;
  users: SimulatedUser[];
}

export function consentPage({ action, scopes, hidden, users }: ConsentRequest): string {
  const hiddenInputs = Object.entries(hidden)
    .map(([name, value]) => `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`)
    .join('\n');
  const people = users
    .map(({ ouraUserId, email }) => `<option value="${escapeHtml(ouraUserId)}">${escapeHtml(email)}</option>`)
    .join('\n');
  const boxes = scopes
    .map(
      (scope) =>
        `<label><input type="checkbox" name="granted" value="${escapeHtml(scope)}" checked> ${escapeHtml(scope)}</label><br>`,
    )
    .join('\n');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Simulated Oura: share your data</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:32rem;margin:3rem auto;padding:0 1rem}button{font:inherit;padding:.5rem 1.2rem;margin:.5rem .5rem 0 0}</style>
</head>
<body>
<h1>Share your data</h1>
<p>This is a simulated Oura account. No real ring, no real person.</p>
<form method="post" action="${escapeHtml(action)}">
${hiddenInputs}
<p><label>Account <select name="user">
${people}
</select></label></p>
<fieldset><legend>What to share</legend>
${boxes}
</fieldset>
<button name="decision" value="allow">Allow</button>
<button name="decision" value="deny">Deny</button>
</form>
</body>
</html>
`;
}
