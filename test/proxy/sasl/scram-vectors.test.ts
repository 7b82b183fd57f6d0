// The example exchanges of RFC 5802 §5 and RFC 7677 §3, and one for SHA-512
// that a Python program on hashlib made, after it had reproduced the other two.
import assert from 'node:assert/strict';
import { fromBase64, fromUtf8, utf8 } from '../../../shared/bytes.ts';
import { advanceClient, finishClient, startClient } from '../../../proxy/sasl/client.ts';
import type { ScramMechanism } from '../../../proxy/sasl/mechanisms.ts';
import { makeVerifiers } from '../../../proxy/sasl/verifiers.ts';
import { advanceServer, startServer } from '../../../proxy/sasl/server.ts';

interface Exchange {
  readonly mechanism: ScramMechanism;
  readonly clientNonce: string;
  readonly serverNonce: string;
  readonly salt: string;
  readonly proof: string;
  readonly signature: string;
}

const rfc7677 = {
  clientNonce: 'rOprNGfwEbeRWgbNEkqO',
  serverNonce: '%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0',
  salt: 'W22ZaJ0SNY7soEsUEjb6gQ==',
};

const exchanges: readonly Exchange[] = [
  {
    mechanism: 'SCRAM-SHA-1',
    clientNonce: 'fyko+d2lbbFgONRv9qkxdawL',
    serverNonce: '3rfcNHYJY1ZVvWVs7j',
    salt: 'QSXCR+Q6sek8bf92',
    proof: 'v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=',
    signature: 'rmF9pqV8S7suAoZWja4dJRkFsKQ=',
  },
  {
    mechanism: 'SCRAM-SHA-256',
    ...rfc7677,
    proof: 'dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=',
    signature: '6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=',
  },
  {
    mechanism: 'SCRAM-SHA-512',
    ...rfc7677,
    proof: 'gMGXRcevScNtxZ6/8lQYpGtnsNAc3mGcmNomv+xnoOMw+3R2xNJdMNnzMlTN8PPC6wdp6dybEmDYXYTxwnYPJQ==',
    signature: 'ZQnYEgWQMFmmsM8aQMF0nDDCy/AgCzkwk8CmMZYcMg0vSVlKDanekLtifDSeVGT4+5ZxXnJq199RVG2rR7N7Zw==',
  },
];

for (const { mechanism, clientNonce, serverNonce, salt, proof, signature } of exchanges) {
  const clientFirst = `n,,n=user,r=${clientNonce}`;
  const serverFirst = `r=${clientNonce}${serverNonce},s=${salt},i=4096`;
  const clientFinal = `c=biws,r=${clientNonce}${serverNonce},p=${proof}`;
  const serverFinal = `v=${signature}`;

  describe(`${mechanism}, the published exchange`, () => {
    it('comes out of the client byte for byte', async () => {
      const start = startClient(mechanism, { authcid: 'user', password: 'pencil', nonce: clientNonce });
      assert.equal(fromUtf8(start.initial), clientFirst);
      const step = await advanceClient(start.state, utf8(serverFirst));
      assert.equal(fromUtf8(step.response), clientFinal);
      assert.ok(finishClient(step.state, utf8(serverFinal)).keys);
    });

    it('comes out of the server byte for byte', async () => {
      const verifiers = await makeVerifiers('pencil', fromBase64(salt), 4096);
      const state = startServer(mechanism, {
        lookup: async (name) => (name === 'user' ? verifiers : undefined),
        authorize: () => true,
        canonical: (name) => name,
        fake: { secret: new Uint8Array(32), iterations: 4096 },
        nonce: serverNonce,
      });
      const first = await advanceServer(state, utf8(clientFirst));
      assert.ok(first.kind === 'challenge');
      assert.equal(fromUtf8(first.challenge), serverFirst);
      const last = await advanceServer(first.state, utf8(clientFinal));
      assert.ok(last.kind === 'success');
      assert.equal(fromUtf8(last.data!), serverFinal);
      assert.equal(last.authcid, 'user');
    });
  });
}
