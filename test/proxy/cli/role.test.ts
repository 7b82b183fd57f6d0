import assert from 'node:assert/strict';
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { mainFile, simpp } from './simpp.ts';

const program = fileURLToPath(new URL('role-program.ts', import.meta.url));

interface Role {
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  readonly ready: Readonly<Record<string, unknown>>;
  /** Resolves with the first log record of this event. */
  logged(event: string): Promise<Record<string, unknown>>;
  exit(): Promise<[code: number | null, signal: string | null]>;
}

describe('a running role', function () {
  this.timeout(60_000);
  let home: string;
  const children: ChildProcessByStdio<null, Readable, Readable>[] = [];
  beforeEach(() => (home = mkdtempSync(join(tmpdir(), 'simpp-role-'))));
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    rmSync(home, { recursive: true });
  });

  async function start(how = ''): Promise<Role> {
    const env = { ...process.env, SIMPP_HOME: home };
    const child = spawn(process.execPath, [program, how], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    children.push(child);
    const exited = once(child, 'exit') as Promise<[number | null, string | null]>;
    const records = new Records(createInterface({ input: child.stderr }));
    const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
    return {
      child,
      ready: JSON.parse(line) as Record<string, unknown>,
      logged: (event) => records.find(event),
      exit: () => exited,
    };
  }

  it('says in one line that it is ready, with its real address, and logs to stderr', async () => {
    const { ready, logged } = await start();
    assert.equal(ready['ready'], true);
    assert.match(String(ready['listen']), /^127\.0\.0\.1:[1-9]\d*$/);
    assert.equal((await logged('ready'))['listen'], String(ready['listen']));
  });

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    it(`ends with 0 on ${signal}, and leaves no socket behind`, async () => {
      const { child, exit } = await start();
      assert.ok(existsSync(join(home, 'proxy.sock')));
      child.kill(signal);
      assert.deepEqual(await exit(), [0, null]);
      assert.equal(existsSync(join(home, 'proxy.sock')), false);
    });
  }

  it('ends at once on a second signal', async () => {
    const { child, exit, logged } = await start('never-stops');
    child.kill('SIGTERM');
    await logged('stopping');
    child.kill('SIGTERM');
    assert.deepEqual(await exit(), [143, null]);
  });

  it('keeps a second one out of its folder', async () => {
    const { ready } = await start();
    const second = await start();
    assert.deepEqual(second.ready, {
      error: {
        code: 'already-running',
        text: 'Another process already uses this folder.',
        hint: '"simpp status" shows it; SIMPP_HOME chooses another folder.',
      },
    });
    assert.deepEqual(await second.exit(), [75, null]);
    const { json } = await simpp(['status', '--json'], { home });
    assert.deepEqual((json['proxy'] as Record<string, unknown>)['listen'], ready['listen']);
  });

  it('starts again after it was killed', async () => {
    const { child, exit } = await start();
    child.kill('SIGKILL');
    await exit();
    assert.ok(existsSync(join(home, 'proxy.sock')));
    assert.equal((await start()).ready['ready'], true);
  });

  it('is shown by simpp status, for people and as JSON', async () => {
    const { child, ready } = await start();
    const [people, scripts] = await Promise.all([
      simpp(['status'], { home }),
      simpp(['status', 'proxy', '--json'], { home }),
    ]);
    assert.equal(people.code, 0);
    assert.match(people.stdout, new RegExp(`^proxy \\(simpp .*, process ${child.pid}\\), up \\d+ s$`, 'm'));
    assert.match(people.stdout, /^ {2}a@example\.org \(jid\): direct, by DNS, 3 connected$/m);
    assert.equal(scripts.json['gateway'], null);
    const status = scripts.json['proxy'] as Record<string, unknown>;
    assert.deepEqual([status['role'], status['pid'], status['listen']], ['proxy', child.pid, ready['listen']]);
  });

  it('that does not run is said so, with 69', async () => {
    const { code, json } = await simpp(['status', 'gateway', '--json'], { home });
    assert.equal(code, 69);
    assert.equal((json['error'] as Record<string, unknown>)['code'], 'not-running');
  });

  it('keeps its recent events for simpp log, also those that it did not write', async () => {
    const { logged } = await start();
    await logged('ready');
    const [info, debug, none] = await Promise.all([
      simpp(['log', '--json'], { home }),
      simpp(['log', '--level', 'debug'], { home }),
      simpp(['log', '--lines', '0'], { home }),
    ]);
    assert.deepEqual([info.json['event'], info.json['role'], info.stdout.split('\n').length], ['ready', 'proxy', 2]);
    assert.match(debug.stdout, /^\S+ debug listening listen=127\.0\.0\.1:\d+\n\S+ info  ready /);
    assert.equal(none.stdout, '');
  });

  it('reads its configuration again on SIGHUP', async () => {
    const { child, logged } = await start();
    child.kill('SIGHUP');
    assert.equal((await logged('not taken without a restart'))['text'], 'listen counts after a restart');
    await logged('configuration read again');
  });

  it('is followed by simpp log, which ends with it', async () => {
    const { child } = await start();
    const follower = spawn(process.execPath, [mainFile, 'log', '--follow', '--json'], {
      env: { ...process.env, SIMPP_HOME: home },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = once(follower, 'exit');
    const records = new Records(createInterface({ input: follower.stdout }));
    await records.find('ready');
    child.kill('SIGHUP');
    assert.deepEqual((await records.find('reloaded'))['fields'], { count: 1 });
    child.kill('SIGTERM');
    assert.deepEqual(await exited, [0, null]);
  });

  it('goes on when its configuration became unreadable, and logs no message of a foreign error', async () => {
    const { child, logged, exit } = await start('bad-reload');
    child.kill('SIGHUP');
    const record = await logged('configuration not taken');
    assert.equal(record['cause'], 'Error');
    assert.doesNotMatch(JSON.stringify(record), /secret/);
    child.kill('SIGTERM');
    assert.deepEqual(await exit(), [0, null]);
  });
});

/** Records of a log, also those that came before anybody asked. */
class Records {
  readonly #seen: Record<string, unknown>[] = [];
  #wake: (() => void)[] = [];

  constructor(lines: Interface) {
    lines.on('line', (line) => {
      this.#seen.push(JSON.parse(line) as Record<string, unknown>);
      for (const wake of this.#wake.splice(0)) wake();
    });
  }

  async find(event: string): Promise<Record<string, unknown>> {
    for (;;) {
      const found = this.#seen.find((record) => record['event'] === event);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => this.#wake.push(resolve));
    }
  }
}
