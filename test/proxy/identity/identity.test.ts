// Identities: what is made, that it satisfies the gateway's own checks, and
// that it is the same after the proxy was started again.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openListedDevice } from '../../../shared/simpp/certificate.ts';
import { systemEntropy } from '../../../shared/simpp/entropy.ts';
import { certificateBody, signedObject } from '../../../shared/simpp/messages.ts';
import { accountKeyOfDerived, recoveryDerivation } from '../../../shared/simpp/recovery.ts';
import { detectNodeCrypto } from '../../../proxy/crypto/provider.ts';
import { certificateSeconds, type AccountIdentity } from '../../../proxy/identity/account-identity.ts';
import { helloFor, registrationHello } from '../../../proxy/identity/hello.ts';
import { IdentityKeeper } from '../../../proxy/identity/keeper.ts';
import { phraseOfEntropy } from '../../../proxy/identity/phrase.ts';
import { keystoreKey } from '../../../proxy/keystore/key.ts';
import { AccountStore } from '../../../proxy/store/accounts.ts';
import { quickScrypt } from './quick-scrypt.ts';
import { temporaryFolder } from '../keystore/folder.ts';

const crypto = detectNodeCrypto();
const entropy = systemEntropy(crypto);
const jid = 'alice@example.test';
const key = keystoreKey(new Uint8Array(randomBytes(32)));
const start = 1_800_000_000;

