// The published contract is what the schemas say, and every message version ever published still parses.
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import { decodeAlert } from '../schemas/alert-transition.ts';
import { contractFiles } from '../schemas/contract.ts';
import { decodeDocument } from '../schemas/document.ts';
import { decodeMetrics } from '../schemas/metrics-message.ts';
import { decodeNotification } from '../schemas/notification.ts';

const root = resolve(import.meta.dirname, '..');
const published = join(root, 'schemas/published');

test('schemas/published is current; `npm run contract` writes it', () => {
  const onDisk = Object.fromEntries(
    readdirSync(published).map((name) => [name, readFileSync(join(published, name), 'utf8')]),
  );
  expect(onDisk).toEqual(contractFiles());
});

const decoders = {
  'oura.notifications.v1': decodeNotification,
  'oura.documents.v1': decodeDocument,
  'oura.metrics.v1': decodeMetrics,
  'oura.alerts.v1': decodeAlert,
};
const fixtures = join(root, 'test/fixtures/messages');

test.each(readdirSync(fixtures).filter((name) => name.endsWith('.json')))(
  '%s, published once, still parses',
  (name) => {
    const { topic, key, headers, value } = JSON.parse(readFileSync(join(fixtures, name), 'utf8'));
    const decode = decoders[topic as keyof typeof decoders];
    const record = { topic, key, headers, value: new TextEncoder().encode(value) };
    expect(decode(record)).toMatchSnapshot();
    const [first] = Object.keys(headers);
    expect(() => decode({ ...record, headers: { ...headers, [String(first)]: '' } })).toThrow(/headers/);
  },
);
