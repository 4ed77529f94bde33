// The lease of a process that is alone.
import type { Lease } from '../../services/storage/lease-keeper.ts';

export const heldLease: Lease = { held: () => true, guard: async () => {} };
