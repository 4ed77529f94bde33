// What a benchmark is: a name to ask for it by, and figures. Nothing is asserted; a goal stands beside its figure for the reader.
export interface Figure {
  /** What was measured, with its conditions. */
  measure: string;
  value: string;
  goal?: string;
  /** What belongs beside it: the same on a bare server, counts, a breakdown. */
  beside?: string;
}

export interface Bench {
  name: string;
  run(): Promise<Figure[]>;
}
