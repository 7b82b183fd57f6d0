// Runs one suite in a process of its own, started by suite-runner.ts: mocha with
// its spec report on standard output, the result as a message to the parent.
import { inspect } from 'node:util';

import Mocha from 'mocha';

import type { Result } from './result.ts';
import type { Suite } from './suites.ts';

/** How long open handles may keep the process after its last test. */
const lingerMs = 5_000;

const { suite, grep } = JSON.parse(process.argv[2] ?? '') as { suite: Suite; grep?: string }; // by our own parent
const mocha = new Mocha({ timeout: suite.timeoutMs, reporter: 'spec', color: process.stdout.isTTY === true });
if (grep !== undefined) mocha.grep(new RegExp(grep));
for (const file of suite.files) mocha.addFile(file);
await mocha.loadFilesAsync();

const failed = new Set<string>();
const skipped: string[] = [];
const runner = mocha.run(() => {
  process.removeListener('unhandledRejection', onUnhandledRejection);
  const result: Result = { passed: runner.stats?.passes ?? 0, failed: [...failed], skipped };
  process.send?.(result);
  setTimeout(() => {
    const open = process.getActiveResourcesInfo().filter((name) => name !== 'Timeout' && name !== 'PipeWrap');
    process.stderr.write(`the tests ended, but these keep the process: ${open.join(', ') || 'timers'}\n`);
    process.exit();
  }, lingerMs).unref();
});
runner.on('fail', (test) => failed.add(test.fullTitle()));
runner.on('pending', (test) => skipped.push(test.fullTitle()));
process.on('unhandledRejection', onUnhandledRejection);

/** Mocha lets these pass: a promise that nobody waited for, in the test that runs or in one before it. */
function onUnhandledRejection(reason: unknown): void {
  const during = runner.currentRunnable?.fullTitle() ?? 'no test';
  if (!failed.has(`unhandled rejection during: ${during}`)) {
    process.stdout.write(`    unhandled rejection: ${inspect(reason)}\n`);
  }
  failed.add(`unhandled rejection during: ${during}`);
}
