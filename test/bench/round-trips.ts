// What a person waits for: the first message after connecting, and every other.
import { findProsody } from '../../proxy/try/prosody.ts';
import type { ScramKeys } from '../../proxy/sasl/scram-keys.ts';
import { interleave, type Contender, type Plan } from './blocks.ts';
import { Rows, type Measurement } from './measurement.ts';
import { RawClient } from './raw-client.ts';
import { alice, bob, domain, host, openRoutes } from './routes.ts';
import { systemClock } from './stopwatch.ts';

const sessionsPerBlock = 3;
const messagesPerBlock = 100;

const footnotes = [
  'Prosody, proxy, gateway and the pipes are processes of their own on one machine, joined by loopback; alice and the echo are raw clients ' +
    'in this one. The echo is logged in straight at Prosody, so that only the path of alice differs.',
  'first: from connect() to the echo of the first message, with stream, SCRAM-SHA-1 (keys kept, no PBKDF2 at the client), bind; through ' +
    'SIMPP also the handshake S1–S3, and a second login of the proxy at Prosody. steady: one message there and back on a session that stands.',
  'byte pipes: two processes that only pass bytes on. TLS pipes: the same with mutual TLS 1.3 between them, full handshakes. They know ' +
    'nothing of XMPP: what SIMPP takes beyond them is XML, the second login and the channel. Ratios above 1 say how many times longer it takes.',
];

export async function measureRoundTrips(plan: Plan): Promise<Measurement> {
  const about = { name: 'roundtrip', title: `Round trips of a message (wall time, ${plan.rounds} blocks)` };
  if ((await findProsody()) === undefined) {
    return { ...about, rows: [], footnotes: ['Not measured: Prosody is not installed (apt-get install prosody).'] };
  }
  await using routes = await openRoutes();
  const echo = await RawClient.logIn({ host, port: routes.ports.get('direct')!, domain, ...bob });
  const echoing = echo.echo().catch(() => undefined); // it ends with its connection
  const routesOfAlice = [...routes.ports].map(([name, port]) => new Route(name, port, echo.jid));
  const steady = await Promise.all(routesOfAlice.map((route) => route.steady()));
  const rows = new Rows(await interleave([...routesOfAlice.map((route) => route.first()), ...steady], plan));
  for (const route of routesOfAlice) route.close();
  echo.close();
  await echoing;

  const kinds = { first: 'connect, login, message, echo', steady: 'message and echo' } as const;
  for (const [kind, counted] of Object.entries(kinds)) {
    for (const { name } of routesOfAlice) {
      rows.add(`${kind}, ${name}`, 'ms', [`${kind}, ${name}`, 'micros'], (micros) => micros / 1000, counted);
    }
    for (const under of ['direct', 'byte pipes', 'TLS pipes']) {
      const source = [`${kind}, ${under}`, 'micros'] as const;
      rows.addRatio(`${kind}, SIMPP ÷ ${under}`, [`${kind}, SIMPP`, 'micros'], source, 'times');
    }
  }
  return { ...about, rows: rows.rows, footnotes };
}

/** One path, and alice on it. */
class Route {
  readonly name: string;
  readonly #port: number;
  readonly #echo: string;
  #keys: ScramKeys | undefined;
  #standing: RawClient | undefined;
  #sent = 0;

  constructor(name: string, port: number, echo: string) {
    this.name = name;
    this.#port = port;
    this.#echo = echo;
  }

  /** Sessions that end after their first message. */
  first(): Contender {
    return this.#contender('first', sessionsPerBlock, async () => {
      const client = await this.#logIn();
      await this.#message(client);
      client.close();
    });
  }

  /** Messages on one session. */
  async steady(): Promise<Contender> {
    const client = await this.#logIn();
    this.#standing = client;
    return this.#contender('steady', messagesPerBlock, () => this.#message(client));
  }

  close(): void {
    this.#standing?.close();
  }

  async #logIn(): Promise<RawClient> {
    const client = await RawClient.logIn({ host, port: this.#port, domain, ...alice, keys: this.#keys });
    this.#keys = client.keys;
    return client;
  }

  async #message(client: RawClient): Promise<void> {
    await client.roundTrip(this.#echo, `message-${++this.#sent}-`);
  }

  /** Blocks of operations one after the other. */
  #contender(kind: string, operations: number, operation: () => Promise<void>): Contender {
    return {
      name: `${kind}, ${this.name}`,
      async block() {
        const begun = systemClock.wallMicros();
        for (let done = 0; done < operations; done++) await operation();
        return { micros: (systemClock.wallMicros() - begun) / operations };
      },
    };
  }
}
