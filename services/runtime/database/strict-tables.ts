// Makes the tables of SQLite strict, as those of PostgreSQL are: a fraction does not go into a column of whole numbers, nor text into bytes.
// Without it a mistake would be found only in the stack.
import { CreateTableNode, type KyselyPlugin, RawNode } from 'kysely';

export const strictTables: KyselyPlugin = {
  transformQuery({ node }) {
    if (!CreateTableNode.is(node)) return node;
    return CreateTableNode.cloneWithEndModifier(node, RawNode.createWithSql('strict'));
  },
  transformResult: async ({ result }) => result,
};
