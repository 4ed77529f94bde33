// The conformance suite of the Database port must be able to fail: databases with one fault each, and the check that has to notice it.
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from '@jest/globals';
import { InsertQueryNode, Kysely, type KyselyPlugin, OnConflictNode, type Transaction } from 'kysely';
import type { Database } from '../../services/runtime/database/database.ts';
import type { Migrations } from '../../services/runtime/database/migrate.ts';
import { sqliteReaderDialect, sqliteWriterDialect } from '../../services/runtime/database/sqlite-driver.ts';
import { Failure } from '../../services/runtime/failure.ts';
import { databaseChecks, runDatabaseCheck } from './database.ts';
import { openFileSubject } from './database-sqlite-subject.ts';
import { type OpenDatabaseSubject, type ProbeTables, probeMigrations } from './database-subject.ts';

type Probe = Database<ProbeTables>;
type Work<Result> = (tx: Transaction<ProbeTables>) => Promise<Result>;

const withDatabase =
  (change: (database: Probe) => Partial<Probe>): OpenDatabaseSubject =>
  async () => {
    const subject = await openFileSubject();
    const broken = (database: Probe): Probe => ({ ...database, ...change(database) });
    return {
      ...subject,
      database: broken(subject.database),
      open: async (migrations) => broken(await subject.open(migrations)),
    };
  };

const withMigrations =
  (change: (migrations: Migrations) => Migrations): OpenDatabaseSubject =>
  async () => {
    const subject = await openFileSubject();
    return { ...subject, open: (migrations = probeMigrations) => subject.open(change(migrations)) };
  };

/** A fault in the rows that come back. */
const withRows = (change: (row: Record<string, unknown>) => Record<string, unknown>) =>
  withDatabase(({ read }) => {
    const plugin: KyselyPlugin = {
      transformQuery: ({ node }) => node,
      transformResult: async ({ result }) => ({ ...result, rows: result.rows.map(change) }),
    };
    return { read: read.withPlugin(plugin) };
  });

const mapValues = (row: Record<string, unknown>, change: (value: unknown) => unknown) =>
  Object.fromEntries(Object.entries(row).map(([name, value]) => [name, change(value)]));

/** A fault in the statements that go out. */
const withStatements = (plugin: KyselyPlugin['transformQuery']) =>
  withDatabase((database) => ({
    transaction: <Result>(work: Work<Result>) =>
      database.transaction((tx) =>
        work(tx.withPlugin({ transformQuery: plugin, transformResult: async ({ result }) => result })),
      ),
  }));

/** One bare connection for everything: reads see the middle of a transaction. */
const onOneConnection =
  (transaction: (writer: Kysely<ProbeTables>) => Probe['transaction']): OpenDatabaseSubject =>
  async () => {
    const subject = await openFileSubject();
    const connection = new DatabaseSync(':memory:');
    connection.exec(
      'create table items (id text primary key, counter integer not null, ratio real, note text, payload blob)',
    );
    const writer = new Kysely<ProbeTables>({ dialect: sqliteWriterDialect(connection) });
    const read = new Kysely<ProbeTables>({ dialect: sqliteReaderDialect(connection, () => connection) });
    return { ...subject, database: { ...subject.database, read, transaction: transaction(writer) } };
  };

