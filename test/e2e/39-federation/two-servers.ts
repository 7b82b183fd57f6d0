// Two servers that speak with each other on loopback, in clear and by dialback
// (XEP-0220), so that a tap between them reads what an operator could. North has
// a gateway in front; South has none, and its people publish their keys over PEP.
import { readFile } from 'node:fs/promises';

import { Prosody } from '../../../proxy/try/prosody.ts';
import { WireTap } from '../../../proxy/try/wire-tap.ts';
import { freePort } from '../support/free-port.ts';
import { GatewaySide } from '../support/gateway-side.ts';
import { loginAt, ProxySide, type Account, type Login } from '../support/proxy-side.ts';

export const anna = { name: 'anna', jid: 'anna@north.test', password: 'north-by-north' };
export const bert = { name: 'bert', jid: 'bert@south.test', password: 'south-by-south' };

export interface TwoServers extends AsyncDisposable {
  /** All that the servers said to each other, both ways. */
  betweenServers(): Buffer;
  /** Where the person's client logs in. */
  login(person: Account): Login;
  /** The person's account at the server itself, past the proxy: what is archived there as the server has it. */
  atServer(person: Account): Login;
}

const neighbours = new URL('neighbours.lua', import.meta.url);

/** A Prosody of a domain that takes servers on one port and finds its neighbour on another. */
async function startServer(
  domain: string,
  accounts: readonly { readonly name: string; readonly password: string }[],
  ownPort: number,
  neighbour: { readonly domain: string; readonly port: number },
): Promise<Prosody> {
  const table = `local neighbours = { ["${neighbour.domain}"] = ${neighbour.port} };\n`;
  return await Prosody.start({
    domain,
    accounts,
    extraModules: ['dialback'],
    plugins: { test_neighbours: table + (await readFile(neighbours, 'utf8')) },
    globalLines: () =>
      [
        'modules_disabled = { "tls" }',
        `s2s_ports = { ${ownPort} }`,
        's2s_require_encryption = false',
        's2s_secure_auth = false',
      ].join('\n'),
  });
}

export async function openTwoServers(): Promise<TwoServers> {
  await using stack = new AsyncDisposableStack();
  const northPort = await freePort();
  const southPort = await freePort();
  const toNorth = stack.use(await WireTap.start({ port: northPort }));
  const toSouth = stack.use(await WireTap.start({ port: southPort }));
  const [north, south] = await Promise.all([
    startServer('north.test', [anna], northPort, { domain: 'south.test', port: toSouth.port }),
    startServer('south.test', [bert], southPort, { domain: 'north.test', port: toNorth.port }),
  ]);
  stack.use(north);
  stack.use(south);
  const gateway = stack.use(await GatewaySide.start({ domain: 'north.test', server: north }));
  const annas = stack.use(await ProxySide.create({ e2e: 'prefer' }));
  const berts = stack.use(await ProxySide.create({ e2e: 'prefer' }));
  await annas.setUpAccount(anna, '--invite', gateway.invite);
  await berts.setUpAccount(bert, '--direct', '--server', `${south.host}:${south.port}`, '--server-tls', 'none');
  await Promise.all([annas.run(), berts.run()]);
  const owned = stack.move();
  const isAnna = ({ jid }: Account): boolean => jid === anna.jid;
  return {
    betweenServers: () => Buffer.concat([toNorth.captured(), toSouth.captured()]),
    login: (person) => (isAnna(person) ? annas : berts).login(person),
    atServer: (person) => loginAt(isAnna(person) ? north : south, person),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
