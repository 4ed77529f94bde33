// Asks what is wrong until nothing is.
import { systemClock } from '../../services/runtime/clock.ts';

const lookEveryMs = 100;

/** @throws Error with what was wrong last */
export async function untilRight(problem: () => Promise<string | undefined>, timeoutMs = 60_000): Promise<void> {
  for (const endMs = Date.now() + timeoutMs; ; await systemClock.wait(lookEveryMs)) {
    const wrong = await problem();
    if (wrong === undefined) return;
    if (Date.now() > endMs) throw new Error(`after ${timeoutMs} ms still: ${wrong}`);
  }
}
