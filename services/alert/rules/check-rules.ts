// Whether a rules file can be used: its JSON, its shape, and that what it watches exists. All problems at once, each with its place. Pure.
import { type AlertRule, type AlertRulesFile, alertRulesFile } from '../../../schemas/alert-rules.ts';
import { metricCatalogue } from '../../../schemas/metrics/catalogue.ts';

export type CheckedRules = { ok: true; file: AlertRulesFile } | { ok: false; problems: string[] };

export function checkRules(text: string): CheckedRules {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return { ok: false, problems: [`it is not JSON: ${error instanceof Error ? error.message : String(error)}`] };
  }
  const parsed = alertRulesFile.safeParse(json);
  if (!parsed.success)
    return {
      ok: false,
      problems: parsed.error.issues.map(({ path, message }) => `${placeOf(path, json)}: ${message}`),
    };
  const problems = parsed.data.rules.flatMap((rule) =>
    problemsOf(rule).map((problem) => `rule ${rule.id}: ${problem}`),
  );
  return problems.length > 0 ? { ok: false, problems } : { ok: true, file: parsed.data };
}

/** `rule readiness_low, threshold` where the rule has an id, else `rules.2.threshold`. */
function placeOf(path: readonly PropertyKey[], json: unknown): string {
  const [list, index, ...rest] = path.map(String);
  const id = list === 'rules' && index !== undefined ? idAt(json, Number(index)) : undefined;
  if (id === undefined) return path.map(String).join('.') || 'the file';
  return rest.length > 0 ? `rule ${id}, ${rest.join('.')}` : `rule ${id}`;
}

function idAt(json: unknown, index: number): string | undefined {
  if (typeof json !== 'object' || json === null || !('rules' in json) || !Array.isArray(json.rules)) return undefined;
  const rule: unknown = json.rules[index];
  return typeof rule === 'object' && rule !== null && 'id' in rule && typeof rule.id === 'string' ? rule.id : undefined;
}

function problemsOf(rule: AlertRule): string[] {
  if (rule.kind === 'absence') return [];
  const info = metricCatalogue.get(rule.metric);
  if (!info) {
    const like = [...metricCatalogue.keys()].filter((name) => name.includes(rule.metric.split('_')[0] ?? ''));
    const hint = like.length > 0 ? `; there are ${like.slice(0, 6).join(', ')}` : '';
    return [`no metric is named ${rule.metric}${hint}`];
  }
  const problems: string[] = [];
  const sources = info.sources.filter(
    ({ resource, aggregation }) =>
      (rule.resource === undefined || resource === rule.resource) &&
      (rule.aggregation === undefined || aggregation === rule.aggregation),
  );
  if (sources.length === 0)
    problems.push(
      `${rule.metric} comes from ${info.sources.map((s) => `${s.resource} (${s.aggregation})`).join(', ')} only`,
    );
  if (rule.unit && info.unit !== 's')
    problems.push(`unit ${rule.unit} is for durations, and ${rule.metric} is in ${info.unit}: leave unit out`);
  if (rule.judge === 'sleep_of_day' && rule.resource !== 'sleep')
    problems.push('judge sleep_of_day adds up sleep documents: set resource to sleep');
  return problems;
}
