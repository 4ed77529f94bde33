// Which resource a record of a file is, and whether it is whole enough to be kept: by what the user said, the key it stood under, the name of
// the file, or its own fields. Pure.
import { documentSchemas } from '../../../schemas/oura/documents.ts';
import { type ResourceName, resource, resourceNames } from '../../../schemas/oura/resources.ts';

export type Fields = Readonly<Record<string, unknown>>;

export interface Hints {
  /** `--type`. */
  type?: ResourceName | undefined;
  /** The key it stood under in the file. */
  key?: ResourceName | undefined;
  /** What the file's name says. */
  file?: ResourceName | undefined;
}

export type Recognised =
  /** A row has no id of its own: it becomes part of an hour. */
  { resource: ResourceName; objectId: string | undefined } | { problem: string };

const plain = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]/g, '');
const byPlainName = new Map(resourceNames.map((name) => [plain(name), name]));

/**
 * The resource that a key of a file names. Before a list any spelling will do (`vO2_max`, `dailySleep`, `heart_rate`); before an object only
 * the exact one, because a sleep has a member `heart_rate` of its own.
 */
export const resourceOfKey = (key: string, isBeforeList: boolean): ResourceName | undefined =>
  isBeforeList ? byPlainName.get(plain(key)) : resourceNames.find((name) => name === key);

/** The resource a file is named after; the longest name counts, so `daily_sleep.json` is not sleep. */
export function resourceOfFileName(fileName: string): ResourceName | undefined {
  const name = plain(fileName.replace(/^.*[\\/]/, '').replace(/\.[^.]*$/, ''));
  return resourceNames.filter((one) => name.includes(plain(one))).toSorted((a, b) => b.length - a.length)[0];
}

/** Fields that only one resource has; the first line that fits decides. */
const marks: readonly [ResourceName, (fields: Fields) => boolean][] = [
  ['sleep', (f) => 'bedtime_start' in f],
  ['workout', (f) => 'start_datetime' in f && 'activity' in f],
  ['session', (f) => 'start_datetime' in f && 'type' in f],
  ['rest_mode_period', (f) => 'episodes' in f],
  ['enhanced_tag', (f) => 'tag_type_code' in f],
  ['tag', (f) => 'tags' in f && 'timestamp' in f],
  ['sleep_time', (f) => 'optimal_bedtime' in f || ('recommendation' in f && 'status' in f)],
  ['daily_activity', (f) => 'day' in f && ('steps' in f || 'active_calories' in f || hasContributor(f, 'stay_active'))],
  ['daily_spo2', (f) => 'spo2_percentage' in f],
  ['daily_stress', (f) => 'stress_high' in f || 'recovery_high' in f],
  ['daily_cardiovascular_age', (f) => 'vascular_age' in f],
  ['vo2_max', (f) => 'vo2_max' in f],
  ['ring_configuration', (f) => 'hardware_type' in f || 'firmware_version' in f],
  ['daily_resilience', (f) => hasContributor(f, 'sleep_recovery')],
  ['daily_sleep', (f) => hasContributor(f, 'total_sleep') || hasContributor(f, 'restfulness')],
  ['daily_readiness', (f) => hasContributor(f, 'recovery_index') || hasContributor(f, 'previous_night')],
  ['heartrate', (f) => 'bpm' in f && 'timestamp' in f],
  ['ring_battery_level', (f) => 'level' in f && 'timestamp' in f],
  ['personal_info', (f) => 'biological_sex' in f || ('age' in f && 'weight' in f)],
];

const hasContributor = ({ contributors }: Fields, name: string): boolean =>
  typeof contributors === 'object' && contributors !== null && name in contributors;

const resourceOfFields = (fields: Fields): ResourceName | undefined => marks.find(([, fits]) => fits(fields))?.[0];

export function recogniseRecord(fields: Fields, { type, key, file }: Hints): Recognised {
  const told = key ?? type;
  const seen = resourceOfFields(fields);
  if (told !== undefined && seen !== undefined && told !== seen)
    return { problem: `expected a record of ${told}, but its fields are those of ${seen}` };
  const name = told ?? seen ?? file;
  if (name === undefined) return { problem: 'its fields are those of no resource of Oura (--type names one)' };
  const { kind } = resource(name);
  const shape = documentSchemas[name].safeParse(kind === 'rows' ? [fields] : fields);
  if (!shape.success) {
    const issues = shape.error.issues
      .slice(0, 3)
      .map((issue) => `${issue.path.join('.') || 'record'}: ${issue.message}`);
    return { problem: `not a usable record of ${name}: ${issues.join('; ')}` };
  }
  if (kind === 'rows') {
    const isPlaced = typeof fields.timestamp === 'string' && !Number.isNaN(Date.parse(fields.timestamp));
    return isPlaced
      ? { resource: name, objectId: undefined }
      : { problem: `a row of ${name} without a readable timestamp` };
  }
  if (kind === 'single') return { resource: name, objectId: name };
  const { id } = fields;
  return typeof id === 'string' && id !== ''
    ? { resource: name, objectId: id }
    : { problem: `a record of ${name} without an id` };
}