describe('identities', () => {
  const folder = temporaryFolder();
  const path = (): string => join(folder(), 'proxy.db');

  /** What a started proxy does with its store. */
  async function running<T>(
    body: (keeper: IdentityKeeper, store: AccountStore) => Promise<T> | T,
    now = start,
  ): Promise<T> {
    const store = AccountStore.open(path(), key);
    try {
      return await body(new IdentityKeeper({ store, crypto, entropy, now: () => now, scrypt: quickScrypt }), store);
    } finally {
      store.close();
    }
  }

  const listed = ({ krA, certificate, deviceList }: AccountIdentity, now: number) =>
    openListedDevice(crypto, krA!.publicKey, certificate, deviceList, now);

  it('a new one is certified by its account key, and the first list names it (protocol.md §3)', async () => {
    const identity = await running((keeper) => keeper.open(jid));
    const { certificate, list } = listed(identity, start);
    assert.equal(certificate.jid, jid);
    assert.deepEqual(certificate.deviceId, identity.deviceId);
    assert.deepEqual(certificate.kuDd, identity.agreement.publicKey.bytes);
    assert.deepEqual(certificate.kuDs, identity.signing.publicKey.bytes);
    assert.equal(certificate.notAfter - certificate.notBefore, certificateSeconds);
    assert.equal(list.version, 1);
    assert.equal(identity.deviceId.length, 16);
    assert.equal(identity.state, 'none');
    assert.notDeepEqual(identity.signing.secret, identity.agreement.secret);
    assert.notDeepEqual(identity.krA!.secret, identity.agreement.secret);
  });

  it('its account key comes from the recovery phrase, whose bits are kept', async () => {
    await running(async (keeper, store) => {
      const identity = await keeper.open(jid);
      const { recoveryEntropy } = store.identity(jid)!;
      const words = phraseOfEntropy(recoveryEntropy!);
      assert.equal(words.split(' ').length, 12);
      const derived = await quickScrypt(recoveryDerivation(words, jid));
      assert.deepEqual(accountKeyOfDerived(crypto, derived).secret, identity.krA!.secret);
    });
  });

  it('is the same after a restart, with its state', async () => {
    const made = await running(async (keeper) => {
      const identity = await keeper.open(jid);
      keeper.record(jid, 'registered');
      return identity;
    });
    const found = await running((keeper) => keeper.open(jid));
    assert.deepEqual(found.agreement.secret, made.agreement.secret);
    assert.deepEqual(found.krA!.secret, made.krA!.secret);
    assert.deepEqual(found.deviceList, made.deviceList);
    assert.equal(found.state, 'registered');
  });

  it('two clients that come at once get one identity', async () => {
    await running(async (keeper) => {
      const [one, other] = await Promise.all([keeper.open(jid), keeper.open(jid)]);
      assert.equal(one, other);
      assert.equal(await keeper.open(jid), one);
    });
  });

  it('no secret of it stands in the database in clear', async () => {
    const { krA, signing, agreement } = await running(async (keeper) => {
      keeper.installationKey();
      return keeper.open(jid);
    });
    const file = readFileSync(path());
    for (const secret of [krA!.secret, signing.secret, agreement.secret])
      assert.ok(!file.includes(Buffer.from(secret)));
  });

  it('registers until the gateway knows it, then logs in; a pending device registers each time', async () => {
    await running(async (keeper) => {
      const hello = async (): Promise<string> => helloFor(await keeper.open(jid)).kind;
      assert.equal(await hello(), 'register');
      keeper.record(jid, 'pending');
      assert.equal(await hello(), 'register');
      keeper.record(jid, 'registered');
      assert.equal(await hello(), 'login');
    });
  });

  it('without its account key it can only log in', async () => {
    await running(async (keeper, store) => {
      const { krA } = await keeper.open(jid);
      store.putIdentity(jid, { accountKey: krA!.publicKey.bytes });
    });
    await running(async (keeper) => {
      const identity = await keeper.open(jid);
      assert.equal(identity.krA, undefined);
      assert.equal(registrationHello(identity), undefined);
      assert.equal(helloFor(identity).kind, 'login');
    });
  });

  it('its certificate is renewed in the last half of its life, in a list of the next version', async () => {
    const old = await running(async (keeper) => {
      const identity = await keeper.open(jid);
      keeper.record(jid, 'registered');
      return identity;
    });
    const early = start + certificateSeconds / 2 - 1;
    assert.deepEqual((await running((keeper) => keeper.open(jid), early)).certificate, old.certificate);
    const late = start + certificateSeconds / 2 + 1;
    const renewed = await running((keeper) => keeper.open(jid), late);
    const { certificate, list } = listed(renewed, late);
    assert.equal(certificate.notAfter, late + certificateSeconds);
    assert.deepEqual(certificate.deviceId, old.deviceId);
    assert.equal(list.version, 2);
    assert.equal(list.certificates.length, 1);
    assert.equal(renewed.state, 'none', 'the directory must hear of it');
    // And only once.
    assert.deepEqual((await running((keeper) => keeper.open(jid), late)).certificate, renewed.certificate);
  });

  it('the installation has one key for guests, which is no key of an account', async () => {
    const made = await running((keeper) => keeper.installationKey().secret);
    await running(async (keeper) => {
      assert.deepEqual(keeper.installationKey().secret, made);
      assert.notDeepEqual((await keeper.open(jid)).agreement.secret, made);
    });
  });

  it('classic keys are on P-224 and apart; K_A is kept once registered (protocol.md §1)', async () => {
    const made = await running((keeper) => {
      const { krA, masterKey } = keeper.openClassic(jid);
      assert.equal(masterKey, undefined);
      keeper.recordClassic(jid, new Uint8Array(16).fill(7));
      return krA;
    });
    assert.equal(made.publicKey.bytes.length, 57);
    await running((keeper) => {
      const found = keeper.openClassic(jid);
      assert.deepEqual(found.krA.secret, made.secret);
      assert.deepEqual(found.masterKey, new Uint8Array(16).fill(7));
    });
  });

  it('the certificate says what it is for and nothing about the machine', async () => {
    const { certificate } = await running((keeper) => keeper.open(jid));
    const { deviceId, kuDs, kuDd, ...rest } = certificateBody.decode(signedObject.decode(certificate).body);
    assert.deepEqual(Object.keys(rest).toSorted(), ['jid', 'notAfter', 'notBefore']);
    assert.ok(deviceId.length === 16 && kuDs.length === 65 && kuDd.length === 65);
  });

  describe('made ahead of need', () => {
    /** Recovery phrases that were begun, by their salts, and how many are done; the first ones may fail. */
    interface Phrases {
      readonly begun: string[];
      done: number;
    }
    async function counting(
      body: (keeper: IdentityKeeper, store: AccountStore, phrases: Phrases) => Promise<void>,
      failures = 0,
    ): Promise<void> {
      const store = AccountStore.open(path(), key);
      const phrases: Phrases = { begun: [], done: 0 };
      const scrypt: typeof quickScrypt = async (derivation) => {
        phrases.begun.push(Buffer.from(derivation.salt).toString());
        if (phrases.begun.length <= failures) throw new Error('no memory');
        const derived = await quickScrypt(derivation);
        phrases.done++;
        return derived;
      };
      try {
        await body(new IdentityKeeper({ store, crypto, entropy, now: () => start, scrypt }), store, phrases);
      } finally {
        store.close();
      }
    }
    const other = (number: number): string => `user${number}@example.test`;
    /** Prepares one, to its end. */
    const prepared = async (keeper: IdentityKeeper, name: string, phrases: Phrases): Promise<void> => {
      const { done } = phrases;
      keeper.prepare(name);
      while (phrases.done === done) await new Promise(setImmediate);
      await new Promise(setImmediate);
    };

    it('is the one that is used, and is stored only then', async () => {
      await counting(async (keeper, store, phrases) => {
        await prepared(keeper, jid, phrases);
        keeper.prepare(jid);
        assert.deepEqual(store.names(), []);
        const identity = await keeper.open(jid);
        assert.equal(phrases.begun.length, 1);
        assert.deepEqual(store.identity(jid)?.accountKey, identity.krA!.publicKey.bytes);
        assert.deepEqual(store.names(), [jid]);
        keeper.prepare(jid);
        await new Promise(setImmediate);
        assert.equal(phrases.begun.length, 1, 'who has an identity needs no other');
      });
    });

    it('is waited for when it is needed before it is ready', async () => {
      await counting(async (keeper, _, phrases) => {
        keeper.prepare(jid);
        const [one, same] = await Promise.all([keeper.open(jid), keeper.open(jid)]);
        assert.equal(one, same);
        assert.equal(phrases.begun.length, 1);
      });
    });

    it('is made for two names at a time, and kept for four', async () => {
      await counting(async (keeper, store, phrases) => {
        for (let number = 0; number < 10; number++) keeper.prepare(other(number));
        await keeper.open(other(0));
        await keeper.open(other(1));
        assert.equal(phrases.begun.length, 2);
        for (let number = 2; number < 7; number++) await prepared(keeper, other(number), phrases);
        assert.equal(phrases.begun.length, 7);
        for (let number = 3; number < 7; number++) await keeper.open(other(number));
        assert.equal(phrases.begun.length, 7, 'the last four are there');
        await keeper.open(other(2));
        assert.equal(phrases.begun.length, 8, 'the oldest one is not');
        assert.equal(store.names().length, 7);
      });
    });

    it('is made again where that failed', async () => {
      await counting(async (keeper, _, phrases) => {
        keeper.prepare(jid);
        assert.equal((await keeper.open(jid)).jid, jid);
        assert.equal(phrases.begun.length, 2);
      }, 1);
    });
  });
});
