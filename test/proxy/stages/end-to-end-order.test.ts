// However long the engine takes, whatever it makes of a stanza, whichever
// connection is lost meanwhile: nothing is lost, nothing doubled, nothing out of
// order within a conversation, and nobody is told more than is true.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { fromUtf8, utf8 } from '../../../shared/bytes.ts';
import type { Translation } from '../../../proxy/stages/translation.ts';
import { bindTo, endToEndRow, headOf, ScriptedEngine, SessionPeer } from './end-to-end-peers.ts';
import type { ManagedRow } from './managed-row.ts';

const sm = `xmlns='urn:xmpp:sm:3'`;
const peers = ['x@a', 'y@b', 'me@here'];

interface Move {
  readonly do: string;
  readonly count: number;
}

const some = (weight: number, ...names: readonly string[]) => ({
  weight,
  arbitrary: fc.record({ do: fc.constantFrom(...names), count: fc.integer({ min: 1, max: 6 }) }),
});
const moves: fc.Arbitrary<readonly Move[]> = fc.array(
  fc.oneof(
    some(8, 'client says', 'client shows', 'server says', 'server shows'),
    some(8, 'engine answers', 'engine answers late'),
    some(8, 'server takes', 'client takes', 'server delivers', 'client delivers'),
    some(3, 'it is durable', 'client asks', 'server asks', 'engine sends', 'engine tells'),
    some(2, 'connection lost', 'connection back', 'client vanishes', 'time passes'),
  ),
  { maxLength: 120, size: 'max' },
);

const idOf = (xml: string): string => headOf(xml).id ?? '';
/** What the engine makes of a stanza is always the same: two, none, or one. */
const outputs = (id: string): readonly string[] => {
  if (!id.startsWith('say')) return [id];
  const number = Number(id.slice(4));
  return number % 5 === 1 ? [`${id}.0`, `${id}.1`] : number % 5 === 2 ? [] : [`${id}.0`];
};

class World {
  readonly engine = new ScriptedEngine();
  readonly left = new Map<string, Translation>();
  row: ManagedRow = endToEndRow(this.engine, this.left);
  readonly client = new SessionPeer('client', this.row);
  readonly server = new SessionPeer('server', this.row);
  readonly ownUp: string[] = [];
  readonly ownDown: string[] = [];
  #late: number[] = [];
  readonly #undurable = new Map<number, string>();
  #count = 0;

  constructor() {
    bindTo(this.row);
    this.client.say(`<enable ${sm} resume='true'/>`);
    this.exchange();
  }

