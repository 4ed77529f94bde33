// Slack through its own client. The client hides the headers of an answer, so the fetch it is given notes `Retry-After` on the way. Its own retries stay
// off: waiting is the outbox's business, which survives a kill.
import { IncomingWebhook, IncomingWebhookHTTPError } from '@slack/webhook';
import { slackMessage } from '../messages/slack-message.ts';
import { type Channel, tryTimeoutMs } from './channel.ts';
import { type HttpAdvice, httpOutcome, networkOutcome } from './http-outcome.ts';

const remake = 'Make a new incoming webhook in Slack and set SLACK_WEBHOOK_URL to its address.';

/** https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks, "Handling errors" */
export const slackAdvice: HttpAdvice = {
  title: 'Slack',
  variable: 'SLACK_WEBHOOK_URL',
  words: {
    invalid_token: `Slack does not accept the address any more. ${remake}`,
    no_active_hooks: `The webhook was switched off. ${remake}`,
    no_service: `The webhook was removed or switched off. ${remake}`,
    no_team: `The workspace is not there any more. ${remake}`,
    team_disabled: `The workspace is switched off. ${remake}`,
    channel_not_found: `The channel of the webhook is gone. ${remake}`,
    channel_is_archived: `The channel of the webhook is archived: bring it back, or: ${remake}`,
    user_not_found: `The person the webhook writes to is gone. ${remake}`,
    action_prohibited: 'An admin of the workspace forbids posting there: ask them, or choose another channel.',
    posting_to_general_channel_denied: 'An admin keeps webhooks out of #general: choose another channel.',
  },
};

export function createSlackChannel(url: string): Channel {
  return {
    name: 'slack',
    async send(notice, { nowMs }) {
      let retryAfter: string | null = null;
      const webhook = new IncomingWebhook(url, {
        timeout: tryTimeoutMs,
        fetch: async (address, init) => {
          const response = await fetch(address, init);
          retryAfter = response.headers.get('retry-after');
          return response;
        },
      });
      try {
        await webhook.send(slackMessage(notice));
        return { kind: 'delivered' };
      } catch (error) {
        if (!(error instanceof IncomingWebhookHTTPError)) return networkOutcome(error);
        return httpOutcome({ status: error.statusCode, retryAfter, body: error.body }, nowMs, slackAdvice);
      }
    },
    close() {},
  };
}
