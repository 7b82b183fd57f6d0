// `npm test`: installs what is missing, runs the suites, two at a time, and
// ends with `N passed, N failed, N skipped`. CONTRIBUTING.md has the arguments.
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { provision } from './provision.ts';
import { addResults, closingLine, exitCode, type Result } from './result.ts';
import { runSuite } from './suite-runner.ts';
import { chooseSuites, findTestFiles, type Suite } from './suites.ts';

const usage = `usage: npm test -- [PART OF A PATH …] [--grep PATTERN] [--install] [--slow]

  PART OF A PATH  only test files whose path has it, e.g. shared/xml or e2e/01
  --grep PATTERN  only tests whose title fits the regular expression
  --install       install missing Debian packages without asking
  --slow          the slow proofs too (*.slow.test.ts), and fuzz for a minute instead of two seconds
`;

const slowFuzzMs = '60000';
/** Suites at the same time: their clients wait for people's timings, and more of them would make each other late. */
const maxWorkers = 2;

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        grep: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
        install: { type: 'boolean', default: false },
        slow: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    process.stderr.write(`${String(error)}\n${usage}`);
    process.exit(64);
  }
}

function list(title: string, names: readonly string[]): void {
  if (names.length > 0) console.log(`${title}:\n${names.map((name) => `  ${name}`).join('\n')}\n`);
}

const { values, positionals } = readArguments();
if (values.help) {
  process.stdout.write(usage);
  process.exit(0);
}

process.chdir(new URL('../..', import.meta.url).pathname);
await provision({ install: values.install });

const evidence = mkdtempSync(join(tmpdir(), 'simpp-evidence-'));
const options = {
  ...(values.grep === undefined ? {} : { grep: values.grep }),
  env: { SIMPP_TEST_EVIDENCE: evidence, ...(values.slow ? { SIMPP_FUZZ_MS: slowFuzzMs } : {}) },
};
const results: Result[] = [];

/** Takes one suite after the other; its report is shown when it has ended, so that none is torn apart. */
async function work(queue: Suite[]): Promise<void> {
  for (let suite = queue.shift(); suite !== undefined; suite = queue.shift()) {
    const startedAt = performance.now();
    const { result, output } = await runSuite(suite, options);
    const seconds = Math.round((performance.now() - startedAt) / 1000);
    process.stdout.write(`\n── ${suite.title}: ${closingLine(result)} in ${seconds} s ──\n${output}`);
    results.push(result);
  }
}

try {
  const suites = chooseSuites(findTestFiles(values), positionals);
  const queue = suites.filter(({ isLast }) => isLast !== true);
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), maxWorkers) }, () => work(queue)));
  await work(suites.filter(({ isLast }) => isLast === true));
} finally {
  rmSync(evidence, { recursive: true, force: true });
}

const result = addResults(results);
list('failed', result.failed);
list('skipped', result.skipped);
console.log(closingLine(result));
process.exitCode = exitCode(result, process.env['CI'] === 'true');
