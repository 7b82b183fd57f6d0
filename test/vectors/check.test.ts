// The second implementation, in Python and from docs/protocol.md alone, must
// agree with the known answers, and must notice every change of them.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { needs } from '../run/needs.ts';

const script = fileURLToPath(new URL('./check.py', import.meta.url));

/** Runs the check; its last line are the counts, which are shown. */
async function check(...options: readonly string[]): Promise<{ readonly output: string; readonly counts: string }> {
  const child = spawn('/usr/bin/python3', [script, ...options], { stdio: ['ignore', 'pipe', 'pipe'] });
  const [output, errors, [status]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  assert.equal(status, 0, `${output}${errors}`);
  const counts = output.trimEnd().split('\n').at(-1)!;
  process.stdout.write(`        ${counts}\n`);
  return { output, counts };
}

describe('a second implementation, in Python', () => {
  needs('python');

  it('computes every value of the known answers', async () => {
    const { counts } = await check();
    assert.match(counts, /^[1-9]\d* checks, 0 failed$/);
  }).timeout(60_000);

  it('notices every change of a value, and every key, item or case that is missing or unknown', async () => {
    const { output, counts } = await check('--mutate');
    assert.match(output, /^[1-9]\d* checks, 0 failed$/m);
    assert.match(counts, /^[1-9]\d* mutations, 0 survived$/);
  }).timeout(240_000);
});
