import assert from 'node:assert/strict';
import { fromUtf8, utf8 } from '../../../shared/bytes.ts';
import { advanceClient, finishClient, startClient } from '../../../proxy/sasl/client.ts';
import { isScram, scramMechanisms, type ScramMechanism } from '../../../proxy/sasl/mechanisms.ts';
import { advanceServer, startServer } from '../../../proxy/sasl/server.ts';
import { makeVerifiers } from '../../../proxy/sasl/verifiers.ts';
import { clientOptions, iterations, login, serverOptions } from './exchange.ts';

const unbound = Object.keys(scramMechanisms)
  .filter(isScram)
  .filter((name) => !scramMechanisms[name].plus);
const loginFailed = { code: 'sasl-failed' };

for (const mechanism of [...unbound, 'PLAIN'] as const) {
  describe(`a login with ${mechanism}`, () => {
    it('succeeds with the right password and no authzid', async () => {
      const { server, client } = await login(mechanism, clientOptions(), serverOptions());
      assert.ok(server.kind === 'success' && client !== undefined);
      assert.equal(server.authcid, 'romeo');
      assert.equal(server.authzid, undefined);
    });

    it('passes on an authzid that the user may have, and refuses another', async () => {
      const own = await login(mechanism, clientOptions({ authzid: 'romeo@example.test' }), serverOptions());
      assert.ok(own.server.kind === 'success');
      assert.equal(own.server.authzid, 'romeo@example.test');
      const other = await login(mechanism, clientOptions({ authzid: 'juliet@example.test' }), serverOptions());
      assert.deepEqual(other.server, { kind: 'failure', condition: 'invalid-authzid' });
    });

    it('fails with a wrong password, and in the same way for a user that does not exist', async () => {
      const wrong = await login(mechanism, clientOptions({ password: 'therefore' }), serverOptions());
      const nobody = await login(mechanism, clientOptions({ authcid: 'nobody' }), serverOptions());
      assert.deepEqual(wrong.server, { kind: 'failure', condition: 'not-authorized' });
      assert.deepEqual(nobody, wrong);
    });

    it('asks for the initial response when <auth/> came without one (RFC 6120 §6.4.2)', async () => {
      const state = startServer(mechanism, serverOptions());
      const asked = await advanceServer(state, undefined);
      assert.deepEqual(asked, { kind: 'challenge', state, challenge: new Uint8Array() });
    });

    it('takes names with commas, equals signs and letters beyond ASCII', async () => {
      const name = 'ro=meo,=2C µ€𝄞';
      const password = 'pässwörd, =2C 𝄞';
      const verifiers = await makeVerifiers(password, new Uint8Array(16), iterations);
      const options = serverOptions({ lookup: async (given) => (given === name ? verifiers : undefined) });
      const { server } = await login(mechanism, clientOptions({ authcid: name, password }), options);
      assert.ok(server.kind === 'success');
      assert.equal(server.authcid, name);
    });
  });
}

for (const mechanism of unbound) {
  describe(`the other side of a login with ${mechanism} that is not what it says`, () => {
    async function finalSent() {
      const start = startClient(mechanism, clientOptions());
      const first = await advanceServer(startServer(mechanism, serverOptions()), start.initial);
      assert.ok(first.kind === 'challenge');
      const step = await advanceClient(start.state, first.challenge);
      const last = await advanceServer(first.state, step.response);
      assert.ok(last.kind === 'success' && last.data !== undefined);
      return { start, first, step, data: last.data };
    }

    it('is refused when any byte of its signature differs', async () => {
      const { step, data } = await finalSent();
      for (let at = 2; at < data.length; at++) {
        const tampered = data.with(at, data[at] === 65 ? 66 : 65);
        assert.throws(() => finishClient(step.state, tampered), loginFailed);
      }
    });

    it('is refused when it skips its proof or sends none', async () => {
      const { start, step } = await finalSent();
      assert.throws(() => finishClient(start.state), loginFailed);
      assert.throws(() => finishClient(start.state, utf8('v=AAAA')), loginFailed);
      assert.throws(() => finishClient(step.state), loginFailed);
      assert.throws(() => finishClient(step.state, new Uint8Array()), loginFailed);
    });

    it('may send its proof as a challenge (RFC 4422 §3.6), but not a further one', async () => {
      const { step, data } = await finalSent();
      const verified = await advanceClient(step.state, data);
      assert.equal(verified.response.length, 0);
      assert.ok(finishClient(verified.state).keys);
      await assert.rejects(advanceClient(verified.state, data), loginFailed);
    });

    it('is named by its error, of which only the characters of RFC 5802 §7 are repeated', async () => {
      const { step } = await finalSent();
      assert.throws(() => finishClient(step.state, utf8('e=other-error')), /other-error/);
      assert.throws(
        () => finishClient(step.state, utf8('e=<b>call 555-1234</b>')),
        (error: Error) => !error.message.includes('555'),
      );
    });

    it('gets no second try of a proof for the same challenge text with another nonce', async () => {
      const { first, step } = await finalSent();
      const other = fromUtf8(step.response).replace('SERVERNONCE', 'SERVERNONCF');
      const answer = await advanceServer(first.state, utf8(other));
      assert.deepEqual(answer, { kind: 'failure', condition: 'not-authorized' });
    });
  });
}

