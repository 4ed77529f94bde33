// A notice as a mail, text and HTML. Its Message-ID is made from the delivery, so the same mail sent twice is one to most readers; what follows on an
// alert answers its first mail and stands in one thread with it. Pure.
import { createHash } from 'node:crypto';
import type { SendMailOptions } from 'nodemailer';
import { disclaimer, linesOf, type Notice } from './notice.ts';

const escapeHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

const messageId = (id: string): string =>
  `<${createHash('sha256').update(id).digest('hex').slice(0, 40)}@alerts.oura-streaming>`;

export function mailMessage(notice: Notice, { from, to }: { from: string; to: readonly string[] }): SendMailOptions {
  const lines = linesOf(notice);
  const own = messageId(notice.id);
  const thread = messageId(notice.threadId);
  return {
    from,
    to: [...to],
    subject: notice.headline,
    messageId: own,
    ...(own !== thread && { inReplyTo: thread, references: thread }),
    headers: {
      'Auto-Submitted': 'auto-generated',
      'X-Oura-Streaming-Alert': notice.id,
      ...(notice.level === 'urgent' && notice.state === 'firing' && { Importance: 'high' }),
    },
    text: `${lines.join('\n\n')}\n\n-- \n${disclaimer}\noura-streaming · ${notice.id}\n`,
    html: [
      '<!doctype html><html lang="en"><body style="font-family:system-ui,sans-serif;line-height:1.5;max-width:36em">',
      `<h1 style="font-size:1.2em">${escapeHtml(notice.headline)}</h1>`,
      ...lines.map((line) => `<p>${escapeHtml(line)}</p>`),
      `<hr><p style="font-size:0.85em;color:#555">${escapeHtml(disclaimer)}<br>oura-streaming · ${escapeHtml(notice.id)}</p>`,
      '</body></html>',
    ].join(''),
  };
}
