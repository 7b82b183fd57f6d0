import assert from 'node:assert/strict';
import { utf8 } from '../../../shared/bytes.ts';
import { SimppError } from '../../../shared/errors.ts';
import type { Reconnected, RelayOptions } from '../../../proxy/relay-options.ts';
import type { Relay } from '../../../proxy/relay.ts';
import type { News, RunErrand, Tell } from '../../../proxy/stages/errand.ts';
import { saslStage } from '../../../proxy/stages/sasl.ts';
import { running, type ResumeRequest, type RunningStage } from '../../../proxy/stages/stage.ts';
import { header } from '../client/raw-client.ts';
import { FarEnd, relayBetween } from './far-end.ts';

const clientHeader = header('example.test');
const serverHeader = header(undefined, ` id='s1' from='example.test'`);
const sasl = `xmlns='urn:ietf:params:xml:ns:xmpp-sasl'`;
const auth = `<auth ${sasl} mechanism='PLAIN'>AGEAYg==</auth>`;

/** A stage that listens to no signals. */
const seeing = (see: RunningStage['see']): RunningStage => ({ see });

interface World {
  readonly client: FarEnd;
  readonly server: FarEnd;
  readonly relay: Relay;
}

/** A relay whose client has sent its first header. */
async function world(options: Partial<RelayOptions> = {}): Promise<World> {
  const client = new FarEnd().listen();
  const server = new FarEnd().listen();
  return { client, server, relay: await relayBetween(client, server, clientHeader, options) };
}

