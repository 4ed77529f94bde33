// What a channel is: a name and one way to send a notice. It never throws for what the other side does: every end of a try is a value that says whether to
// come back, and when, or what a person has to do.
import type { ChannelName } from '../../../schemas/alert-rules.ts';
import type { TryResult } from '../decisions/decide-delivery.ts';
import type { Notice } from '../messages/notice.ts';

export interface Channel {
  readonly name: ChannelName;
  /** `recipients` are mail addresses instead of the channel's own. */
  send(notice: Notice, options: { recipients: readonly string[] | null; nowMs: number }): Promise<TryResult>;
  close(): void;
}

/** No answer within this is a failed try; the message may have arrived, so its id makes the next one harmless. */
export const tryTimeoutMs = 10_000;
