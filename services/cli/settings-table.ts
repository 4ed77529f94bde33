// The README's table of settings, made from the schemas that read them.
import { z } from 'zod';

export interface SettingsGroup {
  title: string;
  schema: z.ZodObject;
}

function defaultOf(schema: z.ZodType): string {
  const fallback = schema.safeParse(undefined);
  const isDefault = schema instanceof z.ZodDefault || schema instanceof z.ZodPipe;
  if (!fallback.success) return 'needed';
  if (!isDefault || fallback.data === undefined) return '';
  const value = schema instanceof z.ZodDefault ? schema.def.defaultValue : fallback.data;
  const text = Array.isArray(value) ? value.join(',') : String(value);
  return text === '' ? '' : `\`${text}\``;
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

/** Markdown, one table per group. @throws Error when a setting has no description */
export function settingsTable(groups: readonly SettingsGroup[]): string {
  return groups
    .map(({ title, schema }) => {
      const rows = Object.entries(schema.shape).map(([name, field]) => {
        const description = (field as z.ZodType).description;
        if (!description) throw new Error(`the setting ${name} has no description`);
        return `| \`${name}\` | ${cell(defaultOf(field as z.ZodType))} | ${cell(description)} |`;
      });
      return [`**${title}**`, '', '| variable | default | what it does |', '|---|---|---|', ...rows].join('\n');
    })
    .join('\n\n');
}
