import assert from 'node:assert/strict';

import { ownIdPrefix } from '../../../proxy/endtoend/own-id.ts';
import { Requests, type Answer } from '../../../proxy/endtoend/requests.ts';
import { element } from '../../../shared/xml/write.ts';
import { errorReply, ScriptedServer } from './scripted-server.ts';

const own = 'alice@example.test';
const full = `${own}/desk`;
const ping = element('ping', { xmlns: 'urn:xmpp:ping' });
const longMs = 10_000;

function silent(requests: Requests, jid = full): ScriptedServer {
  return ScriptedServer.join(requests, jid, () => undefined);
}

describe('requests of the engine', () => {
  it('go to whom they are for, with an id that begins as no other, and another one each time', async () => {
    const requests = new Requests(own);
    const server = ScriptedServer.join(requests, full, () => ({}));
    await requests.send('get', 'bob@example.test', ping, longMs);
    await requests.send('get', undefined, ping, longMs);
    const [first, second] = server.asked;
    assert.equal(first?.to, 'bob@example.test');
    assert.equal(second?.to, undefined);
    assert.ok(first.id.startsWith(ownIdPrefix) && second?.id.startsWith(ownIdPrefix) === true);
    assert.notEqual(first.id, second?.id);
    assert.ok(ownIdPrefix.length >= 16);
  });

  it('of another account are answered by exactly that address', async () => {
    const requests = new Requests(own);
    const server = silent(requests);
    const asking = requests.send('get', 'bob@example.test', ping, longMs);
    const { id } = server.asked[0]!;
    for (const from of [undefined, own, full, 'example.test', 'mallory@example.test', 'bob@example.test/phone', '@']) {
      server.answer(id, { from, content: '<forged/>' });
    }
    server.answer(`${id}x`, { from: 'bob@example.test' });
    server.answer(id, { from: 'BOB@Example.TEST', content: '<real/>' });
    const answer = await asking;
    assert.ok(answer.kind === 'result' && Buffer.from(answer.stanza).includes('<real/>'));
  });

  it('of the own account are answered by it, by its server, or without a name, and by nobody else', async () => {
    for (const from of [undefined, own, full, 'example.test']) {
      const requests = new Requests(own);
      const server = silent(requests);
      const asking = requests.send('get', undefined, ping, longMs);
      const { id } = server.asked[0]!;
      for (const forger of ['mallory@example.test', `${own}/other`, 'evil.test']) {
        server.answer(id, { from: forger, content: '<forged/>' });
      }
      server.answer(id, { from, content: '<real/>' });
      const answer = await asking;
      assert.ok(answer.kind === 'result' && Buffer.from(answer.stanza).includes('<real/>'), from);
    }
  });

  it('tell type, condition, detail and text of an error', async () => {
    const requests = new Requests(own);
    const more =
      `<text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>no &amp; no</text>` +
      `<precondition-not-met xmlns='http://jabber.org/protocol/pubsub#errors'/>`;
    ScriptedServer.join(requests, full, () => errorReply('conflict', 'modify', more));
    const answer = await requests.send('set', undefined, ping, longMs);
    assert.ok(answer.kind === 'error');
    const { type, condition, detail, text } = answer;
    const expected = { type: 'modify', condition: 'conflict', detail: 'precondition-not-met', text: 'no & no' };
    assert.deepEqual({ type, condition, detail, text }, expected);
  });

  it('end by themselves when nobody answers, and are nothing without a stream', async () => {
    const requests = new Requests(own);
    assert.deepEqual(await requests.send('get', undefined, ping, longMs), { kind: 'gone' });
    silent(requests);
    assert.deepEqual(await requests.send('get', undefined, ping, 1), { kind: 'timeout' });
  });

  it('that read are asked once more on another stream when theirs ends; those that change are not', async () => {
    const requests = new Requests(own);
    const [third, second, first] = ['c', 'b', 'a'].map((name) => silent(requests, `${own}/${name}`));
    assert.ok(first && second && third);
    const reading = requests.send('get', undefined, ping, longMs);
    const changing = requests.send('set', undefined, ping, longMs);
    assert.equal(first.asked.length, 2);
    requests.detach(first.stream);
    assert.deepEqual(await changing, { kind: 'gone' });
    assert.equal(second.asked.length, 1);
    assert.equal(second.asked[0]?.xml, first.asked[0]?.xml);
    requests.detach(second.stream);
    assert.deepEqual(await reading, { kind: 'gone' });
    assert.equal(third.asked.length, 0);

    const again = requests.send('get', undefined, ping, longMs);
    const fourth = silent(requests, `${own}/d`);
    requests.detach(third.stream);
    fourth.answer(fourth.asked[0]!.id, {});
    assert.equal((await again).kind, 'result');
  });

  it('are at most 256 at a time', async () => {
    const requests = new Requests(own);
    const server = silent(requests);
    const asking: Promise<Answer>[] = [];
    for (let i = 0; i < 256; i++) asking.push(requests.send('get', undefined, ping, longMs));
    assert.deepEqual(await requests.send('get', undefined, ping, longMs), { kind: 'gone' });
    assert.equal(server.asked.length, 256);
    requests.detach(server.stream);
    for (const answer of await Promise.all(asking)) assert.equal(answer.kind, 'gone');
  });
});
