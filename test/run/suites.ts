// Which test files there are and in which suites they run, each in a process of
// its own: units, every topology end to end, and once more on the portable
// primitives what depends on primitives.
import { globSync } from 'node:fs';

export interface Suite {
  readonly title: string;
  readonly files: readonly string[];
  readonly timeoutMs: number;
  readonly env: Readonly<Record<string, string>>;
  /** It runs when all others have ended. */
  readonly isLast?: boolean;
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

/** Looks at what all others left behind. */
const last = `${endToEnd}99-`;

/** The suites to run, from the paths of all test files; with patterns only files whose path has one of them. */
export function chooseSuites(all: readonly string[], patterns: readonly string[]): Suite[] {
  const chosen = patterns.length === 0 ? all : all.filter((file) => patterns.some((pattern) => file.includes(pattern)));
  const isEndToEnd = (file: string): boolean => file.startsWith(endToEnd);
  const suites: Suite[] = [
    { title: 'unit', files: chosen.filter((file) => !isEndToEnd(file)), timeoutMs: 15_000, env: {} },
    ...topologies(chosen.filter(isEndToEnd)),
    {
      title: 'on the portable primitives',
      files: chosen.filter((file) => onPrimitives.some((start) => file.startsWith(start))),
      timeoutMs: 60_000,
      env: { SIMPP_CRYPTO: 'noble' },
    },
  ];
  return suites.filter((suite) => suite.files.length > 0);
}

/** Each folder of end-to-end tests has servers of its own, and so a process of its own. */
function topologies(files: readonly string[]): Suite[] {
  const folders = Map.groupBy(files, (file) => file.slice(endToEnd.length).split('/')[0] ?? '');
  return [...folders].map(([folder, its]) => ({
    title: `end to end, ${folder}`,
    files: its,
    timeoutMs: 60_000,
    env: {},
    isLast: its.every((file) => file.startsWith(last)),
  }));
}

/** Paths of all test files below the working directory, sorted; the slow ones, `*.slow.test.ts`, only when asked for. */
export function findTestFiles({ slow }: { readonly slow: boolean }): string[] {
  const files = globSync('test/**/*.test.ts').toSorted();
  return slow ? files : files.filter((file) => !file.endsWith('.slow.test.ts'));
}
