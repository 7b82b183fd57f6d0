// Runs one suite in a process of its own, started by suite-runner.ts: mocha with
// its spec report on standard output, the result as a message to the parent.
import Mocha from 'mocha';

import type { Result } from './result.ts';
import type { Suite } from './suites.ts';

/** How long open handles may keep the process after its last test. */
const lingerMs = 5_000;

// As mocha's own command does: a rejection that nobody handles fails the test that runs.
process.on('unhandledRejection', (reason) => {
  throw reason;
});

const { suite, grep } = JSON.parse(process.argv[2] ?? '') as { suite: Suite; grep?: string }; // by our own parent
const mocha = new Mocha({ timeout: suite.timeoutMs, reporter: 'spec', color: process.stdout.isTTY });
if (grep !== undefined) mocha.grep(new RegExp(grep));
for (const file of suite.files) mocha.addFile(file);
await mocha.loadFilesAsync();

const failed: string[] = [];
const skipped: string[] = [];
const runner = mocha.run(() => {
  const result: Result = { passed: runner.stats?.passes ?? 0, failed, skipped };
  process.send?.(result);
  setTimeout(() => {
    const open = process.getActiveResourcesInfo().filter((name) => name !== 'Timeout' && name !== 'PipeWrap');
    process.stderr.write(`the tests ended, but these keep the process: ${open.join(', ') || 'timers'}\n`);
    process.exit();
  }, lingerMs).unref();
});
runner.on('fail', (test) => failed.push(test.fullTitle()));
runner.on('pending', (test) => skipped.push(test.fullTitle()));
