import { expect, test } from '@jest/globals';
import { describeUnknownName, distance, findUnknownNames } from './unknown-settings.ts';

const known = new Set([
  'OURA_CLIENT_ID',
  'SLACK_WEBHOOK_URL',
  'KAFKA_BROKERS',
  'HTTP_PORT',
  'DATA_DIR',
  'TZ',
  'DATABASE_URL',
]);
const told = ({ environment = [], file = [] }: { environment?: string[]; file?: string[] }) =>
  findUnknownNames({ known, environment, file, prefix: 'OURA_' }).map(({ name, nearest }) => [name, nearest]);

test.each([
  ['OURA_CLINT_ID', 'OURA_CLIENT_ID'],
  ['OURA_CLIENTID', 'OURA_CLIENT_ID'],
  ['oura_client_id', 'OURA_CLIENT_ID'],
  ['SLACK_WEBHOK_URL', 'SLACK_WEBHOOK_URL'],
  ['SLACK_WEBHOOK_ULR', 'SLACK_WEBHOOK_URL'],
  ['KAFKA_BROKER', 'KAFKA_BROKERS'],
  ['HTTP_PROT', 'HTTP_PORT'],
  ['DATABASE_URI', 'DATABASE_URL'],
])('%s in the environment was probably %s', (name, meant) => {
  expect(told({ environment: [name] })).toEqual([[name, meant]]);
});

test('variables of other programs are not spoken of', () => {
  const environment = [
    ...[
      'PATH',
      'HOME',
      'PWD',
      'TERM',
      'HTTP_PROXY',
      'HTTPS_PROXY',
      'HTTPS_PORT',
      'HTTP_PORTS',
      'XDG_DATA_DIRS',
      'T',
      'TX',
    ],
    ...['NODE_OPTIONS', 'npm_config_cache', 'DATA_ROOT', 'KAFKA_HOME', 'SLACK_TOKEN', 'LC_ALL', 'SHLVL'],
    ...['OURA_STREAMING_SERVICE_HOST', 'OURA_STREAMING_SERVICE_PORT_HTTP', 'OURA_STREAMING_PORT_8000_TCP_ADDR'],
  ];
  expect(told({ environment })).toEqual([]);
});

test('what is like a setting that is set as well is no misspelling', () => {
  expect(told({ environment: ['KAFKA_BROKER', 'KAFKA_BROKERS'] })).toEqual([]);
});

test('whatever has our prefix is told, though nothing is like it', () => {
  expect(told({ environment: ['OURA_SOMETHING_ELSE'] })).toEqual([['OURA_SOMETHING_ELSE', undefined]]);
});

test('in .env every unknown name is told, once', () => {
  const file = ['OURA_CLIENT_ID', 'FAVOURITE_COLOUR', 'KAFKA_BROKER'];
  expect(told({ file, environment: file })).toEqual([
    ['FAVOURITE_COLOUR', undefined],
    ['KAFKA_BROKER', 'KAFKA_BROKERS'],
  ]);
});

test('the line says where, that it does nothing, and what was probably meant', () => {
  const lines = findUnknownNames({ known, environment: ['KAFKA_BROKER'], file: ['COLOUR'], prefix: 'OURA_' });
  expect(lines.map(describeUnknownName)).toEqual([
    '.env: COLOUR is no setting of this program and does nothing. The README lists them.',
    'KAFKA_BROKER (in the environment) is no setting of this program and does nothing. Did you mean KAFKA_BROKERS?',
  ]);
});

test.each([
  ['', 'abc', 3],
  ['abc', 'abc', 0],
  ['abc', 'acb', 1],
  ['abc', 'abd', 1],
  ['abc', 'ab', 1],
  ['kitten', 'sitting', 3],
])('%p is %p with %p changes', (a, b, apart) => {
  expect([distance(a, b), distance(b, a)]).toEqual([apart, apart]);
});
