// Brings archive and metrics up to the end of the log where no server does it: after an import into files.
import { documentsTopic } from '../../schemas/document.ts';
import { createArchive } from '../archive/archive-service.ts';
import { createNormalize } from '../normalize/normalize-service.ts';
import { systemClock } from '../runtime/clock.ts';
import { loadOffset } from '../storage/consumer-offsets.ts';
import type { OpenPipeline } from './access.ts';
import { CommandError } from './exit-code.ts';
import type { Terminal } from './terminal.ts';

const lookEveryMs = 50;

export async function catchUp(pipeline: OpenPipeline, terminal: Terminal, signal: AbortSignal): Promise<void> {
  const parts = { ...pipeline, clock: systemClock };
  const services = [createArchive(parts), createNormalize(parts)];
  const ends = await pipeline.log.ranges(documentsTopic);
  const behind = async () => {
    const waits = ends.flatMap((end) =>
      services.map(async ({ name }) =>
        Math.max(0, end.next - ((await loadOffset(pipeline.store.read, name, end)) ?? end.earliest)),
      ),
    );
    return (await Promise.all(waits)).reduce((sum, count) => sum + count, 0);
  };
  let left = await behind();
  const progress = terminal.progress('documents to metrics', left);
  try {
    for (const service of services) await service.start();
    while (left > 0 && !signal.aborted) {
      const stopped = services.find((service) => !service.health().alive);
      if (stopped) throw new CommandError(`${stopped.name} stopped: ${stopped.health().problems.join(' ')}`);
      await systemClock.wait(lookEveryMs, signal);
      const now = await behind();
      progress.advance(left - now);
      left = now;
    }
  } finally {
    progress.end();
    for (const service of services) await service.stop();
  }
}
