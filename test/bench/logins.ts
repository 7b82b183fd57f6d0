// Logins a second of one core, against full mutual TLS 1.3 handshakes.
import type { Hello } from '../../shared/simpp/client.ts';
import { helloOf } from '../shared/simpp/exchange.ts';
import { interleave, type Contender, type Figures, type Plan } from './blocks.ts';
import { Rows, type Measurement, type Source } from './measurement.ts';
import { BenchGateway } from './simpp-handshakes.ts';
import { Stopwatch, systemClock } from './stopwatch.ts';
import { tlsArithmetic } from './tls-arithmetic.ts';
import { newTlsCredentials } from './tls-credentials.ts';
import { tlsGroups, TlsPeers, type TlsGroup } from './tls-handshakes.ts';

const handshakesPerBlock = 32;
const perSecond = (micros: number): number => 1e6 / micros;

export async function measureLogins(plan: Plan): Promise<Measurement> {
  await using gateway = await BenchGateway.open();
  const tls = await tlsContenders();
  const arithmetic = bothSides('TLS arithmetic', () => tlsArithmetic(handshakesPerBlock));
  const contenders = [...(await simppContenders(gateway)), ...tls.values(), arithmetic];
  const rows = new Rows(await interleave(contenders, plan));

  const figures = (name: string, settled: string): void => {
    rows.add(`${name}, S`, '/s', [name, 'S'], perSecond, 'gateway: M1 read, M2 made, M3 read, directory asked');
    if (settled !== '') rows.add(`${name}, S to the end`, '/s', [name, 'S settled'], perSecond, settled);
    rows.add(`${name}, A`, '/s', [name, 'A'], perSecond, 'client: M1 made, M2 read, M3 made');
    rows.add(`${name}, both sides`, '/s', [name, 'both'], perSecond, 'S and A');
  };
  figures('login', 'S, and the directory records the login');
  figures('registration', 'S, and the directory stores account and device');
  figures('guest', '');
  for (const { name } of tls.values())
    rows.add(name, '/s', [name, 'both'], perSecond, 'both sides, node:tls in memory');
  const alone = 'both sides: 2 key shares, 2 ECDH, 2 signatures, 4 checks';
  rows.add(arithmetic.name, '/s', [arithmetic.name, 'both'], perSecond, alone);

  const login: Source = ['login', 'both'];
  for (const { name } of tls.values()) rows.addRatio(`login ÷ ${name}`, [name, 'both'], login, 'rates, both sides');
  const p256 = tls.get('P-256')!.name; // no OpenSSL lacks it
  rows.addRatio(`login, S ÷ one side of ${p256}`, [p256, 'half'], ['login', 'S'], 'rates; one side = half of both');
  rows.addRatio(`login ÷ ${arithmetic.name}`, [arithmetic.name, 'both'], login, 'rates, both sides');

  return {
    name: 'logins',
    title: `Logins a second of one core (CPU time of the process, ${plan.rounds} blocks of ${handshakesPerBlock})`,
    rows: rows.rows,
    footnotes: [
      'SIMPP: whole handshakes of profile simpp-2 with node:crypto, ML-KEM-768 and P-256, ended with session keys on both sides; ' +
        'the directory is a real SQLite file, K_A is remembered for devices that came before (not at registrations), and all of it counts. ' +
        'Not in it: sockets, base64 and XML of the messages.',
      'TLS: full mutual TLS 1.3 handshakes of the same OpenSSL, certificates on P-256 of a CA on P-256 checked by both sides, no resumption, over ' +
        "a pair of streams in memory. What node:tls adds counts: its streams, and two session tickets that Node's API cannot switch off.",
      'TLS arithmetic: only the P-256 operations of such a handshake, with keys made ready: no messages, hashes, certificates, streams. ' +
        'A TLS without any overhead would come near it; one in Node is what the first ratios are about.',
      'A ratio above 1 says that SIMPP is faster. The sides of node:tls cannot be told apart in one process; they do the same arithmetic.',
    ],
  };
}

/** A contender of which only the whole is known. */
function bothSides(name: string, work: () => void | Promise<void>): Contender {
  return {
    name,
    async block() {
      const watch = new Stopwatch(systemClock);
      await watch.time('both', work);
      const figures = watch.perOperation(handshakesPerBlock);
      return { ...figures, half: figures['both']! / 2 };
    },
  };
}

async function tlsContenders(): Promise<ReadonlyMap<TlsGroup, Contender>> {
  const credentials = await newTlsCredentials();
  const found = new Map<TlsGroup, Contender>();
  for (const group of tlsGroups) {
    const peers = await TlsPeers.checked(credentials, group);
    if (peers !== undefined)
      found.set(
        group,
        bothSides(`TLS ${group}`, () => peers.handshakes(handshakesPerBlock)),
      );
  }
  return found;
}

async function simppContenders(gateway: BenchGateway): Promise<readonly Contender[]> {
  const known = await gateway.registeredDevices(handshakesPerBlock);
  const contender = (name: string, hellos: () => readonly Hello[]): Contender => ({
    name,
    async block() {
      const ready = hellos();
      const watch = new Stopwatch(systemClock);
      await gateway.handshakes(ready, watch);
      return withSums(watch.perOperation(ready.length));
    },
  });
  return [
    contender('login', () => known.map(helloOf.login)),
    contender('registration', () => gateway.newDevices(handshakesPerBlock).map(helloOf.register)),
    contender('guest', () => known.map(helloOf.guest)),
  ];
}

function withSums(figures: Figures): Figures {
  const { A = 0, S = 0, settle = 0 } = figures;
  return { A, S, 'S settled': S + settle, both: A + S };
}
