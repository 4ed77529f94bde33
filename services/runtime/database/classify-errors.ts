// Wraps a Kysely dialect so that every error of the engine, of a read as well as of a write, leaves it as a Failure with its kind.
// Also keeps the first error of a transaction: a rollback that fails after it only says that the connection is gone, and it is discarded.
import type { CompiledQuery, DatabaseConnection, Dialect, Driver, QueryResult } from 'kysely';

/** Gives an error of the engine as a Failure, any other as it is. */
export type AsFailure = (error: unknown) => unknown;

export const classifyErrors = (dialect: Dialect, asFailure: AsFailure): Dialect => ({
  createAdapter: () => dialect.createAdapter(),
  createQueryCompiler: () => dialect.createQueryCompiler(),
  createIntrospector: (db) => dialect.createIntrospector(db),
  createDriver: () => classifyDriver(dialect.createDriver(), asFailure),
});

class ClassifiedConnection implements DatabaseConnection {
  readonly inner: DatabaseConnection;
  readonly #asFailure: AsFailure;
  constructor(inner: DatabaseConnection, asFailure: AsFailure) {
    this.inner = inner;
    this.#asFailure = asFailure;
  }
  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    try {
      return await this.inner.executeQuery<Row>(query);
    } catch (error) {
      throw this.#asFailure(error);
    }
  }
  async *streamQuery<Row>(query: CompiledQuery, chunkSize: number): AsyncIterableIterator<QueryResult<Row>> {
    try {
      yield* this.inner.streamQuery<Row>(query, chunkSize);
    } catch (error) {
      throw this.#asFailure(error);
    }
  }
}

function classifyDriver(driver: Driver, asFailure: AsFailure): Driver {
  const innerOf = (connection: DatabaseConnection) =>
    connection instanceof ClassifiedConnection ? connection.inner : connection;
  const classified = async <Result>(work: Promise<Result>): Promise<Result> => {
    try {
      return await work;
    } catch (error) {
      throw asFailure(error);
    }
  };
  return {
    init: () => classified(driver.init()),
    acquireConnection: async () => new ClassifiedConnection(await classified(driver.acquireConnection()), asFailure),
    releaseConnection: (connection) => driver.releaseConnection(innerOf(connection)),
    beginTransaction: (connection, settings) => classified(driver.beginTransaction(innerOf(connection), settings)),
    commitTransaction: (connection) => classified(driver.commitTransaction(innerOf(connection))),
    rollbackTransaction: (connection) => driver.rollbackTransaction(innerOf(connection)).catch(() => {}),
    destroy: () => driver.destroy(),
  };
}
