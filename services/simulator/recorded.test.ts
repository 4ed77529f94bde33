import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { closeBenches, openBench } from './testing/bench.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'recorded-'));
});
afterEach(async () => {
  await closeBenches();
  await rm(folder, { recursive: true });
});
const write = (file: string, content: unknown): Promise<void> => writeFile(join(folder, file), JSON.stringify(content));

const night = {
  id: 'night-1',
  day: '2024-03-02',
  bedtime_start: '2024-03-01T23:10:00.000-06:00',
  bedtime_end: '2024-03-02T06:00:00.000-06:00',
  extra: { kept: [1, null] },
};
const score = (day: string) => ({ id: `score-${day}`, day, score: 70, timestamp: `${day}T00:00:00.000+00:00` });

test('recorded answers are served in windows, by id and as rows, with whatever fields they have', async () => {
  await write('sleep.2024-03.json', { data: [night], next_token: null });
  await write('export.json', {
    daily_sleep: [score('2024-03-01'), score('2024-03-02')],
    ring_configuration: [{ id: 'r' }],
  });
  await write('heartrate.json', [{ bpm: 80, source: 'awake', timestamp: '2024-03-01T10:00:00+00:00' }]);
  await write('personal_info.json', { id: 'recorded-person', age: 40 });
  const bench = await openBench({ recordedFolder: folder });
  expect(bench.ouraUserId).toBe('recorded-person');
  expect((await bench.list('sleep?start_date=2024-03-01&end_date=2024-03-03')).data).toEqual([night]);
  expect(await (await bench.get('sleep/night-1')).json()).toEqual(night);
  expect((await bench.list('daily_sleep?start_date=2024-03-02&end_date=2024-03-02')).data).toEqual([
    score('2024-03-02'),
  ]);
  expect((await bench.list('ring_configuration')).data).toEqual([{ id: 'r' }]);
  const rows = await bench.list('heartrate?start_datetime=2024-03-01T00:00:00Z&end_datetime=2024-03-02T00:00:00Z');
  expect(rows.data).toMatchObject([{ bpm: 80, timestamp: '2024-03-01T10:00:00+00:00' }]);
  expect(await bench.simulator.advance(new Date('2027-01-01T00:00:00Z'))).toBe(0);
});

test('a folder without recorded answers is refused with what was expected', async () => {
  await write('notes.json', ['nothing of Oura']);
  await expect(openBench({ recordedFolder: folder })).rejects.toThrow(
    'holds no recorded answers: expected files like sleep.json',
  );
});
