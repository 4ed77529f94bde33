// How many rows are inserted into SQLite: one small statement run once per row. A statement of thousands of parameters takes longer to make and, as it
// is kept with what was bound to it, held hundreds of megabytes. Leaves out rows with expressions or defaults, which stay one statement.
// Must stay true: writes happen in a transaction that an error ends, so that half of the rows are never kept.
import {
  type CompiledQuery,
  InsertQueryNode,
  type QueryId,
  type RootOperationNode,
  SqliteQueryCompiler,
  ValuesNode,
} from 'kysely';
import { plainRows } from './plain-rows.ts';

/** Compiles the first row of many only; the others are read from the query by `furtherRows`. */
export class RowByRowQueryCompiler extends SqliteQueryCompiler {
  override compileQuery(node: RootOperationNode, queryId: QueryId): CompiledQuery {
    const [first, ...others] = plainRows(node);
    if (!first || others.length === 0 || !InsertQueryNode.is(node)) return super.compileQuery(node, queryId);
    const ofFirst = InsertQueryNode.cloneWith(node, { values: ValuesNode.create([first]) });
    return { ...super.compileQuery(ofFirst, queryId), query: node };
  }
}

/** The parameters of each row after the first. What follows the values (a condition of the upsert) is the same for all. */
export function furtherRows({ query, parameters }: CompiledQuery): unknown[][] {
  return plainRows(query)
    .slice(1)
    .map(({ values }) => [...values, ...parameters.slice(values.length)]);
}
