// The catalogue of topics: what a message is, its key, who writes and reads it, and how long it stays. The log adapters create the
// topics from it, the published contract is generated from it. Nothing is ever deleted by time: compaction alone, so a person is erased
// by one tombstone per key.
import { alertsTopic } from './alert-transition.ts';
import { deadLetterTopic } from './dead-letter.ts';
import { documentsTopic } from './document.ts';
import { metricsTopic } from './metrics-message.ts';
import { notificationsTopic } from './notification.ts';

export interface Topic {
  name: string;
  description: string;
  /** How the key is built; the partition follows the person alone. */
  key: string;
  writtenBy: string;
  readBy: readonly string[];
  retention: 'compact';
}

const facts: readonly Topic[] = [
  {
    name: notificationsTopic,
    description: 'A webhook notification: the exact bytes received, with its signature headers.',
    key: 'user_id/ce_id',
    writtenBy: 'ingest',
    readBy: ['ingest', 'archive', 'live'],
    retention: 'compact',
  },
  {
    name: documentsTopic,
    description: 'One version of a raw Oura document as Oura answered it, or its deletion.',
    key: 'user_id/ce_id',
    writtenBy: 'ingest',
    readBy: ['archive', 'normalize', 'live'],
    retention: 'compact',
  },
  {
    name: metricsTopic,
    description: 'All metric points and series of one document version; replaces what the earlier version said.',
    key: 'user_id/resource/object_id',
    writtenBy: 'normalize',
    readBy: ['alert', 'live'],
    retention: 'compact',
  },
  {
    name: alertsTopic,
    description: 'One transition of an alert.',
    key: 'user_id/transition',
    writtenBy: 'alert',
    readBy: ['live'],
    retention: 'compact',
  },
];

const deadLetters: readonly Topic[] = facts.map((topic) => ({
  name: deadLetterTopic(topic.name),
  description: `A message of ${topic.name} that can never be handled, its bytes and headers untouched, and why.`,
  key: 'as it was',
  writtenBy: 'the runtime',
  readBy: ['the CLI'],
  retention: 'compact',
}));

export const topics: readonly Topic[] = [...facts, ...deadLetters];
export const topicNames: readonly string[] = topics.map((topic) => topic.name);
