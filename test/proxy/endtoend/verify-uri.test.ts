import assert from 'node:assert/strict';
import { isVerifyUri, qrOf, readVerifyUri } from '../../../proxy/endtoend/verify-uri.ts';
import { SimppError } from '../../../shared/errors.ts';

const fingerprint = new Uint8Array(32).map((_, at) => at * 8);
const hex = Buffer.from(fingerprint).toString('hex');

describe('the QR code of a fingerprint (docs/protocol.md §9.6)', () => {
  it('is simpp-verify:JID?fp= and 64 hexadecimal digits', () => {
    assert.equal(qrOf('bob@example.test', fingerprint), `simpp-verify:bob@example.test?fp=${hex}`);
  });

  it('reads what it wrote, for every character that an address may have', () => {
    for (const jid of ['bob@example.test', 'jürgen+?#%=@straße.example', 'a;b@example.test', 'example.test']) {
      assert.deepEqual(readVerifyUri(qrOf(jid, fingerprint)), { jid, fingerprint });
    }
  });

  it('reads it in capitals, with white space around it, and prepares the address', () => {
    const text = ` SIMPP-VERIFY:BOB@Example.Test?fp=${hex.toUpperCase()}\n`;
    assert.ok(isVerifyUri(text));
    assert.deepEqual(readVerifyUri(text), { jid: 'bob@example.test', fingerprint });
  });

  it('refuses anything else', () => {
    const wrong = [
      '',
      'simpp-verify:',
      `xmpp:bob@example.test?fp=${hex}`,
      `simpp-verify:bob@example.test?fp=${hex.slice(1)}`,
      `simpp-verify:bob@example.test?fp=${hex}0`,
      `simpp-verify:bob@example.test/phone?fp=${hex}`,
      `simpp-verify:%E0%A4%A?fp=${hex}`,
      `simpp-verify:@?fp=${hex}`,
      `simpp-verify:bob@example.test?fp=${hex}&x=1`,
      `simpp-verify:${'a'.repeat(7000)}@example.test?fp=${hex}`,
    ];
    for (const text of wrong) assert.throws(() => readVerifyUri(text), SimppError, text.slice(0, 60));
  });
});
