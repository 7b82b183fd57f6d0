// Installs the locked dependencies once, before anything else of a checkout can
// run. Old CommonJS on purpose: this file runs on the machine's own Node
// (18 and newer); everything after it runs on the Node that it brings.
// Standard output stays clean: `npm start --silent -- --json` is read by scripts.
const { spawnSync } = require('node:child_process');
const { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');

const root = join(__dirname, '../..');
const wanted = join(root, 'package-lock.json');
// npm writes it last, so it stands for a finished install.
const installed = join(root, 'node_modules/.package-lock.json');
// Outside node_modules, which `npm ci` deletes.
const lock = join(root, '.simpp/install.lock');

function isInstalled() {
  return existsSync(installed) && statSync(installed).mtimeMs >= statSync(wanted).mtimeMs;
}

/** Whether the process that wrote the lock still runs; a lock without a number was made just now. */
function ownerLives() {
  try {
    const owner = Number(readFileSync(lock, 'utf8'));
    if (owner > 0) process.kill(owner, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function takeLock() {
  mkdirSync(join(root, '.simpp'), { recursive: true });
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    if (!ownerLives()) rmSync(lock, { force: true });
    return false;
  }
}

function waitForLock() {
  if (takeLock()) return;
  console.error(`simpp: another install is running (if none is, delete ${lock})`);
  const pause = new Int32Array(new SharedArrayBuffer(4));
  while (!takeLock()) Atomics.wait(pause, 0, 0, 200);
}

function install() {
  console.error('simpp: installing the locked dependencies, once …');
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error'];
  // The npm that started this script, if one did; else the one on the PATH.
  const npm = process.env.npm_execpath;
  const stdio = ['ignore', 2, 2];
  const run = npm
    ? spawnSync(process.execPath, [npm, ...args], { cwd: root, stdio })
    : spawnSync('npm', args, { cwd: root, stdio, shell: process.platform === 'win32' });
  if (run.error) console.error(`simpp: ${run.error.message}`);
  return run.status ?? 1;
}

if (!isInstalled()) {
  waitForLock();
  try {
    if (!isInstalled()) process.exitCode = install();
  } finally {
    rmSync(lock, { force: true });
  }
}
