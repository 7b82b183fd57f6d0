// Real clients through the proxy on every way to two servers: each logs in with
// the settings of its page in docs/guide, is seen, hears and is heard.
import assert from 'node:assert/strict';

import { overheard } from '../../../proxy/try/overheard.ts';
import { needs } from '../../run/needs.ts';
import { TestAuthority } from '../support/certs.ts';
import { keepSecret } from '../support/evidence.ts';
import { bob } from '../support/world.ts';
import { clientNeeds, clients } from './clients.ts';
import { groupsOf, missingPairs, titleOf, topologies, type Topology } from './table.ts';
import { openTopologies, type TopologyWorld } from './world.ts';

describe('20 topologies', function () {
  needs('prosody', 'ejabberd', 'openssl', ...clientNeeds);
  this.timeout(60_000);
  let authority: TestAuthority;

  before('makes an authority', async () => {
    authority = await TestAuthority.create();
  });
  after('forgets the authority', () => authority?.[Symbol.asyncDispose]());

  it('are at most 14, and have every pair of server, TLS, route, set-up and client but TLS with client', () => {
    assert.ok(topologies.length <= 14);
    assert.deepEqual(missingPairs(topologies), []);
  });

  for (const group of groupsOf(topologies)) {
    describe(`to ${group[0]?.server}`, () => {
      let world: TopologyWorld | undefined;
      before('opens the world', async () => {
        world = await openTopologies(group, authority);
      });
      after('ends the world', () => world?.[Symbol.asyncDispose]());

      for (const topology of group) {
        it(titleOf(topology), async () => {
          assert.ok(world);
          await talk(topology, world);
          await provesItsWay(topology, world);
        });
      }
    });
  }
});

const toClient = (client: string): string => `the heron stands before ${client}`;
const toBob = (client: string): string => `und der Käfer flöge zu ${client}`;

async function talk(topology: Topology, world: TopologyWorld): Promise<void> {
  const { client } = topology;
  const login = world.loginOf(topology);
  await using talker = await clients[client](login);
  try {
    const from = await world.seesOnline(`${login.jid}/${client}`);
    world.bob.say(login.jid, toClient(client));
    await talker.hear(bob.jid, toClient(client));
    keepSecret('body', toBob(client));
    await talker.say(bob.jid, toBob(client));
    assert.equal((await world.bob.hear(toBob(client))).from.split('/')[0], from.split('/')[0]);
  } catch (cause) {
    throw new Error(`${String(cause)}\n${client} shows:\n${(await talker.shows()).trim()}`, { cause });
  }
}

/** That it went the way that its title says. */
async function provesItsWay(topology: Topology, world: TopologyWorld): Promise<void> {
  const { tls, route, setUp, client } = topology;
  const { jid } = world.loginOf(topology);
  const words = ['heron', client, 'Käfer', jid.split('@')[0] ?? ''];
  const isReadable = route === 'direct' && tls === 'no TLS';
  assert.deepEqual(overheard(world.wire.captured(), words), isReadable ? words : []);
  assert.ok(world.wire.captured().length > 1_000);

  // The proxy logs in itself where it has the password: kept, or told on an encrypted leg, where
  // go-sendxmpp says it by PLAIN (transparency.md §1).
  const knowsPassword = setUp === 'account' || client === 'go-sendxmpp';
  const log = world.proxy.role.log.split('\n');
  const login = log.find((line) => line.includes('logged in at the server') && line.includes(jid)) ?? '';
  assert.equal(login !== '', knowsPassword);
  assert.equal(/SCRAM-SHA-\d+-PLUS/.test(login), knowsPassword && route === 'direct' && tls === 'SCRAM-PLUS', login);
  if (world.gateway) assert.ok((await world.gateway.connections()).simpp > 0);
}
