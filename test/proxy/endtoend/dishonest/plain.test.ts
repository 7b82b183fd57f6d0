// Plaintext where people encrypt (design §5, Receiving): what has no `<body>` is
// shown or carried out by clients as well, and may no more pass unseen.
import assert from 'node:assert/strict';
import { ns } from '../../../../shared/xmpp/namespaces.ts';
import type { Machine } from './machine.ts';
import { alice, bob, bodies, goesOn, partyOfTest } from './party.ts';

const acts: Readonly<Record<string, string>> = {
  'a retraction': "<retract xmlns='urn:xmpp:message-retract:1' id='id-1'/>",
  'a retraction of the older kind':
    "<apply-to xmlns='urn:xmpp:fasten:0' id='id-1'><retract xmlns='urn:xmpp:message-retract:0'/></apply-to>",
  'a reaction': "<reactions xmlns='urn:xmpp:reactions:0' id='id-1'><reaction>x</reaction></reactions>",
  'a correction of nothing': "<replace xmlns='urn:xmpp:message-correct:0' id='id-1'/>",
};
const shown: Readonly<Record<string, string>> = {
  'XHTML alone':
    "<html xmlns='http://jabber.org/protocol/xhtml-im'><body xmlns='http://www.w3.org/1999/xhtml'>pay me</body></html>",
  'a link alone': "<x xmlns='jabber:x:oob'><url>https://example.test/</url></x>",
  'a subject alone': '<subject>pay me</subject>',
};
const plain = (children: string): string =>
  `<message xmlns='${ns.client}' type='chat' from='${alice}/client' to='${bob}' id='plain'>${children}</message>`;

describe('plaintext without a body from somebody with keys', () => {
  const party = partyOfTest();
  let a: Machine;
  let b: Machine;
  beforeEach(async () => {
    a = await party().open(alice);
    b = await party().open(bob);
    await goesOn(a, b);
  });

  for (const [what, children] of Object.entries(acts)) {
    it(`${what} is not carried out, and its place says so`, async () => {
      const got = await b.receive(plain(children));
      assert.match(bodies(got), /^SIMPP did not carry out/);
      assert.ok(!got.join('').includes('id-1'));
      await goesOn(a, b);
    });
  }

  for (const [what, children] of Object.entries(shown)) {
    it(`${what} is marked`, async () => {
      const got = (await b.receive(plain(children))).join('');
      assert.match(got, /<body[^>]*>\[unencrypted\]/);
      // All that was there still is.
      assert.equal(got.replace(/<body>\[unencrypted\]<\/body>|\[unencrypted\] /, ''), plain(children));
    });
  }

  it('a correction with a text is shown as a marked message of its own', async () => {
    const got = await b.receive(plain(`<body>other words</body>${acts['a correction of nothing']}`));
    assert.deepEqual(got, [plain('<body>[unencrypted] other words</body>')]);
  });

  it('what says something only to programs passes as it is', async () => {
    const receipt = plain("<received xmlns='urn:xmpp:receipts' id='id-1'/>");
    assert.deepEqual(await b.receive(receipt), [receipt]);
  });

  it('all of it is refused where encryption is required', async () => {
    b.person.desk.setPolicy(alice, 'require');
    for (const children of [...Object.values(acts), ...Object.values(shown)]) {
      const got = await b.receive(plain(children));
      assert.match(bodies(got), /^SIMPP did not show a message that came unencrypted/);
      assert.doesNotMatch(got.join(''), /id-1|pay me|https:/);
    }
  });

  it('all of it passes where the person wants no encryption', async () => {
    b.person.desk.setPolicy(alice, 'off');
    for (const children of [...Object.values(acts), ...Object.values(shown)]) {
      assert.deepEqual(await b.receive(plain(children)), [plain(children)]);
    }
  });
});
