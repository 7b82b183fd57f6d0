import assert from 'node:assert/strict';

import { ClassicIncoming } from '../../../../proxy/endtoend/classic/incoming.ts';
import { ClassicOutgoing } from '../../../../proxy/endtoend/classic/outgoing.ts';
import type { Policy } from '../../../../proxy/endtoend/desk.ts';
import { utf8 } from '../../../../shared/bytes.ts';
import { noBindings, type Bindings } from '../../../../shared/xml/tag.ts';
import { ns } from '../../../../shared/xmpp/namespaces.ts';
import { agree, alice, bob, newPair, type Party } from './talks.ts';

const scope: Bindings = new Map([...noBindings, ['', ns.client]]);
const decoded = (stanzas: readonly Uint8Array[]): string[] => stanzas.map((each) => Buffer.from(each).toString());

/** What becomes of a message that a party's client sends. */
async function written({ talk }: Party, jid: string, policy: Policy, stanza: string) {
  const outgoing = new ClassicOutgoing({ jid, policy: () => policy, talkWith: () => talk });
  const { up, down } = await outgoing.take({ stanza: utf8(stanza), scope, lang: undefined });
  return { up: decoded(up), down: decoded(down) };
}

/** What a party's client is shown of what the server brings. */
function shown({ talk }: Party, jid: string, policy: Policy, stanza: string): string[] {
  const incoming = new ClassicIncoming({
    jid,
    policy: () => policy,
    talkWith: () => talk,
    unanswered: (error) => assert.fail(String(error)),
  });
  return decoded(incoming.take({ stanza: utf8(stanza), scope, lang: undefined, isAskedFor: false }).down);
}

const message = (children: string, attributes = `type='chat' to='${bob}' id='m1'`): string =>
  `<message ${attributes}>${children}</message>`;
const fromAlice = (stanza: string): string => stanza.replace('<message ', `<message from='${alice}/x' `);

describe('a message of the classic profile (docs/protocol.md §10.3)', () => {
  it('carries its text sealed, what is for servers, and nothing else', async () => {
    const { a, b } = newPair();
    await agree(a, b);
    const html = `<html xmlns='${ns.xhtmlIm}'><body xmlns='${ns.xhtml}'>a heron</body></html>`;
    const hint = `<store xmlns='${ns.hints}'/>`;
    const { up } = await written(
      a,
      alice,
      'require',
      message(`<body>a &amp; heron</body><subject>heron</subject>${html}${hint}`),
    );
    assert.match(
      up[0]!,
      /^<message type='chat' to='bob@example\.test' id='m1'><encrypted xmlns='urn:simpp:e2e:classic'>/,
    );
    assert.ok(up[0]!.endsWith(`</encrypted>${hint}</message>`));
    assert.doesNotMatch(up[0]!, /heron/);
    const text = shown(b, bob, 'require', fromAlice(up[0]!))[0]!;
    assert.match(text, /<body>a &amp; heron<\/body>/);
    assert.doesNotMatch(text, /encrypted/);
  });

  it('goes as it is where it says something to programs only', async () => {
    const { a } = newPair();
    const state = message(`<active xmlns='${ns.chatStates}'/><thread>t</thread>`);
    assert.deepEqual(await written(a, alice, 'require', state), { up: [state], down: [] });
  });

  it('does not leave under "require" without a text, for a room, a service or oneself', async () => {
    const { a } = newPair();
    for (const stanza of [
      message(`<html xmlns='${ns.xhtmlIm}'><body xmlns='${ns.xhtml}'>a heron</body></html>`),
      message('<body>a heron</body>', `type='groupchat' to='room@rooms.example.test'`),
      message('<body>a heron</body>', `to='example.test'`),
      message('<body>a heron</body>', `to='${alice}/other'`),
      message('<body>a heron</body>', `type='chat'`),
      message(`<active xmlns='${ns.chatStates}'/>a heron`),
    ]) {
      const { up, down } = await written(a, alice, 'require', stanza);
      assert.deepEqual([up, down.length], [[], 1], stanza);
      assert.match(down[0]!, /policy-violation/);
    }
  });

  it('leaves in clear only under "prefer", to whom S never knew', async () => {
    const { a, b } = newPair();
    const { answer } = a;
    const hello = message('<body>hello</body>');
    a.answer = { kind: 'none' };
    assert.deepEqual(await written(a, alice, 'prefer', hello), { up: [hello], down: [] });
    assert.match((await written(a, alice, 'require', hello)).down[0]!, /has no key at the gateway/);
    a.answer = { kind: 'failed', reason: 'The gateway did not answer in time.' };
    assert.match((await written(a, alice, 'prefer', hello)).down[0]!, /did not answer in time/);
    a.answer = answer;
    await agree(a, b);
    a.talk.end();
    a.answer = { kind: 'none' };
    assert.match((await written(a, alice, 'prefer', hello)).down[0]!, /had a key at the gateway, and it is gone/);
  });

  it('is shown as unreadable when it does not open, is no base64, or is no text', async () => {
    const { a, b } = newPair();
    const conversation = await agree(a, b);
    const stranger = newPair();
    const other = (await agree(stranger.a, stranger.b)).seal(utf8('hello'));
    const notText = conversation.seal(Uint8Array.of(0xff));
    for (const content of [Buffer.from(other).toString('base64'), Buffer.from(notText).toString('base64'), '***', '']) {
      const stanza = message(`<encrypted xmlns='${ns.simppClassicMessages}'>${content}</encrypted><body>evil</body>`);
      const [text] = shown(b, bob, 'require', fromAlice(stanza));
      assert.match(text!, /<body>SIMPP cannot read this message: its conversation is over/);
      assert.doesNotMatch(text!, /evil/);
    }
    b.talk.end();
  });

  it('that comes in clear is refused under "require", and marked where a conversation lives', async () => {
    const { a, b } = newPair();
    const plain = fromAlice(message('<body>hello</body>'));
    assert.match(shown(b, bob, 'require', plain)[0]!, /did not show a message that came unencrypted/);
    assert.deepEqual(shown(b, bob, 'prefer', plain), [plain]);
    await agree(a, b);
    assert.match(shown(b, bob, 'prefer', plain)[0]!, /<body>\[unencrypted\] hello<\/body>/);
  });

  it('with C3 that was kept, copied or returned is answered by nothing, and not shown', async () => {
    const { a, b } = newPair();
    void a.talk.reach();
    await new Promise((resolve) => setImmediate(resolve));
    const c3 = Buffer.from(a.sent[0]!).toString('base64');
    const encrypted = `<encrypted xmlns='${ns.simppClassicMessages}'>${c3}</encrypted>`;
    const carbon = `<message from='${bob}' to='${bob}/x'><received xmlns='${ns.carbons}'><forwarded xmlns='${ns.forward}'>${fromAlice(message(encrypted)).replace('<message ', `<message xmlns='${ns.client}' `)}</forwarded></received></message>`;
    for (const stanza of [
      fromAlice(message(`${encrypted}<delay xmlns='${ns.delay}' stamp='2026-01-01T00:00:00Z'/>`)),
      fromAlice(message(encrypted, `type='error' to='${bob}' id='m1'`)),
      carbon,
    ]) {
      assert.deepEqual(shown(b, bob, 'require', stanza), []);
    }
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(b.sent, []);
    assert.deepEqual(shown(b, bob, 'require', fromAlice(message(encrypted))), []);
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(b.sent.length, 1);
    a.talk.end();
  });
});
