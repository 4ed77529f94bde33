// The archive's part of erasing a person. It writes no topic.
import { eraseFromArchive } from '../storage/archive.ts';
import type { ErasePart } from '../storage/erasure/erase-part.ts';
import { idsOf } from '../storage/erasures.ts';
import type { StoreDatabase } from '../storage/tables.ts';

export const archiveErasePart = (store: StoreDatabase): ErasePart => ({
  topics: [],
  eraseRows: (erasure) =>
    store.transaction(async (tx) => {
      for (const id of idsOf(erasure)) await eraseFromArchive(tx, id);
    }),
});
