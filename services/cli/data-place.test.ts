import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { recordedContext } from '../../test/support/command-context.ts';
import { openDataFolder } from '../runtime/data-folder.ts';
import { choosePlace, demoPlace, hasOwnData } from './data-place.ts';

let data = '';
beforeEach(() => {
  data = join(mkdtempSync(join(tmpdir(), 'data-place-')), 'data');
});
afterEach(() => rmSync(join(data, '..'), { recursive: true }));

function fill(folder: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'log.db'), '');
}
const context = (more: Record<string, string> = {}) => recordedContext({ DATA_DIR: data, ...more });

test('a command on a folder without data says where it looked, and makes nothing there', () => {
  expect(() => choosePlace(context(), {})).toThrow(
    `There is no data in ${data}: connect a ring, import a file, or set DATA_DIR to the folder where your data is.`,
  );
  expect(existsSync(data)).toBe(false);
});

test("where only the demo ring's data lies, the sentence leads there", () => {
  fill(join(data, 'demo'));
  expect(() => choosePlace(context(), {})).toThrow(/no data of your own in .* is in .*demo: add --demo for that/);
  expect(choosePlace(context(), { demo: true }).environment.DATA_DIR).toBe(join(data, 'demo'));
});

test('--demo without a demo ring says how to make one', () => {
  fill(data);
  expect(() => choosePlace(context(), { demo: true })).toThrow(/There is no demo ring in .*serve --demo/);
});

test('beside a demo that runs, a command on own data says which data it is about', () => {
  fill(data);
  const demo = openDataFolder(join(data, 'demo'), 'serve');
  const own = context();
  choosePlace(own, {});
  expect(own.noted()).toMatch(
    /This is about your own data in .*data\. .*process \d+\) .*demo: add --demo for that\.\n/,
  );
  const importing = context();
  choosePlace(importing, { mayBeEmpty: true });
  expect(importing.noted()).not.toContain('--demo');
  demo.close();
  const alone = context();
  choosePlace(alone, {});
  expect(alone.noted()).toBe('');
});

test('an import may begin with nothing', () => {
  const place = context();
  expect(choosePlace(place, { mayBeEmpty: true })).toBe(place);
});

test('data in the engines of a stack needs no folder', () => {
  const stack = context({ KAFKA_BROKERS: 'localhost:9092', DATABASE_URL: 'postgres://localhost/oura' });
  expect(choosePlace(stack, {})).toBe(stack);
});

test('a demo ring never gets into an engine that others share', () => {
  const shared = { KAFKA_BROKERS: 'k:9092', DATABASE_URL: 'postgres://d/o', INFLUX_URL: 'http://i:8086' };
  expect(demoPlace({ ...shared, DATA_DIR: 'somewhere' })).toEqual({
    KAFKA_BROKERS: undefined,
    DATABASE_URL: undefined,
    INFLUX_URL: undefined,
    DATA_DIR: join('somewhere', 'demo'),
  });
});

test('own data is what lies in the folder, or in an engine; a demo beside it is none', () => {
  fill(join(data, 'demo'));
  expect(hasOwnData({ DATA_DIR: data })).toBe(false);
  expect(hasOwnData({ DATA_DIR: data, DATABASE_URL: 'postgres://d/o' })).toBe(true);
  fill(data);
  expect(hasOwnData({ DATA_DIR: data })).toBe(true);
});
