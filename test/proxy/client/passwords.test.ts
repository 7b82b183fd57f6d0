// What the proxy keeps for logins that end here, and what it makes up.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { utf8 } from '../../../shared/bytes.ts';
import type { StreamPart } from '../../../shared/xml/scanner.ts';
import { endLogin, type LoginDeps } from '../../../proxy/client/login.ts';
import { everyMechanism } from '../../../proxy/client/offer.ts';
import { Passwords } from '../../../proxy/client/passwords.ts';
import { saslReader } from '../../../proxy/client/sasl-reader.ts';
import { keystoreKey } from '../../../proxy/keystore/key.ts';
import { SetupTable } from '../../../proxy/setup-table.ts';
import { readServerFirst } from '../../../proxy/sasl/scram-message.ts';
import { AccountStore } from '../../../proxy/store/accounts.ts';
import { temporaryFolder } from '../keystore/folder.ts';
import { plainAuth } from './raw-client.ts';
import { directTo } from './test-proxy.ts';

const domain = 'example.test';
const jid = `alice@${domain}`;
const choice = new SetupTable([directTo(5222, { jid })]).choose(domain);

describe('a login that ends at the proxy', () => {
  const folder = temporaryFolder();
  const key = keystoreKey(new Uint8Array(randomBytes(32)));
  let store: AccountStore;
  beforeEach(() => (store = AccountStore.open(join(folder(), 'proxy.db'), key)));
  afterEach(() => store.close());

  /** Logs in with these elements; what was written, and which upstreams were given up. */
  async function login(
    elements: readonly string[],
    connect: () => string,
  ): Promise<{ written: string; gone: string[] }> {
    const parts: StreamPart[] = elements.map((xml) => ({ kind: 'element', bytes: utf8(xml) }));
    const run = { written: '', gone: [] as string[] };
    const deps: LoginDeps<string> = {
      choice,
      passwords: new Passwords(store),
      mechanisms: everyMechanism,
      takesVisitors: false,
      connect: async () => connect(),
      disconnect: (upstream) => void run.gone.push(upstream),
      write: (bytes) => void (run.written += Buffer.from(bytes).toString()),
      now: () => 0,
      failed: () => undefined,
    };
    const outcome = endLogin(
      saslReader(async () => parts.shift(), new Map()),
      deps,
      undefined,
    );
    await outcome.catch((error: unknown) => void (run.written += String(error)));
    return run;
  }

  /** The salt in the challenge for a name, of a proxy that has just been started. */
  async function saltOf(name: string): Promise<Uint8Array> {
    const first = Buffer.from(`n,,n=${name},r=clientnonce`).toString('base64');
    const auth = `<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='SCRAM-SHA-256'>${first}</auth>`;
    const { written } = await login([auth], () => 'never');
    const challenge = />([^<]+)<\/challenge>/.exec(written)?.[1];
    assert.ok(challenge !== undefined, written);
    return readServerFirst(new Uint8Array(Buffer.from(challenge, 'base64'))).salt;
  }

  it('shows nobody which accounts there are, by a salt that a restart or another spelling changes', async () => {
    store.add(jid);
    store.putCredentials(jid, { password: 'secret' });
    for (const [name, ...spellings] of [
      ['alice', 'ALICE', `Alice@${domain}`],
      ['mallory', 'Mallory', 'ＭＡＬＬＯＲＹ', `mallory@${domain}`, 'MALLORY@Example.Test'],
    ] as const) {
      const salt = await saltOf(name);
      for (const each of [name, ...spellings]) assert.deepEqual(await saltOf(each), salt, each);
    }
    assert.notDeepEqual(await saltOf('mallory'), await saltOf('eve'));
  });

  it('leaves no connection behind when the password that the server took cannot be stored', async () => {
    const { written, gone } = await login([plainAuth('alice', 'secret')], () => {
      store.close();
      return 'upstream';
    });
    assert.deepEqual(gone, ['upstream']);
    assert.doesNotMatch(written, /<success/);
    store = AccountStore.open(join(folder(), 'proxy.db'), key);
  });
});
