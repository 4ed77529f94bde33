// How an insert is written; that the rows come back as they were is the conformance suite's (test/conformance/database-values.ts).
import { expect, test } from '@jest/globals';
import { DummyDriver, Kysely, PostgresAdapter, PostgresIntrospector } from 'kysely';
import { ArrayInsertQueryCompiler } from './postgres-bulk-insert.ts';

interface Row {
  id: string | number;
  seen: number;
  note: string | null;
}
const db = new Kysely<{ facts: Row }>({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (of) => new PostgresIntrospector(of),
    createQueryCompiler: () => new ArrayInsertQueryCompiler(),
  },
});
const compile = (count: number, rowOf: (index: number) => Partial<Row> = () => ({})) =>
  db
    .insertInto('facts')
    .values(Array.from({ length: count }, (_, index) => ({ id: `${index}`, seen: index, note: null, ...rowOf(index) })))
    .onConflict((conflict) => conflict.doNothing())
    .compile();

test('many rows are one array per column, and a column of nulls alone needs none', () => {
  const { sql, parameters } = compile(1000);
  expect(sql).toBe(
    'insert into "facts" ("id", "seen", "note") select c0, c1, null from unnest($1::text[], $2::int8[]) as given(c0, c1) on conflict do nothing',
  );
  expect(parameters).toHaveLength(2);
  expect(parameters.every((parameter) => Buffer.isBuffer(parameter))).toBe(true);
});

test.each([
  { name: 'few rows', query: compile(3) },
  { name: 'fractions, which an array would round', query: compile(100, (index) => ({ seen: index / 2 })) },
  { name: 'two kinds of value in a column', query: compile(100, (index) => ({ id: index % 2 ? index : 'a' })) },
])('$name stay values', ({ query }) => {
  expect(query.sql).toContain('values ($1');
});
