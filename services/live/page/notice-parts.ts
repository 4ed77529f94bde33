// A sentence cut at the names of settings it speaks of, which stand out on the page. Pure; the server uses it for the first paint, the page after.

export interface NoticePart {
  text: string;
  isVariable: boolean;
}

export function noticeParts(text: string, variables: readonly string[]): NoticePart[] {
  // Names of settings are letters, digits and underscores; anything else would be a pattern.
  const names = variables.filter((name) => /^\w+$/.test(name));
  if (names.length === 0) return [{ text, isVariable: false }];
  return text
    .split(new RegExp(`(${names.join('|')})`))
    .filter(Boolean)
    .map((part) => ({ text: part, isVariable: names.includes(part) }));
}
