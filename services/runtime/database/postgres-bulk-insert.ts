// How many rows are inserted into PostgreSQL: one array per column, in the binary format, instead of a parameter per value. Compiling, sending and parsing
// thousands of parameters took more time than storing the rows. Must stay true: the same rows are refused as one by one. So a column that
// holds fractions stays with parameters, because an array of them would be rounded into a column of whole numbers without a word.
import { PostgresQueryCompiler, type ValuesNode } from 'kysely';
import { plainValues } from './plain-rows.ts';

/** Below this a statement of parameters is as good, and easier to read in a log. */
const leastRows = 16;

interface Column {
  /** Undefined where every value is null. */
  type: 'text' | 'int8' | 'bytea' | undefined;
  values: readonly unknown[];
}

export class ArrayInsertQueryCompiler extends PostgresQueryCompiler {
  protected override visitValues(node: ValuesNode): void {
    const columns = node.values.length < leastRows ? undefined : columnsOf(plainValues(node));
    if (columns) this.#appendArrays(columns);
    else super.visitValues(node);
  }

  #appendArrays(columns: readonly Column[]): void {
    // An unnamed null takes the type of the column that it is inserted into.
    const items = columns.map(({ type }, index) => (type ? `c${index}` : 'null'));
    const names = items.filter((item) => item !== 'null');
    this.append(`select ${items.join(', ')} from unnest(`);
    for (const [index, column] of columns.filter(({ type }) => type).entries()) {
      if (index > 0) this.append(', ');
      this.appendValue(binaryArray(column));
      this.append(`::${column.type}[]`);
    }
    this.append(`) as given(${names.join(', ')})`);
  }
}

function columnsOf(rows: readonly { values: readonly unknown[] }[]): readonly Column[] | undefined {
  const count = rows[0]?.values.length ?? 0;
  const columns: Column[] = [];
  for (let index = 0; index < count; index += 1) {
    const values = rows.map((row) => row.values[index]);
    const type = typeOf(values);
    if (type === 'mixed') return undefined;
    columns.push({ type, values });
  }
  return columns.some(({ type }) => type) ? columns : undefined;
}

function typeOf(values: readonly unknown[]): Column['type'] | 'mixed' {
  let type: Column['type'];
  for (const value of values) {
    if (value === null) continue;
    const own = typeOfValue(value);
    if (own === 'mixed' || (type && type !== own)) return 'mixed';
    type = own;
  }
  return type;
}

function typeOfValue(value: unknown): 'text' | 'int8' | 'bytea' | 'mixed' {
  if (typeof value === 'string') return 'text';
  if (typeof value === 'boolean' || Number.isSafeInteger(value)) return 'int8';
  return value instanceof Uint8Array ? 'bytea' : 'mixed';
}

const typeIds = { text: 25, int8: 20, bytea: 17 };
const headBytes = 20;

/** https://github.com/postgres/postgres/blob/REL_15_STABLE/src/backend/utils/adt/arrayfuncs.c, array_recv. Pure. */
function binaryArray({ type = 'text', values }: Column): Buffer {
  const bytes = Buffer.allocUnsafe(values.reduce<number>((sum, value) => sum + 4 + mostBytes(value), headBytes));
  bytes.writeInt32BE(1, 0); // dimensions
  bytes.writeInt32BE(1, 4); // there may be nulls
  bytes.writeInt32BE(typeIds[type], 8);
  bytes.writeInt32BE(values.length, 12);
  bytes.writeInt32BE(1, 16); // the first index
  let at = headBytes;
  for (const value of values) {
    const length = value === null ? -1 : write(bytes, at + 4, value);
    bytes.writeInt32BE(length, at);
    at += 4 + Math.max(0, length);
  }
  return bytes.subarray(0, at);
}

function mostBytes(value: unknown): number {
  if (value === null) return 0;
  if (typeof value === 'string') return value.length * 3;
  return value instanceof Uint8Array ? value.byteLength : 8;
}

function write(bytes: Buffer, at: number, value: unknown): number {
  if (typeof value === 'string') return bytes.write(value, at);
  if (value instanceof Uint8Array) {
    bytes.set(value, at);
    return value.byteLength;
  }
  bytes.writeBigInt64BE(BigInt(Number(value)), at);
  return 8;
}
