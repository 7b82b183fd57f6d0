import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { keystoreKey } from '../../../../proxy/keystore/key.ts';
import { EndToEndStores } from '../../../../proxy/store/endtoend/stores.ts';
import { temporaryFolder } from '../../keystore/folder.ts';

const writer = fileURLToPath(new URL('writer.ts', import.meta.url));
const romeo = 'romeo@montague.test';

interface Ended {
  readonly signal: NodeJS.Signals | null;
  readonly lines: readonly string[];
}

async function run(command: string, args: readonly string[]): Promise<Ended> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const [, signal] = await once(child, 'close');
  return { signal, lines: output.trim().split('\n') };
}

/** What the next start finds: the newest session step, and which of the first `count` messages. */
function found(path: string, count: number): { step: number; messages: number[] } {
  const stores = EndToEndStores.open(path, keystoreKey(new Uint8Array(32).fill(1)));
  try {
    const store = stores.account(romeo);
    const all = Array.from({ length: count }, (_, n) => n + 1);
    return {
      step: store.sessions.get('ab'.repeat(32))?.leasedTo ?? 0,
      messages: all.filter((n) => store.archive.get(`d${n}`) !== undefined),
    };
  } finally {
    stores.close();
  }
}

describe('after a crash (docs/protocol.md §9.8)', function () {
  this.timeout(30_000); // starts processes
  const folder = temporaryFolder();
  const path = (): string => join(folder(), 'endtoend.db');

  // The first commit is that of the account's own row.
  it('nothing is there of a group that was not committed, and all that was said to be durable', async () => {
    const { signal, lines } = await run(process.execPath, [writer, path(), '9', 'commit.before:6']);
    assert.equal(signal, 'SIGKILL');
    assert.equal(lines.at(-1), 'durable 4');
    assert.deepEqual(found(path(), 9), { step: 4, messages: [1, 2, 3, 4] });
  });

  it('a group that was committed is there, also when nobody was told any more', async () => {
    const { signal, lines } = await run(process.execPath, [writer, path(), '9', 'commit.after:6']);
    assert.equal(signal, 'SIGKILL');
    assert.equal(lines.at(-1), 'durable 4');
    assert.deepEqual(found(path(), 9), { step: 5, messages: [1, 2, 3, 4, 5] });
  });

  it('what a full disk refused was refused whole, and all that was said to be durable is there', async function () {
    if (process.platform === 'win32') this.skip(); // has no such limit
    // Files of at most 1024 blocks of 512 or 1024 bytes: the log meets that in the middle of a commit.
    const limited = `trap '' XFSZ; ulimit -f 1024; exec "$@"`;
    const { signal, lines } = await run('sh', ['-c', limited, 'sh', process.execPath, writer, path(), '120']);
    assert.equal(signal, null);
    assert.equal(lines.at(-1), 'end');
    const durable = lines.flatMap((line) => /^durable (\d+)$/.exec(line)?.[1] ?? []).map(Number);
    const lost = lines.filter((line) => line.startsWith('lost'));
    assert.ok(durable.length > 5, `only ${durable.length} were durable`);
    assert.ok(lost.length > 5, `only ${lost.length} were lost`);
    // The writer heard of each loss, once, before it was told by the promise.
    for (const [n, line] of lost.entries()) assert.match(line, new RegExp(` storage-failed ${n + 1}$`));
    assert.deepEqual(found(path(), 120), { step: durable.at(-1), messages: durable });
  });
});
