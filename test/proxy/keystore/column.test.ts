import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { toHex, utf8 } from '../../../shared/bytes.ts';
import { openColumn, sealColumn } from '../../../proxy/keystore/column.ts';
import { installationSecret, keystoreKey } from '../../../proxy/keystore/key.ts';

const bytes = new Uint8Array(32).map((_, at) => at);
const key = keystoreKey(bytes);
const place = { table: 'devices', row: 'romeo@example.test', column: 'signing_key_sealed' };
const locked = { code: 'keystore-locked' };

describe('a sealed column (docs/protocol.md §3 At rest)', () => {
  it('opens to what was sealed, whatever it is', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 300 }),
        fc.string(),
        fc.string(),
        fc.string(),
        (plain, table, row, column) => {
          const sealed = sealColumn(key, { table, row, column }, plain);
          assert.equal(sealed.length, plain.length + 28);
          assert.deepEqual(openColumn(key, { table, row, column }, sealed), plain);
        },
      ),
    );
  });

  it('never looks the same twice', () => {
    assert.notDeepEqual(sealColumn(key, place, utf8('x')), sealColumn(key, place, utf8('x')));
  });

  it('opens at no other table, row or column, nor where the parts only join to the same text', () => {
    const sealed = sealColumn(key, place, utf8('secret'));
    for (const other of [
      { ...place, table: 'identities' },
      { ...place, row: 'juliet@example.test' },
      { ...place, column: 'agreement_key_sealed' },
      { ...place, table: 'device', row: `s${place.row}` },
      { ...place, row: '', column: place.row + place.column },
    ]) {
      assert.throws(() => openColumn(key, other, sealed), locked);
    }
  });

  it('opens under no other key', () => {
    const sealed = sealColumn(key, place, utf8('secret'));
    assert.throws(() => openColumn(keystoreKey(bytes.with(31, 0)), place, sealed), locked);
  });

  it('does not open when any bit was flipped, or when it was cut', () => {
    const sealed = sealColumn(key, place, utf8('secret'));
    for (let at = 0; at < sealed.length; at++) {
      assert.throws(() => openColumn(key, place, sealed.with(at, sealed[at]! ^ 1)), locked);
    }
    assert.throws(() => openColumn(key, place, sealed.subarray(0, -1)), locked);
    assert.throws(() => openColumn(key, place, sealed.subarray(0, 27)), { code: 'storage-failed' });
    assert.throws(() => openColumn(key, place, new Uint8Array()), { code: 'storage-failed' });
  });
});

describe("the keystore's key", () => {
  it('has 32 bytes', () => {
    for (const length of [0, 16, 31, 33]) assert.throws(() => keystoreKey(new Uint8Array(length)), locked);
  });

  it('gives a secret for each label, the same each time', () => {
    assert.deepEqual(installationSecret(key, 'a'), installationSecret(keystoreKey(bytes), 'a'));
    assert.notDeepEqual(installationSecret(key, 'a'), installationSecret(key, 'b'));
  });

  it('is not shown when somebody logs it', () => {
    const shown = inspect(key, { depth: 9, showHidden: true }) + JSON.stringify(key);
    assert.ok(!shown.includes(toHex(bytes)) && !shown.includes('0, 1, 2, 3'));
  });
});
