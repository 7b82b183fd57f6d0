// Crowds at the doors of the proxy and of the gateway: ten thousand connections
// at once, a thousand that drip their bytes, and a storm of connections cut at
// once. Memory stays bounded and two people talk on.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';

import { needs } from '../../run/needs.ts';
import { eventually } from '../support/eventually.ts';
import { header, RawClient } from '../support/raw-client.ts';
import type { SimppRole } from '../support/simpp.ts';
import { SlixmppClient } from '../support/slixmpp.ts';
import { alice, bob, domain, worldOfSuite } from '../support/world.ts';

/** What a role may take beside what it had: ten thousand unfinished streams of 40 KiB. */
const boundBytes = 400 * 2 ** 20;

interface Place {
  readonly host: string;
  readonly port: number;
}

/** Connections that are opened in groups, so that no accept queue overflows, and closed together. */
class Crowd implements AsyncDisposable {
  readonly clients: RawClient[] = [];

  async join(place: Place, count: number, words = ''): Promise<void> {
    for (let left = count; left > 0; left -= 250) {
      const group = Array.from({ length: Math.min(left, 250) }, () => RawClient.connect(place));
      for (const client of await Promise.all(group)) {
        client.write(words);
        this.clients.push(client);
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.clients.map((client) => client[Symbol.asyncDispose]()));
  }
}

async function residentBytes({ pid }: SimppRole): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
}

describe('14 crowds', function () {
  needs('prosody', 'slixmpp');
  this.timeout(120_000);
  const world = worldOfSuite({ setUp: [alice, bob, 'domain'] });
  let first: SlixmppClient;
  let second: SlixmppClient;
  let turn = 0;

  before('two people talk', async () => {
    first = await SlixmppClient.login(world().login(alice));
    second = await SlixmppClient.login(world().login(bob));
  });
  after('they leave', async () => {
    await first?.[Symbol.asyncDispose]();
    await second?.[Symbol.asyncDispose]();
  });

  async function talkOn(): Promise<void> {
    const [question, answer] = [`question ${++turn}`, `answer ${turn}`];
    first.say(bob.jid, question);
    await second.hear(question);
    second.say(alice.jid, answer);
    await first.hear(answer);
  }

  for (const door of ['proxy', 'gateway'] as const) {
    it(`ten thousand at the ${door}, none of which finishes its header: people talk on, and the next one is served`, async () => {
      const { role, host, port } = world()[door];
      const before = await residentBytes(role);
      {
        await using crowd = new Crowd();
        await crowd.join({ host, port }, 10_000, header(domain).slice(0, -1));
        assert.ok((await residentBytes(role)) - before < boundBytes);
        await talkOn();
      }
      await eventually('places for others', async () => {
        await using next = await RawClient.connect({ host, port });
        next.write(header(domain));
        return await next.hear('</stream:features>', 2000).catch(() => undefined);
      });
      await talkOn();
    });

    it(`a thousand at the ${door} that drip: given up in time, and people talk on`, async () => {
      const { host, port } = world()[door];
      await using crowd = new Crowd();
      await crowd.join({ host, port }, 1000, '<');
      const text = `?xml version='1.0'?>${' '.repeat(1000)}`;
      let at = 0;
      const drip = setInterval(() => {
        for (const client of crowd.clients) client.write(text[at % text.length] ?? ' ');
        at++;
      }, 1000);
      try {
        await talkOn();
        await eventually('the end of all of them', () => crowd.clients.every(({ isClosed }) => isClosed), 60_000);
        await talkOn();
      } finally {
        clearInterval(drip);
      }
    });

    it(`a storm of connections at the ${door}, cut in every state of a login: all are let go`, async () => {
      const { role, host, port } = world()[door];
      const before = await residentBytes(role);
      for (let wave = 0; wave < 20; wave++) {
        await using crowd = new Crowd();
        await crowd.join({ host, port }, 100, header(domain).slice(0, (wave * 37) % 200));
      }
      await talkOn();
      assert.ok((await residentBytes(role)) - before < boundBytes / 4);
    });
  }
});
