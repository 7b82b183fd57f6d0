import assert from 'node:assert/strict';
import { utf8 } from '../../../shared/bytes.ts';
import { decodeVerifiers, encodeVerifiers, passwordFits } from '../../../proxy/sasl/verifiers.ts';
import { iterations, romeo } from './exchange.ts';

const fake = { secret: new Uint8Array(32), iterations };

describe('stored verifiers', () => {
  it('are read back as they were written', () => {
    assert.deepEqual(decodeVerifiers(encodeVerifiers(romeo)), romeo);
    assert.deepEqual(decodeVerifiers(encodeVerifiers({})), {});
  });

  it('are refused when they are damaged', () => {
    for (const text of [
      '',
      '{}',
      '[null]',
      '[[]]',
      '[["md5","AA==",1,"AA==","AA=="]]',
      '[["sha1","AA==",0,"AA==","AA=="]]',
    ]) {
      assert.throws(() => decodeVerifiers(utf8(text)), { code: 'storage-failed' }, text);
    }
    assert.throws(() => decodeVerifiers(encodeVerifiers(romeo).subarray(3)), { code: 'storage-failed' });
  });

  it('check a password in clear; one that PRECIS forbids fits nothing', async () => {
    assert.equal(await passwordFits('wherefore', 'romeo', romeo, fake), true);
    assert.equal(await passwordFits('wherefore', 'romeo', { sha1: romeo.sha1! }, fake), true);
    assert.equal(await passwordFits('Wherefore', 'romeo', romeo, fake), false);
    assert.equal(await passwordFits('where\u0007fore', 'romeo', romeo, fake), false);
    assert.equal(await passwordFits('wherefore', 'romeo', undefined, fake), false);
  });
});
