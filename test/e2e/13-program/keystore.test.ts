// The three kinds of keystores as people meet them: a real keyring in a
// session of its own, a session without one, and a passphrase on a terminal.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { needs } from '../../run/needs.ts';

const run = promisify(execFile);
const main = fileURLToPath(new URL('../../../proxy/main.ts', import.meta.url));

describe('13 the keystore', function () {
  this.timeout(90_000);
  let folder: string;
  let env: Record<string, string | undefined>;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'simpp-keystore-home-'));
    mkdirSync(join(folder, 'run'), { mode: 0o700 });
    env = {
      ...process.env,
      HOME: folder,
      SIMPP_HOME: join(folder, 'simpp'),
      XDG_RUNTIME_DIR: join(folder, 'run'),
      DBUS_SESSION_BUS_ADDRESS: undefined,
    };
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const setUp = `printf 'hunter2\\n' | "$0" "$1" setup alice@example.test --direct --server 127.0.0.1:1 --password-file - --json`;
  const kind = (): string =>
    (JSON.parse(readFileSync(join(folder, 'simpp', 'keystore', 'keystore.json'), 'utf8')) as { kind: string }).kind;

  describe('in a real keyring', () => {
    needs('keyring');

    it('is opened by the session, and no key of it is on the disk', async () => {
      const unlock = 'printf password | gnome-keyring-daemon --unlock --components=secrets >/dev/null';
      const look = '"$0" "$1" doctor --json || true';
      const script = `${unlock} && ${setUp} >/dev/null && ${look}`;
      const { stdout } = await run('dbus-run-session', ['--', 'sh', '-c', script, process.execPath, main], {
        env: { ...env, SIMPP_KEYSTORE: 'keyring' },
      });
      assert.equal(kind(), 'keyring');
      assert.deepEqual(readdirSync(join(folder, 'simpp', 'keystore')), ['keystore.json']);
      assert.match(stdout, /The keystore opens \(the system's keyring\)/);

      // Another session, whose keyring has not the key: nothing opens, and it is said why.
      const elsewhere = await run(process.execPath, [main, 'doctor', '--json'], { env }).catch(
        (error: { stdout: string }) => error,
      );
      assert.match(elsewhere.stdout, /The system's keyring cannot be used/);
    });
  });

  it('becomes a key file where a session has no keyring, and that is said', async () => {
    const { stdout, stderr } = await run('sh', ['-c', setUp, process.execPath, main], {
      env: { ...env, SIMPP_KEYSTORE: 'keyring' },
    });
    assert.match(stdout, /"setup":"alice@example\.test"/);
    assert.match(stderr, /This session has no keyring that answers; .* kept in a file/);
    assert.equal(kind(), 'file');
    assert.equal(statSync(join(folder, 'simpp', 'keystore', 'keystore.key')).mode & 0o777, 0o600);
  });

  describe('on a terminal', () => {
    needs('python');

    /** Types the answer when the question is shown, on a terminal that Python makes. */
    async function onTerminal(
      command: readonly string[],
      typed: readonly (readonly [string, string])[],
    ): Promise<string> {
      const script = `
import fcntl, json, os, pty, signal, struct, sys, termios
command, typed = json.loads(sys.argv[1])
pid, fd = pty.fork()
if pid == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack('HHHH', 24, 100, 0, 0))
    os.execvp(command[0], command)
signal.signal(signal.SIGALRM, lambda *_: os.kill(pid, signal.SIGKILL))
signal.alarm(60)
shown = b''
try:
    while True:
        data = os.read(fd, 4096)
        if not data: break
        shown += data
        while typed and typed[0][0].encode() in shown:
            shown = shown.split(typed[0][0].encode(), 1)[1]
            os.write(fd, typed.pop(0)[1].encode())
except OSError: pass
_, status = os.waitpid(pid, 0)
print(json.dumps([os.waitstatus_to_exitcode(status), shown.decode(errors='replace'), typed]))`;
      const { stdout } = await run('/usr/bin/python3', ['-c', script, JSON.stringify([command, typed])], {
        env: { ...env, NO_COLOR: '1' },
      });
      const [code, shown, left] = JSON.parse(stdout) as [number, string, unknown[]];
      assert.deepEqual([code, left], [0, []], shown);
      return shown;
    }

    it('asks for its passphrase when the proxy starts, and shows it to nobody', async () => {
      const passphrase = join(folder, 'passphrase');
      writeFileSync(passphrase, 'open sesame\n', { mode: 0o600 });
      await run('sh', ['-c', `${setUp} --listen 127.0.0.1:0`, process.execPath, main], {
        env: { ...env, SIMPP_PASSPHRASE_FILE: passphrase },
      });
      assert.equal(kind(), 'passphrase');

      const unattended = await run(process.execPath, [main, 'proxy', '--json'], { env }).catch(
        (error: { code: number; stdout: string }) => error,
      );
      assert.match(unattended.stdout, /needs its passphrase/);

      const shown = await onTerminal(
        [process.execPath, main, 'proxy'],
        [
          ['Passphrase of the keystore?', 'open sesame\r'],
          ['Ctrl-C stops it', '\u0003'],
        ],
      );
      assert.doesNotMatch(shown, /open sesame/);
    });
  });
});
