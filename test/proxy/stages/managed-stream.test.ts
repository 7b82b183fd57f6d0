// How a stream becomes managed, what is then said on each leg, and how it ends
// (XEP-0198; transparency.md §3.6).
import assert from 'node:assert/strict';
import { ManagedRow } from './managed-row.ts';

const sm2 = `xmlns='urn:xmpp:sm:2'`;
const sm = `xmlns='urn:xmpp:sm:3'`;
const own = `<enable ${sm} resume='true'/>`;
const stanzas = `xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'`;

/** A row whose server offers stream management, in one namespace or both. */
function offered(namespaces: readonly string[] = [sm2, sm]): ManagedRow {
  const row = new ManagedRow();
  row.from('server', `<stream:features>${namespaces.map((xmlns) => `<sm ${xmlns}/>`).join('')}</stream:features>`);
  row.taken('client');
  return row;
}

/** Managed upstream, behind a client that is not. */
function behind(count = 1): ManagedRow {
  const row = offered();
  for (let i = 1; i <= count; i++) row.from('client', `<message id='${i}' to='b@c'/>`);
  row.from('server', `<enabled ${sm} id='s' resume='true' max='600'/>`);
  row.taken('server');
  return row;
}

/** Managed on both legs, by the client's wish. */
function agreed(): ManagedRow {
  const row = offered().from('client', own).from('server', `<enabled ${sm} id='s' resume='true' max='600'/>`);
  row.taken('server');
  row.taken('client');
  return row;
}

