// The judge itself: what it lets pass, and what it must not.
import assert from 'node:assert/strict';

import { compare, unifiedDiff, type Played } from './compare.ts';
import { fill, matchNode, readPattern } from './pattern.ts';
import type { Received } from './recorded-client.ts';
import { readCase, type KindOfLogin, type ServerName } from './script.ts';
import { XmlStreamReader } from './xml-stream.ts';

const script = `title t\nclient romeo\n\nromeo > <message id='m1'/>`;

/** What a client received, as if it had been this stream. */
function played(stanzas: string, login?: KindOfLogin, domain = 'd0.test', header = ''): Played {
  const reader = new XmlStreamReader();
  const stream = `<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' ${header}>`;
  const received: Received[] = reader
    .push(stream + stanzas)
    .map((event) => (event.kind === 'footer' ? event : { ...event, isLoggedIn: true }));
  const [participant] = readCase('t', script).participants;
  assert.ok(participant);
  const recording = { name: 'romeo', received, jid: `romeo@${domain}/romeo`, participant };
  return { recordings: [recording], view: { domain, guestDomain: 'g.test', script }, login, server: 'prosody' };
}

describe('the differential harness', () => {
  it('finds a lost attribute, a changed text, a lost, added or doubled element', () => {
    const direct = played(`<message id='m1' type='chat'><body>a</body></message><presence from='a@b'/>`);
    const others = [
      `<message id='m1'><body>a</body></message><presence from='a@b'/>`,
      `<message id='m1' type='chat'><body>b</body></message><presence from='a@b'/>`,
      `<message id='m1' type='chat'><body>a</body></message>`,
      `<message id='m1' type='chat'><body>a</body><x/></message><presence from='a@b'/>`,
      `<message id='m1' type='chat'><body>a</body></message><presence from='a@b'/><presence from='a@b'/>`,
      `<message id='m2' type='chat'><body>a</body></message><presence from='a@b'/>`,
      `<message id='m1' type='chat'><body>a</body></message><presence from='a@b'/></stream:stream>`,
    ];
    for (const other of others) assert.notEqual(compare(direct, played(other, 'relayed')), '', other);
  });

  it('takes an inherited language for what it means', () => {
    const stanza = `<message id='m1'><body>a</body></message>`;
    const german = `<message id='m1' xml:lang='de'><body>a</body></message>`;
    const direct = played(stanza, undefined, 'd0.test', `xml:lang='en'`);
    assert.match(compare(direct, played(german, 'relayed', 'd0.test', `xml:lang='en'`)), /^\+ .*xml:lang='de'/m);
    assert.equal(
      compare(direct, played(stanza.replace(' id', ` xml:lang='en' id`), 'relayed', 'd0.test', `xml:lang='en'`)),
      '',
    );
  });

  it('lets prefixes, quotes, CDATA, references and the domain of the run differ', () => {
    const direct = played(`<message id='m1' from='x@d0.test'><body>a &lt; b</body></message>`);
    const same = `<c:message xmlns:c='jabber:client' from="x@d1.test" id="m1"><c:body><![CDATA[a <]]> b</c:body></c:message>`;
    assert.equal(compare(direct, played(same, 'relayed', 'd1.test')), '');
  });

  it('keeps the order of one sender and lets those of two cross', () => {
    const stanza = (from: string, id: string): string => `<message from='${from}' id='m1' type='${id}'/>`;
    const direct = played(stanza('a@b', '1') + stanza('c@d', '2') + stanza('a@b', '3'));
    assert.equal(compare(direct, played(stanza('c@d', '2') + stanza('a@b', '1') + stanza('a@b', '3'), 'relayed')), '');
    assert.notEqual(
      compare(direct, played(stanza('a@b', '3') + stanza('c@d', '2') + stanza('a@b', '1'), 'relayed')),
      '',
    );
  });

  it('maps what a server made, the same value to the same token, and nothing that a client made', () => {
    const twice = (first: string, second: string): string =>
      `<message><stanza-id xmlns='urn:xmpp:sid:0' id='${first}'/></message><message><x id='${second}'/></message>`;
    const direct = played(twice('s1', 's1'));
    assert.equal(compare(direct, played(twice('s2', 's2'), 'relayed')), '');
    assert.notEqual(compare(direct, played(twice('s2', 's3'), 'relayed')), '');
    assert.notEqual(compare(direct, played(twice('m1', 'm1'), 'relayed')), '');
  });

  it('lets a shutdown untold where the server may not tell it, and never anything else', () => {
    const error = (condition: string): string =>
      `<stream:error><${condition} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>`;
    const told = `<message id='m1'/>${error('system-shutdown')}`;
    const lost = `<message id='m1'/>${error('remote-connection-failed')}`;
    const on = (server: ServerName, stanzas: string, login?: KindOfLogin): Played => ({
      ...played(stanzas, login),
      server,
    });
    assert.equal(compare(on('prosody', told), on('prosody', lost, 'ended')), '');
    assert.notEqual(compare(on('prosody', told), on('prosody', `<message id='m1'/>`, 'relayed')), '');
    assert.notEqual(compare(on('prosody', told), on('prosody', `<message id='m1'/>`, 'ended')), '');
    assert.equal(compare(on('ejabberd', told), on('ejabberd', `<message id='m1'/>`, 'relayed')), '');
    assert.equal(compare(on('ejabberd', `<message id='m1'/>`), on('ejabberd', told, 'relayed')), '');
    for (const server of ['prosody', 'ejabberd'] as const) {
      assert.notEqual(compare(on(server, error('conflict')), on(server, '', 'ended')), '');
      assert.notEqual(compare(on(server, told), on(server, `${told}<message id='m1'/>`, 'ended')), '');
    }
  });

  it('wants STARTTLS and -PLUS gone from features, and only these', () => {
    const features = (inside: string): string => `<stream:features>${inside}</stream:features>`;
    const starttls = `<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>`;
    const mechanisms = (...names: string[]): string => {
      const list = names.map((name) => `<mechanism>${name}</mechanism>`).join('');
      return `<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>${list}</mechanisms>`;
    };
    const direct = played(features(starttls + mechanisms('SCRAM-SHA-1-PLUS', 'SCRAM-SHA-1')));
    assert.equal(compare(direct, played(features(mechanisms('SCRAM-SHA-1')), 'relayed')), '');
    assert.notEqual(compare(direct, played(features(starttls + mechanisms('SCRAM-SHA-1')), 'relayed')), '');
    assert.notEqual(compare(direct, played(features(mechanisms('SCRAM-SHA-1-PLUS', 'SCRAM-SHA-1')), 'relayed')), '');
    assert.notEqual(compare(direct, played(features(''), 'relayed')), '');
  });

  it('lets an ended login tell of a lost server, but not after the server has said why', () => {
    const error = (condition: string): string =>
      `<stream:error><${condition} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>`;
    const lost = error('remote-connection-failed');
    assert.equal(compare(played(''), played(lost, 'ended')), '');
    assert.notEqual(compare(played(''), played(lost, 'relayed')), '');
    const [conflict, shutdown] = [error('conflict'), error('system-shutdown')];
    assert.notEqual(compare(played(conflict), played(lost, 'ended')), '');
    assert.notEqual(compare(played(shutdown), played(shutdown + lost, 'ended')), '');
  });

  it('shows what differs with a little around it', () => {
    const lines = Array.from({ length: 12 }, (_, index) => String(index));
    assert.deepEqual(unifiedDiff(lines, lines), []);
    const diff = unifiedDiff(lines, [...lines.slice(0, 6), 'new', ...lines.slice(7)]);
    assert.deepEqual(diff, ['  3', '  4', '  5', '- 6', '+ new', '  7', '  8', '  9', '  …']);
  });

  it('reads XML as strictly as a client does, byte by byte too', () => {
    const text = `<a xmlns='u'><b c="&#65;>">t&amp;<![CDATA[<]]></b></a>`;
    const whole = new XmlStreamReader().push(text);
    const reader = new XmlStreamReader();
    assert.deepEqual(
      Array.from(text).flatMap((character) => reader.push(character)),
      whole,
    );
    for (const bad of [
      '<a><b x:y="1"/>',
      '<a><b></c>',
      '<a><!-- -->',
      '<a><b>&nbsp;</b>',
      '<a><b c="1" c="2"/>',
      '<a>t<b/>',
    ]) {
      assert.throws(() => new XmlStreamReader().push(bad), Error, bad);
    }
  });

  it('waits for patterns, takes values out of them and fills them in', () => {
    const known = new Map([['x', '1']]);
    const node = readPattern(`<iq id='7' type='set'><q xmlns='u'><i j='2'>text</i></q></iq>`);
    const found = matchNode(readPattern(`<iq id='{id}'><q xmlns='u'><i j='{j}'>{t}</i></q></iq>`), node, known);
    assert.deepEqual(Object.fromEntries(found ?? []), { x: '1', id: '7', j: '2', t: 'text' });
    assert.equal(matchNode(readPattern(`<iq id='{x}'/>`), node, known), undefined);
    assert.equal(matchNode(readPattern(`<iq><q xmlns='v'/></iq>`), node, known), undefined);
    assert.equal(fill('a{x}b{yz*2}{sp}', known), 'a1byzyz ');
    assert.throws(() => fill('{unknown}', known), /unknown/);
  });

  it('refuses a case that it does not understand, with the line', () => {
    for (const line of [
      'romeo dances',
      'juliet login',
      'client',
      'server burns',
      'client x colour=red',
      'servers nginx',
      'logins',
    ]) {
      assert.throws(() => readCase('t', `title t\nclient romeo\n${line}\n`), /^Error: t:3: /, line);
    }
    assert.throws(() => readCase('t', 'client romeo\nromeo login\n'), /title/);
  });
});
