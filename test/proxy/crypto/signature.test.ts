import assert from 'node:assert/strict';
import fc from 'fast-check';
import { fromHex, toHex } from '../../../shared/bytes.ts';
import { signatureForm } from '../../../proxy/crypto/signature.ts';
import { curves, withOtherS } from '../../shared/crypto/curve-cases.ts';

describe('the two forms of an ECDSA signature', () => {
  for (const [, parameters] of curves) {
    const { name, scalarBytes, signatureBytes, hex } = parameters;
    const form = signatureForm(parameters);
    const order = BigInt(`0x${hex.n}`);
    const fixed = (value: bigint): string => value.toString(16).padStart(2 * scalarBytes, '0');
    const der = (...values: bigint[]): Uint8Array => {
      const integers = values.map((value) => {
        const digits = value.toString(16);
        const even = digits.length % 2 === 0 ? digits : `0${digits}`;
        const signed = even >= '8' ? `00${even}` : even;
        return `02${(signed.length / 2).toString(16).padStart(2, '0')}${signed}`;
      });
      const content = integers.join('');
      return fromHex(`30${(content.length / 2).toString(16).padStart(2, '0')}${content}`);
    };

    it(`${name}: r and s of every length keep their value`, () => {
      const value = fc
        .tuple(fc.integer({ min: 1, max: 8 * scalarBytes - 2 }), fc.bigInt(1n, order / 2n))
        .map(([bits, any]) => (any % 2n ** BigInt(bits)) + 1n);
      fc.assert(
        fc.property(value, value, (r, s) => {
          const signature = fromHex(fixed(r) + fixed(s));
          assert.deepEqual(form.fromDer(der(r, s)), signature);
          assert.equal(toHex(form.toDer(signature)!), toHex(der(r, s)));
        }),
      );
    });

    it(`${name}: of s and n - s the lower is written and the higher is refused`, () => {
      const half = order / 2n; // n is odd: the largest low s
      for (const s of [1n, 2n, half - 1n, half]) {
        const low = fromHex(fixed(order - 1n) + fixed(s));
        assert.deepEqual(form.fromDer(der(order - 1n, s)), low);
        assert.deepEqual(form.fromDer(der(order - 1n, order - s)), low);
        assert.notEqual(form.toDer(low), undefined);
        assert.equal(form.toDer(withOtherS(parameters, low)), undefined);
      }
    });

    it(`${name}: only ${signatureBytes} bytes are a signature`, () => {
      for (const length of [0, scalarBytes, signatureBytes - 1, signatureBytes + 1]) {
        assert.equal(form.toDer(new Uint8Array(length)), undefined);
      }
    });
  }
});
