// What a test opens is closed when the test is over, however it ended: a pool or a consumer that a failed test leaves open keeps jest alive for ever.

type Closable = { close(): Promise<unknown> } | { stop(): Promise<unknown> };

/**
 * `closing(afterEach)` or `closing(afterAll)` gives a function that takes what was opened and hands it back. Last opened, first closed; one that cannot be closed
 * does not keep the others open.
 */
export function closing(hook: (close: () => Promise<void>, timeoutMs: number) => void, patienceMs = 60_000) {
  const opened: Closable[] = [];
  hook(async () => {
    const ends: PromiseSettledResult<unknown>[] = [];
    for (const each of opened.splice(0).reverse())
      ends.push(...(await Promise.allSettled(['close' in each ? each.close() : each.stop()])));
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
  }, patienceMs);
  return <Opened extends Closable>(each: Opened): Opened => {
    opened.push(each);
    return each;
  };
}
