import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { missing, needNames, needTable } from './needs.ts';
import { addResults, closingLine, exitCode } from './result.ts';
import { chooseSuites } from './suites.ts';

const run = promisify(execFile);

describe('the test runner', function () {
  this.timeout(30_000);

  it('runs units, each topology, and what depends on primitives once more on the portable ones', () => {
    const files = [
      'test/e2e/01-gateway/login.test.ts',
      'test/e2e/02-other/one.test.ts',
      'test/e2e/02-other/two.test.ts',
      'test/e2e/99-logs/secrets.test.ts',
      'test/shared/simpp/records.test.ts',
      'test/shared/xml/tag.test.ts',
    ];
    const [gateway = '', one = '', two = '', logs = '', records = '', tag = ''] = files;
    const suites = chooseSuites(files, []);
    assert.deepEqual(
      suites.map(({ files: of, env }) => ({ of, env })),
      [
        { of: [records, tag], env: {} },
        { of: [gateway], env: {} },
        { of: [one, two], env: {} },
        { of: [logs], env: {} },
        { of: [gateway, records], env: { SIMPP_CRYPTO: 'noble' } },
      ],
    );
    assert.deepEqual(
      suites.filter(({ isLast }) => isLast === true).map(({ files: of }) => of),
      [[logs]],
    );
    assert.deepEqual(
      chooseSuites(files, ['shared/xml']).map(({ files: of }) => of),
      [[tag]],
    );
  });

  it('succeeds only when something passed, nothing failed and, in CI, nothing was skipped', () => {
    const good = { passed: 3, failed: [], skipped: [] };
    const skipping = { ...good, skipped: ['one'] };
    assert.equal(exitCode(good, true), 0);
    assert.equal(exitCode(skipping, false), 0);
    assert.equal(exitCode(skipping, true), 1);
    assert.equal(exitCode({ ...good, failed: ['one'] }, false), 1);
    assert.equal(exitCode({ ...good, passed: 0 }, false), 1);
    assert.equal(closingLine(addResults([good, skipping])), '6 passed, 0 failed, 1 skipped');
  });

  it('counts failures, stray rejections and skips of a real suite by name', async () => {
    const { passed, failed, skipped } = await runFixture('outcomes.ts');
    assert.equal(passed, 2);
    assert.deepEqual(failed, ['outcomes fails', 'unhandled rejection during: outcomes leaves a rejection behind']);
    const parent = 'outcomes in a suite whose needs are not met';
    assert.deepEqual(skipped, [`${parent} is skipped`, `${parent} and below it is skipped too`]);
  });

  it('counts a process that ends before its last test as a failure', async () => {
    const { failed } = await runFixture('crash.ts');
    assert.deepEqual(failed, ['the process of suite "fixture" ended with 7 before its last test']);
  });

  it('knows for each need a package and a file', () => {
    for (const name of needNames) {
      assert.ok(needTable[name].packages.length > 0 && needTable[name].files.length > 0, name);
    }
    assert.deepEqual(missing([]), []);
  });
});

/** In a process of its own, so that the fixture's report stays out of ours. */
async function runFixture(name: string) {
  const runner = new URL('suite-runner.ts', import.meta.url).href;
  const file = new URL(`fixtures/${name}`, import.meta.url).pathname;
  const program = `
    import { runSuite } from ${JSON.stringify(runner)};
    const { result } = await runSuite({ title: 'fixture', files: [${JSON.stringify(file)}], timeoutMs: 5000, env: {} });
    console.log('\\n' + JSON.stringify(result));`;
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', program]);
  // The program above prints it as its last line.
  return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as {
    passed: number;
    failed: string[];
    skipped: string[];
  };
}
