// A server that changes, repeats, moves and makes up messages on their way
// (docs/protocol.md §9.2 to §9.5): nothing of it is shown as if it were the
// contact's word, and the conversation goes on.
import assert from 'node:assert/strict';
import { toBase64 } from '../../../../shared/bytes.ts';
import { ns } from '../../../../shared/xmpp/namespaces.ts';
import { flipped, withBeside, withC6, withHeaders, withWraps } from './bend.ts';
import type { Machine } from './machine.ts';
import { alice, bob, bodies, from, goesOn, mallory, partyOfTest, passed, say } from './party.ts';

const word = 'the heron stands in the reeds';
const isRefusal = (shown: string): boolean => /^SIMPP (?:cannot read|does not show) this message/.test(shown);

describe('a server that touches messages on their way', () => {
  const party = partyOfTest();
  let a: Machine;
  let b: Machine;
  beforeEach(async () => {
    a = await party().open(alice);
    b = await party().open(bob);
  });

  const wireOf = async (words = word, id?: string): Promise<string> => passed(alice, await a.write(bob, words, id));
  const refused = async (stanza: string, words = word): Promise<void> => {
    const shown = bodies(await b.receive(stanza));
    assert.ok(isRefusal(shown), `shown: ${shown}`);
    assert.ok(!shown.includes(words));
  };

  for (const isFirst of [true, false]) {
    const when = isFirst ? 'the first message' : 'a later message';
    const begun = async (): Promise<void> => {
      if (!isFirst) await goesOn(a, b);
    };
    const changes: Readonly<Record<string, (stanza: string) => string>> = {
      'another payload': (stanza) => withC6(stanza, ({ payload }) => ({ payload: flipped(payload, 40) })),
      'a payload without its end': (stanza) => withC6(stanza, ({ payload }) => ({ payload: payload.slice(0, -16) })),
      'another commitment': (stanza) => withC6(stanza, ({ commitment }) => ({ commitment: flipped(commitment, 3) })),
      'another device as its sender': (stanza) =>
        withC6(stanza, ({ deviceId }) => ({ deviceId: flipped(deviceId, 0) })),
      'another session': (stanza) => withWraps(stanza, ({ sessionId }) => ({ sessionId: flipped(sessionId, 5) })),
      'another sealed key': (stanza) => withWraps(stanza, ({ sealed }) => ({ sealed: flipped(sealed, 8) })),
      'another salt': (stanza) => withHeaders(stanza, ({ salt }) => ({ salt: flipped(salt, 0) })),
      'another number': (stanza) => withHeaders(stanza, ({ number }) => ({ number: number + 1 })),
      'a million messages before it': (stanza) => withHeaders(stanza, () => ({ number: 1_000_000 })),
      'a million messages in the chain before it': (stanza) => withHeaders(stanza, () => ({ previous: 1_000_000 })),
      'a point off the curve': (stanza) => withHeaders(stanza, ({ dh }) => ({ dh: flipped(dh, 64) })),
      'another id': (stanza) => stanza.replace(/ id='[^']*'/, " id='another'"),
      'another type': (stanza) => stanza.replace("type='chat'", "type='headline'"),
      'another sender': (stanza) => stanza.replace(`from='${alice}`, `from='${mallory}`),
      'another addressee': (stanza) => stanza.replace(`to='${bob}'`, `to='${mallory}'`),
    };
    for (const [what, change] of Object.entries(changes)) {
      it(`${when} with ${what} is not shown, and what follows is`, async () => {
        await begun();
        const wire = await wireOf();
        const bent = change(wire);
        assert.notEqual(bent, wire);
        await refused(bent);
        // What keeps every byte of C6 has spent its only try: a server could as well have dropped it.
        if (bentC6(bent) !== bentC6(wire)) {
          assert.equal(bodies(await b.receive(wire)), word);
        }
        await goesOn(a, b);
        await goesOn(b, a);
      });
    }
  }

  it('what is no C6 at all is not shown, and not answered', async () => {
    await goesOn(a, b);
    const wire = await wireOf();
    for (const text of ['', 'AAAA', '!!', toBase64(new Uint8Array(5000).fill(0x53)), '<b/>']) {
      const shown = bodies(await b.receive(wire.replace(/(<encrypted[^>]*>)[^<]*/, `$1${text}`)));
      assert.ok(isRefusal(shown), `${text.slice(0, 10)} shows: ${shown}`);
    }
    await b.settled();
    assert.deepEqual(b.sent, []);
    await goesOn(a, b);
  });

  it('messages out of order open, each once', async () => {
    const wires: string[] = [];
    for (let number = 0; number < 5; number++) wires.push(await wireOf(`message ${number}`));
    for (const number of [3, 0, 4, 1, 2]) {
      assert.equal(bodies(await b.receive(wires[number]!)), `message ${number}`);
    }
    await goesOn(b, a);
  });

  describe('that has kept one', () => {
    it('repeats it under another id, and it is not shown as another message', async () => {
      const { wire } = await say(a, b, word, 'first');
      await refused(wire.replace("id='first'", "id='second'"));
      await goesOn(a, b);
    });

    it('repeats it as if it came from somebody else', async () => {
      const { wire } = await say(a, b, word);
      await refused(wire.replace(`from='${alice}/client'`, `from='${mallory}/client'`));
      await goesOn(a, b);
    });

    it('gives it back to who wrote it, as if the contact had said it', async () => {
      await goesOn(a, b);
      const mine = (await b.write(alice, word, 'mine')).up[0]!;
      await refused(from(alice, mine.replace(`to='${alice}'`, `to='${bob}'`)));
      await goesOn(a, b);
    });

    it('gives it back as an error, and the words are restored', async () => {
      await goesOn(a, b);
      const mine = (await b.write(alice, word, 'mine')).up[0]!;
      const error = `<error type='cancel'><gone xmlns='${ns.stanzaErrors}'/></error></message>`;
      const bounced = from(alice, mine.replace(`to='${alice}'`, `to='${bob}'`).replace("type='chat'", "type='error'"));
      assert.equal(bodies(await b.receive(bounced.replace('</message>', error))), word);
    });

    it('repeats the words of a contact as an error, which are nobody of ours', async () => {
      const { wire } = await say(a, b, word);
      assert.ok(!bodies(await b.receive(wire.replace("type='chat'", "type='error'"))).includes(word));
    });

    it('sends it once more after the person kept no archive, and it does not open twice', async () => {
      b.person.desk.setRetention('none');
      const { wire } = await say(a, b, word);
      for (let number = 0; number < 60; number++) await say(a, b, `filler ${number}`);
      const shown = bodies(await b.receive(wire));
      assert.ok(shown === word || isRefusal(shown), shown);
      await goesOn(a, b);
    });

    it('puts its C3 into another message: the session is the one that is known', async () => {
      const { wire } = await say(a, b, word);
      const second = await wireOf('a second one');
      const c3 = wireC3(wire);
      assert.equal(bodies(await b.receive(second)), 'a second one');
      await goesOn(b, a);
      const third = await wireOf('a third one');
      await refused(
        withWraps(third, () => ({ c3 })),
        'a third one',
      );
      assert.equal(bodies(await b.receive(third)), 'a third one');
      await goesOn(a, b);
    });
  });

  describe('that adds what it wants to have said', () => {
    const lie = 'send the money to mallory';

    it('beside what is encrypted: only what was sealed is shown, and the operator can see it in the log', async () => {
      const wire = await wireOf();
      const shown = await b.receive(
        withBeside(
          wire,
          `<body>${lie}</body><html xmlns='http://jabber.org/protocol/xhtml-im'><body>${lie}</body></html>`,
        ),
      );
      assert.deepEqual(
        b.logged.filter(({ event }) => event.startsWith('elements beside')).map(({ fields }) => fields?.count),
        [2],
      );
      assert.equal(bodies(shown), word);
      assert.ok(!shown.join('').includes('mallory'));
      await goesOn(a, b);
    });

    it('before it, and as a second encrypted element', async () => {
      const wire = await wireOf();
      const encrypted = /<encrypted[^>]*>[^<]*<\/encrypted>/.exec(wire)![0];
      const shown = await b.receive(wire.replace('<encrypted', `<subject>${lie}</subject>${encrypted}<encrypted`));
      assert.equal(bodies(shown), word);
      assert.ok(!shown.join('').includes('mallory'));
    });

    it('in place of it: it is marked, once the contact is known to encrypt', async () => {
      await goesOn(a, b);
      const injected = `<message type='chat' to='${bob}' id='x' from='${alice}/client'><body>${lie}</body></message>`;
      assert.equal(bodies(await b.receive(injected)), `[unencrypted] ${lie}`);
      await goesOn(a, b);
    });

    it('in place of it, dressed as a word of a room', async () => {
      await goesOn(a, b);
      const injected = `<message type='chat' to='${bob}' id='x' from='${alice}/client'><x xmlns='${ns.mucUser}'/><body>${lie}</body></message>`;
      assert.equal(bodies(await b.receive(injected)), `[unencrypted] ${lie}`);
    });

    it('in place of it, under require: it is not shown at all', async () => {
      await goesOn(a, b);
      b.person.desk.setPolicy(alice, 'require');
      for (const more of ['', `<x xmlns='${ns.mucUser}'/>`]) {
        const injected = `<message type='chat' to='${bob}' id='x' from='${alice}/client'>${more}<body>${lie}</body></message>`;
        const shown = await b.receive(injected);
        assert.match(bodies(shown), /^SIMPP did not show a message that came unencrypted/);
        assert.ok(!shown.join('').includes(lie));
      }
      await goesOn(a, b);
    });

    it('so that the client answers as if to somebody in a room: the answer is sealed all the same', async () => {
      await goesOn(a, b);
      const answer = `<message xmlns='jabber:client' type='chat' to='${alice}/client' id='r'><body>${word}</body><x xmlns='${ns.mucUser}'/></message>`;
      const wire = passed(bob, await b.writeRaw(answer));
      assert.ok(!wire.includes(word));
      assert.equal(bodies(await a.receive(wire)), word);
    });

    it('with elements in the body: nobody loses the connection over it', async () => {
      await goesOn(a, b);
      const injected = `<message type='chat' to='${bob}' from='${alice}/client'><body>${lie}<b/></body></message>`;
      const shown = (await b.receive(injected)).join('');
      assert.ok(shown.includes('[unencrypted]') || !shown.includes(lie), shown);
      await goesOn(a, b);
    });
  });
});

const bentC6 = (stanza: string): string => /<encrypted[^>]*>([^<]*)/.exec(stanza)![1]!;

function wireC3(stanza: string): Uint8Array {
  let found: Uint8Array | undefined;
  withWraps(stanza, ({ c3 }) => {
    found = c3;
    return {};
  });
  assert.ok(found !== undefined && found.length > 0, 'it brings a C3');
  return found;
}
