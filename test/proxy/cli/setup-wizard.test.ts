import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { askForSetup } from '../../../proxy/cli/setup-wizard.ts';
import { readSetups } from '../../../proxy/config/accounts.ts';
import { findHome, type Home } from '../../../proxy/config/home.ts';
import { detectNodeCrypto } from '../../../proxy/crypto/provider.ts';
import { createGatewayKey, publicGatewayKey } from '../../../proxy/gateway/key-file.ts';
import { formatInvite } from '../../../proxy/invite.ts';
import { keystoreKind, openKeystore } from '../../../proxy/keystore/keystore.ts';
import { AccountStore } from '../../../proxy/store/accounts.ts';
import { SimppError } from '../../../shared/errors.ts';
import { backspace, controlC, down, enter, Person } from './person.ts';

describe('simpp setup on a terminal', function () {
  this.timeout(10_000);
  let folder: string;
  let home: Home;
  let person: Person;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'simpp-wizard-'));
    home = findHome({ platform: process.platform, home: folder, env: { SIMPP_HOME: join(folder, 'home') } });
    person = new Person();
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('asks for everything, says what is wrong at once, shows what it will do, and does it', async () => {
    const invite = formatInvite({
      gateway: { host: 'gw.example.org', port: 5222 },
      domains: ['example.org'],
      key: publicGatewayKey(createGatewayKey(detectNodeCrypto(), 'simpp-2')),
    });
    const done = askForSetup(home, {}, person);
    await person.answer('Which address?', `alice@example.org/x${enter}`);
    await person.answer('has a resource', `${backspace}${backspace}${enter}`);
    await person.answer('How is the server reached?', enter);
    await person.answer('Paste the invite.', `${invite}${enter}`);
    await person.answer('Password of alice@example.org?', `hunter2${enter}`);
    await person.answer('Shall messages be encrypted end to end', enter);
    await person.answer('What shall open the passwords and keys', enter);
    await person.answer('Where shall your XMPP clients connect?', enter);
    await person.see('Set up alice@example.org through the gateway gw.example.org:5222.');
    await person.answer('Do it?', enter);
    await done;
    await person.see('Start the proxy: simpp proxy');
    await person.see('port         5222');
    assert.doesNotMatch(person.shown, /hunter2/);
    assert.equal(readSetups(home.accountsDir)[0]?.setup.mode, 'gateway');
    const store = AccountStore.open(home.proxyDatabase, await openKeystore(home.keystoreDir));
    assert.equal(store.credentials('alice@example.org').password, 'hunter2');
    store.close();
  });

  it('asks only for what the command line left open', async () => {
    const done = askForSetup(home, { address: 'example.net', listen: [{ host: '127.0.0.1', port: 5333 }] }, person);
    await person.answer('How is the server reached?', down + enter);
    await person.answer('Shall messages be encrypted end to end', down + enter);
    await person.answer('What shall open', enter);
    await person.see('Encrypt messages end to end, and send none without.');
    await person.answer('Do it?', enter);
    await done;
    assert.doesNotMatch(person.shown, /Which address|Password|Where shall/);
    assert.match(person.shown, /port +5333/);
    assert.equal(readSetups(home.accountsDir)[0]?.setup.endToEnd, 'require');
  });

  it('offers a passphrase, asks for it twice, and a session without a keyring gets no keyring offered', async () => {
    const done = askForSetup(home, { address: 'example.net', direct: true, e2e: 'off' }, person);
    await person.answer('This session has no keyring.', down + enter);
    await person.answer('Choose a passphrase', `open sesame${enter}`);
    await person.answer('The same passphrase again.', `open sesami${enter}`);
    await person.answer('It is another one.', `${backspace}e${enter}`);
    await person.answer('Where shall', enter);
    await person.see('Make a keystore that a passphrase opens.');
    await person.answer('Do it?', enter);
    await done;
    assert.doesNotMatch(person.shown, /open sesam|The system's keyring/);
    assert.equal(keystoreKind(home.keystoreDir), 'passphrase');
    await openKeystore(home.keystoreDir, { passphrase: async () => 'open sesame' });
  });

  for (const [name, keys] of [
    ['Ctrl-C', controlC],
    ['a no', `${down}${enter}`],
  ] as const) {
    it(`changes nothing after ${name}`, async () => {
      const done = askForSetup(home, { address: 'example.net', direct: true, e2e: 'off' }, person);
      await person.answer('What shall open', enter);
      await person.answer('Where shall', enter);
      await person.answer('Do it?', keys);
      await assert.rejects(done, (error) => error instanceof SimppError && error.code === 'cancelled');
      assert.deepEqual(readdirSync(folder), []);
    });
  }
});
