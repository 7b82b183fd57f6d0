import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { defineService, type Definition } from '../../../proxy/service/definition.ts';
import type { Service, ServicePlatform } from '../../../proxy/service/service.ts';
import { needs } from '../../run/needs.ts';

const run = promisify(execFile);

/** Names that each format has to quote in its own way. */
const awkward: Service = {
  role: 'proxy',
  program: ['/opt/node 24/bin/node', '/opt/R&D <50%>/$simpp/main.ts'],
  environment: { SIMPP_HOME: '/home/zoë/my "files" & more' },
  folders: ['/home/zoë/my "files" & more'],
};
const plain: Service = {
  role: 'proxy',
  program: [process.execPath, '/opt/simpp/main.ts'],
  environment: {},
  folders: ['/tmp'],
};

function on(platform: ServicePlatform, service: Service): Definition {
  return defineService(service, { platform, home: '/home/zoë', env: {} });
}

describe('a service', () => {
  it('is a file at the place that each system looks at', () => {
    assert.equal(on('linux', plain).file, '/home/zoë/.config/systemd/user/simpp-proxy.service');
    assert.equal(on('linux', { ...plain, role: 'gateway' }).file, '/etc/systemd/system/simpp-gateway.service');
    assert.equal(on('darwin', plain).file, '/home/zoë/Library/LaunchAgents/simpp-proxy.plist');
    assert.match(on('win32', plain).file, /simpp-proxy\.xml$/);
    const elsewhere = defineService(plain, { platform: 'linux', home: '/h', env: { XDG_CONFIG_HOME: '/c' } });
    assert.equal(elsewhere.file, '/c/systemd/user/simpp-proxy.service');
  });

  it('of systemd takes spaces, quotes, specifiers and variables literally', () => {
    const { text } = on('linux', awkward);
    const start = String.raw`ExecStart="/opt/node 24/bin/node" "/opt/R&D <50%%>/$$simpp/main.ts" proxy --json`;
    assert.ok(text.includes(`\n${start}\n`), text);
    assert.ok(text.includes(String.raw`Environment="SIMPP_HOME=/home/zoë/my \"files\" & more"`), text);
  });

  it('of systemd is confined, but may write machine code, which V8 does', () => {
    for (const role of ['proxy', 'gateway'] as const) {
      const { text } = on('linux', { ...plain, role });
      const confined = [
        'NoNewPrivileges=yes',
        'ProtectSystem=strict',
        'PrivateTmp=yes',
        'SystemCallFilter=@system-service',
      ];
      for (const line of [...confined, 'CapabilityBoundingSet=', 'RestrictNamespaces=yes', 'UMask=0077']) {
        assert.ok(text.split('\n').includes(line), `${role}: ${line}`);
      }
      assert.doesNotMatch(text, /MemoryDenyWriteExecute/);
    }
    assert.match(on('linux', plain).text, /^ProtectHome=read-only\nReadWritePaths=\/tmp$/m);
    assert.match(on('linux', { ...plain, role: 'gateway' }).text, /^DynamicUser=yes\nStateDirectory=simpp$/m);
  });

  it('of Windows is UTF-16 with its mark, as schtasks wants it', () => {
    const { bytes, text, enable } = on('win32', plain);
    assert.equal(Buffer.from(bytes as Uint8Array).toString('hex', 0, 4), 'fffe3c00');
    assert.equal(
      Buffer.from(bytes as Uint8Array)
        .toString('utf16le')
        .slice(1),
      text,
    );
    assert.deepEqual(enable[0]?.slice(0, 4), ['schtasks', '/Create', '/F', '/TN']);
  });
});

describe('a service, as systemd reads it', function () {
  needs('systemd');
  this.timeout(30_000);
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'simpp-service-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  for (const [role, scope] of [
    ['proxy', '--user'],
    ['gateway', '--system'],
  ] as const) {
    it(`has no line that systemd does not know or would ignore (${role})`, async () => {
      const file = join(folder, `simpp-${role}.service`);
      writeFileSync(file, on('linux', { ...plain, role }).text);
      const env = { ...process.env, XDG_RUNTIME_DIR: folder };
      const { stdout, stderr } = await run('systemd-analyze', [scope, '--man=no', 'verify', file], { env });
      assert.equal(stdout + stderr, '');
    });
  }

  it('leaves little to whoever takes over a gateway', async () => {
    const file = join(folder, 'simpp-gateway.service');
    writeFileSync(file, on('linux', { ...plain, role: 'gateway' }).text);
    const { stdout } = await run('systemd-analyze', ['security', '--offline=yes', '--threshold=20', file]);
    assert.match(stdout, /Overall exposure level for simpp-gateway\.service: [01]\.\d OK/);
  });
});

describe('a service, as Python reads it', function () {
  needs('python');
  this.timeout(30_000);

  it('of launchd is a property list that starts the same program', async () => {
    const read = 'import json, plistlib, sys; print(json.dumps(plistlib.loads(sys.argv[1].encode())))';
    const { stdout } = await run('/usr/bin/python3', ['-c', read, on('darwin', awkward).text]);
    const list = JSON.parse(stdout) as Record<string, unknown>;
    assert.deepEqual(list['ProgramArguments'], [...awkward.program, 'proxy', '--json']);
    assert.deepEqual(list['EnvironmentVariables'], awkward.environment);
    assert.deepEqual([list['Label'], list['RunAtLoad'], list['Umask']], ['simpp-proxy', true, 0o77]);
  });

  it('of Windows is a task that starts the same program', async () => {
    const read = `
import json, sys, xml.etree.ElementTree as tree
root = tree.fromstring(bytes.fromhex(sys.argv[1]))
find = lambda path: root.find('/'.join('{http://schemas.microsoft.com/windows/2004/02/mit/task}' + n for n in path.split('/'))).text
print(json.dumps([find('Actions/Exec/Command'), find('Actions/Exec/Arguments'), find('Principals/Principal/RunLevel')]))`;
    const of = async (service: Service): Promise<unknown> => {
      const hex = Buffer.from(on('win32', service).bytes as Uint8Array).toString('hex');
      return JSON.parse((await run('/usr/bin/python3', ['-c', read, hex])).stdout);
    };
    const program = [String.raw`C:\Program Files\node\node.exe`, String.raw`C:\simpp\simpp.js`] as const;
    assert.deepEqual(await of({ ...plain, program }), [
      program[0],
      String.raw`C:\simpp\simpp.js proxy --json`,
      'LeastPrivilege',
    ]);
    assert.deepEqual(await of({ ...plain, program, environment: { SIMPP_HOME: String.raw`D:\R&D` } }), [
      'cmd.exe',
      String.raw`/d /s /c "set "SIMPP_HOME=D:\R&D"&&"C:\Program Files\node\node.exe" C:\simpp\simpp.js proxy --json"`,
      'LeastPrivilege',
    ]);
  });
});
