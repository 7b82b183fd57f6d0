// The real gateway and the real proxy, composed from files and run by the
// command line; e2e tests let clients talk through them.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findHome } from '../../../proxy/config/home.ts';
import { openKeystore } from '../../../proxy/keystore/keystore.ts';
import { AccountStore } from '../../../proxy/store/accounts.ts';
import { simpp, startSimpp, type Running } from './simpp.ts';

describe('simpp gateway run and simpp proxy', function () {
  this.timeout(60_000);
  let folder: string;
  const running: Running[] = [];
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'simpp-running-'))));
  afterEach(() => {
    for (const role of running.splice(0)) role.child.kill('SIGKILL');
    rmSync(folder, { recursive: true });
  });

  const start = async (args: string[], home: string): Promise<Running> => {
    const role = await startSimpp(args, home);
    running.push(role);
    return role;
  };

  it('run from what init and setup wrote, and a running proxy takes another account', async () => {
    const [gatewayHome, proxyHome] = [join(folder, 'gateway'), join(folder, 'proxy')];
    const init = ['gateway', 'init', '--domain', 'example.org', '--listen', '127.0.0.1:0', '--server', '127.0.0.1:1'];
    assert.equal((await simpp([...init, '--json'], { home: gatewayHome })).code, 0);
    const gateway = await start(['gateway', 'run', '--json'], gatewayHome);
    const { json } = await simpp(['fingerprint', '--gateway', '--json'], { home: gatewayHome });
    const invite = String(json['invite']);
    assert.equal(json['running'], true);
    assert.ok(invite.startsWith(`simpp://${gateway.listen[0]}/example.org?key=`));

    const setup = ['setup', 'example.org', '--invite', invite, '--listen', '127.0.0.1:0', '--json'];
    assert.equal((await simpp(setup, { home: proxyHome })).code, 0);
    const proxy = await start(['proxy', '--json'], proxyHome);
    const account = ['setup', 'alice@example.org', '--invite', invite, '--password-file', '-', '--json'];
    const added = await simpp(account, { home: proxyHome, input: 'secret' });
    assert.deepEqual([added.code, added.json['reloaded'], added.json['listen']], [0, true, proxy.listen]);
    const status = await simpp(['status', '--json'], { home: proxyHome });
    const { setups } = status.json['proxy'] as { setups: { name: string; fingerprint: string }[] };
    assert.deepEqual(
      setups.map(({ name, fingerprint }) => [name, fingerprint]),
      [
        ['alice@example.org', json['fingerprint']],
        ['example.org', json['fingerprint']],
      ],
    );

    for (const role of [proxy, gateway]) assert.deepEqual(await role.end('SIGTERM'), [0, null]);
    const home = findHome({ platform: process.platform, home: folder, env: { SIMPP_HOME: proxyHome } });
    const store = AccountStore.open(home.proxyDatabase, await openKeystore(home.keystoreDir));
    assert.equal(store.credentials('alice@example.org').password, 'secret');
    store.close();
  });

  it('say what is missing, and what is wrong in their files', async () => {
    const [noGateway, noProxy] = await Promise.all([
      simpp(['gateway', 'run', '--json'], { home: folder }),
      simpp(['proxy', '--json'], { home: folder }),
    ]);
    for (const { code, json } of [noGateway, noProxy]) {
      assert.deepEqual([code, (json['error'] as Record<string, unknown>)['code']], [78, 'config-missing']);
    }
    const file = join(folder, 'gateway.toml');
    writeFileSync(file, 'domains = ["example.org"]\nserver = "127.0.0.1:1"\nserver_tls = "starttsl"\n');
    const wrong = await simpp(['gateway', 'run'], { home: folder });
    assert.equal(wrong.code, 78);
    const problem = `simpp: ${file}:3:1: server_tls: expected one of "none", "starttls", "direct", got "starttsl"; did you mean "starttls"?`;
    assert.ok(wrong.stderr.startsWith(`${problem}\n`), wrong.stderr);
  });

  it('say which address is taken', async () => {
    const home = join(folder, 'one');
    const init = (listen: string): Promise<unknown> =>
      simpp(['gateway', 'init', '--domain', 'a.b', '--listen', listen, '--server', '127.0.0.1:1', '--json'], { home });
    await init('127.0.0.1:0');
    const first = await start(['gateway', 'run', '--json'], home);
    const other = join(folder, 'two');
    const setup = ['setup', 'a.b', '--direct', '--listen', first.listen[0]!, '--json'];
    assert.equal((await simpp(setup, { home: other })).code, 0);
    const { code, json } = await simpp(['proxy', '--json'], { home: other });
    assert.deepEqual([code, (json['error'] as Record<string, unknown>)['code']], [71, 'port-taken']);
  });

  it('keep limits and log of gateway.toml when init is run again', async () => {
    const init = ['gateway', 'init', '--domain', 'a.b', '--server', '127.0.0.1:1', '--json'];
    await simpp(init, { home: folder });
    const file = join(folder, 'gateway.toml');
    writeFileSync(file, readFileSync(file, 'utf8').replace('# max_connections = 10000', 'max_connections = 7'));
    await simpp([...init, '--guest', 'refuse'], { home: folder });
    const text = readFileSync(file, 'utf8');
    assert.match(text, /^max_connections = 7$/m);
    assert.match(text, /^guest = "refuse"$/m);
  });
});
