// Whatever comes between a stanza and its acknowledgement: nothing is lost,
// nothing doubled, and nobody is told more than is true (transparency.md §3.6).
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ManagedServer, ModelClient } from './managed-peers.ts';
import { ManagedRow } from './managed-row.ts';

type Move =
  | { readonly do: 'client sends' | 'server sends' | 'client asks' | 'server asks' | 'client answers' }
  | { readonly do: 'server handles' | 'server delivers' | 'client takes'; readonly count: number }
  | { readonly do: 'connection lost' | 'connection back' | 'time passes' | 'client flushed' }
  | { readonly do: 'client takes all at once'; readonly yes: boolean };

const names = (...list: readonly string[]) => fc.constantFrom(...list).map((name) => ({ do: name }) as Move);
const counted = (...list: readonly string[]) =>
  fc.record({ do: fc.constantFrom(...list), count: fc.integer({ min: 1, max: 4 }) }).map((move) => move as Move);

const moves = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: names('client sends', 'server sends') },
    { weight: 8, arbitrary: counted('server handles', 'server delivers', 'client takes') },
    { weight: 4, arbitrary: names('client asks', 'server asks', 'client answers', 'client flushed') },
    { weight: 3, arbitrary: names('connection lost', 'connection back', 'time passes') },
    { weight: 1, arbitrary: fc.boolean().map((yes): Move => ({ do: 'client takes all at once', yes })) },
  ),
  { maxLength: 80, size: 'max' },
);

class World {
  readonly row = new ManagedRow();
  readonly server = new ManagedServer(this.row);
  readonly client: ModelClient;
  #count = 0;

  constructor(isManaged: boolean, h: number) {
    if (isManaged) this.server.goOn(h);
    this.client = new ModelClient(this.row, isManaged, h);
    if (!isManaged) {
      this.client.send('first');
      this.server.handle(Infinity);
      this.server.deliver(Infinity);
    }
  }

  make(move: Move): void {
    const { row, server, client } = this;
    switch (move.do) {
      case 'client sends':
        return client.send(`up-${++this.#count}`);
      case 'server sends':
        return server.send(`down-${++this.#count}`);
      case 'client asks':
        return client.ask();
      case 'server asks':
        return server.ask();
      case 'client answers':
        return client.answer();
      case 'server handles':
        return server.handle(move.count);
      case 'server delivers':
        return row.request === undefined ? server.deliver(move.count) : undefined;
      case 'client takes':
        return client.take(move.count);
      case 'connection lost':
        return row.request === undefined ? server.lose() : undefined;
      case 'connection back':
        return server.resume();
      case 'time passes':
        if (row.wakeAfterMs !== undefined) row.wake();
        if (row.isCut && row.request === undefined) server.lose();
        row.isCut = false;
        return;
      case 'client flushed':
        return row.flush();
      case 'client takes all at once':
        row.takesAll = move.yes;
    }
  }

  /** Everything that is on its way arrives. */
  settle(): void {
    const { row, server, client } = this;
    row.takesAll = true;
    server.resume();
    for (let turn = 0; turn === 0 || !server.isIdle || !client.isIdle; turn++) {
      assert(turn < 1000, 'the two talk without end');
      row.flush();
      server.ask();
      server.handle(Infinity);
      server.deliver(Infinity);
      client.take(Infinity);
      client.answer();
      server.handle(Infinity);
      server.deliver(Infinity);
      client.take(Infinity);
      if (turn > 2) break;
    }
  }
}

const isStartOf = (part: readonly string[], whole: readonly string[]): void =>
  assert.deepEqual(part, whole.slice(0, part.length));

describe('the two ends of stream management', function () {
  this.timeout(60_000);
  for (const [what, isManaged, h] of [
    ['a client without it', false, 0],
    ['a client with it', true, 0],
    ['a client with it, whose counts are about to wrap', true, 2 ** 32 - 4],
  ] as const) {
    it(`lose nothing, double nothing and promise nothing too early: ${what}`, () => {
      fc.assert(
        fc.property(moves, (list) => {
          const world = new World(isManaged, h);
          const { row, server, client } = world;
          for (const move of list) {
            world.make(move);
            assert.equal(row.end, undefined);
            isStartOf(client.received, server.sent);
            isStartOf(server.handled, client.sent);
            // An acknowledgement promises that the other side has it.
            isStartOf(client.acknowledged, server.handled);
            isStartOf(server.acknowledged, isManaged ? client.received : server.sent.slice(0, row.written));
          }
          world.settle();
          assert.deepEqual(client.received, server.sent);
          assert.deepEqual(server.handled, client.sent);
          assert.deepEqual(server.acknowledged, server.sent);
        }),
        { numRuns: 500 },
      );
    });
  }
});
