import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const source = new URL('../../../proxy/cli/install-once.cjs', import.meta.url);

/** In place of npm: notes each call, takes a while, and leaves what `npm ci` leaves. */
const standIn = `
const { appendFileSync, mkdirSync, writeFileSync } = require('node:fs');
appendFileSync('calls', process.argv[2] + '\\n');
console.log('what npm says');
setTimeout(() => {
  mkdirSync('node_modules', { recursive: true });
  if (process.env.INSTALL_FAILS) process.exit(3);
  writeFileSync('node_modules/.package-lock.json', '{}');
}, 300);
`;

describe('the install before the first run', () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'simpp-install-'));
    await mkdir(join(root, 'proxy/cli'), { recursive: true });
    await copyFile(source, join(root, 'proxy/cli/install-once.cjs'));
    await writeFile(join(root, 'npm.cjs'), standIn);
    await writeFile(join(root, 'package-lock.json'), '{}');
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  const command = (): [string, string[]] => [process.execPath, [join(root, 'proxy/cli/install-once.cjs')]];
  const environment = (extra = {}) => ({ ...process.env, npm_execpath: join(root, 'npm.cjs'), ...extra });

  function install(extra = {}) {
    return spawnSync(...command(), { env: environment(extra), encoding: 'utf8' });
  }

  async function calls(): Promise<string[]> {
    return (await readFile(join(root, 'calls'), 'utf8')).trim().split('\n');
  }

  it('runs npm ci once and keeps standard output clean', async () => {
    const first = install();
    assert.deepEqual([first.status, first.stdout], [0, '']);
    assert.match(first.stderr, /what npm says/);
    const second = install();
    assert.deepEqual([second.status, second.stdout, second.stderr], [0, '', '']);
    assert.deepEqual(await calls(), ['ci']);
  });

  it('runs again when package-lock.json is newer than the install', async () => {
    install();
    const later = new Date(Date.now() + 60_000);
    await utimes(join(root, 'package-lock.json'), later, later);
    install();
    assert.deepEqual(await calls(), ['ci', 'ci']);
  });

  it('installs once when two first runs come at once', async () => {
    const both = [1, 2].map(() => spawn(...command(), { env: environment(), stdio: 'ignore' }));
    const codes = await Promise.all(both.map(async (child) => (await once(child, 'exit'))[0] as number));
    assert.deepEqual(codes, [0, 0]);
    assert.deepEqual(await calls(), ['ci']);
    assert.equal(existsSync(join(root, '.simpp/install.lock')), false);
  });

  it('takes over the lock of a process that died', async () => {
    const dead = spawnSync(process.execPath, ['-e', '']);
    await mkdir(join(root, '.simpp'));
    await writeFile(join(root, '.simpp/install.lock'), String(dead.pid));
    assert.equal(install().status, 0);
    assert.deepEqual(await calls(), ['ci']);
  });

  it("fails with npm's exit code, and tries again next time", async () => {
    assert.equal(install({ INSTALL_FAILS: '1' }).status, 3);
    assert.equal(install().status, 0);
    assert.deepEqual(await calls(), ['ci', 'ci']);
  });
});
