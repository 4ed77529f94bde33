// A Kysely plugin that refuses anything but queries. `Database.read` must not write: on SQLite it would bypass the queue of the one
// writer, and on both engines the transaction that moves an offset. Raw SQL passes; the SQLite file refuses its writes by itself.
import type { KyselyPlugin } from 'kysely';

const allowed = new Set(['SelectQueryNode', 'RawNode']);

export const queriesOnly: KyselyPlugin = {
  transformQuery({ node }) {
    if (allowed.has(node.kind)) return node;
    throw new Error(`${node.kind} through \`read\`: writes go through \`transaction\``);
  },
  transformResult: async ({ result }) => result,
};
