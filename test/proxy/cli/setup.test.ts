import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSetups } from '../../../proxy/config/accounts.ts';
import { findHome, type Home } from '../../../proxy/config/home.ts';
import { openKeystore } from '../../../proxy/keystore/keystore.ts';
import { AccountStore } from '../../../proxy/store/accounts.ts';
import { simpp, type Finished } from './simpp.ts';

describe('simpp setup and simpp gateway init', function () {
  this.timeout(60_000);
  let folder: string;
  let home: Home;
  let gatewayFolder: string;
  let invite: string;

  const init = (...args: string[]): Promise<Finished> =>
    simpp(['gateway', 'init', '--json', '--server', '127.0.0.1:5223', ...args], { home: gatewayFolder });
  const setup = (args: string[], input?: string): Promise<Finished> =>
    simpp(['setup', ...args], { home: folder, ...(input === undefined ? {} : { input }) });
  const error = (finished: Finished): Record<string, string> => finished.json['error'] as Record<string, string>;

  before(async () => {
    gatewayFolder = mkdtempSync(join(tmpdir(), 'simpp-gateway-'));
    const { code, json } = await init(
      '--domain',
      'example.org',
      '--domain',
      'example.net',
      '--listen',
      '127.0.0.1:6222',
    );
    assert.equal(code, 0);
    invite = String(json['invite']);
  });
  after(() => rmSync(gatewayFolder, { recursive: true }));

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'simpp-setup-'));
    home = findHome({ platform: process.platform, home: folder, env: { SIMPP_HOME: folder } });
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('init ends with fingerprint and invite, and keeps the key when it is run again', async () => {
    const key = readFileSync(join(gatewayFolder, 'gateway.key'));
    assert.equal(statSync(join(gatewayFolder, 'gateway.key')).mode & 0o777, 0o600);
    const again = await init('--domain', 'example.org', '--domain', 'example.net', '--listen', '127.0.0.1:6222');
    assert.deepEqual(Object.keys(again.json), ['fingerprint', 'invite']);
    assert.equal(again.json['invite'], invite);
    assert.match(String(again.json['fingerprint']), /^(\d{5} ){11}\d{5}$/);
    assert.deepEqual(readFileSync(join(gatewayFolder, 'gateway.key')), key);
  });

  it('init makes a new key only with --force, and warns', async () => {
    const initHere = (...args: string[]): Promise<Finished> =>
      simpp(['gateway', 'init', '--json', '--server', '127.0.0.1:1', '--domain', 'example.org', ...args], {
        home: folder,
      });
    const first = await initHere();
    assert.match(String(first.json['invite']), /^simpp:\/\/example\.org:5222\/example\.org\?key=/);
    const classic = await initHere('--profile', 'classic');
    assert.deepEqual([classic.code, error(classic)['code']], [78, 'config-invalid']);
    const forced = await initHere('--profile', 'classic', '--force');
    assert.equal(forced.code, 0);
    assert.match(forced.stderr, /earlier key is gone/);
    assert.match(forced.stderr, /WARNING: the profile "classic"/);
    assert.match(String(forced.json['invite']), /&profile=classic$/);
  });

  it('init says that port 0 is no port for an invite', async () => {
    const finished = await simpp(
      ['gateway', 'init', '--domain', 'a.b', '--server', '127.0.0.1:1', '--listen', '127.0.0.1:0', '--json'],
      { home: folder },
    );
    assert.match(finished.stderr, /The invite has port 0/);
    const refused = await setup(['a.b', '--invite', String(finished.json['invite']), '--json']);
    assert.deepEqual([refused.code, error(refused)['code']], [65, 'invite-invalid']);
  });

  it('keeps the password sealed, and nowhere else', async () => {
    const password = 'correct horse battery staple';
    const { code, json } = await setup(
      ['Alice@Example.org', '--invite', invite, '--password-file', '-', '--json'],
      `${password}\n`,
    );
    assert.equal(code, 0);
    assert.equal(json['setup'], 'alice@example.org');
    const store = AccountStore.open(home.proxyDatabase, await openKeystore(home.keystoreDir));
    assert.equal(store.credentials('alice@example.org').password, password);
    store.close();
    for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      const path = join(folder, name);
      if (statSync(path).isFile()) assert.ok(!readFileSync(path).includes(password), name);
    }
  });

  it('accumulates set-ups on one listener, and replaces one of the same address', async () => {
    writeFileSync(join(folder, 'password'), 'secret\n');
    const withPassword = ['--password-file', join(folder, 'password'), '--json'];
    const first = await setup(['alice@example.org', '--invite', invite, '--listen', '127.0.0.1:5333', ...withPassword]);
    assert.deepEqual([first.code, first.json['replaced'], first.json['listen']], [0, false, ['127.0.0.1:5333']]);
    const second = await setup(['example.net', '--invite', invite, '--json']);
    assert.deepEqual([second.code, second.json['listen']], [0, ['127.0.0.1:5333']]);
    const third = await setup(['bob@example.com', '--direct', ...withPassword]);
    assert.equal(third.code, 0);
    const again = await setup(['alice@example.org', '--direct', '--server', '127.0.0.1:1', ...withPassword]);
    assert.deepEqual([again.code, again.json['replaced'], again.json['mode']], [0, true, 'direct']);
    assert.deepEqual(
      readSetups(home.accountsDir).map(({ setup: { mode, kind } }) => [kind, mode]),
      [
        ['jid', 'direct'],
        ['jid', 'direct'],
        ['domain', 'gateway'],
      ],
    );
  });

  it('tells people what to type into their client', async () => {
    const { code, stdout } = await setup(['example.org', '--invite', invite]);
    assert.equal(code, 0);
    assert.match(stdout, /^example\.org is set up through the gateway 127\.0\.0\.1:6222\.$/m);
    assert.match(stdout, /^Start the proxy: simpp proxy$/m);
    assert.match(stdout, /^ {2}server +127\.0\.0\.1 /m);
    assert.match(stdout, /^ {2}port +5222$/m);
    assert.match(stdout, /^ {2}(\d{5} ){11}\d{5}$/m);
  });

  it('keeps the comments of proxy.toml', async () => {
    writeFileSync(home.proxyToml, '# my own words\nlisten = ["127.0.0.1:1"] # here\n');
    await setup(['example.org', '--invite', invite, '--listen', '[::1]:2', '--json']);
    assert.equal(readFileSync(home.proxyToml, 'utf8'), '# my own words\nlisten = ["[::1]:2"] # here\n');
  });

  it('notes that the pinned key of a gateway has changed', async () => {
    const other = await simpp(
      ['gateway', 'init', '--domain', 'example.org', '--server', '127.0.0.1:1', '--listen', '127.0.0.1:1', '--json'],
      { home: join(folder, 'other') },
    );
    await setup(['example.org', '--invite', invite, '--json']);
    const { json } = await setup(['example.org', '--invite', String(other.json['invite']), '--json']);
    assert.match(String(json['notes']), /key is not the one that was pinned before/);
  });

  it('refuses an account without its password where nobody can be asked, and writes nothing', async () => {
    const finished = await setup(['a@example.org', '--direct', '--json']);
    assert.deepEqual([finished.code, error(finished)['code']], [64, 'usage']);
    assert.match(error(finished)['text']!, /--password-file/);
    assert.deepEqual(readdirSync(folder), []);
  });

  it('refuses a password file with several lines, without showing them', async () => {
    const finished = await setup(['a@example.org', '--direct', '--password-file', '-', '--json'], 'one\ntwo\n');
    assert.equal(finished.code, 64);
    assert.doesNotMatch(finished.stdout + finished.stderr, /one\b.*two/);
  });

  it('names every problem of the files that it would work with', async () => {
    writeFileSync(home.proxyToml, 'lisen = []\n[log]\nlevel = "loud"\n');
    const finished = await setup(['example.org', '--invite', invite, '--json']);
    assert.equal(finished.code, 78);
    const { problems } = finished.json['error'] as { problems: { key: string; line: number }[] };
    assert.deepEqual(
      problems.map(({ key, line }) => [key, line]),
      [
        ['lisen', 1],
        ['log.level', 3],
      ],
    );
  });

  it('shows fingerprints of set-ups and of the gateway', async () => {
    await setup(['example.org', '--invite', invite, '--json']);
    const [all, one, gateway, none] = await Promise.all([
      simpp(['fingerprint', '--json'], { home: folder }),
      simpp(['fingerprint', 'Example.org', '--json'], { home: folder }),
      simpp(['fingerprint', '--gateway', '--json'], { home: gatewayFolder }),
      simpp(['fingerprint', 'example.net', '--json'], { home: folder }),
    ]);
    assert.equal(one.json['fingerprint'], gateway.json['fingerprint']);
    assert.deepEqual(all.json['setups'], [one.json]);
    assert.deepEqual([gateway.json['invite'], gateway.json['running']], [invite, false]);
    assert.deepEqual([none.code, error(none)['code']], [78, 'config-missing']);
  });
});
