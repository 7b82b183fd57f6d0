import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { backupsIn } from '../../../../proxy/cli/backups.ts';
import { endToEndHandlers } from '../../../../proxy/cli/end-to-end-handlers.ts';
import { openProxyStores, type ProxyStores } from '../../../../proxy/cli/open-accounts.ts';
import { findHome, makeHome, type Home } from '../../../../proxy/config/home.ts';
import { listenControl, type ControlServer } from '../../../../proxy/control/server.ts';
import { controlSocketPath } from '../../../../proxy/control/socket-path.ts';
import { PersonDesk } from '../../endtoend/contact/person-desk.ts';
import * as sample from '../../store/endtoend/samples.ts';
import { simpp, type Finished } from '../simpp.ts';

const romeo = 'romeo@montague.test';
const passphrase = 'parting is such sweet sorrow';

describe('simpp export and simpp import', function () {
  this.timeout(60_000);
  let folder: string;
  let backup: string;
  let passphraseFile: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'simpp-backup-'));
    backup = join(folder, 'romeo.simpp');
    passphraseFile = join(folder, 'passphrase');
    writeFileSync(passphraseFile, `${passphrase}\n`);
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function homeOf(name: string): Home {
    const path = join(folder, name);
    const home = findHome({ platform: process.platform, home: path, env: { SIMPP_HOME: path } });
    makeHome(home);
    return home;
  }

  /** An account with keys, as after a first login. */
  function addRomeo({ accounts, stores }: Pick<ProxyStores, 'accounts' | 'stores'>): void {
    accounts.add(romeo);
    accounts.putIdentity(romeo, {
      accountKey: sample.random(65),
      signingKey: sample.random(32),
      recoveryEntropy: sample.random(16),
    });
    accounts.putDevice(romeo, {
      deviceId: sample.random(16),
      signingKey: sample.random(32),
      agreementKey: sample.random(32),
      certificate: sample.random(200),
    });
    accounts.putRegistration(romeo, {
      state: 'registered',
      deviceList: sample.random(300),
      listVersion: 3,
      stateEpoch: 7,
    });
    stores.account(romeo).settings.put('policy', 'require');
    stores.account(romeo).flush();
  }

  async function closed(home: Home, work: (open: ProxyStores) => void): Promise<void> {
    const open = await openProxyStores(home);
    try {
      work(open);
    } finally {
      open.stores.close();
      open.accounts.close();
    }
  }

  const run = (home: Home, ...args: readonly string[]): Promise<Finished> =>
    simpp([...args, '--passphrase-file', passphraseFile, '--json'], { home: home.stateDir });

  it('carry an account from one machine to another while no proxy runs', async () => {
    const [old, fresh] = [homeOf('old'), homeOf('fresh')];
    await closed(old, addRomeo);
    const exported = await run(old, 'export', romeo, backup);
    assert.deepEqual([exported.code, exported.json['file']], [0, backup]);
    assert.equal(statSync(backup).mode & 0o777, 0o600);
    assert.ok(!readFileSync(backup).includes(romeo));
    const imported = await run(fresh, 'import', backup);
    assert.deepEqual([imported.code, imported.json['jid'], imported.json['isSetUp']], [0, romeo, false]);
    await closed(fresh, ({ accounts, stores }) => {
      assert.notEqual(accounts.identity(romeo), undefined);
      assert.equal(stores.account(romeo).settings.get('policy'), 'require');
    });
    for (const home of [old, fresh]) {
      assert.deepEqual(
        readdirSync(home.stateDir).filter((name) => name.endsWith('.simpp')),
        [],
        'a backup was left in the folder',
      );
    }
  });

  it('go through the proxy where it runs, which has the databases', async () => {
    const [old, fresh] = [homeOf('old'), homeOf('fresh')];
    const running: { readonly server: ControlServer; readonly open: ProxyStores }[] = [];
    const restored: string[] = [];
    try {
      for (const home of [old, fresh]) {
        const open = await openProxyStores(home);
        if (home === old) addRomeo(open);
        const desks = {
          desk: () => new PersonDesk(),
          endToEndAccounts: () => [romeo],
          restored: (jid: string) => void restored.push(jid),
        };
        const handlers = endToEndHandlers(Promise.resolve(desks), backupsIn(home.stateDir, open));
        running.push({ open, server: await listenControl(controlSocketPath(home, 'proxy'), handlers) });
      }
      assert.equal((await run(old, 'export', romeo, backup)).code, 0);
      const { code, json } = await run(fresh, 'import', backup);
      assert.deepEqual([code, json['jid']], [0, romeo]);
      assert.notEqual(running[1]?.open.accounts.identity(romeo), undefined);
      assert.deepEqual(restored, [romeo], 'what the proxy remembers of the account is forgotten');
      const again = await run(fresh, 'import', backup);
      assert.equal(again.code, 64, 'keys that are here are never replaced');
    } finally {
      for (const { server, open } of running) {
        await server.close();
        open.stores.close();
        open.accounts.close();
      }
    }
  });

  it('refuse a wrong passphrase, a file that exists, an account without keys, and no passphrase', async () => {
    const home = homeOf('old');
    await closed(home, addRomeo);
    assert.equal((await run(home, 'export', 'juliet@capulet.test', backup)).code, 64);
    await closed(home, ({ stores }) => assert.deepEqual(stores.names(), [romeo]));
    assert.equal((await run(homeOf('empty'), 'export', romeo, backup)).code, 78);
    assert.equal((await run(home, 'export', romeo, backup)).code, 0);
    const before = readFileSync(backup);
    assert.equal((await run(home, 'export', romeo, backup)).code, 64);
    assert.deepEqual(readFileSync(backup), before);
    writeFileSync(passphraseFile, 'rosaline\n');
    const wrong = await run(homeOf('fresh'), 'import', backup);
    assert.equal(wrong.code, 77);
    assert.doesNotMatch(wrong.stdout, /rosaline/);
    const none = await simpp(['export', romeo, `${backup}.2`, '--json'], { home: home.stateDir });
    assert.equal(none.code, 64);
  });
});
