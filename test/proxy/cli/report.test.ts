import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';

/** What a failed command says, in a process of its own, since it writes to the process's streams. */
function report(thrown: string, json: boolean) {
  const url = new URL('../../../proxy/cli/report.ts', import.meta.url);
  const errors = new URL('../../../shared/errors.ts', import.meta.url);
  const script = `import { reportError } from '${url}'; import { SimppError } from '${errors}';
    process.exitCode = reportError(${thrown}, ${json});`;
  const options = { encoding: 'utf8' } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], options);
  return { status, stdout, stderr };
}

describe('the report of a failed command', () => {
  it('gives scripts one JSON line, and nothing else when it is no bug', () => {
    const { status, stdout, stderr } = report(`new SimppError('not-running')`, true);
    assert.equal(status, 69);
    assert.deepEqual(Object.keys(JSON.parse(stdout) as object), ['error']);
    assert.equal(stderr, '');
  });

  it('shows the stack of a bug on stderr, for scripts too', () => {
    for (const json of [false, true]) {
      const { status, stdout, stderr } = report(`new TypeError('boom')`, json);
      assert.equal(status, 70);
      assert.match(stderr, /^TypeError\n {4}at /m);
      assert.equal(stdout === '', !json);
    }
  });
});
