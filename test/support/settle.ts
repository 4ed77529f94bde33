// Lets everything that is due run to its next wait. Enough where all that is awaited resolves by itself, as with SQLite; the runs against a
// real server put their own in its place (test/engines/postgres-settle.ts).
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
}
