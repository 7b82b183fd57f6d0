import assert from 'node:assert/strict';
import { element, objectIdentifier, readValues, tag } from '../../../proxy/crypto/asn1.ts';
import { SimppError } from '../../../shared/errors.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

describe('DER', () => {
  it('writes lengths in their shortest form (X.690 §10.1), and reads them again', () => {
    const heads: Readonly<Record<number, string>> = {
      0: '0400',
      127: '047f',
      128: '048180',
      255: '0481ff',
      256: '04820100',
      65_536: '0483010000',
    };
    for (const [length, head] of Object.entries(heads)) {
      const content = new Uint8Array(Number(length)).fill(7);
      const der = element(tag.octetString, content);
      assert.equal(hex(der.subarray(0, head.length / 2)), head);
      assert.deepEqual(readValues(der), [{ tag: tag.octetString, content: Buffer.from(content) }]);
    }
  });

  it('writes object identifiers (X.690 §8.19)', () => {
    assert.equal(hex(objectIdentifier('2.5.29.30')), '0603551d1e');
    assert.equal(hex(objectIdentifier('1.2.840.10045.4.3.2')), '06082a8648ce3d040302');
    assert.equal(hex(objectIdentifier('1.3.6.1.5.5.7.3.1')), '06082b06010505070301');
  });

  it('refuses what is cut short, at every place', () => {
    const der = element(tag.sequence, element(tag.octetString, new Uint8Array(200)));
    for (let length = 1; length < der.length; length++) {
      assert.throws(
        () => readValues(der.subarray(0, length)),
        (error) => error instanceof SimppError && error.code === 'malformed-message',
      );
    }
    assert.throws(() => readValues(Uint8Array.of(0x30, 0x85, 0, 0, 0, 0, 0)), SimppError);
  });
});
