import assert from 'node:assert/strict';

import { fromUtf8, utf8 } from '../../../../shared/bytes.ts';
import type { ClassicConversation } from '../../../../shared/simpp/classic/conversation.ts';
import { agree, alice, bob, newPair, nextOf, type Party } from './talks.ts';

const textOf = (data: Uint8Array | undefined): string | undefined => data && fromUtf8(data);

/** The conversation that lives. */
function live({ talk }: Party): ClassicConversation {
  const reach = talk.reach();
  assert.ok('kAB' in reach);
  return reach;
}

describe('a conversation of the classic profile (docs/protocol.md §10.3)', () => {
  it('is agreed by C3 and C4, and then serves both ways at once', async () => {
    const { a, b } = newPair();
    const ofA = await agree(a, b);
    assert.equal(textOf(b.talk.read(ofA.seal(utf8('to bob')))), 'to bob');
    assert.equal(textOf(a.talk.read(live(b).seal(utf8('to alice')))), 'to alice');
  });

  it('holds all that is to be sent until the one C4 comes', async () => {
    const { a, b } = newPair();
    const waiting = [a.talk.reach(), a.talk.reach()].map((reach) => Promise.resolve(reach));
    const c3 = await nextOf(a);
    assert.deepEqual(a.sent, []);
    await b.talk.heardC3(c3);
    a.talk.heardC4(await nextOf(b));
    const [first, second] = await Promise.all(waiting);
    assert.deepEqual(first, second);
  });

  it('comes of the C3 of the lower JID when both begin at once', async () => {
    assert.ok(alice < bob);
    const { a, b } = newPair();
    const waiting = [a.talk.reach(), b.talk.reach()].map((reach) => Promise.resolve(reach));
    const [ofA, ofB] = [await nextOf(a), await nextOf(b)];
    await a.talk.heardC3(ofB);
    assert.deepEqual(a.sent, [], 'alice does not answer: hers counts');
    await b.talk.heardC3(ofA);
    a.talk.heardC4(await nextOf(b));
    await Promise.all(waiting);
    assert.deepEqual(live(a).kAB, live(b).kAB);
  });

  it('is not begun with whom S does not know, and says whether it knew them once', async () => {
    const { a, b } = newPair();
    const { answer } = a;
    a.answer = { kind: 'none' };
    assert.deepEqual(await a.talk.reach(), { kind: 'no-key', hadKey: false });
    a.answer = answer;
    await agree(a, b);
    a.talk.end();
    a.answer = { kind: 'none' };
    assert.deepEqual(await a.talk.reach(), { kind: 'no-key', hadKey: true });
  });

  it('is not begun where S says nothing: that is not the same as no key', async () => {
    const { a } = newPair();
    a.answer = { kind: 'failed', reason: 'no answer' };
    assert.deepEqual(await a.talk.reach(), { kind: 'failed', reason: 'no answer' });
  });

  it('is not begun when C3 comes back, or C4 is signed by somebody else, or is on another curve', async () => {
    const { a, b } = newPair();
    const away = a.talk.reach();
    await nextOf(a);
    a.talk.returned('another message');
    a.talk.returned('id-1');
    assert.deepEqual(await away, { kind: 'no-answer' });

    const stranger = newPair();
    const forged = a.talk.reach();
    await nextOf(a);
    const theirs = stranger.a.talk.reach();
    await stranger.b.talk.heardC3(await nextOf(stranger.a));
    a.talk.heardC4(await nextOf(stranger.b));
    assert.deepEqual(await forged, { kind: 'failed', reason: 'the contact did not sign its key' });
    stranger.a.talk.end();
    await theirs;

    const mixed = newPair(['P-224', 'secp160r1']);
    void mixed.a.talk.reach();
    await assert.rejects(mixed.b.talk.heardC3(await nextOf(mixed.a)), { message: /another curve/ });
    mixed.a.talk.end();
    assert.equal(b.talk.isLive, false);
  });

  it('answers each C3 once, however many copies of it a server makes', async () => {
    const { a, b } = newPair();
    void a.talk.reach();
    const c3 = await nextOf(a);
    await Promise.all([b.talk.heardC3(c3), b.talk.heardC3(c3)]);
    await b.talk.heardC3(c3);
    assert.equal(b.sent.length, 1);
    a.talk.end();
  });

  it('is agreed anew, once in a minute, when the other side has outlived it', async () => {
    const { a, b } = newPair();
    const old = await agree(a, b);
    b.talk.end();
    assert.equal(b.talk.read(old.seal(utf8('lost'))), undefined);
    b.talk.renew();
    b.talk.renew();
    await a.talk.heardC3(await nextOf(b));
    b.talk.heardC4(await nextOf(a));
    assert.deepEqual(live(a).kAB, live(b).kAB);
    b.talk.renew();
    await assert.rejects(nextOf(b), { message: 'nothing was sent' });
    b.now = 60_000;
    b.talk.renew();
    await nextOf(b);
    b.talk.end();
  });
});
