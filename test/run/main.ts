// `npm test`: installs what is missing, runs the suites one after the other, and
// ends with `N passed, N failed, N skipped`. CONTRIBUTING.md has the arguments.
import { parseArgs } from 'node:util';

import { provision } from './provision.ts';
import { addResults, closingLine, exitCode, type Result } from './result.ts';
import { runSuite } from './suite-runner.ts';
import { chooseSuites, findTestFiles } from './suites.ts';

const usage = `usage: npm test -- [PART OF A PATH …] [--grep PATTERN] [--install] [--slow]

  PART OF A PATH  only test files whose path has it, e.g. shared/xml or e2e/01
  --grep PATTERN  only tests whose title fits the regular expression
  --install       install missing Debian packages without asking
  --slow          the slow proofs too (*.slow.test.ts), and fuzz for a minute instead of two seconds
`;

const slowFuzzMs = '60000';

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

const results: Result[] = [];
for (const suite of chooseSuites(findTestFiles(values), positionals)) {
  console.log(`\n── ${suite.title} ──`);
  const grep = values.grep === undefined ? {} : { grep: values.grep };
  results.push(await runSuite(suite, { ...grep, env: values.slow ? { SIMPP_FUZZ_MS: slowFuzzMs } : {} }));
}

const result = addResults(results);
list('failed', result.failed);
list('skipped', result.skipped);
console.log(closingLine(result));
process.exitCode = exitCode(result, process.env['CI'] === 'true');
