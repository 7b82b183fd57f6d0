// Throughput of the record layer, against TLS 1.3 with the same cipher.
import { randomBytes } from 'node:crypto';

import { interleave, type Contender, type Plan } from './blocks.ts';
import { Rows, type Measurement } from './measurement.ts';
import { channelLink, channelStreamLink, memoryPair, tcpPair, tlsLink, type Link } from './record-links.ts';
import { Stopwatch, systemClock } from './stopwatch.ts';
import { newTlsCredentials } from './tls-credentials.ts';
import { TlsPeers } from './tls-handshakes.ts';

/** Sizes of one write, and how many of them make a block. */
const sizes = [
  { bytes: 16_384, writes: 256, name: '16 KiB' },
  { bytes: 1024, writes: 2048, name: '1 KiB' },
  { bytes: 256, writes: 2048, name: '256 B' },
] as const;

type Size = (typeof sizes)[number];

/** MB = 10^6 bytes, so bytes in a microsecond. */
const megabytesPerSecond =
  (bytes: number) =>
  (micros: number): number =>
    bytes / micros;

export async function measureRecords(plan: Plan): Promise<Measurement> {
  const peers = await TlsPeers.checked(await newTlsCredentials(), 'P-256');
  if (peers === undefined) throw new TypeError('this OpenSSL has no P-256');
  const links: Readonly<Record<string, Link>> = {
    channel: channelLink(),
    'channel stream, memory': channelStreamLink(memoryPair()),
    'TLS, memory': await tlsLink(peers, memoryPair()),
    'channel stream, TCP': channelStreamLink(await tcpPair()),
    'TLS, TCP': await tlsLink(peers, await tcpPair()),
  };
  const contenders = sizes.flatMap((size) =>
    Object.entries(links).map(([name, link]) => contender(`${name}, ${size.name}`, size, link)),
  );
  const rows = new Rows(await interleave(contenders, plan));
  for (const link of Object.values(links)) link.close();
  for (const { bytes, name } of sizes) {
    const rate = megabytesPerSecond(bytes);
    for (const [link, counted] of Object.entries(countedOf)) {
      rows.add(`${link}, ${name}`, 'MB/s', [`${link}, ${name}`, 'write'], rate, counted);
    }
    const compare = (ours: string, theirs: string, counted: string): void => {
      const over = [`${theirs}, ${name}`, 'write'] as const;
      rows.addRatio(`${ours} ÷ ${theirs}, ${name}`, over, [`${ours}, ${name}`, 'write'], counted);
    };
    compare('channel', 'TLS, memory', 'without streams ÷ with them');
    compare('channel stream, memory', 'TLS, memory', 'like for like');
    compare('channel stream, TCP', 'TLS, TCP', 'like for like, kernel and all');
  }
  return {
    name: 'records',
    title: `Records: MB sealed and opened by a second of one core (CPU time of the process, ${plan.rounds} blocks)`,
    rows: rows.rows,
    footnotes: [
      'Each write is one record, sealed at one end and opened at the other, one way; both ends are in this process and both count.',
      'channel: shared/simpp/channel.ts with node:crypto, no streams. channel stream: the same in proxy/channel-socket.ts, as proxy and ' +
        'gateway use it. TLS: node:tls, TLS_AES_256_GCM_SHA384, the same cipher. A ratio above 1 says that SIMPP is faster.',
      'In memory, node:tls must carry its records through streams of JavaScript; over TCP it does so natively. Proxy and gateway run over TCP.',
    ],
  };
}

const countedOf = {
  channel: 'seal and open',
  'channel stream, memory': 'seal, open, streams',
  'TLS, memory': 'seal, open, streams',
  'channel stream, TCP': 'seal, open, streams, kernel',
  'TLS, TCP': 'seal, open, streams, kernel',
} as const;

function contender(name: string, { bytes, writes }: Size, link: Link): Contender {
  const chunk = new Uint8Array(randomBytes(bytes));
  return {
    name,
    async block() {
      const watch = new Stopwatch(systemClock);
      await watch.time('write', () => link.send(chunk, writes));
      return watch.perOperation(writes);
    },
  };
}
