// Mutated PROXY protocol headers: a reading is an answer or a SimppError, the
// same however the bytes are cut, and never reaches beyond what was declared.
import assert from 'node:assert/strict';
import { concat, utf8 } from '../../shared/bytes.ts';
import { SimppError } from '../../shared/errors.ts';
import { isIP } from 'node:net';
import { maxHeaderBytes, type HeaderReading } from '../../proxy/gateway/proxy-protocol/header.ts';
import { readProxyHeader } from '../../proxy/gateway/proxy-protocol/read.ts';
import { writeVersion1 } from '../../proxy/gateway/proxy-protocol/version-1.ts';
import { writeVersion2 } from '../../proxy/gateway/proxy-protocol/version-2.ts';
import { budgetMs, randomFrom, seed, type Random } from './random.ts';

const addresses = [
  { source: { host: '192.0.2.33', port: 56324 }, destination: { host: '198.51.100.7', port: 5222 } },
  { source: { host: '2001:db8::1:0:0:21', port: 65535 }, destination: { host: '::1', port: 1 } },
];
const seeds = [...addresses.flatMap((each) => [writeVersion1(each), writeVersion2(each)]), utf8('PROXY UNKNOWN\r\n')];
const tokens = ['PROXY ', 'TCP4', 'TCP6', 'UNKNOWN', '\r\n', '\r', '\n', '::', ' ', '0', '65536', '%', '\0'].map(utf8);

function mutate(bytes: Uint8Array, random: Random): Uint8Array {
  const at = random(bytes.length + 1);
  switch (random(4)) {
    case 0:
      return concat(bytes.subarray(0, at), tokens[random(tokens.length)]!, bytes.subarray(at));
    case 1:
      return concat(bytes.subarray(0, at), bytes.subarray(Math.min(bytes.length, at + 1 + random(8))));
    case 2:
      return concat(
        bytes,
        bytes.subarray(at),
        Uint8Array.from({ length: random(300) }, () => random(256)),
      );
    default: {
      const changed = bytes.slice();
      if (at < changed.length) changed[at] = random(256);
      return changed;
    }
  }
}

type Outcome = HeaderReading | { readonly kind: 'refused' };

function read(bytes: Uint8Array): Outcome {
  try {
    return readProxyHeader(bytes);
  } catch (error) {
    assert.ok(error instanceof SimppError && error.code === 'malformed-message', String(error));
    return { kind: 'refused' };
  }
}

/** What a socket that gives one byte after the other ends with. */
function readByteByByte(bytes: Uint8Array): Outcome {
  for (let length = 0; length < bytes.length; length++) {
    const outcome = read(bytes.subarray(0, length));
    if (outcome.kind !== 'incomplete') return outcome;
  }
  return read(bytes);
}

describe('PROXY protocol headers under mutation', function () {
  this.timeout(budgetMs + 30_000);

  it(`are read or refused, however they are cut (seed ${seed})`, () => {
    const random = randomFrom(seed);
    const end = performance.now() + budgetMs;
    for (let round = 0; performance.now() < end; round++) {
      let bytes = seeds[random(seeds.length)]!;
      for (let count = random(4); count >= 0; count--) bytes = mutate(bytes, random);
      const outcome = read(bytes);
      assert.deepEqual(
        readByteByByte(bytes),
        outcome,
        `seed ${seed}, round ${round}: ${Buffer.from(bytes).toString('hex')}`,
      );
      if (outcome.kind !== 'complete') continue;
      assert.ok(outcome.length <= bytes.length && outcome.length <= maxHeaderBytes);
      if (outcome.addresses === undefined) continue;
      const { source, destination } = outcome.addresses;
      for (const { host, port } of [source, destination]) assert.ok(isIP(host) !== 0 && port >= 0 && port <= 65535);
    }
  });
});
