// `simpp service` as a person uses it, in a home of its own. Here no systemd
// runs the machine, so that files are written and commands only shown.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const main = fileURLToPath(new URL('../../../proxy/main.ts', import.meta.url));

describe('13 simpp service', function () {
  this.timeout(60_000);
  let folder: string;
  before(() => (folder = mkdtempSync(join(tmpdir(), 'simpp-service-home-'))));
  after(() => rmSync(folder, { recursive: true }));

  const simpp = async (...args: string[]): Promise<{ code: number; json: Record<string, unknown> }> => {
    const env = {
      ...process.env,
      HOME: folder,
      SIMPP_HOME: join(folder, 'simpp'),
      XDG_CONFIG_HOME: join(folder, 'config'),
    };
    const done = await run(process.execPath, [main, ...args, '--json'], { env }).then(
      ({ stdout }) => ({ code: 0, stdout }),
      ({ code, stdout }: { code: number; stdout: string }) => ({ code, stdout }),
    );
    return {
      code: done.code,
      json: JSON.parse(done.stdout.trimEnd().split('\n').at(-1) ?? '') as Record<string, unknown>,
    };
  };

  it('installs nothing before something is set up', async () => {
    const { code, json } = await simpp('service', 'install');
    assert.deepEqual([code, (json['error'] as { code: string }).code], [78, 'config-missing']);
  });

  it('writes the unit that starts this program with this folder, and removes it again', async () => {
    assert.equal((await simpp('setup', 'example.test', '--direct')).code, 0);
    const before = await simpp('service', 'status');
    assert.deepEqual([before.json['installed'], before.json['running']], [false, false]);

    const { json } = await simpp('service', 'install');
    const file = join(folder, 'config', 'systemd', 'user', 'simpp-proxy.service');
    assert.equal(json['file'], file);
    const text = readFileSync(file, 'utf8');
    assert.ok(text.includes(`Environment=SIMPP_HOME=${join(folder, 'simpp')}\n`), text);
    assert.match(text, /^ExecStart=\S*node\S* \S+main\.ts proxy --json$/m);
    assert.equal(statSync(file).mode & 0o022, 0);
    assert.deepEqual(json['commands'], [
      'systemctl --user daemon-reload',
      'systemctl --user enable simpp-proxy.service',
      'systemctl --user restart simpp-proxy.service',
    ]);

    const after = await simpp('service', 'status');
    assert.deepEqual([after.json['installed'], after.json['current']], [true, true]);
    assert.equal((await simpp('service', 'uninstall')).json['removed'], true);
    assert.ok(!existsSync(file));
    assert.equal((await simpp('service', 'uninstall')).json['removed'], false);
  });

  it('shows what other systems would get, and installs that nowhere', async () => {
    const [mac, windows, refused] = await Promise.all([
      simpp('service', 'install', '--print', '--platform', 'darwin'),
      simpp('service', 'install', '--print', '--platform', 'win32'),
      simpp('service', 'install', '--platform', 'darwin'),
    ]);
    assert.match(String(mac.json['text']), /<key>ProgramArguments<\/key>/);
    assert.match(String(windows.json['text']), /<Exec>/);
    assert.equal(refused.code, 64);
  });
});
