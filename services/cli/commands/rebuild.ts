// `rebuild`: refills archive and metrics from the log beside what serves, and switches at the end. Publishes nothing. May run while the server runs: its
// consumers are fenced once by the switch and go on.
import { archiveConsumer } from '../../archive/archive-consumer.ts';
import { normalizeConsumer } from '../../normalize/normalize-consumer.ts';
import { systemClock } from '../../runtime/clock.ts';
import { withoutErased } from '../../storage/erasure/without-erased.ts';
import type { MetricStore } from '../../storage/metric-store/metric-store.ts';
import { rebuildStore } from '../../storage/rebuild/rebuild-store.ts';
import { readEngineSettings, withPipeline } from '../access.ts';
import type { CommandContext } from '../command-context.ts';
import { rebuildPlaces } from '../rebuild-places.ts';

export async function rebuild(context: CommandContext, { json }: { json?: boolean }): Promise<undefined> {
  const { terminal, signal } = context;
  const settings = readEngineSettings(context);
  const report = await withPipeline(context, { purpose: 'rebuild', readOnly: true }, async ({ log, store, state }) => {
    let bar: ReturnType<typeof terminal.progress> | undefined;
    let shown = 0;
    try {
      return await rebuildStore({
        ...rebuildPlaces(settings, store, systemClock),
        log,
        clock: systemClock,
        definitions: (metricStore: MetricStore) => [
          withoutErased(archiveConsumer({ archived: () => {} }), state),
          withoutErased(normalizeConsumer({ metricStore }), state),
        ],
        onProgress({ done, total }) {
          bar ??= terminal.progress('messages', total);
          bar.advance(done - shown);
          shown = done;
        },
        signal,
      });
    } finally {
      bar?.end();
    }
  });
  if (json) terminal.print(JSON.stringify(report));
  else
    for (const [consumer, outcomes] of Object.entries(report))
      terminal.print(
        `${consumer}: ${
          Object.entries(outcomes)
            .map(([outcome, count]) => `${count} ${outcome}`)
            .join(', ') || 'nothing to do'
        }`,
      );
  return undefined;
}
