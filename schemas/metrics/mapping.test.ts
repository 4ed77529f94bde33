import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { type ResourceName, resourceNames } from '../oura/resources.ts';
import { metricCatalogue } from './catalogue.ts';
import { emittedRows, mapping, mappingVersion } from './mapping.ts';

const fixtures = new URL('../../test/fixtures/', import.meta.url);
const rows = Object.values(mapping).flatMap((resource) => resource.rows);

const [, ...tableRows] = readFileSync(new URL('metrics/metrics.tsv', fixtures), 'utf8').trimEnd().split('\n');
const table = tableRows.map((line) => line.split('\t'));

test('the table of metrics has its 106 rows', () => expect(table).toHaveLength(106));

test.each(table)('%s -> %s stands in the mapping as the table has it', (oura, metric, aggregation, time, unit) => {
  const mapped = rows.filter((row) => row.table === oura);
  expect(mapped).toContainEqual(expect.objectContaining({ metric, aggregation, time, unit }));
});

test('the mapping has no row the table does not know', () => {
  const known = new Set(table.map(([oura]) => oura));
  expect(rows.filter((row) => !known.has(row.table))).toEqual([]);
});

interface SpecificationSchema {
  type?: string;
  $ref?: string;
  anyOf?: SpecificationSchema[];
  items?: SpecificationSchema;
  properties?: Record<string, SpecificationSchema>;
}
const specification: { components: { schemas: Record<string, SpecificationSchema> } } = JSON.parse(
  readFileSync(new URL('oura-openapi/openapi-1.37.json', fixtures), 'utf8'),
);
const schemaOf: Record<ResourceName, string> = {
  daily_activity: 'PublicDailyActivity',
  daily_sleep: 'PublicDailySleep',
  daily_readiness: 'PublicDailyReadiness',
  daily_spo2: 'PublicDailySpO2',
  daily_stress: 'PublicDailyStress',
  daily_resilience: 'DailyResilienceModel',
  daily_cardiovascular_age: 'PublicDailyCardiovascularAge',
  vo2_max: 'PublicVO2Max',
  sleep: 'PublicModifiedSleepModel',
  sleep_time: 'PublicSleepTime',
  workout: 'PublicWorkout',
  session: 'PublicSession',
  enhanced_tag: 'EnhancedTagModel',
  tag: 'TagModel',
  rest_mode_period: 'PublicRestModePeriod',
  ring_configuration: 'PublicRingConfiguration',
  heartrate: 'PublicHeartRateRow',
  ring_battery_level: 'PublicRingBatteryLevelRow',
  personal_info: 'PersonalInfoResponse',
};

/** The paths of all values inside a schema; a sample is one value. */
function leaves(schema: SpecificationSchema, path: string): string[] {
  const name = schema.$ref?.split('/').at(-1);
  if (name === 'PublicSample') return [path];
  const target = name === undefined ? schema : (specification.components.schemas[name] ?? {});
  if (target.properties)
    return Object.entries(target.properties).flatMap(([key, child]) => leaves(child, path ? `${path}.${key}` : key));
  const inner = [...(target.anyOf ?? []), ...(target.items ? [target.items] : [])]
    .filter((child) => child.type !== 'null')
    .flatMap((child) => leaves(child, path));
  return inner.length > 0 ? inner : [path];
}

function unexplained(resource: ResourceName): string[] {
  const { rows: mapped, noMetric } = mapping[resource];
  const fields = new Set(mapped.flatMap((row) => row.fields));
  const covered = Object.keys(noMetric)
    .filter((key) => key.endsWith('.*'))
    .map((key) => key.slice(0, -1));
  const paths = leaves({ $ref: `#/${schemaOf[resource]}` }, '');
  expect(paths.length).toBeGreaterThan(2);
  return [...new Set(paths)].filter(
    (path) => !fields.has(path) && !(path in noMetric) && !covered.some((prefix) => path.startsWith(prefix)),
  );
}

test.each(resourceNames)('every property of %s in the specification is mapped or has a reason', (resource) => {
  expect(unexplained(resource)).toEqual([]);
});

test.each(resourceNames)('the mapping of %s names no property the specification does not have', (resource) => {
  const paths = new Set(leaves({ $ref: `#/${schemaOf[resource]}` }, ''));
  const prefixes = new Set([...paths].map((path) => path.split('.')[0]));
  const { rows: mapped, noMetric } = mapping[resource];
  const named = [...mapped.flatMap((row) => row.fields), ...Object.keys(noMetric).filter((key) => !key.endsWith('.*'))];
  expect(named.filter((path) => !paths.has(path) && !prefixes.has(path))).toEqual([]);
});

test('the catalogue describes exactly the metrics that are emitted, each in one unit', () => {
  expect([...metricCatalogue.keys()].sort()).toEqual([...new Set(emittedRows.map((row) => row.metric))].sort());
  for (const row of emittedRows)
    expect([row.metric, row.unit]).toEqual([row.metric, metricCatalogue.get(row.metric)?.unit]);
});

test('one aggregation of a metric has one owner among the daily resources', () => {
  const daily = emittedRows.filter((row) => row.time.startsWith('civil_day') || row.time === 'activity_day');
  const owners = new Map<string, Set<string>>();
  for (const row of daily) owners.set(row.metric, (owners.get(row.metric) ?? new Set()).add(row.resource));
  expect([...owners].filter(([, resources]) => resources.size > 1)).toEqual([]);
});

test('a changed mapping has a new version', () => {
  const content = createHash('sha256').update(JSON.stringify(mapping)).digest('hex').slice(0, 16);
  // A message is identified by its document and the version of the mapping: raise mappingVersion together with this hash.
  expect({ mappingVersion, content }).toMatchInlineSnapshot(`
{
  "content": "26e39fb10c7bda71",
  "mappingVersion": 1,
}
`);
});
