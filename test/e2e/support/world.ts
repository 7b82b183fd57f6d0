// A whole world for a test: Prosody, a gateway before it, a proxy that people's
// clients use, and two taps: `wire` between proxy and gateway, `speech` between
// clients and proxy. Everything is real, on loopback, and gone at the end.
import { Prosody, type ProsodyOptions } from '../../../proxy/try/prosody.ts';
import { WireTap } from '../../../proxy/try/wire-tap.ts';
import { GatewaySide } from './gateway-side.ts';
import { loginAt, ProxySide, type Account, type Login } from './proxy-side.ts';

export const domain = 'example.test';

const person = (name: string, password: string): Account & { readonly name: string } => ({
  name,
  jid: `${name}@${domain}`,
  password,
});

export const alice = person('alice', 'correct-horse');
export const bob = person('bob', 'battery-staple');
export const carol = person('carol', 'tr0ub4dor-and-3');
export const mallory = person('mallory', 'wicked-and-wily');
const everyone = [alice, bob, carol, mallory];

export interface WorldOptions {
  readonly server?: ProsodyOptions;
  /** Flags of `gateway init` beside domain and places. */
  readonly gateway?: readonly string[];
  /** Accounts that the proxy has a set-up for; `domain` is the set-up for everybody. */
  readonly setUp: readonly (Account | 'domain')[];
  /** Flags of each `setup` beside the invite. */
  readonly setUpFlags?: readonly string[];
}

export interface World extends AsyncDisposable {
  readonly prosody: Prosody;
  readonly gateway: GatewaySide;
  readonly proxy: ProxySide;
  readonly wire: WireTap;
  readonly speech: WireTap;
  /** The gateway's invite, but leading through the tap on the wire. */
  readonly invite: string;
  /** Where a client logs in, by the tap on loopback. */
  login(account: Account): Login;
}

export async function openWorld(options: WorldOptions): Promise<World> {
  await using stack = new AsyncDisposableStack();
  const prosody = stack.use(await Prosody.start({ domain, accounts: everyone, ...options.server }));
  const flags = options.gateway ?? [];
  const gateway = stack.use(await GatewaySide.create({ domain, server: prosody, flags }));
  const wire = stack.use(await WireTap.start(gateway));
  const invite = inviteVia(wire, gateway);
  const proxy = stack.use(await ProxySide.create());
  const way = ['--invite', invite, ...(options.setUpFlags ?? [])];
  // Side by side: each command is a process that takes a second.
  await Promise.all([gateway.run(), setUpAndRun(proxy, options.setUp, way)]);
  const speech = stack.use(await WireTap.start(proxy));
  const owned = stack.move();
  return {
    prosody,
    gateway,
    proxy,
    wire,
    speech,
    invite,
    login: (account) => loginAt(speech, account),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function setUpAndRun(proxy: ProxySide, setUp: WorldOptions['setUp'], way: readonly string[]): Promise<void> {
  for (const who of setUp) {
    if (who === 'domain') await proxy.setUpDomain(domain, ...way);
    else await proxy.setUpAccount(who, ...way);
  }
  await proxy.run();
}

/** A gateway's invite that leads to another place. */
export function inviteVia(place: { readonly host: string; readonly port: number }, gateway: GatewaySide): string {
  return gateway.invite.replace(`//${gateway.host}:${gateway.port}/`, `//${place.host}:${place.port}/`);
}

/** One world for all tests of the suite that calls this, opened before the first of them. */
export function worldOfSuite(options: WorldOptions | (() => Promise<WorldOptions>)): () => World {
  let world: World | undefined;
  before('opens a world', async function () {
    this.timeout(60_000);
    world = await openWorld(typeof options === 'function' ? await options() : options);
  });
  after('ends the world', async function () {
    this.timeout(20_000);
    await world?.[Symbol.asyncDispose]();
  });
  return () => {
    if (world === undefined) throw new Error('the world is not open');
    return world;
  };
}
