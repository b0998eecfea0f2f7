/** A test of a number: a file, and what stands in the name of the test, as it is written there. */
export interface NamedTest {
  readonly file: string;
  readonly name: string;
}

/** One number of the protocol's traps (T) or of the measured behaviour of CNCF Distribution (R). */
export interface ProtocolRow {
  readonly id: string;
  readonly what: string;
  /** Empty: there is none yet. */
  readonly tests: readonly NamedTest[];
}

/** A row, with its tests as pairs of file and name. */
export const row = (id: string, what: string, ...tests: [file: string, name: string][]): ProtocolRow => ({
  ...{ id, what, tests: tests.map(([file, name]) => ({ file, name })) },
});
