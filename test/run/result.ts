// What a suite came to, as it crosses from the process that ran it.

export interface Result {
  readonly passed: number;
  /** Full titles. */
  readonly failed: readonly string[];
  readonly skipped: readonly string[];
}

/** The sum, in order. */
export function addResults(results: readonly Result[]): Result {
  return {
    passed: results.reduce((sum, { passed }) => sum + passed, 0),
    failed: results.flatMap(({ failed }) => failed),
    skipped: results.flatMap(({ skipped }) => skipped),
  };
}

/** 0 only when something ran and nothing failed; in CI a skipped test counts as failed. */
export function exitCode(result: Result, inCi: boolean): number {
  if (result.passed === 0 || result.failed.length > 0) return 1;
  return inCi && result.skipped.length > 0 ? 1 : 0;
}

/** The closing line, which tools read. */
export function closingLine({ passed, failed, skipped }: Result): string {
  return `${passed} passed, ${failed.length} failed, ${skipped.length} skipped`;
}
