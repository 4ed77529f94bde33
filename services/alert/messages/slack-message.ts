// A notice as Slack blocks, with a plain text for notifications and screen readers. Text of people is escaped, so a name can never become a
// mention or a link. The id stands in the metadata and, small, in the message. Pure.
import type { IncomingWebhookSendArguments } from '@slack/webhook';
import { disclaimer, linesOf, type Notice } from './notice.ts';

/** https://docs.slack.dev/messaging/formatting-message-text: only these three have a meaning. */
export const escapeMrkdwn = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

export function slackMessage(notice: Notice): IncomingWebhookSendArguments {
  return {
    text: escapeMrkdwn(`${notice.headline}. ${notice.summary}`),
    unfurl_links: false,
    unfurl_media: false,
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: notice.headline.slice(0, 150), emoji: true } },
      { type: 'section', text: { type: 'mrkdwn', text: escapeMrkdwn(linesOf(notice).join('\n')).slice(0, 3000) } },
      {
        type: 'context',
        elements: [{ type: 'mrkdwn', text: escapeMrkdwn(`${disclaimer} · oura-streaming · ${notice.id}`) }],
      },
    ],
    metadata: {
      event_type: 'oura_alert',
      event_payload: { id: notice.id, alert: notice.alertId, state: notice.state, level: notice.level },
    },
  };
}