  make({ do: what, count }: Move): void {
    const { client, server, engine, row } = this;
    const isConnected = row.request === undefined;
    switch (what) {
      case 'client says':
      case 'client shows':
        if (client.hasResumed) client.send(this.#stanza(what === 'client says', 'to', count));
        return;
      case 'server says':
      case 'server shows':
        return server.send(this.#stanza(what === 'server says', 'from', count));
      case 'engine answers':
      case 'engine answers late':
        return this.#answer(count, what === 'engine answers');
      case 'it is durable':
        return this.#endure();
      case 'engine sends':
        if (client.hasResumed) engine.tell({ kind: 'send', stanza: this.#own(this.ownUp) });
        return;
      case 'engine tells':
        if (client.hasResumed) engine.tell({ kind: 'show', stanza: this.#own(this.ownDown) });
        return;
      case 'client asks':
        return client.hasResumed ? client.say(`<r ${sm}/>`) : undefined;
      case 'server asks':
        return isConnected && client.hasResumed ? server.say(`<r ${sm}/>`) : undefined;
      case 'server takes':
        return isConnected ? server.take(count) : undefined;
      case 'server delivers':
        return isConnected ? server.deliver(count) : undefined;
      case 'client takes':
        return client.take(count);
      case 'client delivers':
        return client.deliver(count);
      case 'time passes':
        if (row.wakeAfterMs !== undefined) row.wake();
        if (row.isCut && row.request === undefined) this.#lose();
        row.isCut = false;
        return;
      case 'connection lost':
        return isConnected && client.hasResumed ? this.#lose() : undefined;
      case 'connection back':
        return this.back();
      case 'client vanishes':
        return this.#vanish();
    }
  }

  back(): void {
    const { row, server } = this;
    if (row.request === undefined) return;
    server.goOn(row.request.h);
    row.resume(server.h);
  }

  /** Everything on its way arrives. */
  exchange(): void {
    const { client, server } = this;
    for (let turn = 0; turn === 0 || !client.isIdle || !server.isIdle; turn++) {
      assert(turn < 1000, 'they talk without end');
      client.deliver(Infinity);
      server.take(Infinity);
      server.deliver(Infinity);
      client.take(Infinity);
    }
  }

  settle(): void {
    this.back();
    for (let turn = 0; turn < 3; turn++) {
      this.exchange();
      while (this.engine.claimed.length > 0) this.#answer(1, true);
      while (this.#undurable.size > 0) this.#endure();
      this.client.say(`<r ${sm}/>`);
      this.server.say(`<r ${sm}/>`);
      this.exchange();
    }
  }

  /** Whatever was acknowledged has arrived, whole, and is on the disk. */
  check(): void {
    for (const [from, to] of [
      [this.client, this.server],
      [this.server, this.client],
    ] as const) {
      const arrived = new Set(to.handled.map(idOf));
      const undurable = new Set(this.#undurable.values());
      for (const id of from.sent.slice(0, from.acknowledged).map(idOf)) {
        assert(!undurable.has(id), `${id} is acknowledged and not durable`);
        for (const output of outputs(id)) assert(arrived.has(output), `${id} is acknowledged without ${output}`);
      }
    }
  }

  checkAll(): void {
    for (const [from, to, own, address] of [
      [this.client, this.server, this.ownUp, 'to'],
      [this.server, this.client, this.ownDown, 'from'],
    ] as const) {
      const handled = to.handled.map(headOf);
      for (const peer of peers) {
        const wanted = from.sent.filter((xml) => headOf(xml)[address] === peer).flatMap((xml) => outputs(idOf(xml)));
        const got = handled.filter((head) => head[address] === peer).map(({ id }) => id);
        assert.deepEqual(got, wanted);
      }
      const added = handled.filter(({ id }) => id?.startsWith('own')).map(({ id }) => id);
      assert.equal(added.length, own.length);
      assert.deepEqual(new Set(added), new Set(own));
      assert.equal(from.acknowledged, from.sent.length);
    }
  }

  #stanza(isSaid: boolean, address: 'to' | 'from', count: number): string {
    const attributes = `${address}='${peers[count % peers.length]}'`;
    const number = ++this.#count;
    if (isSaid) return `<message id='say-${number}' ${attributes}><body>x</body></message>`;
    return `<presence id='show-${number}' ${attributes}/>`;
  }

  #own(list: string[]): Uint8Array {
    const id = `own${++this.#count}`;
    list.push(id);
    return utf8(`<message id='${id}'/>`);
  }

  #answer(count: number, isDurable: boolean): void {
    const { claimed } = this.engine;
    const [one] = claimed.splice((count - 1) % Math.max(1, claimed.length), 1);
    if (one === undefined) return;
    const { id = '', to, from } = headOf(fromUtf8(one.stanza));
    const address = to === undefined ? `from='${from}'` : `to='${to}'`;
    if (!isDurable) {
      this.#late.push(one.ticket);
      this.#undurable.set(one.ticket, id);
    }
    this.engine.done(
      one,
      outputs(id).map((name) => `<message id='${name}' ${address}/>`),
      [],
      isDurable,
    );
  }

  #endure(): void {
    const ticket = this.#late.shift();
    if (ticket === undefined) return;
    this.#undurable.delete(ticket);
    this.engine.tell({ kind: 'durable', ticket });
  }

  #lose(): void {
    this.server.lose();
    this.row.loseServer();
  }

  #vanish(): void {
    if (!this.client.hasResumed) return;
    this.row.hear('client', { kind: 'ending', end: { kind: 'vanished', side: 'client', error: undefined } });
    for (const note of this.row.notes) if (note.kind === 'left') this.left.set(note.id, note.translation);
    assert(this.left.has('s'));
    const { client, server, engine } = this;
    for (const peer of [client, server]) peer.lose();
    engine.claimed.length = 0;
    this.#late = [];
    this.#undurable.clear();
    this.row = endToEndRow(engine, this.left);
    client.row = this.row;
    server.row = this.row;
    client.hasResumed = false;
    server.isDetached = true;
    client.say(`<resume ${sm} previd='s' h='${client.h}'/>`);
  }
}

describe('the end-to-end stage', function () {
  this.timeout(120_000);

  it('loses, doubles and reorders nothing, and promises nothing too early', () => {
    fc.assert(
      fc.property(moves, (list) => {
        const world = new World();
        for (const move of list) {
          world.make(move);
          assert.equal(world.row.end?.kind === 'refused', false);
          world.check();
        }
        world.settle();
        world.check();
        world.checkAll();
      }),
      { numRuns: 500 },
    );
  });
});
