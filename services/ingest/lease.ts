// The right to run what only one process may run: polls, jobs, subscriptions. Who holds it may lose it at any time.

export interface Lease {
  held(): boolean;
}

/** Of a process that is alone. */
export const alwaysHeld: Lease = { held: () => true };
