// A notice as a Discord embed. Markdown in people's text is escaped and mentions are switched off. The id stands in the footer. Pure.
import { disclaimer, linesOf, type Notice } from './notice.ts';

const colours = { info: 0x3b82f6, warning: 0xf59e0b, urgent: 0xdc2626 } as const;
const resolvedColour = 0x16a34a;

export const escapeMarkdown = (text: string): string => text.replace(/[\\*_~`|>[\]()#]/g, '\\$&');

export interface DiscordMessage {
  embeds: {
    title: string;
    description: string;
    color: number;
    timestamp: string;
    footer: { text: string };
  }[];
  allowed_mentions: { parse: [] };
}

export function discordMessage(notice: Notice): DiscordMessage {
  return {
    embeds: [
      {
        title: escapeMarkdown(notice.headline).slice(0, 256),
        description: linesOf(notice).map(escapeMarkdown).join('\n').slice(0, 4096),
        color: notice.state === 'firing' ? colours[notice.level] : resolvedColour,
        timestamp: notice.at,
        footer: { text: `${disclaimer} · oura-streaming · ${notice.id}`.slice(0, 2048) },
      },
    ],
    allowed_mentions: { parse: [] },
  };
}