describe('stream management with a server', () => {
  it('is enabled by the proxy just before a client without it makes itself heard, and shown to nobody', () => {
    for (const stanza of [`<presence/>`, `<message to='x'/>`]) {
      const row = offered().from('client', `<iq type='get' id='1'/>`).from('client', stanza);
      assert.deepEqual(row.taken('server'), [`<iq type='get' id='1'/>`, own, stanza]);
      row.from('server', `<enabled ${sm} id='s' resume='true'/>`).from('server', `<r ${sm}/>`);
      assert.deepEqual(row.taken('client'), []);
    }
  });

  it('is enabled in the namespace that the server has, and not where it has none', () => {
    assert.equal(offered([sm2]).from('client', '<presence/>').taken('server')[0], `<enable ${sm2} resume='true'/>`);
    assert.deepEqual(offered([]).from('client', '<presence/>').taken('server'), ['<presence/>']);
  });

  it('stays off for a server that fails to enable it', () => {
    const row = offered().from('client', '<presence/>').from('server', `<failed ${sm}/>`);
    row.taken('server');
    row.from('client', `<message to='x'/>`);
    assert.deepEqual(row.taken('server'), [`<message to='x'/>`]);
    assert.deepEqual(row.taken('client'), []);
    row.loseServer();
    assert.equal(row.request, undefined);
    assert.equal(row.end?.kind, 'vanished');
  });

  it('is what the client enables, with the wish to resume, and the client sees what it asked for', () => {
    for (const xmlns of [sm2, sm]) {
      const row = offered().from('client', `<enable ${xmlns}/>`);
      assert.deepEqual(row.taken('server'), [`<enable resume='true' ${xmlns}/>`]);
      row.from('server', `<enabled ${xmlns} id='s' resume='true' max='9' location='h:1'/>`);
      assert.deepEqual(row.taken('client'), [`<enabled ${xmlns}/>`]);
      row.loseServer();
      assert.equal(row.request?.previd, 's');
    }
  });

  it('passes verbatim when the client wants to resume, but for the location', () => {
    const enable = `<enable resume="1"  ${sm} max='5' />`;
    const row = offered().from('client', enable);
    assert.deepEqual(row.taken('server'), [enable]);
    row.from('server', `<enabled ${sm} location='h:1' id='s' x='y' resume='true'/>`);
    assert.deepEqual(row.taken('client'), [`<enabled ${sm} id='s' x='y' resume='true'/>`]);
  });

  it('passes the server’s failure to enable it', () => {
    const failed = `<failed ${sm}><unexpected-request ${stanzas}/></failed>`;
    assert.deepEqual(offered().from('client', own).from('server', failed).taken('client'), [failed]);
  });

  it('is not enabled or resumed twice on one stream', () => {
    for (const again of [own, `<resume ${sm} previd='s' h='0'/>`]) {
      const row = agreed().from('client', again);
      assert.deepEqual(row.taken('client'), [`<failed ${sm}><unexpected-request ${stanzas}/></failed>`]);
      assert.deepEqual(row.taken('server'), []);
    }
  });

  it('keeps stanzas that are resent in their order, behind what the server has', () => {
    const row = behind(4);
    row.loseServer();
    row.from('client', `<iq id='5' type='get'/>`).from('client', `<active xmlns='urn:xmpp:csi:0'/>`);
    assert.deepEqual(row.request, {
      namespace: 'urn:xmpp:sm:3',
      previd: 's',
      h: 0,
      header: row.request?.header,
      maxMs: 600_000,
    });
    row.taken('server');
    row.resume(2);
    const [three, four, five] = [`<message id='3' to='b@c'/>`, `<message id='4' to='b@c'/>`, `<iq id='5' type='get'/>`];
    assert.deepEqual(row.taken('server'), [three, four, five, `<r ${sm}/>`]);
  });

  it('gives the server 300 s where it does not say how long it keeps a session, and never more than 600', () => {
    for (const [max, ms] of [
      ['', 300_000],
      [` max='7'`, 7_000],
      [` max='86400'`, 600_000],
    ] as const) {
      const row = offered().from('client', own).from('server', `<enabled ${sm} id='s' resume='true'${max}/>`);
      row.loseServer();
      assert.equal(row.request?.maxMs, ms);
    }
  });

  it('closes what a client closed meanwhile', () => {
    const row = behind(2);
    row.loseServer();
    row.from('client', '</stream:stream>');
    row.taken('server');
    row.resume(2);
    assert.deepEqual(row.taken('server'), ['</stream:stream>']);
  });

  it('says nothing to a server behind the client’s close', () => {
    const row = behind(2).from('client', '</stream:stream>');
    assert.deepEqual(row.taken('server'), ['</stream:stream>']);
    row.takesAll = false;
    row.from('server', '<presence/>').from('server', `<r ${sm}/>`);
    row.takesAll = true;
    row.from('server', `<a ${sm} h='1'/>`).wake();
    assert.deepEqual(row.taken('server'), []);
    assert.equal(row.isCut, false);

    const again = behind(2);
    again.loseServer();
    again.from('client', '</stream:stream>');
    again.taken('server');
    again.resume(1);
    assert.deepEqual(again.taken('server'), [`<message id='2' to='b@c'/>`, `<r ${sm}/>`, '</stream:stream>']);
    again.from('server', '<presence/>').from('server', `<r ${sm}/>`).wake();
    assert.deepEqual(again.taken('server'), []);
  });

  it('returns nothing that came before a request which the server has answered', () => {
    const row = behind(1);
    const iq = (id: string, to = ''): string => `<iq id='${id}' type='get'${to}/>`;
    row.from('client', iq('q1')).from('client', iq('q2', ` to='b'`)).from('client', iq('q3', ` to='x'`));
    row.from('client', `<message id='2' to='b@c'/>`);
    for (const answer of [
      `<iq id='q1' type='result' from='a@b'/>`,
      `<iq id='q2' type='error' from='b'/>`,
      // Neither is an answer: it comes from another one, or is a request itself.
      `<iq id='q3' type='result' from='y'/>`,
      `<iq id='q3' type='get' from='x'/>`,
    ])
      row.from('server', answer);
    row.loseServer();
    row.taken('client');
    row.hear('server', { kind: 'unresumed', h: undefined, error: new Error() as never });
    const returned = row.taken('client').map((xml) => /id='(\w+)'/.exec(xml)?.[1]);
    assert.deepEqual(returned, ['q3', '2']);
  });

  it('sends a request again that was answered when the server says that it has it not', () => {
    const row = behind(1).from('client', `<iq id='q' type='get'/>`).from('server', `<iq id='q' type='result'/>`);
    row.loseServer();
    row.taken('server');
    row.resume(1);
    assert.deepEqual(row.taken('server'), [`<iq id='q' type='get'/>`, `<r ${sm}/>`]);
  });

  it('returns what the server never had when the session is lost, but no presence and no answers', () => {
    const row = behind(2);
    row.loseServer();
    for (const stanza of [
      `<presence/>`,
      `<iq id='q' type='get' to='x'><ping/></iq>`,
      `<iq id='a' type='result'/>`,
      `<message id='e' type='error'/>`,
    ])
      row.from('client', stanza);
    row.taken('client');
    const error = new Error() as never;
    row.hear('server', { kind: 'unresumed', h: 1, error });
    const returned = row.taken('client');
    assert.equal(returned.length, 2);
    assert.match(returned[0]!, /^<message id='2' type='error' from='b@c'><error type='wait'.*<recipient-unavailable /);
    assert.match(returned[1]!, /^<iq id='q' type='error' from='x'><ping\/><error/);
    assert.deepEqual(row.end, { kind: 'unresumed', error });
  });

  it('returns the same when the server takes the session back and then chokes on what is sent again', () => {
    const row = behind(3);
    row.loseServer();
    row.resume(1);
    row.taken('client');
    row.from('server', `<a ${sm} h='2'/>`);
    row.from('server', `<stream:error><not-well-formed xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>`);
    assert.match(
      row.taken('client').join(),
      /^<message id='3' type='error' [^]*<recipient-unavailable [^]*<\/message>$/,
    );
    assert.equal(row.end?.kind, 'unresumed');
    const later = behind(3);
    later.loseServer();
    later.resume(1);
    later.from('server', `<a ${sm} h='3'/>`);
    later.taken('client');
    later.from('server', '<stream:error/>');
    assert.deepEqual(later.taken('client'), ['<stream:error/>'], 'any other time the error is for the client');
  });

  it('goes on behind what the client has when the connection is lost', () => {
    const row = behind().from('server', '<presence/>').from('server', '<presence/>');
    row.loseServer();
    assert.equal(row.request?.h, 2);
    row.resume(1);
    row.takesAll = false;
    row.taken('client');
    row.from('server', '<iq/>');
    row.loseServer();
    assert.equal(row.request?.h, 2);
    row.resume(1);
    row.from('server', '<iq/>').from('server', '<presence/>');
    assert.deepEqual(row.taken('client'), ['<iq/>', '<presence/>'], 'what comes again is shown once');
  });

  it('keeps for a client that can resume what the server says but once: how much of its session it had', () => {
    const failed = (h = ''): string => `<failed ${sm}${h}><item-not-found ${stanzas}/></failed>`;
    const row = agreed().from('client', `<message id='1' to='b@c'/>`);
    row.loseServer();
    row.hear('server', { kind: 'unresumed', h: 1, error: new Error() as never });
    assert.deepEqual([...row.hibernated.keys()], ['s']);
    const next = offered();
    next.hibernated.set('s', row.hibernated.get('s')!);
    next.from('client', `<resume ${sm} previd='s' h='4'/>`);
    assert.deepEqual(next.taken('server'), [`<resume ${sm} h='4' previd='s'/>`]);
    next.from('server', failed());
    assert.deepEqual(next.taken('client'), [`<failed h='1' ${sm}><item-not-found ${stanzas}/></failed>`]);

    const one = offered().from('client', `<enable ${sm}/>`).from('server', `<enabled ${sm} id='s' resume='true'/>`);
    one.loseServer();
    one.hear('server', { kind: 'unresumed', h: 0, error: new Error() as never });
    assert.equal(one.hibernated.size, 0, 'one that does not resume does not ask');
  });

  it('returns nothing to a client that counts itself', () => {
    const row = agreed().from('client', `<message id='1' to='b@c'/>`);
    row.loseServer();
    row.hear('server', { kind: 'unresumed', h: undefined, error: new Error() as never });
    assert.deepEqual(row.taken('client'), []);
    assert.equal(row.end?.kind, 'unresumed');
  });

  it('lets the client wait when the server acknowledges nothing, having asked, and lets it go on then', () => {
    const row = behind(1);
    let sent = 1;
    while (!row.isClientHeld && sent < 2000) row.from('client', `<message id='${++sent}'/>`);
    assert.equal(sent, 1000);
    assert.equal(row.taken('server').at(-1), `<r ${sm}/>`);
    row.from('server', `<a ${sm} h='1'/>`);
    assert.equal(row.isClientHeld, false);

    const large = behind(0);
    large.from('client', `<message><body>${'x'.repeat(1024 * 1024)}</body></message>`);
    assert(large.isClientHeld, 'bytes count as well');
  });

  it('takes a server that does not answer for lost, one that says anything not', () => {
    const row = behind(1);
    assert.equal(row.wakeAfterMs, 2_000);
    row.wake();
    assert.deepEqual([row.taken('server'), row.wakeAfterMs], [[`<r ${sm}/>`], 30_000]);
    row.from('server', '<presence/>').wake();
    assert.deepEqual([row.isCut, row.wakeAfterMs], [false, 30_000]);
    row.wake();
    assert.equal(row.isCut, true);
  });

  it('asks again for what an answer left out', () => {
    const row = behind(2);
    row.wake().from('server', `<a ${sm} h='1'/>`);
    row.taken('server');
    row.wake();
    assert.deepEqual(row.taken('server'), [`<r ${sm}/>`]);
    row.from('server', `<a ${sm} h='2'/>`).wake();
    assert.deepEqual([row.taken('server'), row.wakeAfterMs], [[], undefined]);
  });

  it('ends a stream whose server acknowledges what it never got', () => {
    const row = behind(1).from('server', `<a ${sm} h='2'/>`);
    assert.match(row.taken('server')[0]!, /<undefined-condition .*<handled-count-too-high .*h='2' send-count='1'/);
    assert(row.end?.kind === 'refused' && row.end.from === 'server');
  });
});

