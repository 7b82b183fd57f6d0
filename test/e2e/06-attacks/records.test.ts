// Somebody on the way damages the records of a conversation. Each time the
// channel ends, nothing wrong or twice is delivered, and the others talk on
// (docs/protocol.md §7). Where the gateway is who notices, or the connection is
// cut, the session goes on over a new channel, behind a client that stays: what
// was damaged is then said again, once. Where the proxy notices, it tells its client.
import assert from 'node:assert/strict';

import type { Direction } from '../../../proxy/try/wire-tap.ts';
import { needs } from '../../run/needs.ts';
import { eventually } from '../support/eventually.ts';
import { flipped, tamperWith, type Tamper } from '../support/record-tamper.ts';
import { SlixmppClient } from '../support/slixmpp.ts';
import { alice, bob, carol, worldOfSuite } from '../support/world.ts';

interface Attack {
  readonly what: string;
  /** Called once for each attacked connection. */
  readonly make: (cut: () => void) => Tamper;
  /** How many of the two messages still arrive at a client that is told and leaves, whole and once each. */
  readonly delivered: 0 | 1;
  /** The connection ends in the same moment. */
  readonly cuts?: true;
}

const nothing: readonly Buffer[] = [];

/** Changes the first record that comes, passes the others. */
function firstOnly(change: (record: Buffer) => readonly Buffer[]): Tamper {
  let isDone = false;
  return (record) => {
    if (isDone) return [record];
    isDone = true;
    return change(record);
  };
}

const attacks: readonly Attack[] = [
  { what: 'a bit of the ciphertext', make: () => firstOnly((record) => [flipped(record, 9)]), delivered: 0 },
  { what: 'a bit of the tag', make: () => firstOnly((record) => [flipped(record, -1, 0x80)]), delivered: 0 },
  { what: 'the type', make: () => firstOnly((record) => [flipped(record, 0, 3)]), delivered: 0 },
  { what: 'an unknown type', make: () => firstOnly((record) => [flipped(record, 0, 0x40)]), delivered: 0 },
  { what: 'the length, by much', make: () => firstOnly((record) => [flipped(record, 1, 0x80)]), delivered: 0 },
  { what: 'the length, by one', make: () => firstOnly((record) => [flipped(record, 2, 0x01)]), delivered: 0 },
  { what: 'duplication', make: () => firstOnly((record) => [record, record]), delivered: 1 },
  { what: 'loss', make: () => firstOnly(() => nothing), delivered: 0 },
  {
    what: 'order',
    make: () => {
      let held: Buffer | undefined;
      return (record) => {
        if (held === undefined) {
          held = Buffer.from(record);
          return nothing;
        }
        const both = [record, held];
        held = Buffer.alloc(0);
        return both.filter(({ length }) => length > 0);
      };
    },
    delivered: 0,
  },
  {
    what: 'truncation, and the connection cut',
    make: (cut) =>
      firstOnly((record) => {
        setImmediate(cut);
        return [record.subarray(0, -5)];
      }),
    delivered: 0,
    cuts: true,
  },
];

describe('06 attacks: damaged records', function () {
  needs('prosody', 'slixmpp');
  this.timeout(60_000);
  const world = worldOfSuite({ setUp: [alice, bob, carol] });
  let watching: SlixmppClient;
  let other: SlixmppClient;
  before('bob and carol log in and stay', async () => {
    watching = await SlixmppClient.login(world().login(bob));
    other = await SlixmppClient.login(world().login(carol));
  });
  after('they leave', async () => {
    await watching?.[Symbol.asyncDispose]();
    await other?.[Symbol.asyncDispose]();
  });

  const bodies = (client: SlixmppClient): unknown[] =>
    client.events.all.filter(({ event }) => event === 'message').map((message) => message['body']);

  for (const direction of ['up', 'down'] as const satisfies readonly Direction[]) {
    for (const { what, make, delivered, cuts } of attacks) {
      const goesOn = direction === 'up' || cuts === true;
      it(`${what}, ${direction === 'up' ? 'towards the server' : 'towards the client'}`, async () => {
        const { wire, login } = world();
        await using victim = await SlixmppClient.login(login(alice));
        const connection = wire.connections - 1;
        const [speaker, listener] = direction === 'up' ? [victim, watching] : [watching, victim];
        const [before, first, second] = [`before ${what} ${direction}`, `first ${what}`, `second ${what}`];
        speaker.say(listener.jid, before);
        await listener.hear(before);
        const heardBefore = bodies(listener).length;

        const tamper = make(() => wire.cut(connection));
        let records = 0;
        tamperWith(wire, { connection, direction }, (record) => {
          records++;
          return tamper(record);
        });
        speaker.say(listener.jid, first);
        // Else both may share one record.
        await eventually('the first record', () => records > 0);
        speaker.say(listener.jid, second);
        if (goesOn) await listener.hear(second);
        else await victim.event('disconnected');
        wire.transform((chunk) => chunk);
        // The others are unharmed, and what they hear comes after anything that could still have come.
        other.say(bob.jid, `after ${what} ${direction}`);
        await watching.hear(`after ${what} ${direction}`);
        watching.say(carol.jid, `yes, ${what} ${direction}`);
        await other.hear(`yes, ${what} ${direction}`);

        const heard = bodies(listener)
          .slice(heardBefore)
          .filter((body) => body !== `after ${what} ${direction}`);
        if (goesOn) {
          assert.deepEqual(heard, [first, second]);
          assert.ok(wire.connections - 1 > connection, 'over a new channel');
          assert.ok(!victim.events.all.some(({ event }) => event === 'disconnected'));
          return;
        }
        assert.deepEqual(heard, [first].slice(0, delivered));
        const wasTold = victim.events.all.find(({ event }) => event === 'stream-error');
        assert.match(String(wasTold?.['text']), /damaged or forged|cut before|lost|record/);
        await eventually('the end at both', async () => {
          const { simpp } = await world().gateway.connections();
          return simpp === 2;
        });
      });
    }
  }
});
