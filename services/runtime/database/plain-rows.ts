// The rows of an insert that consists of values alone, which each engine may write in its own way.
import { InsertQueryNode, type OperationNode, PrimitiveValueListNode, ValuesNode } from 'kysely';

/** None, unless every row consists of values alone. */
export function plainRows(node: OperationNode): readonly PrimitiveValueListNode[] {
  if (!InsertQueryNode.is(node) || node.with || !node.values || !ValuesNode.is(node.values)) return [];
  return plainValues(node.values);
}

export function plainValues({ values }: ValuesNode): readonly PrimitiveValueListNode[] {
  const rows = values.filter((row) => PrimitiveValueListNode.is(row));
  return rows.length === values.length ? rows : [];
}
