// Discord through a channel's webhook. `wait=true` makes it answer only when the message stands, instead of a 204 for anything.
import { discordMessage } from '../messages/discord-message.ts';
import type { Channel } from './channel.ts';
import type { HttpAdvice } from './http-outcome.ts';
import { postJson } from './post-json.ts';

export const discordAdvice: HttpAdvice = { title: 'Discord', variable: 'DISCORD_WEBHOOK_URL' };

export function createDiscordChannel(url: string): Channel {
  const address = new URL(url);
  address.searchParams.set('wait', 'true');
  return {
    name: 'discord',
    send: (notice, { nowMs }) =>
      postJson({
        url: address.href,
        body: JSON.stringify(discordMessage(notice)),
        headers: { 'content-type': 'application/json' },
        nowMs,
        about: discordAdvice,
      }),
    close() {},
  };
}
