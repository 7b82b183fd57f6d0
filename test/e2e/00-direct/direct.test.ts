// The control of everything that follows: the same clients, server and tap
// without SIMPP. What the capture search finds here, it would find there.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:tls';

import { overheard } from '../../../proxy/try/overheard.ts';
import { Prosody } from '../../../proxy/try/prosody.ts';
import { WireTap } from '../../../proxy/try/wire-tap.ts';
import { needs } from '../../run/needs.ts';
import { TestAuthority } from '../support/certs.ts';
import { Profanity } from '../support/profanity.ts';
import { SlixmppClient } from '../support/slixmpp.ts';
import { XmppJsClient } from '../support/xmppjs.ts';

const domain = 'example.test';
const alice = { name: 'alice', password: 'correct-horse' };
const bob = { name: 'bob', password: 'battery-staple' };
const carol = { name: 'carol', password: 'tr0ub4dor-and-3' };
const accounts = [alice, bob, carol];

function loginAt(place: { readonly host: string; readonly port: number }, account: typeof alice) {
  return { host: place.host, port: place.port, jid: `${account.name}@${domain}`, password: account.password };
}

describe('00 direct: clients and server without SIMPP', function () {
  needs('prosody', 'slixmpp', 'profanity', 'openssl');
  this.timeout(60_000);

  it('lets slixmpp, profanity and @xmpp/client talk, and the tap reads every word', async () => {
    await using prosody = await Prosody.start({ domain, accounts });
    await using tap = await WireTap.start(prosody);
    await using first = await SlixmppClient.login(loginAt(tap, alice));
    await using second = await XmppJsClient.login(loginAt(tap, bob));
    await using third = await Profanity.login(loginAt(tap, carol));

    first.say(second.jid, 'the heron stands in the reeds');
    const heard = await second.hear('the heron stands in the reeds');
    assert.match(String(heard.attrs['from']), /^alice@example\.test\//);
    await second.say(first.jid, 'and the fish knows it');
    assert.equal((await first.hear('and the fish knows it')).type, 'chat');
    await third.say(first.jid, 'who is fishing today');
    assert.equal((await first.hear('who is fishing today')).from, `${third.jid}/profanity`);
    first.say(third.jid, 'nobody, the ice is thin');
    await third.hear(first.jid, 'nobody, the ice is thin');

    const words = ['heron', 'fish knows', 'fishing', 'the ice is thin', 'alice', 'carol'];
    assert.deepEqual(overheard(tap.captured(), words), words);
    assert.deepEqual(overheard(tap.captured(), ['porcupine', alice.password, carol.password]), []);
  });

  it('finds a password that PLAIN sends in base64', async () => {
    await using prosody = await Prosody.start({ domain, accounts, mechanisms: ['PLAIN'] });
    await using tap = await WireTap.start(prosody);
    await using client = await SlixmppClient.login({ ...loginAt(tap, bob), plainInClear: true });
    assert.ok((await client.ping()) >= 0);
    assert.deepEqual(overheard(tap.captured('up'), [bob.password]), [bob.password]);
    assert.deepEqual(overheard(tap.captured('down'), [bob.password]), []);
  });

  it('hides words and passwords from the tap when the server has TLS', async () => {
    await using authority = await TestAuthority.create();
    const certificate = await authority.issue([domain]);
    for (const tls of ['starttls', 'direct'] as const) {
      await using prosody = await Prosody.start({ domain, accounts, certificate, tls });
      await using tap = await WireTap.start(prosody);
      await using client = await SlixmppClient.login({ ...loginAt(tap, alice), tls, caFile: authority.caFile });
      client.say(client.jid, 'a note to myself');
      await client.hear('a note to myself');
      assert.deepEqual(overheard(tap.captured(), ['a note to myself', 'alice', alice.password]), []);
    }
  });

  it('has certificates that a client refuses: expired, for another name, of an unknown authority', async () => {
    await using authority = await TestAuthority.create();
    await using stranger = await TestAuthority.create();
    const cases = [
      { certificate: await authority.issue([domain]), refusal: undefined },
      { certificate: await authority.issue([domain], { expired: true }), refusal: 'CERT_HAS_EXPIRED' },
      { certificate: await authority.issue(['other.test']), refusal: 'ERR_TLS_CERT_ALTNAME_INVALID' },
      { certificate: await stranger.issue([domain]), refusal: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' },
    ];
    const ca = await readFile(authority.caFile);
    for (const { certificate, refusal } of cases) {
      await using prosody = await Prosody.start({ domain, accounts, certificate, tls: 'direct' });
      const socket = connect({ host: prosody.host, port: prosody.port, servername: domain, ca });
      const outcome = await once(socket, 'secureConnect').then(
        () => undefined,
        (error: NodeJS.ErrnoException) => error.code,
      );
      socket.destroy();
      assert.equal(outcome, refusal);
    }
  });

  it('tells a client about a wrong password and stays up', async () => {
    await using prosody = await Prosody.start({ domain, accounts });
    await using client = SlixmppClient.connect({ ...loginAt(prosody, alice), password: 'wrong' });
    assert.equal((await client.event('sasl-failure'))['condition'], 'not-authorized');
    await assert.rejects(XmppJsClient.login({ ...loginAt(prosody, bob), password: 'wrong' }), /not-authorized/);
    await using other = await SlixmppClient.login(loginAt(prosody, alice));
    assert.ok((await other.ping()) >= 0);
  });

  it('serves on after a crash and a restart, with the same accounts', async () => {
    await using prosody = await Prosody.start({ domain, accounts });
    const { port } = prosody;
    {
      await using client = await SlixmppClient.login(loginAt(prosody, alice));
      await prosody.kill();
      await client.event('disconnected');
    }
    await prosody.start();
    assert.equal(prosody.port, port);
    await using client = await SlixmppClient.login(loginAt(prosody, alice));
    assert.ok((await client.ping()) >= 0);
  });
});
