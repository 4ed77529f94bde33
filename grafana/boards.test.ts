import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { metricCatalogue } from '../schemas/metrics/catalogue.ts';
import { boardFiles } from './write-boards.ts';

const folder = join(import.meta.dirname, 'dashboards');

test('the boards are current; `npm run boards` writes them', () => {
  const onDisk = Object.fromEntries(
    readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
  );
  expect(onDisk).toEqual(boardFiles());
});

const panels = Object.entries(boardFiles()).flatMap(([file, text]) =>
  (JSON.parse(text) as { panels: Record<string, never>[] }).panels.flatMap((panel) =>
    panel.type === 'row' ? [] : [{ file, panel: panel as never as PanelJson }],
  ),
);

interface PanelJson {
  title: string;
  description: string;
  datasource: { uid: string };
  targets: { query: string }[];
  fieldConfig: { defaults: { unit: string; noValue: string } };
}

test('there are panels to check', () => {
  expect(panels.length).toBeGreaterThan(10);
});

test.each(panels)('panel $panel.title says what it shows, in which unit, and what to do without data', ({ panel }) => {
  expect(panel.description).toMatch(/\w+/);
  expect(panel.fieldConfig.defaults.unit).toMatch(/\w+/);
  expect(panel.fieldConfig.defaults.noValue).toMatch(/No .*\. /);
  expect(panel.datasource.uid).toBe('oura-influxdb');
  for (const { query } of panel.targets) {
    expect(query).toContain(`"user" = '$person'`);
    const metric = /FROM "(\w+)"/.exec(query)?.[1] ?? '';
    expect(metricCatalogue.has(metric)).toBe(true);
  }
});