describe('the relay', () => {
  it('passes both directions byte for byte, whatever pieces they come in', async () => {
    const up = `<message to='b'><body>a &amp; <![CDATA[<b>]]>\n</body></message>  <x:iq xmlns:x='jabber:client'/>\n`;
    const down = `<presence\n from = "c"/> <a xmlns='urn:unheard-of'>é</a>`;
    for (const pieceLength of [1, 2, 3, 7, 1000]) {
      const { client, server } = await world();
      const pieces = (text: string): string[] => text.match(new RegExp(`.{1,${pieceLength}}`, 'gsu')) ?? [];
      for (const piece of pieces(up)) client.write(piece);
      for (const piece of pieces(serverHeader + down)) server.write(piece);
      assert.equal(await server.until(up), clientHeader + up);
      assert.equal(await client.until(down), serverHeader + down);
    }
  });

  it('takes a pipelined login, split anywhere: header and bind wait for <success/>', async () => {
    const rest = `${clientHeader}<iq type='set' id='b1'/>`;
    const pipelined = auth + rest;
    for (let split = 1; split < pipelined.length; split += 3) {
      const { client, server } = await world({ stages: [running(saslStage)] });
      client.write(pipelined.slice(0, split));
      client.write(pipelined.slice(split));
      assert.equal(await server.until(auth), clientHeader + auth);
      server.write(`${serverHeader}<success ${sasl}/>`);
      assert.equal(await server.until(rest), clientHeader + pipelined);
      server.write(`${serverHeader}<iq type='result' id='b1'/>`);
      await client.until(`<iq type='result' id='b1'/>`);
    }
  });

  it('reads nothing behind <auth/> before the server has answered', async () => {
    const { client, server } = await world({ stages: [running(saslStage)] });
    client.write(`${auth}${auth}`);
    await server.until(auth);
    server.write(`${serverHeader}<failure ${sasl}><not-authorized/></failure>`);
    assert.equal(await server.until(auth + auth), clientHeader + auth + auth);
  });

  it('drops white space between <success/> and the next header, where it would displace the XML declaration', async () => {
    const { client, server } = await world({ stages: [running(saslStage)] });
    client.write(`${auth}\n`);
    server.write(`${serverHeader}<success ${sasl}/>`);
    await client.until(`<success ${sasl}/>`);
    client.write(clientHeader);
    assert.equal(await server.until(auth + clientHeader), clientHeader + auth + clientHeader);
  });

  it('lets a part wait for a job, and what follows it, but not the other direction', async () => {
    const job = Promise.withResolvers<void>();
    const stage = seeing(({ local }) =>
      local === 'wait'
        ? [{ kind: 'job', job: { kind: 'enrol', jid: 'x' } }, { kind: 'forward' }]
        : [{ kind: 'forward' }],
    );
    const { client, server } = await world({ stages: [stage], perform: () => job.promise });
    server.write(`${serverHeader}<first/><wait/><after/>`);
    await client.until('<first/>');
    client.write('<meanwhile/>');
    await server.until('<meanwhile/>');
    assert(client.received.endsWith('<first/>'));
    job.resolve();
    await client.until('<first/><wait/><after/>');
  });

  describe('whose stage has errands', () => {
    const news = (id: string): News => ({ kind: 'show', stanza: utf8(`<${id}/>`) });
    /** Sends an errand for each <ask/>, and lets the news go on to the client, through the other stage. */
    const asking: RunningStage = {
      see: ({ local, part, scope }) =>
        local === 'ask'
          ? [{ kind: 'forward' }, { kind: 'errand', errand: { kind: 'answered', stanza: part.bytes, scope } }]
          : [{ kind: 'forward' }],
      hear: (_, signal) =>
        signal.kind === 'news' && signal.news.kind === 'show'
          ? [{ kind: 'pass', part: { kind: 'element', bytes: signal.news.stanza } }]
          : [{ kind: 'forward' }],
    };

    it('brings the engine’s news to it, at once, later, and unasked, until the relay is over', async () => {
      const errands: string[] = [];
      let tell: Tell = () => undefined;
      const errand: RunErrand = (each, tellStage) => {
        errands.push(each.kind);
        if (each.kind === 'gone') return;
        tell = tellStage;
        tell(news('at-once'));
      };
      const outer = seeing(({ local }) =>
        local === 'later' ? [{ kind: 'forward', bytes: utf8('<seen/>') }] : [{ kind: 'forward' }],
      );
      const { client, server, relay } = await world({ stages: [outer, asking], errand });
      server.write(serverHeader);
      await client.until(serverHeader);
      client.write('<ask/>');
      await client.until('<at-once/>');
      tell(news('later'));
      tell(news('unasked'));
      await client.until('<at-once/><seen/><unasked/>');
      relay.stop(new SimppError('shutting-down'));
      await relay.ended;
      tell(news('too-late'));
      assert.deepEqual(errands, ['answered', 'gone']);
      assert(!client.received.includes('too-late'));
    });

    it('lets no news overtake what waits for a job', async () => {
      const job = Promise.withResolvers<void>();
      let tell: Tell = () => undefined;
      const errand: RunErrand = (each, tellStage) => void (each.kind === 'answered' && (tell = tellStage));
      const outer = seeing(({ local }) =>
        local === 'wait'
          ? [{ kind: 'job', job: { kind: 'enrol', jid: 'x' } }, { kind: 'forward' }]
          : [{ kind: 'forward' }],
      );
      const { client, server } = await world({ stages: [outer, asking], errand, perform: () => job.promise });
      server.write(serverHeader);
      client.write('<ask/>');
      await server.until('<ask/>');
      server.write('<first/><wait/>');
      await client.until('<first/>');
      tell(news('told'));
      job.resolve();
      await client.until('<first/><wait/><told/>');
    });
  });

  it('shows each stage what the one before it made, and replies back through those already passed', async () => {
    const seen: string[] = [];
    const outer = seeing(({ from, local }) => {
      seen.push(`outer ${from} ${local}`);
      return local === 'a' ? [{ kind: 'forward', bytes: utf8('<b/>') }] : [{ kind: 'forward' }];
    });
    const inner = seeing(({ from, local }) => {
      seen.push(`inner ${from} ${local}`);
      return local === 'b' ? [{ kind: 'reply', bytes: utf8('<c/>') }] : [{ kind: 'forward' }];
    });
    const { client, server } = await world({ stages: [outer, inner] });
    server.write(serverHeader);
    await client.until(serverHeader);
    client.write('<a/>');
    await client.until('<c/>');
    assert.deepEqual(seen.slice(4), ['outer client a', 'inner client b', 'outer server c']);
  });

  it('stops reading from a server whose client is full, and loses nothing', async () => {
    const client = new FarEnd();
    const server = new FarEnd().listen();
    await relayBetween(client, server, clientHeader);
    const stanza = `<message><body>${'x'.repeat(1000)}</body></message>`;
    const count = 2000;
    server.write(serverHeader);
    let isBlocked = false;
    for (let i = 0; i < count; i++) isBlocked = !server.stream.write(stanza) || isBlocked;
    await new Promise(setImmediate);
    assert(isBlocked && server.stream.writableLength > 1_000_000, 'the flood waits at its source');
    assert(client.leg.stream.writableLength < 100_000, 'little is queued towards the client');
    client.listen();
    server.write('<last/>');
    await client.until('<last/>');
    assert.equal(client.received.length, serverHeader.length + count * stanza.length + '<last/>'.length);
  });

  const answering = seeing(({ local }) =>
    local === 'ask' ? [{ kind: 'reply', bytes: utf8(`<answer>${'x'.repeat(1000)}</answer>`) }] : [{ kind: 'forward' }],
  );

  it('reads no further from a client that does not take the answers to what it asks', async () => {
    const client = new FarEnd();
    const server = new FarEnd().listen();
    await relayBetween(client, server, clientHeader, { stages: [answering] });
    server.write(serverHeader);
    await new Promise(setImmediate);
    const count = 20_000;
    client.stream.write('<ask/>'.repeat(count));
    client.stream.write('<last/>');
    for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate);
    assert(client.leg.stream.writableLength < 100_000, `${client.leg.stream.writableLength} bytes of answers wait`);
    client.listen();
    await server.until('<last/>');
    await client.until('</answer>');
    while (client.received.split('<answer>').length <= count) await client.more();
  });

  it('answers what a client sent ahead of the server’s header behind that header', async () => {
    const { client, server } = await world({ stages: [answering] });
    client.write('<ask/><after/>');
    server.write(serverHeader);
    await client.until('</answer>');
    assert(client.received.startsWith(`${serverHeader}<answer>`));
    await server.until('<after/>');
  });

  describe('whose server is lost', () => {
    const request: ResumeRequest = {
      namespace: 'urn:xmpp:sm:3',
      previd: 's',
      h: 0,
      header: new Uint8Array(0),
      maxMs: 1000,
    };
    /** A stage that has the server's connection replaced, and says what it hears. */
    const mending: RunningStage = {
      see: () => [{ kind: 'forward' }],
      hear: (from, signal) => {
        if (signal.kind === 'resumed') return [{ kind: 'reply', bytes: utf8('<again/>') }];
        return from === 'server' && signal.kind === 'ending' ? [{ kind: 'reconnect', request }] : [{ kind: 'forward' }];
      },
    };

    it('goes on over another connection, whose elements mean what they would have meant on the first', async () => {
      const second = new FarEnd().listen();
      second.write(header(undefined, ` xmlns:x='urn:x'`));
      const bindings = new Map([
        ['', 'jabber:client'],
        ['stream', 'http://etherx.jabber.org/streams'],
        ['x', 'urn:x'],
      ]);
      const { client, server } = await world({
        stages: [mending],
        reconnect: async () => {
          await second.leg.read();
          return { kind: 'resumed', leg: second.leg, bindings, h: 0 };
        },
      });
      server.write(`${serverHeader}<before/>`);
      await client.until('<before/>');
      server.stream.end();
      assert.equal(await second.until('<again/>'), '<again/>');
      client.write('<after/>');
      await second.until('<again/><after/>');
      second.write('<x:down/>');
      assert.equal(
        await client.until(`<x:down xmlns:x='urn:x'/>`),
        `${serverHeader}<before/><x:down xmlns:x='urn:x'/>`,
      );
    });

    it('says what a client said last on the new connection, though it had closed its stream meanwhile', async () => {
      const second = new FarEnd().listen();
      const found = Promise.withResolvers<Reconnected>();
      const lost = Promise.withResolvers<void>();
      const stage: RunningStage = {
        ...mending,
        hear: (from, signal) => {
          if (signal.kind === 'ending') lost.resolve();
          const close = { kind: 'close', bytes: utf8('</stream:stream>') } as const;
          return [...(mending.hear?.(from, signal) ?? []), ...(signal.kind === 'resumed' ? [close] : [])];
        },
      };
      const { client, server, relay } = await world({ stages: [stage], reconnect: () => found.promise });
      server.stream.end(serverHeader);
      await lost.promise;
      client.write('</stream:stream>');
      await new Promise(setImmediate);
      found.resolve({ kind: 'resumed', leg: second.leg, bindings: new Map(), h: 0 });
      assert.equal(await second.until('</stream:stream>'), '<again/></stream:stream>');
      assert(relay.isOver('client') && !relay.isOver('server'));
    });

    it('waits no longer for another connection than for its client', async () => {
      const asked = Promise.withResolvers<AbortSignal>();
      const { client, server, relay } = await world({
        stages: [mending],
        reconnect: (_, signal) => {
          asked.resolve(signal);
          return new Promise(() => undefined);
        },
      });
      server.stream.end(serverHeader);
      const signal = await asked.promise;
      assert.equal(signal.aborted, false);
      client.stream.end();
      const end = await relay.ended;
      assert(end.kind === 'vanished' && end.side === 'client' && signal.aborted);
    });

    it('tells the stage when there is none', async () => {
      const error = new SimppError('server-unreachable');
      const giving: RunningStage = {
        ...mending,
        hear: (from, signal) =>
          signal.kind === 'unresumed' ? [{ kind: 'end', end: signal }] : (mending.hear?.(from, signal) ?? []),
      };
      const { server, relay } = await world({
        stages: [giving],
        reconnect: () => Promise.resolve({ kind: 'unresumed', h: undefined, error }),
      });
      server.stream.end(serverHeader);
      const end = await relay.ended;
      assert(end.kind === 'unresumed' && end.error === error);
    });
  });

  it('wakes a stage, and tells it whether the client’s connection has taken everything', async () => {
    const heard: string[] = [];
    const stage: RunningStage = {
      see: ({ local }) =>
        local === 'ask'
          ? [{ kind: 'flush', upTo: 1 }, { kind: 'wake', afterMs: 1 }, { kind: 'forward' }]
          : [{ kind: 'forward' }],
      hear: (_, signal) => {
        heard.push(signal.kind === 'flushed' ? `flushed ${signal.isDone}` : signal.kind);
        return signal.kind === 'woke' ? [{ kind: 'reply', bytes: utf8('<woken/>') }] : [{ kind: 'forward' }];
      },
    };
    const client = new FarEnd();
    const server = new FarEnd().listen();
    await relayBetween(client, server, clientHeader, { stages: [stage] });
    server.write(serverHeader + '<x/>'.repeat(50_000));
    await new Promise(setImmediate);
    client.write('<ask/>');
    await server.until('<ask/>');
    assert.deepEqual(heard, ['flushed false']);
    client.listen();
    await server.until('<ask/><woken/>');
    await client.until('<x/>');
    assert.deepEqual(heard.toSorted(), ['flushed false', 'flushed true', 'woke']);
  });

  describe('closing', () => {
    it('passes the close behind all earlier stanzas; the answer is the server’s, with what it still sends before it', async () => {
      const { client, server, relay } = await world();
      server.write(serverHeader);
      client.write('<last-words/></stream:stream>');
      await server.until('<last-words/></stream:stream>');
      server.write('<still/></stream:stream>');
      await client.until('<still/></stream:stream>');
      assert.deepEqual(await relay.ended, { kind: 'closed' });
    });

    it('waits for the answer no longer than its time', async () => {
      const { client, relay } = await world({ closeTimeoutMs: 20 });
      client.write('</stream:stream>');
      assert.deepEqual(await relay.ended, { kind: 'closed' });
    });

    it('delivers the answer to a client that has closed its sending side', async () => {
      const { client, server, relay } = await world();
      server.write(serverHeader);
      client.stream.end('</stream:stream>');
      await server.until('</stream:stream>');
      server.write('<still/></stream:stream>');
      await client.until('</stream:stream>');
      assert.deepEqual(await relay.ended, { kind: 'closed' });
    });

    it('passes a server’s stream error whole, with its close', async () => {
      const { client, server, relay } = await world();
      server.stream.end(`${serverHeader}${error}</stream:stream>`);
      await client.until(`${error}</stream:stream>`);
      assert.deepEqual(await relay.ended, { kind: 'closed' });
    });

    const error = `<stream:error><system-shutdown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>`;
    /** Answers itself what it sees, back to where it came from. */
    const talkative = seeing(({ part, local }) => {
      const reply = { kind: 'reply', bytes: utf8('<reply/>') } as const;
      return part.kind === 'footer' || local === 'go' ? [{ kind: 'forward' }, reply] : [{ kind: 'forward' }];
    });

    it('lets nothing follow a close in its direction, whoever would have said it', async () => {
      const { client, server, relay } = await world({ stages: [talkative] });
      server.write(serverHeader);
      await client.until(serverHeader);
      client.write('<last/></stream:stream>');
      await server.until('<last/></stream:stream>');
      // What the stage answers to this would follow the client's close.
      server.write('<go/><still/></stream:stream>');
      await client.until('<go/><still/></stream:stream>');
      assert.deepEqual(await relay.ended, { kind: 'closed' });
      client.leg.end();
      server.leg.end();
      await new Promise(setImmediate);
      assert.equal(server.received, `${clientHeader}<last/></stream:stream>`);
    });

    it('lets nothing but the close follow an error', async () => {
      const { client, server, relay } = await world({ stages: [talkative] });
      server.write(`${serverHeader}${error}<message/>`);
      await client.until(error);
      client.write('<go/>');
      await server.until('<go/>');
      assert.equal(client.received, serverHeader + error);
      server.write('</stream:stream>');
      await client.until(`${error}</stream:stream>`);
      client.write('</stream:stream>');
      assert.deepEqual(await relay.ended, { kind: 'closed' });
    });

    it('ends with an error of the server, though no close follows it', async () => {
      const reconnect = (): never => assert.fail('a session that its server has ended is not resumed');
      for (const end of [error, `<x:error xmlns:x='http://etherx.jabber.org/streams'/>`]) {
        const { client, server, relay } = await world({ reconnect });
        server.stream.end(serverHeader + end);
        await client.until(end);
        assert.deepEqual(await relay.ended, { kind: 'closed' });
        assert(relay.isOver('server') && !relay.isOver('client'));
      }
      const { server, relay } = await world();
      server.stream.end(`${serverHeader}<error/><message><stream:error/></message>`);
      assert.equal((await relay.ended).kind, 'vanished', 'not everything of that name is one');
    });

    it('waits no longer behind an error than behind a close', async () => {
      const { server, relay } = await world({ closeTimeoutMs: 20 });
      server.write(serverHeader + error);
      assert.deepEqual(await relay.ended, { kind: 'closed' });
    });

    it('tells a vanished side from one that broke the rules', async () => {
      const gone = await world();
      gone.client.stream.end();
      const end = await gone.relay.ended;
      assert(end.kind === 'vanished' && end.side === 'client');

      const lost = await world();
      lost.server.stream.end(serverHeader);
      const loss = await lost.relay.ended;
      assert(loss.kind === 'vanished' && loss.side === 'server');

      const broken = await world();
      broken.client.write('<!-- no -->');
      const failure = await broken.relay.ended;
      assert(failure.kind === 'failed' && failure.side === 'client' && failure.error.code === 'restricted-xml');
    });

    it('hears the end of a client that takes nothing, though everything stands still', async () => {
      const client = new FarEnd();
      const server = new FarEnd().listen();
      const relay = await relayBetween(client, server, clientHeader);
      server.write(serverHeader + '<x/>'.repeat(50_000));
      await new Promise(setImmediate);
      client.leg.stream.destroy();
      const end = await relay.ended;
      assert(end.kind === 'vanished' && end.side === 'client');
    });
  });
});
