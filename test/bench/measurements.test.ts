import assert from 'node:assert/strict';

import { needs } from '../run/needs.ts';
import { measureEndToEnd } from './end-to-end.ts';
import { measureLogins } from './logins.ts';
import { measureRecords } from './records.ts';
import { formatNumber } from './report.ts';
import { assertWhole } from './whole.ts';

const once = { rounds: 1, random: Math.random, tidy: async () => undefined };

describe('the bench', function () {
  needs('openssl');
  this.timeout(60_000);

  it('measures logins, registrations and guests beside full mutual TLS handshakes', async () => {
    const measurement = await measureLogins(once);
    assertWhole(measurement);
    const names = measurement.rows.map(({ name }) => name);
    for (const name of ['login, S', 'registration, S', 'guest, S', 'TLS P-256', 'login ÷ TLS P-256']) {
      assert.ok(names.includes(name), name);
    }
  });

  it('measures records of three sizes beside those of TLS', async () => {
    const measurement = await measureRecords(once);
    assertWhole(measurement);
    for (const size of ['16 KiB', '1 KiB', '256 B']) {
      const row = measurement.rows.find(({ name }) => name === `channel stream, TCP ÷ TLS, TCP, ${size}`);
      assert.equal(row?.unit, '×');
    }
  });

  it('measures sessions and messages of end-to-end encryption beside libsignal, in memory and on the disk', async () => {
    const measurement = await measureEndToEnd(once);
    assertWhole(measurement);
    for (const part of ['set-up', 'one way', 'to and fro', 'durable, one way', 'durable, to and fro']) {
      const row = measurement.rows.find(({ name }) => name === `${part}: libsignal ÷ SIMPP`);
      assert.equal(row?.unit, '×', part);
    }
    const counted = measurement.rows.find(({ name }) => name === 'durable, to and fro, libsignal')?.counted;
    assert.equal(counted, '2 commits for each message');
  }).timeout(180_000);

  it('shows three digits of a figure', () => {
    const shown = [0.05678, 0.5, 1.234, 12.34, 123.4, 12_345, 0].map(formatNumber);
    assert.deepEqual(shown, ['0.0568', '0.500', '1.23', '12.3', '123', '12345', '0']);
  });
});
