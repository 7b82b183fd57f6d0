// The operator of the server, or whoever is on the way to it, against two people
// in direct mode: real clients, real proxies, a real server, and in between one
// who changes what comes (docs/protocol.md §9; the threat model's dishonest server).
import assert from 'node:assert/strict';
import { toBase64 } from '../../../shared/bytes.ts';
import { deviceSet } from '../../../shared/simpp/end-to-end-messages.ts';
import { PublishingPerson } from '../../proxy/endtoend/publishing-person.ts';
import { flipped, withC6 } from '../../proxy/endtoend/dishonest/bend.ts';
import { needs } from '../../run/needs.ts';
import { pairOfSuite } from '../31-encrypted/pair.ts';
import { SlixmppClient } from '../support/slixmpp.ts';
import { alice, bob } from '../support/world.ts';
import { StanzaMan } from './stanza-man.ts';

const encrypted = /<encrypted[^>]*>[^<]*<\/encrypted>/;
const lie = 'send the money to mallory';

describe('38 dishonest: who is on the way to the server, in direct mode', function () {
  needs('prosody', 'slixmpp');
  this.timeout(60_000);
  const pair = pairOfSuite({ way: 'direct' });
  let first: SlixmppClient;
  let second: SlixmppClient;
  let man: StanzaMan;
  let count = 0;

  before('two people talk', async () => {
    man = new StanzaMan(pair().atServer);
    first = await SlixmppClient.login(pair().login(0, alice));
    second = await SlixmppClient.login(pair().login(1, bob));
    await goesOn();
  });
  after('they leave', async () => {
    await first[Symbol.asyncDispose]();
    await second[Symbol.asyncDispose]();
  });

  const goesOn = async (): Promise<void> => {
    man.bend();
    const words = [`heron ${++count}`, `kingfisher ${count}`] as const;
    first.say(bob.jid, words[0]);
    await second.hear(words[0]);
    second.say(alice.jid, words[1]);
    await first.hear(words[1]);
  };
  /** Changes the next encrypted message that comes to somebody, once. */
  const bendOnce = (change: (stanzas: string) => string): void => {
    man.bend((stanzas) => {
      if (!encrypted.test(stanzas)) return stanzas;
      man.bend();
      return change(stanzas);
    });
  };
  const hears = (client: SlixmppClient, what: RegExp): Promise<unknown> =>
    client.events.take(({ body }) => typeof body === 'string' && what.test(body), `${what} at ${client.jid}`);

  it('puts words beside what is encrypted: nobody sees them', async () => {
    bendOnce((stanzas) => stanzas.replace('</encrypted>', `</encrypted><body>${lie}</body>`));
    first.say(bob.jid, 'only these words');
    const heard = await second.hear('only these words');
    assert.ok(!heard.xml.includes(lie));
    await goesOn();
  });

  it('puts words in place of what is encrypted: they are marked', async () => {
    bendOnce((stanzas) => stanzas.replace(encrypted, `<body>${lie}</body>`));
    first.say(bob.jid, 'these are lost');
    await second.hear(`[unencrypted] ${lie}`);
    await goesOn();
  });

  it('swaps the payload: it is shown as unreadable, and the conversation goes on', async () => {
    bendOnce((stanzas) => withC6(stanzas, ({ payload }) => ({ payload: flipped(payload, 30) })));
    first.say(bob.jid, 'these are lost, too');
    await hears(second, /^SIMPP cannot read this message: it was changed on its way/);
    await goesOn();
  });

  it('repeats an earlier message in place of a new one: it is not shown a second time', async () => {
    let kept = '';
    bendOnce((stanzas) => {
      kept = encrypted.exec(stanzas)![0];
      return stanzas;
    });
    first.say(bob.jid, 'yes, do it');
    await second.hear('yes, do it');
    bendOnce((stanzas) => stanzas.replace(encrypted, kept));
    first.say(bob.jid, 'no, do not');
    await hears(second, /^SIMPP does not show this message/);
    await goesOn();
  });

  it('gives another account key after first contact: nothing is sent to it, and the person is told', async () => {
    const impostor = new PublishingPerson(alice.jid);
    const device = impostor.newDevice();
    const nothing = new Uint8Array(0);
    const set = deviceSet.encode({
      kuA: impostor.kuA,
      list: impostor.list(9, [device]),
      certificates: [device.certificate],
      rollover: nothing,
    });
    man.bend((stanzas) =>
      stanzas.includes(`from='${alice.jid}'`)
        ? stanzas.replace(/(<devices[^>]*>)[^<]*/, (_all, open: string) => `${open}${toBase64(set)}`)
        : stanzas,
    );
    second.say('simpp.invalid', `fingerprint ${alice.jid}`);
    await hears(second, /has another key than before/);
    second.say(alice.jid, 'this must not leave', { id: 'held' });
    await hears(second, /Your message to .* was not sent/);
    man.bend();
    second.say('simpp.invalid', `fingerprint ${alice.jid}`);
    await hears(second, /has their earlier key again/);
    second.say('simpp.invalid', `trust ${alice.jid} accept`);
    second.say('simpp.invalid', 'resend all');
    await first.hear('this must not leave');
    await goesOn();
    assert.equal(
      first.events.all.some(({ body }) => body === lie),
      false,
    );
  });
});
