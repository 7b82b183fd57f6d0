// Which test files there are and in which passes they run: unit before end to
// end, and once more on the portable primitives what depends on primitives.
import { globSync } from 'node:fs';

export interface Suite {
  readonly title: string;
  readonly files: readonly string[];
  readonly timeoutMs: number;
  readonly env: Readonly<Record<string, string>>;
}

const endToEnd = 'test/e2e/';

/** Handshakes, records and logins: everything between a test and a primitive. */
const onPrimitives = [
  'test/proxy/crypto/',
  'test/proxy/gateway/',
  'test/proxy/server/',
  'test/shared/simpp/',
  `${endToEnd}01-`,
];

/** The suites to run, from the paths of all test files; with patterns only files whose path has one of them. */
export function chooseSuites(all: readonly string[], patterns: readonly string[]): Suite[] {
  const chosen = patterns.length === 0 ? all : all.filter((file) => patterns.some((pattern) => file.includes(pattern)));
  const suites: Suite[] = [
    { title: 'unit', files: chosen.filter((file) => !file.startsWith(endToEnd)), timeoutMs: 15_000, env: {} },
    { title: 'end to end', files: chosen.filter((file) => file.startsWith(endToEnd)), timeoutMs: 60_000, env: {} },
    {
      title: 'on the portable primitives',
      files: chosen.filter((file) => onPrimitives.some((start) => file.startsWith(start))),
      timeoutMs: 60_000,
      env: { SIMPP_CRYPTO: 'noble' },
    },
  ];
  return suites.filter((suite) => suite.files.length > 0);
}

/** Paths of all test files below the working directory, sorted; the slow ones, `*.slow.test.ts`, only when asked for. */
export function findTestFiles({ slow }: { readonly slow: boolean }): string[] {
  const files = globSync('test/**/*.test.ts').toSorted();
  return slow ? files : files.filter((file) => !file.endsWith('.slow.test.ts'));
}
