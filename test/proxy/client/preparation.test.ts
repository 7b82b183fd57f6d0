// A relayed login names its account long before the server binds it: time in
// which the identity can be made that the enrolment will need.
import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { duplexPair } from 'node:stream';
import { concat } from '../../../shared/bytes.ts';
import { clientLimits } from '../../../shared/xml/scanner.ts';
import { SimppError } from '../../../shared/errors.ts';
import { Hibernation } from '../../../proxy/client/hibernation.ts';
import { LastLogins } from '../../../proxy/client/last-logins.ts';
import { LoginKeys } from '../../../proxy/client/login-keys.ts';
import { Passwords } from '../../../proxy/client/passwords.ts';
import { Session } from '../../../proxy/client/session.ts';
import type { SessionContext } from '../../../proxy/client/session-context.ts';
import { defaultTiming } from '../../../proxy/client/timing.ts';
import { IdentityKeeper } from '../../../proxy/identity/keeper.ts';
import { keystoreKey } from '../../../proxy/keystore/key.ts';
import { silentLog } from '../../../proxy/log.ts';
import type { Setup } from '../../../proxy/options.ts';
import { SetupTable } from '../../../proxy/setup-table.ts';
import { AccountStore } from '../../../proxy/store/accounts.ts';
import { Tally } from '../../../proxy/tally.ts';
import { quickScrypt } from '../identity/quick-scrypt.ts';
import { temporaryFolder } from '../keystore/folder.ts';
import { crypto, domain, entropy, ScriptedGateway } from '../server/scripted-gateway.ts';
import { header, plainAuth } from './raw-client.ts';

describe('a guest whose login names an account', () => {
  const folder = temporaryFolder();

  it('has its identity made while the server still checks the password, and nothing stored', async () => {
    const store = AccountStore.open(join(folder(), 'proxy.db'), keystoreKey(new Uint8Array(randomBytes(32))));
    await using gateway = await ScriptedGateway.start();
    const { promise: made, resolve: setMade } = Promise.withResolvers<string>();
    const scrypt: typeof quickScrypt = (derivation) => {
      setMade(Buffer.from(derivation.salt).toString());
      return quickScrypt(derivation);
    };
    const keyBytes = concat(gateway.keys.agreement, gateway.keys.signing);
    const route = { host: '127.0.0.1', port: gateway.port, keyBytes };
    const setup: Setup = { kind: 'domain', domain, mode: 'gateway', gateway: route, profile: 'simpp-2' };
    const context: SessionContext = {
      setups: () => new SetupTable([setup]),
      passwords: new Passwords(store),
      loginKeys: new LoginKeys(),
      limits: clientLimits,
      timing: { ...defaultTiming, lingerMs: 10 },
      tally: new Tally(),
      lastLogins: new LastLogins(store, () => 0),
      hibernation: new Hibernation(() => 0),
      translations: new Hibernation(() => 0),
      ownIdPrefix: 'own-',
      dialling: { crypto, entropy, identities: new IdentityKeeper({ store, crypto, entropy, now: () => 0, scrypt }) },
      newId: randomUUID,
    };
    const [near, far] = duplexPair();
    far.resume();
    const session = new Session(near, { kind: 'plaintext' }, context, silentLog);
    const running = session.run();
    // The server behind the gateway says nothing at all yet.
    far.write(header(domain) + plainAuth('Alice', 'secret'));
    assert.match(await made, new RegExp(`alice@${domain}`));
    assert.deepEqual(store.names(), []);
    session.stop(new SimppError('shutting-down'));
    far.destroy();
    await running;
    store.close();
  });
});