const faults: readonly { fault: string; notices: string; open: OpenDatabaseSubject }[] = [
  {
    fault: 'keeps what a failed transaction wrote',
    notices: 'leaves nothing of a transaction whose work throws, and passes on what it threw',
    open: withDatabase((database) => ({
      async transaction<Result>(work: Work<Result>) {
        const outcome = await database.transaction((tx) =>
          work(tx).then(
            (result) => ({ result }),
            (error: unknown) => ({ error }),
          ),
        );
        if ('error' in outcome) throw outcome.error;
        return outcome.result;
      },
    })),
  },
  {
    fault: 'has no transactions',
    notices: 'loses no update of transactions that overlap',
    open: onOneConnection((writer) => (work) => work(writer as Transaction<ProbeTables>)),
  },
  {
    fault: 'shows what is not committed',
    notices: 'never shows a read what is not committed',
    open: onOneConnection((writer) => (work) => writer.transaction().execute(work)),
  },
  {
    fault: 'resolves and loses the last transaction',
    notices: 'keeps what was committed across a close',
    open: withDatabase((database) => {
      let transactions = 0;
      return {
        async transaction<Result>(work: Work<Result>) {
          transactions += 1;
          if (transactions < 2) return database.transaction(work);
          let kept: { result: Result } | undefined;
          await database
            .transaction(async (tx) => {
              kept = { result: await work(tx) };
              throw new Failure('dependency', 'lost');
            })
            .catch(() => {});
          if (!kept) throw new Error('the work failed');
          return kept.result;
        },
      };
    }),
  },
  {
    fault: 'runs the work twice',
    notices: 'runs the work once',
    open: withDatabase((database) => ({
      transaction: <Result>(work: Work<Result>) =>
        database.transaction(async (tx) => {
          await work(tx);
          return work(tx);
        }),
    })),
  },
  {
    fault: 'takes bytes for text',
    notices: 'gives bytes back exactly',
    open: withRows((row) =>
      mapValues(row, (value) =>
        ArrayBuffer.isView(value) ? Buffer.from(Buffer.from(value.buffer).toString('utf8')) : value,
      ),
    ),
  },
  {
    fault: 'gives whole numbers as text',
    notices: 'gives whole numbers back as numbers, to 53 bits',
    open: withRows((row) => mapValues(row, (value) => (typeof value === 'number' ? String(value) : value))),
  },
  {
    fault: 'takes empty text for null',
    notices: 'gives fractions, texts and nulls back exactly',
    open: withRows((row) => mapValues(row, (value) => (value === '' ? null : value))),
  },
  {
    fault: 'leaves what is there where it should update',
    notices: 'inserts or updates by key, or leaves what is there',
    open: withStatements(({ node }) =>
      InsertQueryNode.is(node) && node.onConflict
        ? InsertQueryNode.cloneWith(node, {
            onConflict: OnConflictNode.cloneWith(OnConflictNode.create(), { doNothing: true }),
          })
        : node,
    ),
  },
  {
    fault: 'swallows a row that breaks a rule',
    notices: 'calls a row that breaks a rule poison',
    open: withDatabase((database) => ({
      transaction: <Result>(work: Work<Result>) =>
        database.transaction(work).catch((error) => {
          if (error instanceof Failure && error.kind === 'poison') return undefined as Result;
          throw error;
        }),
    })),
  },
  {
    fault: 'calls every error a dependency',
    notices: 'calls a missing table or column a matter of configuration, in a transaction and in a read',
    open: withDatabase((database) => ({
      transaction: <Result>(work: Work<Result>) =>
        database.transaction(work).catch((error) => {
          throw new Failure('dependency', String(error));
        }),
    })),
  },
  {
    fault: 'writes through read',
    notices: 'refuses to write through read',
    open: withDatabase(({ read }) => ({ read: read.withoutPlugins() })),
  },
  {
    fault: 'is always reachable',
    notices: 'says whether it can be reached',
    open: withDatabase(() => ({ check: async () => {} })),
  },
  {
    fault: 'runs every migration at each start',
    notices: 'runs each migration once, however many start at the same time',
    open: (() => {
      let starts = 0;
      return withMigrations((migrations) => (types) => {
        starts += 1;
        const { '0010_later': later, ...steps } = migrations(types);
        return { ...steps, ...(later && { '0010_later': later, [`0010_later_${starts}`]: later }) };
      });
    })(),
  },
];

const everyFault = faults.map(({ fault, notices, open }) => [fault, notices, open] as const);

test.each(everyFault)('a database that %s is noticed: it must be one that "%s"', async (_, notices, open) => {
  const check = databaseChecks.find(({ name }) => name === notices);
  if (!check) throw new Error(`no check is called "${notices}"`);
  await expect(runDatabaseCheck(check, open)).rejects.toThrow();
});
