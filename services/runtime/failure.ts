// The three kinds of error of a store or channel, as one closed set. Poison: this record can never succeed. Dependency: the other side
// is down or busy, wait. Configuration: a wrong password, a missing right or table; waiting does not help, stop and say so.
// Each adapter has its own pure table from its engine's errors to these; nothing else in the code guesses.

export type FailureKind = 'poison' | 'dependency' | 'configuration';

export class Failure extends Error {
  override name = 'Failure';
  readonly kind: FailureKind;
  constructor(kind: FailureKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

/** What an error means. An error no adapter has classified is a bug in a handler, which for the record at hand is poison. */
export const failureKind = (error: unknown): FailureKind => (error instanceof Failure ? error.kind : 'poison');