describe('what a SCRAM client refuses in server-first', () => {
  const salt = 'AAAAAAAAAAAAAAAAAAAAAA==';
  const refuses = async (serverFirst: string): Promise<void> => {
    const { state } = startClient('SCRAM-SHA-256', clientOptions());
    await assert.rejects(advanceClient(state, utf8(serverFirst)), loginFailed, serverFirst);
  };

  it('a nonce that is not ours, or ours with nothing added (RFC 5802 §5.1)', async () => {
    await refuses(`r=othernonceX,s=${salt},i=4096`);
    await refuses(`r=clientnonce,s=${salt},i=4096`);
    await refuses(`r=,s=${salt},i=4096`);
  });

  it('an iteration count of zero, below, not a number, or above ten million', async () => {
    for (const count of ['0', '-1', '', '4096x', '1e4', '010', '10000001', '9999999999', '99999999999999999999']) {
      await refuses(`r=clientnonceX,s=${salt},i=${count}`);
    }
  });

  it('a mandatory extension (RFC 5802 §5.1), an empty salt, wrong base64, other orders', async () => {
    await refuses(`m=1,r=clientnonceX,s=${salt},i=4096`);
    await refuses(`r=clientnonceX,s=${salt},i=4096,m=1`);
    await refuses('r=clientnonceX,s=,i=4096');
    await refuses('r=clientnonceX,s=AAA,i=4096');
    await refuses(`s=${salt},r=clientnonceX,i=4096`);
  });

  it('but takes optional extensions, as XEP-0474 sends', async () => {
    const { state } = startClient('SCRAM-SHA-256', clientOptions());
    const step = await advanceClient(state, utf8(`r=clientnonceX,s=${salt},i=16,d=abcd,x=1`));
    assert.match(fromUtf8(step.response), /^c=biws,r=clientnonceX,p=/);
  });
});

describe('saved SCRAM keys', () => {
  const mechanism: ScramMechanism = 'SCRAM-SHA-512';

  it('log in without the password while salt and count stay', async () => {
    const { client } = await login(mechanism, clientOptions(), serverOptions());
    const again = await login(
      mechanism,
      clientOptions({ password: undefined, keys: client?.keys, nonce: 'second' }),
      serverOptions({ nonce: 'SECOND' }),
    );
    assert.ok(again.server.kind === 'success');
  });

  it('give way to the password when the server has another salt, count or hash', async () => {
    const { client } = await login(mechanism, clientOptions(), serverOptions());
    const renewed = await makeVerifiers('wherefore', new Uint8Array(16).fill(9), iterations + 1);
    const changed = serverOptions({ lookup: async () => renewed });
    assert.ok((await login(mechanism, clientOptions({ keys: client?.keys }), changed)).server.kind === 'success');
    assert.ok((await login('SCRAM-SHA-1', clientOptions({ keys: client?.keys }), changed)).server.kind === 'success');
    await assert.rejects(
      login(mechanism, clientOptions({ keys: client?.keys, password: undefined }), changed),
      loginFailed,
    );
  });
});
