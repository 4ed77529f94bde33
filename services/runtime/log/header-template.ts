// Headers of a topic are mostly the same from record to record and would take more room than a small payload. The first record with a
// set of header names becomes the template; each record then stores a list with its own values and null where it says what the
// template says. Order, names and values come back as they were.

export interface HeaderTemplate {
  id: number;
  names: readonly string[];
  values: readonly string[];
}

export type Headers = Readonly<Record<string, string>>;

/** For records whose names fit no template: they are stored whole. */
export const noTemplate: HeaderTemplate = { id: 0, names: [], values: [] };

export const templateName = (headers: Headers): string => Object.keys(headers).join('\n');

export function encodeHeaders(headers: Headers, template: HeaderTemplate): string {
  if (template.id === noTemplate.id) return JSON.stringify(headers);
  return JSON.stringify(
    template.names.map((name, index) => (headers[name] === template.values[index] ? null : headers[name])),
  );
}

export function decodeHeaders(text: string, template: HeaderTemplate): Headers {
  const stored: unknown = JSON.parse(text);
  if (!Array.isArray(stored)) return stored as Headers;
  const headers: Record<string, string> = {};
  for (let index = 0; index < template.names.length; index += 1) {
    headers[template.names[index] ?? ''] = stored[index] ?? template.values[index];
  }
  return headers;
}
