// Sends one test message to every channel, past outbox and quiet hours, and tells what each said. For a person who sets channels up: they wait for the answer.
import { randomUUID } from 'node:crypto';
import type { AlertTransition } from '../../schemas/alert-transition.ts';
import type { AlertContext } from './alert-context.ts';
import { noticeOf } from './messages/notice.ts';

export interface ChannelAnswer {
  channel: string;
  ok: boolean;
  /** A sentence for people. */
  answer: string;
}

export async function tryChannels({ channels, clock }: AlertContext): Promise<ChannelAnswer[]> {
  const nowMs = clock.now();
  const id = `test:${randomUUID()}`;
  const transition: AlertTransition = {
    id: `${id}:1`,
    user_id: 'test',
    rule: 'test',
    alert: id,
    number: 1,
    title: 'Test of this channel',
    level: 'info',
    state: 'firing',
    at: new Date(nowMs).toISOString(),
    summary: 'This is a test: alerts of oura-streaming arrive here.',
    action: 'Nothing. You asked for it.',
  };
  return Promise.all(
    channels.map(async (channel): Promise<ChannelAnswer> => {
      const deliveryId = `${transition.id}/${channel.name}`;
      const notice = noticeOf(transition, { deliveryId, isReminder: false, personName: undefined, nowMs });
      const result = await channel.send(notice, { recipients: null, nowMs });
      switch (result.kind) {
        case 'delivered':
          return { channel: channel.name, ok: true, answer: 'sent' };
        case 'failed':
          return { channel: channel.name, ok: false, answer: result.advice };
        case 'retry':
          return {
            channel: channel.name,
            ok: false,
            answer: `not now (${result.reason}): an alert would be tried again`,
          };
      }
    }),
  );
}