describe('stream management with a client', () => {
  it('answers at once with what the server has, and again when it has more', () => {
    const row = agreed().from('client', `<message id='1'/>`).from('client', `<r ${sm}/>`);
    assert.deepEqual(row.taken('client'), [`<a ${sm} h='0'/>`]);
    assert.deepEqual(row.taken('server'), [`<message id='1'/>`, `<r ${sm}/>`]);
    row.from('server', `<a ${sm} h='1'/>`);
    assert.deepEqual(row.taken('client'), [`<a ${sm} h='1'/>`]);
    row.from('client', `<r ${sm}/>`);
    assert.deepEqual([row.taken('client'), row.taken('server')], [[`<a ${sm} h='1'/>`], []]);
  });

  it('hands the server’s question on, answers it at once, and again when the client has answered', () => {
    const row = agreed().from('server', '<presence/>').from('server', `<r ${sm}/>`);
    assert.deepEqual(row.taken('client'), ['<presence/>', `<r ${sm}/>`]);
    assert.deepEqual(row.taken('server'), [`<a ${sm} h='0'/>`]);
    row.from('client', `<a ${sm} h='1'/>`);
    assert.deepEqual(row.taken('server'), [`<a ${sm} h='1'/>`]);
  });

  it('speaks the client’s namespace', () => {
    const row = offered().from('client', `<enable ${sm2}/>`).from('server', `<enabled ${sm2}/>`);
    row.taken('client');
    assert.deepEqual(row.from('client', `<r ${sm2}/>`).taken('client'), [`<a ${sm2} h='0'/>`]);
    assert.deepEqual(row.from('server', `<r ${sm2}/>`).taken('client'), [`<r ${sm2}/>`]);
  });

  it('ends with the error of the XEP when the client acknowledges what it never got', () => {
    const row = agreed().from('server', '<presence/>').from('client', `<a ${sm} h='2'/>`);
    assert(row.end?.kind === 'refused' && row.end.from === 'client');
    assert.equal((row.end.error as { code?: string }).code, 'handled-count-too-high');
    const less = agreed()
      .from('server', '<presence/>')
      .from('client', `<a ${sm} h='1'/>`)
      .from('client', `<a ${sm} h='0'/>`);
    assert.equal(less.end?.kind, 'refused');
    const none = agreed().from('client', `<a ${sm} h='many'/>`);
    assert.equal(none.end?.kind, 'refused');
  });

  it('counts for a client without it what its connection has taken, and nothing else', () => {
    const row = behind();
    row.takesAll = false;
    row.from('server', '<presence/>').from('server', `<r ${sm}/>`);
    assert.deepEqual(row.taken('server'), [`<a ${sm} h='0'/>`]);
    row.from('server', '<presence/>').flush();
    assert.deepEqual(row.taken('server'), [`<a ${sm} h='1'/>`]);
    row.takesAll = true;
    row.from('server', `<r ${sm}/>`);
    assert.deepEqual(row.taken('server'), [`<a ${sm} h='2'/>`]);
    assert.deepEqual(row.taken('client'), ['<presence/>', '<presence/>']);
  });

  it('acknowledges the last before the stream is closed, whoever ends it', () => {
    const closed = behind().from('server', '<presence/>').from('client', '</stream:stream>');
    assert.deepEqual(closed.taken('server'), [`<a ${sm} h='1'/>`, '</stream:stream>']);
    const gone = behind().from('server', '<presence/>');
    gone.hear('client', { kind: 'ending', end: { kind: 'vanished', side: 'client', error: undefined } });
    assert.deepEqual(gone.taken('server'), [`<a ${sm} h='1'/>`]);
    assert.equal(gone.end?.kind, 'vanished');
  });

  it('lets a client resume by the server’s id what it knows as the server does', () => {
    const row = offered().from('client', `<resume ${sm} previd='s' h='7'/>`);
    assert.deepEqual(row.taken('server'), [`<resume ${sm} previd='s' h='7'/>`]);
    row.from('server', `<resumed ${sm} previd='s' h='4'/>`).from('server', '<presence/>').from('server', `<r ${sm}/>`);
    assert.deepEqual(row.taken('client'), [`<resumed ${sm} previd='s' h='4'/>`, '<presence/>', `<r ${sm}/>`]);
    row.from('client', `<a ${sm} h='8'/>`).from('client', `<message/>`).from('client', `<r ${sm}/>`);
    assert.deepEqual(row.taken('server'), [`<a ${sm} h='7'/>`, `<a ${sm} h='8'/>`, `<message/>`, `<r ${sm}/>`]);
    row.from('server', `<a ${sm} h='5'/>`);
    assert.deepEqual(row.taken('client'), [`<a ${sm} h='4'/>`, `<a ${sm} h='5'/>`]);
    row.loseServer();
    assert.deepEqual([row.request?.previd, row.request?.h], ['s', 8]);
  });

  it('tells a client that the server does not find its session, and then lets it begin anew', () => {
    const failed = `<failed ${sm} h='3'><item-not-found ${stanzas}/></failed>`;
    const row = offered().from('client', `<resume ${sm} previd='s' h='7'/>`).from('server', failed);
    assert.deepEqual(row.taken('client'), [failed]);
    row.taken('server');
    assert.deepEqual(row.from('client', own).taken('server'), [own]);
  });

  describe('that begins behind a managed upstream', () => {
    /** One stanza each way came before, one each way after. */
    function late(): ManagedRow {
      const row = behind(1).from('server', '<presence/>').from('client', own);
      row.taken('server');
      return row;
    }
    const resumeLate = (row: ManagedRow): ManagedRow => {
      row.hear('client', { kind: 'ending', end: { kind: 'vanished', side: 'client', error: undefined } });
      const next = offered();
      for (const [id, session] of row.hibernated) next.hibernated.set(id, session);
      return next.from('client', `<resume ${sm} previd='simpp-id1' h='1'/>`);
    };

    it('is answered by the proxy, with an id of its own and counts that begin at 0', () => {
      const row = late();
      assert.deepEqual(row.taken('client'), ['<presence/>', `<enabled ${sm} id='simpp-id1' resume='true' max='600'/>`]);
      row.from('client', '<message/>').from('client', `<r ${sm}/>`).from('server', `<a ${sm} h='1'/>`);
      assert.deepEqual(row.taken('client'), [`<a ${sm} h='0'/>`, `<a ${sm} h='0'/>`]);
      row.from('server', `<a ${sm} h='2'/>`).from('server', '<iq/>').from('server', `<r ${sm}/>`);
      assert.deepEqual(row.taken('client'), [`<a ${sm} h='1'/>`, '<iq/>', `<r ${sm}/>`]);
      row.taken('server');
      row.from('client', `<a ${sm} h='1'/>`);
      assert.deepEqual(row.taken('server'), [`<a ${sm} h='2'/>`]);
    });

    it('is answered once the proxy’s own wish is', () => {
      const row = offered().from('client', '<presence/>').from('client', own);
      assert.deepEqual([row.taken('client'), row.taken('server')], [[], [own, '<presence/>']]);
      row.from('server', `<enabled ${sm} id='s' resume='true' max='600'/>`);
      assert.match(row.taken('client').join(), /^<enabled [^>]*id='simpp-id1'/);
      const failed = offered().from('client', '<presence/>').from('client', own).from('server', `<failed ${sm}/>`);
      assert.deepEqual(failed.taken('client'), [`<failed ${sm}><unexpected-request ${stanzas}/></failed>`]);
    });

    it('resumes with ids and counts translated, again and again', () => {
      const row = late().from('server', '<iq/>').from('client', '<message/>');
      let next = resumeLate(row);
      assert.deepEqual(next.taken('server'), [`<resume ${sm} h='2' previd='s'/>`]);
      next.from('server', `<resumed ${sm} previd='s' h='2'/>`);
      assert.deepEqual(next.taken('client'), [`<resumed ${sm} h='1' previd='simpp-id1'/>`]);
      next = resumeLate(next);
      assert.deepEqual(next.taken('server'), [`<resume ${sm} h='2' previd='s'/>`]);
      next.from('server', `<failed ${sm} h='2'><item-not-found ${stanzas}/></failed>`);
      assert.deepEqual(next.taken('client'), [`<failed h='1' ${sm}><item-not-found ${stanzas}/></failed>`]);
    });

    it('is not found after a restart', () => {
      const row = offered().from('client', `<resume ${sm} previd='simpp-id1' h='1'/>`);
      assert.deepEqual(row.taken('client'), [`<failed ${sm}><item-not-found ${stanzas}/></failed>`]);
      assert.deepEqual(row.taken('server'), []);
    });

    it('is not found by another account', () => {
      const row = offered();
      row.hibernated.set('simpp-x', {
        account: 'x@b',
        namespace: 'urn:xmpp:sm:3',
        previd: 's',
        up: 0,
        down: 0,
        maxMs: 1,
      });
      row.from('client', `<resume ${sm} previd='simpp-x' h='1'/>`);
      assert.deepEqual([row.taken('client').length, row.taken('server')], [1, []]);
    });
  });

  it('is left to the server where a stream is not managed', () => {
    const row = offered().from('client', `<r ${sm}/>`).from('client', `<a ${sm} h='0'/>`);
    assert.deepEqual(row.taken('server'), [`<r ${sm}/>`, `<a ${sm} h='0'/>`]);
    const managed = behind(1).from('client', `<r ${sm}/>`);
    assert.deepEqual([managed.taken('server'), managed.taken('client')], [[], []]);
  });

  it('counts what is a stanza, however it is written, and nothing else', () => {
    const row = agreed();
    const counted = [`<message/>`, `<iq xmlns="jabber:client"/>`, `<x:presence xmlns:x='jabber:client'/>`];
    const passed = [`<message xmlns='urn:x'/>`, `<active xmlns='urn:xmpp:csi:0'/>`];
    for (const xml of [...counted, ...passed]) row.from('client', xml);
    row.from('server', `<a ${sm} h='3'/>`);
    assert.equal(row.end, undefined);
    assert.equal(row.from('server', `<a ${sm} h='4'/>`).end?.kind, 'refused');
  });
});
