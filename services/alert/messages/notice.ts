// One alert message as data, before any channel dresses it: what happened, whose, how old it is, what to do. Short and plain. It carries the id by
// which a channel that gets it twice can tell, and always says that this is not a medical device. Pure.
import type { AlertTransition } from '../../../schemas/alert-transition.ts';
import { ageInWords } from '../decisions/decide-wording.ts';

export interface Notice {
  /** The same for every try: the de-duplication id. */
  id: string;
  /** The id of the first message about this alert to the same recipient. */
  threadId: string;
  alertId: string;
  number: number;
  state: AlertTransition['state'];
  level: AlertTransition['level'];
  headline: string;
  summary: string;
  /** `3 h ago`, where the value has a period. */
  age: string | undefined;
  /** What to do; only while it fires. */
  action: string | undefined;
  at: string;
  transition: AlertTransition;
}

export const disclaimer = 'Not a medical device. No diagnosis: ask a doctor about symptoms.';

const marks = { info: 'ℹ️', warning: '⚠️', urgent: '🚨' } as const;

export interface NoticeContext {
  deliveryId: string;
  isReminder: boolean;
  /** Said when the message is about one of several people. */
  personName: string | undefined;
  nowMs: number;
}

export function noticeOf(transition: AlertTransition, context: NoticeContext): Notice {
  const fires = transition.state === 'firing';
  const mark = fires ? marks[transition.level] : '✅';
  const who = context.personName === undefined ? '' : `${context.personName}: `;
  const alertId = transition.alert ?? transition.id;
  const [recipient = ''] = context.deliveryId.slice(transition.id.length + 1).split('/');
  const still = context.isReminder ? 'Still: ' : fires ? '' : 'Over: ';
  return {
    id: context.deliveryId,
    threadId: `${alertId}:1/${recipient}`,
    alertId,
    number: transition.number ?? 1,
    state: transition.state,
    level: transition.level,
    headline: `${mark} ${who}${still}${transition.title}`,
    summary: transition.summary,
    age: transition.ended_at && ageInWords(context.nowMs - Date.parse(transition.ended_at)),
    action: fires ? transition.action : undefined,
    at: transition.at,
    transition,
  };
}

/** The lines under the headline. */
export const linesOf = ({ summary, age, action }: Notice): string[] => [
  summary,
  ...(age === undefined ? [] : [`Measured: ${age}.`]),
  ...(action === undefined ? [] : [`What to do: ${action}`]),
];
