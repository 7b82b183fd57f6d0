import assert from 'node:assert/strict';
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { toHex, utf8 } from '../../../shared/bytes.ts';
import { openColumn, sealColumn } from '../../../proxy/keystore/column.ts';
import { installationSecret, type KeystoreKey } from '../../../proxy/keystore/key.ts';
import { systemKeyring, type Keyring } from '../../../proxy/keystore/keyring.ts';
import { keystoreKind, openKeystore, type KeystoreOptions } from '../../../proxy/keystore/keystore.ts';
import { temporaryFolder } from './folder.ts';

const place = { table: 't', row: 'r', column: 'c' };
const locked = { code: 'keystore-locked' };

/** A keyring in memory, as a second implementation of the interface. */
function memoryKeyring(): Keyring & { readonly entries: Map<string, Uint8Array> } {
  const entries = new Map<string, Uint8Array>();
  return {
    entries,
    get: async (account) => entries.get(account),
    set: async (account, secret) => void entries.set(account, secret.slice()),
  };
}

const sameKey = (a: KeystoreKey, b: KeystoreKey): boolean =>
  toHex(installationSecret(a, 'x')) === toHex(installationSecret(b, 'x'));

const withPassphrase = (passphrase: string): KeystoreOptions => ({
  kind: 'passphrase',
  cost: { n: 16, r: 1, p: 1 },
  passphrase: async () => passphrase,
});

describe('the keystore of a folder', () => {
  const folder = temporaryFolder();
  const header = (): string => join(folder(), 'keystore.json');
  const keyFile = (): string => join(folder(), 'keystore.key');

  it('is made on first use as a key file of mode 0600, and opens to the same key again', async () => {
    assert.equal(keystoreKind(folder()), undefined);
    const key = await openKeystore(folder());
    const sealed = sealColumn(key, place, utf8('secret'));
    assert.deepEqual(openColumn(await openKeystore(folder()), place, sealed), utf8('secret'));
    assert.equal(keystoreKind(folder()), 'file');
    assert.deepEqual(readdirSync(folder()).toSorted(), ['keystore.json', 'keystore.key']);
    for (const path of [header(), keyFile()]) assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.equal(statSync(keyFile()).size, 32);
  });

  it('differs from that of another folder', async () => {
    const other = await openKeystore(join(folder(), 'other'));
    assert.ok(!sameKey(await openKeystore(join(folder(), 'one')), other));
  });

  it('is one when many make it at the same time, of each kind', async () => {
    const keyring = memoryKeyring();
    for (const options of [{}, withPassphrase('correct horse'), { kind: 'keyring', keyring }] as const) {
      const path = join(folder(), options.kind ?? 'file');
      const keys = await Promise.all(Array.from({ length: 8 }, () => openKeystore(path, options)));
      for (const key of keys) assert.ok(sameKey(key, keys[0]!));
      assert.ok(sameKey(await openKeystore(path, options), keys[0]!));
    }
  });

  it('takes over a key file that a crash left without its header', async () => {
    const key = await openKeystore(folder());
    rmSync(header());
    assert.ok(sameKey(await openKeystore(folder()), key));
  });

  it('is refused when others can read its key, or when the key is missing or cut', async () => {
    await openKeystore(folder());
    chmodSync(keyFile(), 0o644);
    await assert.rejects(openKeystore(folder()), { code: 'keystore-locked', message: /chmod 600/ });
    chmodSync(keyFile(), 0o600);
    writeFileSync(keyFile(), new Uint8Array(31));
    await assert.rejects(openKeystore(folder()), locked);
    rmSync(keyFile());
    await assert.rejects(openKeystore(folder()), { code: 'keystore-locked', message: /missing/ });
    assert.ok(!existsSync(keyFile()));
  });

  it('under a passphrase keeps no key in clear and opens with that passphrase only', async () => {
    const key = await openKeystore(folder(), withPassphrase('correct horse'));
    assert.deepEqual(readdirSync(folder()), ['keystore.json']);
    assert.ok(sameKey(await openKeystore(folder(), withPassphrase('correct horse')), key));
    await assert.rejects(openKeystore(folder(), withPassphrase('wrong horse')), {
      code: 'keystore-locked',
      message: /passphrase is wrong/,
    });
    await assert.rejects(openKeystore(folder()), { code: 'keystore-locked', message: /SIMPP_PASSPHRASE_FILE/ });
  });

  it('tells the one who asks whether the passphrase is being chosen', async () => {
    const asked: boolean[] = [];
    const options: KeystoreOptions = {
      ...withPassphrase(''),
      passphrase: async (isNew) => {
        asked.push(isNew);
        return 'correct horse';
      },
    };
    await openKeystore(folder(), options);
    await openKeystore(folder(), options);
    assert.deepEqual(asked, [true, false]);
  });

  it('is refused when its header is damaged, of an unknown kind, or asks for too much memory', async () => {
    await openKeystore(folder(), withPassphrase('correct horse'));
    const good = readFileSync(header(), 'utf8');
    const wrong = [
      '',
      '{',
      '{"kind":"tpm"}',
      '{"kind":"file","extra":1}',
      good.replace('"n": 16', '"n": 1073741824'),
      good.replace('"n": 16', '"n": 32'),
      good.replace(/"wrapped": "..../, '"wrapped": "!!!!'),
    ];
    for (const text of wrong) {
      assert.notEqual(text, good);
      writeFileSync(header(), text);
      await assert.rejects(openKeystore(folder(), withPassphrase('correct horse')), locked, text);
    }
  });

  it('in a keyring leaves only the name of its entry on disk', async () => {
    const keyring = memoryKeyring();
    const key = await openKeystore(folder(), { kind: 'keyring', keyring });
    const [account, secret] = [...keyring.entries][0]!;
    assert.deepEqual(JSON.parse(readFileSync(header(), 'utf8')), { kind: 'keyring', account });
    assert.equal(secret.length, 32);
    assert.deepEqual(readdirSync(folder()), ['keystore.json']);
    assert.ok(sameKey(await openKeystore(folder(), { keyring }), key));
    keyring.entries.clear();
    await assert.rejects(openKeystore(folder(), { keyring }), locked);
  });
});

describe("the system's keyring", () => {
  const folder = temporaryFolder();

  it('of a session without one names the alternatives, and no keystore is made', async function () {
    if (process.platform !== 'linux') this.skip(); // elsewhere there always is one
    const bus = process.env['DBUS_SESSION_BUS_ADDRESS'];
    // An address where nobody listens: what a server without a desktop looks like.
    process.env['DBUS_SESSION_BUS_ADDRESS'] = 'unix:path=/nonexistent/bus';
    try {
      const expected = { code: 'keystore-locked', message: /"file".*"passphrase"/ };
      await assert.rejects(systemKeyring().get('x'), expected);
      await assert.rejects(openKeystore(folder(), { kind: 'keyring' }), expected);
    } finally {
      if (bus === undefined) delete process.env['DBUS_SESSION_BUS_ADDRESS'];
      else process.env['DBUS_SESSION_BUS_ADDRESS'] = bus;
    }
    assert.deepEqual(readdirSync(folder()), []);
  });
});
