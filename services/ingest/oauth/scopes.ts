// Names of scopes. The new portal writes `extapi:daily` for `daily`; both are kept as `daily`. What was granted is what the token answer
// says, because people untick scopes on the consent page. Pure.
import { type Resource, resources } from '../../../schemas/oura/resources.ts';

const portalPrefix = /^extapi:/;

/** The scopes of a token answer: without prefixes, sorted, each once. Oura separates by spaces; commas were seen too. */
export function readScopes(text: string): string[] {
  const names = text.split(/[\s,+]+/).map((scope) => scope.replace(portalPrefix, ''));
  return [...new Set(names.filter(Boolean))].sort();
}

/** Whether the granted scopes open the resource. Any token opens a resource without scopes. */
export const isGranted = (resource: Pick<Resource, 'scopes'>, granted: readonly string[]): boolean =>
  resource.scopes.length === 0 || resource.scopes.some((scope) => granted.includes(scope));

/** What stays closed, for the person to know. */
export const closedResources = (granted: readonly string[]): Resource[] =>
  resources.filter((resource) => !isGranted(resource, granted));
