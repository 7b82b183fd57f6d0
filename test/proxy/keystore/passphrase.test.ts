import assert from 'node:assert/strict';
import { fromHex, utf8 } from '../../../shared/bytes.ts';
import { unwrapSecret, wrapSecret, type ScryptCost, type WrappedSecret } from '../../../proxy/keystore/passphrase.ts';

const cost: ScryptCost = { n: 16, r: 1, p: 1 };
const locked = { code: 'keystore-locked' };
const secret = utf8('thirty-two bytes, more or less..');

describe('a secret wrapped under a passphrase (docs/protocol.md §3 At rest)', () => {
  let wrapped: WrappedSecret;
  before(async () => {
    wrapped = await wrapSecret('test', secret, 'correct horse', cost);
  });

  it('comes back with the passphrase, in whatever way it was composed', async () => {
    assert.deepEqual(await unwrapSecret('test', wrapped, 'correct horse'), secret);
    const accented = await wrapSecret('test', secret, 'caf\u00e9', cost);
    assert.deepEqual(await unwrapSecret('test', accented, 'cafe\u0301'), secret);
  });

  it('does not come back with another passphrase or for another purpose', async () => {
    await assert.rejects(unwrapSecret('test', wrapped, 'Correct horse'), locked);
    await assert.rejects(unwrapSecret('test', wrapped, ''), locked);
    await assert.rejects(unwrapSecret('other', wrapped, 'correct horse'), locked);
  });

  it('does not come back when parameters, salt or any bit of it were changed', async () => {
    for (const change of [{ n: 32 }, { r: 2 }, { p: 2 }]) {
      await assert.rejects(unwrapSecret('test', { ...wrapped, cost: { ...cost, ...change } }, 'correct horse'), locked);
    }
    const salt = wrapped.salt.with(0, wrapped.salt[0]! ^ 1);
    await assert.rejects(unwrapSecret('test', { ...wrapped, salt }, 'correct horse'), locked);
    for (let at = 0; at < wrapped.sealed.length; at++) {
      const sealed = wrapped.sealed.with(at, wrapped.sealed[at]! ^ 0x80);
      await assert.rejects(unwrapSecret('test', { ...wrapped, sealed }, 'correct horse'), locked);
    }
    for (const cut of [{ salt: wrapped.salt.subarray(1) }, { sealed: fromHex('00') }]) {
      await assert.rejects(unwrapSecret('test', { ...wrapped, ...cut }, 'correct horse'), locked);
    }
  });

  it('is refused before any work when its parameters are above the caps, or nonsense', async () => {
    const started = process.memoryUsage().rss;
    for (const wrong of [
      { n: 2 ** 21, r: 1, p: 1 },
      { n: 2 ** 20, r: 16, p: 1 }, // 2 GiB, though each value alone is allowed
      { n: 2, r: 17, p: 1 },
      { n: 2, r: 1, p: 5 },
      { n: 3, r: 1, p: 1 },
      { n: 1, r: 1, p: 1 },
      { n: 0, r: 1, p: 1 },
      { n: 2.5, r: 1, p: 1 },
      { n: Number.NaN, r: 1, p: 1 },
      { n: 16, r: 0, p: 1 },
      { n: 16, r: 1, p: -1 },
    ]) {
      await assert.rejects(unwrapSecret('test', { ...wrapped, cost: wrong }, 'correct horse'), locked);
      await assert.rejects(wrapSecret('test', secret, 'correct horse', wrong), locked);
    }
    assert.ok(process.memoryUsage().rss - started < 2 ** 28);
  });

  it('cannot be made with an empty passphrase', async () => {
    await assert.rejects(wrapSecret('test', secret, '', cost), { code: 'usage' });
  });
});
