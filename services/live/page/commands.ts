// What a person can do here: begin a connection to Oura, put an alert aside. A command goes to the service that owns the matter; the answer is a
// sentence when it failed.

export type CommandResult = { kind: 'done'; answer: unknown } | { kind: 'failed'; sentence: string };

async function post(path: string, body: unknown): Promise<CommandResult> {
  try {
    const response = await fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const answer: unknown = await response.json();
    return response.ok ? { kind: 'done', answer } : { kind: 'failed', sentence: sentenceOf(answer) };
  } catch {
    return { kind: 'failed', sentence: 'The server cannot be reached. Nothing was done.' };
  }
}

function textAt(value: unknown, name: string): string | undefined {
  const found: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
  return typeof found === 'string' ? found : undefined;
}

function sentenceOf(answer: unknown): string {
  const error: unknown = typeof answer === 'object' && answer !== null ? Reflect.get(answer, 'error') : undefined;
  return [textAt(error, 'message') ?? 'That did not work.', textAt(error, 'hint')].filter(Boolean).join(' ');
}

/** Leads on to Oura's consent page. */
export async function beginConnection(name: string): Promise<CommandResult> {
  const result = await post('/api/v1/connect', { name });
  const url = result.kind === 'done' ? textAt(result.answer, 'authorize_url') : undefined;
  if (url && /^https?:/.test(url)) location.href = url;
  return result;
}

export const acknowledge = (alertId: string): Promise<CommandResult> =>
  post(`/api/v1/alerts/${encodeURIComponent(alertId)}/acknowledge`, {});

export const snooze = (alertId: string, untilMs: number): Promise<CommandResult> =>
  post(`/api/v1/alerts/${encodeURIComponent(alertId)}/snooze`, { until: new Date(untilMs).toISOString() });

const eveningHour = 18;
const morningHour = 8;
const hourMs = 3_600_000;

/** The wearer's next evening, or, when it is evening, the next morning. */
export function snoozeUntil(nowMs: number, offsetMinutes: number): { untilMs: number; words: string } {
  const offsetMs = offsetMinutes * 60_000;
  const midnightMs = Math.floor((nowMs + offsetMs) / (24 * hourMs)) * 24 * hourMs - offsetMs;
  const eveningMs = midnightMs + eveningHour * hourMs;
  if (nowMs < eveningMs) return { untilMs: eveningMs, words: 'Snooze until evening' };
  return { untilMs: midnightMs + (24 + morningHour) * hourMs, words: 'Snooze until morning' };
}
