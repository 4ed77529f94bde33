// Stands in for test/support/settle.ts where the database is a real server: everything has run when no query is on its way and nothing new
// comes for some turns of a millisecond. Which of two persons is first is then the server's business: tests do not name an order among them.
const state = { queries: 0 };
const quietTurns = 10;

/** Counts `work` as on its way until it ends. */
export async function onItsWay<Result>(work: Promise<Result>): Promise<Result> {
  state.queries += 1;
  try {
    return await work;
  } finally {
    state.queries -= 1;
  }
}

export async function settle(): Promise<void> {
  for (let quiet = 0; quiet < quietTurns; quiet = state.queries === 0 ? quiet + 1 : 0) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}
