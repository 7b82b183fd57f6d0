import assert from 'node:assert/strict';
import { LoginKeys } from '../../../proxy/client/login-keys.ts';
import { deriveKeys } from '../../../proxy/sasl/scram-keys.ts';

describe('the keys of earlier logins at servers', () => {
  const [alice, bob] = ['alice@example.test', 'bob@example.test'];
  const keysOf = (password: string, salt: number) => deriveKeys('sha256', password, Uint8Array.of(salt), 1);

  it('are those of the last login of an account', async () => {
    const loginKeys = new LoginKeys();
    assert.equal(loginKeys.of(alice, 'secret'), undefined);
    const [first, second] = [await keysOf('secret', 1), await keysOf('secret', 2)];
    loginKeys.remember(alice, 'secret', first);
    assert.equal(loginKeys.of(alice, 'secret'), first);
    loginKeys.remember(alice, 'secret', second);
    assert.equal(loginKeys.of(alice, 'secret'), second);
    assert.equal(loginKeys.of(bob, 'secret'), undefined);
  });

  it('are never used for another password, and gone after a login without keys', async () => {
    const loginKeys = new LoginKeys();
    loginKeys.remember(alice, 'old', await keysOf('old', 1));
    assert.equal(loginKeys.of(alice, 'new'), undefined);
    loginKeys.remember(alice, 'old', undefined);
    assert.equal(loginKeys.of(alice, 'old'), undefined);
  });
});
