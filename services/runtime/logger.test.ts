import { expect, test } from '@jest/globals';
import { createLogger, type LoggerOptions } from './logger.ts';

function capture(level: LoggerOptions['level']) {
  const lines: string[] = [];
  const logger = createLogger({ level, name: 'test', destination: { write: (line) => void lines.push(line) } });
  return { logger, text: () => lines.join(''), last: () => JSON.parse(lines.at(-1) ?? '{}') };
}

test('a line is JSON with time, level by name, who speaks and what is said', () => {
  const { logger, last } = capture('info');
  logger.info({ type: 'sleep', count: 3 }, 'stored');
  expect(last()).toMatchObject({ level: 'info', name: 'test', type: 'sleep', count: 3, msg: 'stored' });
  expect(Date.parse(last().time)).not.toBeNaN();
});

test('no secret is written at any level, however deep and in whatever form', () => {
  const { logger, text } = capture('trace');
  const failed = Object.assign(
    new Error('GET http://o/x?access_token=hush failed', { cause: new Error('pg://u:hush@h') }),
    {
      config: { headers: { authorization: 'hush' } },
    },
  );
  logger.trace({ request: { headers: { Authorization: 'Bearer hush', cookie: ['hush'] } } });
  logger.debug({ client_secret: 'hush', refreshToken: 'hush', list: [{ password: 'hush' }] });
  logger.info('connecting to postgres://me:hush@localhost/db');
  logger.error(failed, 'no answer');
  logger.error({ err: failed }, 'no answer');
  logger.child({ apiKey: 'hush' }).warn('child');
  expect(text().split('\n')).toHaveLength(7);
  expect(text()).not.toContain('hush');
});

test('health values appear at debug, but never from info up', () => {
  const { logger, text } = capture('debug');
  logger.debug({ payload: { score: 4711 } });
  expect(text()).toContain('4711');
  const quiet = capture('info');
  quiet.logger.info({ payload: { score: 4711 }, document: 'bpm 4711', points: [4711], bytes: Buffer.from('4711') });
  quiet.logger.error({ record: { value: 4711 } });
  expect(quiet.text()).not.toContain('4711');
});

test('an error keeps its type, kind, message, cause and stack', () => {
  const { logger, last } = capture('info');
  logger.error(Object.assign(new TypeError('broken', { cause: new Error('below') }), { kind: 'poison', code: 'E1' }));
  expect(last().err).toMatchObject({ type: 'TypeError', message: 'broken', kind: 'poison', code: 'E1' });
  expect(last().err.cause.message).toBe('below');
  expect(last().err.stack).toContain('logger.test');
});
