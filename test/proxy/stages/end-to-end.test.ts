// What the end-to-end stage claims, what it lets pass, and what waits for what
// (transparency.md §5.2, §5.3, §5.8).
import assert from 'node:assert/strict';
import { utf8 } from '../../../shared/bytes.ts';
import type { Translation } from '../../../proxy/stages/translation.ts';
import { bindTo, endToEndRow, jid, ownIdPrefix, ScriptedEngine } from './end-to-end-peers.ts';
import type { ManagedRow } from './managed-row.ts';

const sm = `xmlns='urn:xmpp:sm:3'`;
const body = '<body>x</body>';
const mam = `xmlns='urn:xmpp:mam:2'`;

function begun(engine = new ScriptedEngine()): { readonly engine: ScriptedEngine; readonly row: ManagedRow } {
  const row = endToEndRow(engine);
  bindTo(row);
  row.taken('server');
  return { engine, row };
}

/** What the server gets of it, but for stream management. */
const up = (row: ManagedRow): string[] => row.taken('server').filter((xml) => !xml.includes(sm));
const down = (row: ManagedRow): string[] => row.taken('client').filter((xml) => !xml.includes(sm));

describe('the end-to-end stage', () => {
  it('claims what a client says to others, and what it sends to the virtual contact', () => {
    for (const [xml, claim] of [
      [`<message to='b@c'>${body}</message>`, 'seal'],
      [`<message to='room@c' type='groupchat'>${body}</message>`, 'seal'],
      [`<message to='simpp.invalid'>${body}</message>`, 'command'],
      [`<iq to='SIMPP.invalid/x' type='get' id='1'/>`, 'command'],
      [`<presence to='simpp.invalid'/>`, 'command'],
      [`<message to='b@c' type='error'>${body}</message>`, undefined],
      [`<message to='b@simpp.invalid.example'>${body}</message>`, 'seal'],
      [`<iq to='b@c' type='get' id='1'/>`, undefined],
      [`<presence/>`, undefined],
    ] as const) {
      const { engine, row } = begun();
      row.from('client', xml);
      assert.equal(engine.claimed[0]?.claim, claim, xml);
      assert.deepEqual(up(row), claim === undefined ? [xml] : []);
    }
  });

  it('claims of the server’s messages what people may read, however it is wrapped', () => {
    const encrypted = `<encrypted xmlns='urn:simpp:e2e:2'>AA==</encrypted>`;
    const event = (item: string) => `<event xmlns='http://jabber.org/protocol/pubsub#event'>${item}</event>`;
    for (const [inside, isClaimed] of [
      [body, true],
      [encrypted, true],
      [
        `<sent xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'><message>${body}</message></forwarded></sent>`,
        true,
      ],
      [event(encrypted), true],
      [event(body) + body, true],
      [event(body), false],
      [`<composing xmlns='http://jabber.org/protocol/chatstates'/>`, false],
    ] as const) {
      for (const type of ['chat', 'headline']) {
        const { engine, row } = begun();
        row.from('server', `<message type='${type}' from='b@c'>${inside}</message>`);
        assert.equal(engine.claimed.length === 1, isClaimed, inside);
        assert.equal(down(row).length, isClaimed ? 0 : 1);
      }
    }
  });

  it('keeps what is said to one peer in order, presence and requests too, and lets the rest pass', () => {
    const { engine, row } = begun();
    row.from('client', `<message id='1' to='b@c/r'/>`).from('client', `<message id='2' to='B@c'/>`);
    row.from('client', `<iq id='3' type='get' to='b@c'/>`).from('client', `<presence id='4' to='d@c'/>`);
    row.from('client', `<message id='5' to='d@c'/>`);
    assert.deepEqual(up(row), [`<presence id='4' to='d@c'/>`]);
    const [one, two, five] = engine.claimed;
    engine.done(two!, ['<message id="two"/>']);
    engine.done(five!, ['<message id="five"/>']);
    assert.deepEqual(up(row), ['<message id="five"/>']);
    engine.done(one!, ['<message id="one"/>']);
    assert.deepEqual(up(row), ['<message id="one"/>', '<message id="two"/>', `<iq id='3' type='get' to='b@c'/>`]);
  });

  it('takes outcomes that come at once, as often as they come only the first time', () => {
    const { engine, row } = begun();
    engine.atOnce = () => ({ up: [utf8('<message id="sealed"/>')], down: [], isDurable: true });
    row.from('client', `<message id='1' to='b@c'/>`).from('client', `<message id='2' to='b@c'/>`);
    engine.tell({ kind: 'done', ticket: 1, up: [utf8('<message/>')], down: [], isDurable: true });
    assert.deepEqual(up(row), ['<message id="sealed"/>', '<message id="sealed"/>']);
  });

  it('claims the answer to the client’s own request for its roster, and no other', () => {
    const { engine, row } = begun();
    const roster = (id: string) => `<iq type='result' id='${id}'><query xmlns='jabber:iq:roster'/></iq>`;
    row.from('client', `<iq type='get' id='r'><query xmlns='jabber:iq:roster'/></iq>`);
    row.from('server', roster('x')).from('server', roster('r').replace('<iq', `<iq from='me@here'`));
    assert.deepEqual(
      engine.claimed.map(({ claim }) => claim),
      ['roster'],
    );
    row.from('server', roster('r'));
    assert.equal(engine.claimed.length, 1);
  });

  it('says which results of history are asked for, there, and lets the page end behind them', () => {
    const { engine, row } = begun();
    const result = (query: string, from = '') =>
      `<message${from}><result ${mam} queryid='${query}' id='a'><forwarded xmlns='urn:xmpp:forward:0'><message>${body}</message></forwarded></result></message>`;
    row.from('client', `<iq type='set' id='m'><query ${mam} queryid='q'/></iq>`);
    const fin = `<iq type='result' id='m' from='me@here'><fin ${mam}/></iq>`;
    row.from('server', result('q')).from('server', result('other')).from('server', result('q', ` from='evil@c'`));
    row.from('server', fin).from('server', result('q'));
    assert.deepEqual(
      engine.claimed.map(({ isAskedFor }) => isAskedFor),
      [true, false, false, false],
    );
    assert.deepEqual(down(row), []);
    engine.done(engine.claimed[1]!, []);
    engine.done(engine.claimed[0]!, ['<message id="plain"/>']);
    assert.deepEqual(down(row), ['<message id="plain"/>', fin]);
  });

  it('swallows the answers to the engine’s own requests, and counts them', () => {
    const { engine, row } = begun();
    engine.tell({ kind: 'send', stanza: utf8(`<iq type='get' id='${ownIdPrefix}1'/>`) });
    row.from('client', '<presence/>').from('server', `<enabled ${sm} id='s' resume='true'/>`);
    row.taken('server');
    row.from('server', `<iq type='error' id='${ownIdPrefix}1'/>`).from('server', `<r ${sm}/>`);
    assert.equal(engine.errands.at(-1)?.kind, 'answered');
    assert.deepEqual(down(row), []);
    assert.match(row.taken('server').at(-1)!, /<a .*h='1'/);
    row.from('server', `<iq type='get' id='${ownIdPrefix}2'/>`);
    assert.equal(down(row).length, 1, 'a request is no answer');
  });

  it('confirms nothing to the server that is not on the disk', () => {
    const { engine, row } = begun();
    row.from('client', '<presence/>').from('server', `<enabled ${sm} id='s' resume='true'/>`);
    row.taken('server');
    row.from('server', `<message from='b@c'>${body}</message>`);
    engine.done(engine.claimed[0]!, ['<message/>'], [], false);
    row.from('server', `<r ${sm}/>`);
    assert.match(row.taken('server').at(-1)!, /h='0'/);
    engine.tell({ kind: 'durable', ticket: engine.claimed[0]!.ticket });
    assert.match(row.taken('server').at(-1)!, /h='1'/);
  });

  it('holds the bind result, and all behind it but answers to the engine, until the keys are published', () => {
    const engine = new ScriptedEngine();
    engine.isReadyAtOnce = false;
    const { row } = begun(engine);
    const result = `<iq type='result' id='b'/>`;
    row.from('server', result).from('server', `<message from='b@c'>${body}</message>`);
    row.from('server', `<iq type='result' id='${ownIdPrefix}1'/>`).from('server', '<presence/>');
    assert.deepEqual(down(row), []);
    assert.deepEqual(
      engine.errands.map(({ kind }) => kind),
      ['bound', 'answered'],
    );
    engine.tell({ kind: 'ready' });
    assert.deepEqual(down(row), [result, '<presence/>']);
    assert.equal(engine.claimed.length, 1);
  });

  it('holds it no longer than its time', () => {
    const engine = new ScriptedEngine();
    engine.isReadyAtOnce = false;
    const { row } = begun(engine);
    row.from('server', `<iq type='result' id='b'/>`).wakeBetween();
    assert.equal(down(row).length, 1);
  });

  it('has no engine for ANONYMOUS, whose messages go as they are', () => {
    const engine = new ScriptedEngine();
    const row = endToEndRow(engine);
    const message = `<message to='b@c'>${body}</message>`;
    row.from('client', message);
    assert.deepEqual(up(row), [], 'nobody knows yet who says it');
    bindTo(row, true);
    row.from('client', message).from('server', message);
    assert.deepEqual([up(row), down(row), engine.errands], [[message, message], [message], []]);
  });

  it('lets a close wait for what was said before it, but not for ever', () => {
    for (const isAnswered of [true, false]) {
      const { engine, row } = begun();
      row.from('client', `<message to='b@c'/>`).from('client', '</stream:stream>');
      row.hear('client', { kind: 'ending', end: { kind: 'vanished', side: 'client', error: undefined } });
      assert.deepEqual(up(row), []);
      if (isAnswered) engine.done(engine.claimed[0]!, ['<message/>']);
      else row.wakeBetween();
      assert.deepEqual(up(row), isAnswered ? ['<message/>', '</stream:stream>'] : ['</stream:stream>']);
      assert.equal(row.end, undefined, 'the server still answers');
    }
  });

  it('sends out what a client said before it vanished', () => {
    const { engine, row } = begun();
    row.from('client', `<message to='b@c'/>`);
    row.hear('client', { kind: 'ending', end: { kind: 'vanished', side: 'client', error: undefined } });
    const before = row.end?.kind;
    engine.done(engine.claimed[0]!, ['<message/>']);
    assert.deepEqual(up(row), ['<message/>']);
    assert.deepEqual([before, row.end?.kind], [undefined, 'vanished']);
  });

  it('shows what the server said before its close, and takes the end of its connection for no loss', () => {
    const { engine, row } = begun();
    row.from('client', '<presence/>').from('server', `<enabled ${sm} id='s' resume='true'/>`);
    row.from('server', `<message from='b@c'>${body}</message>`).from('server', '</stream:stream>');
    row.loseServer();
    assert.equal(row.request, undefined);
    engine.done(engine.claimed[0]!, ['<message/>']);
    assert.deepEqual(down(row), ['<message/>', '</stream:stream>']);
    assert.equal(row.end?.kind, 'closed');
  });

  it('reads no further from a side of which too much waits', () => {
    const { engine, row } = begun();
    for (let i = 0; i < 500; i++) row.from('client', `<message to='b@c'/>`);
    for (let i = 0; i < 20; i++) row.from('server', `<message from='b@c'>${body}${' '.repeat(60_000)}</message>`);
    assert.deepEqual([row.isClientHeld, row.isServerHeld], [true, true]);
    for (const each of engine.claimed.splice(0)) engine.done(each, []);
    assert.deepEqual([row.isClientHeld, row.isServerHeld], [false, false]);
  });

  it('lets nobody resume a session that it does not know, nor one by a count that makes no sense', () => {
    const left = new Map<string, Translation>();
    const row = endToEndRow(new ScriptedEngine(), left);
    bindTo(row);
    row.from('client', `<enable ${sm} resume='true'/>`).from('server', `<enabled ${sm} id='s' resume='true'/>`);
    row.hear('client', { kind: 'ending', end: { kind: 'vanished', side: 'client', error: undefined } });
    for (const note of row.notes) if (note.kind === 'left') left.set(note.id, note.translation);
    for (const [previd, h, isKnown] of [
      ['s', 0, true],
      ['s', 1, false],
      ['other', 0, false],
    ] as const) {
      const again = endToEndRow(new ScriptedEngine(), left);
      again.from('client', `<resume ${sm} previd='${previd}' h='${h}'/>`);
      const asked = again.taken('server');
      assert.equal(asked.length, 1);
      assert.equal(asked[0]!.includes(`previd='${previd}'`), isKnown, 'the server itself says that it knows none');
      const words = `<failed ${sm}><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>`;
      again.from('server', words);
      assert.deepEqual(again.taken('client'), [words]);
    }
  });

  it('tells a resumed client’s engine who it is, and the client only when that is ready', () => {
    const left = new Map<string, Translation>();
    const row = endToEndRow(new ScriptedEngine(), left);
    bindTo(row);
    row.from('client', `<enable ${sm} resume='true'/>`).from('server', `<enabled ${sm} id='s' resume='true'/>`);
    row.hear('client', { kind: 'ending', end: { kind: 'vanished', side: 'client', error: undefined } });
    for (const note of row.notes) if (note.kind === 'left') left.set(note.id, note.translation);
    const engine = new ScriptedEngine();
    engine.isReadyAtOnce = false;
    const again = endToEndRow(engine, left).from('client', `<resume ${sm} previd='s' h='0'/>`);
    again.from('server', `<resumed ${sm} previd='s' h='0'/>`);
    assert.deepEqual(engine.errands, [{ kind: 'bound', jid, lang: undefined }]);
    assert.deepEqual(again.taken('client'), []);
    engine.tell({ kind: 'ready' });
    assert.match(again.taken('client')[0]!, /<resumed .*previd='s'/);
  });

  it('leaves stream management to a client that logs in itself, and its session too', () => {
    const row = endToEndRow(new ScriptedEngine(), new Map(), false);
    bindTo(row);
    row.from('client', '<presence/>');
    assert.deepEqual(row.taken('server'), ['<presence/>']);
    row.from('client', `<enable ${sm}/>`);
    assert.deepEqual(row.taken('server'), [`<enable ${sm}/>`]);
    row.from('server', `<enabled ${sm} id='x'/>`);
    assert.deepEqual(row.taken('client'), [`<enabled ${sm} id='x'/>`]);
    row.loseServer();
    assert.deepEqual([row.request, row.end?.kind], [undefined, 'vanished']);
  });

  it('ends the stream when the engine says that it has failed', () => {
    const { engine, row } = begun();
    engine.tell({ kind: 'failed', error: new Error('no disk') });
    assert.equal(row.end?.kind, 'failed');
  });
});
