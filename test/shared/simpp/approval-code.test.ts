import assert from 'node:assert/strict';
import { nodeCrypto } from '../../../proxy/crypto/support.ts';
import { toHex } from '../../../shared/bytes.ts';
import { nobleCrypto } from '../../../shared/crypto/noble.ts';
import { approvalCode, normalizedApprovalCode } from '../../../shared/simpp/approval-code.ts';
import { labelled } from '../../../shared/simpp/labels.ts';

const device = {
  jid: 'alice@example.test',
  deviceId: new Uint8Array(16).fill(1),
  kuDs: new Uint8Array(65).fill(4),
  kuDd: new Uint8Array(65).fill(5),
};

describe('the approval code of a device (docs/protocol.md §9.1)', () => {
  it('is the first 60 bits of the labelled hash in Crockford base32', () => {
    const { deviceId, kuDs, kuDd } = device;
    const jid = Buffer.from(device.jid);
    const hash = toHex(nobleCrypto.sha256(labelled('approval', jid, deviceId, kuDs, kuDd)));
    const bits = BigInt(`0x${hash.slice(0, 15)}`);
    // Number.toString(32) uses 0-9a-v; Crockford's digits are others.
    const expected = bits
      .toString(32)
      .padStart(12, '0')
      .replace(/./gu, (digit) => '0123456789ABCDEFGHJKMNPQRSTVWXYZ'[Number.parseInt(digit, 32)]!);
    assert.equal(approvalCode(nodeCrypto, device).replaceAll('-', ''), expected);
    assert.match(approvalCode(nodeCrypto, device), /^[0-9A-HJKMNP-TV-Z]{4}(?:-[0-9A-HJKMNP-TV-Z]{4}){2}$/u);
  });

  it('changes with everything that the device would be certified with', () => {
    const other = new Uint8Array(65).fill(6);
    const changes = [
      {},
      { jid: 'bob@example.test' },
      { deviceId: new Uint8Array(16) },
      { kuDs: other },
      { kuDd: other },
    ];
    const codes = changes.map((change) => approvalCode(nodeCrypto, { ...device, ...change }));
    assert.equal(new Set(codes).size, changes.length);
  });

  it('is the same however a person types it', () => {
    assert.equal(normalizedApprovalCode(' 0o1i lab-c dEf2 '), '0011-1ABC-DEF2');
  });
});
