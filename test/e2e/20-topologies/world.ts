// One way to one server, as a group of topologies shares it: the server, a
// gateway if the way has one, a proxy with the set-ups, a tap on what leaves the
// proxy, and bob, whom everybody talks to.
import { Prosody } from '../../../proxy/try/prosody.ts';
import { WireTap } from '../../../proxy/try/wire-tap.ts';
import type { Certificate, TestAuthority } from '../support/certs.ts';
import { Ejabberd } from '../support/ejabberd.ts';
import { freePort } from '../support/free-port.ts';
import { GatewaySide } from '../support/gateway-side.ts';
import { ProxySide, type Account } from '../support/proxy-side.ts';
import { simppJson } from '../support/simpp.ts';
import { SlixmppClient, type SlixmppEvent } from '../support/slixmpp.ts';
import type { TalkerLogin } from '../support/talker.ts';
import { alice, bob, carol, domain, inviteVia } from '../support/world.ts';
import type { ServerTls, Topology } from './table.ts';

/** Who uses the client of each row. */
const people = [alice, carol];

export interface TopologyWorld extends AsyncDisposable {
  readonly proxy: ProxySide;
  readonly gateway: GatewaySide | undefined;
  /** Between the proxy and whatever is next. */
  readonly wire: WireTap;
  /** At slixmpp, online, and a contact of everybody. */
  readonly bob: SlixmppClient;
  /** For the row's client, by the account that it uses. */
  loginOf(topology: Topology): TalkerLogin;
  /** Waits until bob sees an address that begins so come online; the whole of it. */
  seesOnline(jid: string): Promise<string>;
}

/** Of the slowest client on a busy machine. */
const loginTimeoutMs = 30_000;

const withoutBinding = ['SCRAM-SHA-1', 'PLAIN'];

const serverOptions = {
  'no TLS': { tls: 'none' },
  STARTTLS: { tls: 'starttls-required', mechanisms: withoutBinding },
  'direct TLS': { tls: 'direct', mechanisms: withoutBinding },
  // Debian's Prosody binds channels only below TLS 1.3, and ejabberd only with plain passwords in its store.
  'SCRAM-PLUS': { tls: 'starttls-required', tls12: true, authentication: 'internal_plain' },
} as const satisfies Record<ServerTls, object>;

const flags = { 'no TLS': 'none', STARTTLS: 'starttls', 'direct TLS': 'direct', 'SCRAM-PLUS': 'starttls' } as const;

/** For rows of the same server, TLS and route. */
export async function openTopologies(group: readonly Topology[], authority: TestAuthority): Promise<TopologyWorld> {
  const [first] = group;
  if (first === undefined || group.length > people.length) throw new Error('one or two rows make a world');
  await using stack = new AsyncDisposableStack();
  const server = stack.use(await startServer(first, await authority.issue([domain])));
  const trust = first.tls === 'no TLS' ? [] : ['--server-ca', authority.caFile];
  const security = ['--server-tls', flags[first.tls], ...trust];

  const gateway = first.route === 'gateway' ? await GatewaySide.start({ domain, server, flags: security }) : undefined;
  if (gateway !== undefined) stack.use(gateway);
  const wire = stack.use(await WireTap.start(gateway ?? server));
  // TLS of the same kind as the server's, for clients that want nothing else.
  const kind = first.tls === 'direct TLS' ? 'direct TLS' : 'STARTTLS';
  const securePort = await freePort();
  const way = [
    ...(gateway === undefined
      ? ['--direct', '--server', `${wire.host}:${wire.port}`, ...security]
      : ['--invite', inviteVia(wire, gateway)]),
    kind === 'STARTTLS' ? '--listen-starttls' : '--listen-tls',
    `127.0.0.1:${securePort}`,
  ];

  const proxy = stack.use(await ProxySide.create());
  const personOf = (topology: Topology): Account => people[group.indexOf(topology)] ?? alice;
  const accounts = group.filter(({ setUp }) => setUp === 'account').map(personOf);
  if (accounts.length < group.length) await proxy.setUpDomain(domain, ...way);
  else accounts.push(bob);
  for (const account of accounts) await proxy.setUpAccount(account, ...way);
  const { pem } = await simppJson(proxy.home, 'cert', 'export');
  await proxy.run();

  const companion = stack.use(await SlixmppClient.login(proxy.login(bob)));
  for (const topology of group) await befriend(proxy, personOf(topology), companion);
  const loginOf = (topology: Topology): TalkerLogin => ({
    ...proxy.login(personOf(topology)),
    resource: topology.client,
    secure: { kind, port: securePort, authority: String(pem) },
  });
  const seesOnline = async (jid: string): Promise<string> => {
    const event = await companion.events.take(presence(jid, 'available'), `presence of ${jid}`, loginTimeoutMs);
    return String(event['from']);
  };
  const owned = stack.move();
  return {
    proxy,
    gateway,
    wire,
    bob: companion,
    loginOf,
    seesOnline,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function startServer({ server, tls }: Topology, certificate: Certificate): Promise<Prosody | Ejabberd> {
  const options = { domain, accounts: [...people, bob], certificate, ...serverOptions[tls] };
  return server === 'Prosody' ? await Prosody.start(options) : await Ejabberd.start(options);
}

/** Both slixmpps agree to each other's subscription by themselves. */
async function befriend(proxy: ProxySide, person: Account, companion: SlixmppClient): Promise<void> {
  await using client = await SlixmppClient.login(proxy.login(person));
  client.command({ do: 'subscribe', to: companion.jid });
  await client.events.take(presence(`${companion.jid}/`, 'available'), `presence of ${companion.jid}`);
  await companion.events.take(presence(`${person.jid}/`, 'available'), `presence of ${person.jid}`);
  await client.logout();
  await companion.events.take(presence(`${person.jid}/`, 'unavailable'), `the end of ${person.jid}`);
}

function presence(jid: string, type: string): (event: SlixmppEvent) => boolean {
  return ({ event, ...fields }) =>
    event === 'presence' && fields['type'] === type && String(fields['from']).startsWith(jid);
}
