// What stands in `state` about a person and belongs on the page: open alerts that nobody has put aside, and the connection to Oura.
import { resources } from '../../../schemas/oura/resources.ts';
import type { Alert } from '../../storage/alerts.ts';
import type { GrantSummary } from '../../storage/grants.ts';
import type { OpenAlert, OuraConnection } from './model.ts';

/** An alert that was acknowledged or is snoozed is still open, but no longer in the way. */
export const shownAlerts = (alerts: readonly Alert[], nowMs: number): OpenAlert[] =>
  alerts
    .filter(({ acknowledgedAtMs, snoozedUntilMs }) => acknowledgedAtMs === null && (snoozedUntilMs ?? 0) <= nowMs)
    .map(({ id, rule, openedAtMs, transition }) => ({
      id,
      rule,
      title: transition.title,
      level: transition.level,
      since: new Date(openedAtMs).toISOString(),
      summary: transition.summary,
      day: transition.day ?? null,
    }));

export function connectionOf(grant: GrantSummary | undefined): OuraConnection {
  if (!grant) return { state: 'none', missing: [] };
  const isOpen = (scopes: readonly string[]) =>
    scopes.length === 0 || scopes.some((scope) => grant.scopes.includes(scope));
  return {
    state: grant.state,
    missing: resources.filter(({ scopes }) => !isOpen(scopes)).map(({ name }) => name),
  };
}
