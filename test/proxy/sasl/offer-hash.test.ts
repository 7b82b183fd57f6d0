// XEP-0474, SASL SCRAM Downgrade Protection.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { fromBase64, fromUtf8, utf8 } from '../../../shared/bytes.ts';
import { advanceClient, startClient } from '../../../proxy/sasl/client.ts';
import { isSignedOffer, type SaslOffer } from '../../../proxy/sasl/offer-hash.ts';
import { clientOptions } from './exchange.ts';

const offer: SaslOffer = {
  mechanisms: ['SCRAM-SHA-1-PLUS', 'SCRAM-SHA-1'],
  channelBindings: ['tls-server-end-point', 'tls-exporter'],
};
/** The example of XEP-0474 §5.3. */
const signed = 'G6k/rBLDqgOhRRaCuuatSDFkJ08=';
const sha1 = (text: string): Uint8Array => new Uint8Array(createHash('sha1').update(text).digest());

describe('the hash of what a server offers (XEP-0474)', () => {
  it('is the one of the XEP for its example', () => {
    assert.ok(isSignedOffer('sha1', offer, fromBase64(signed)));
  });

  it('is also known as version 0.3 made it', () => {
    assert.ok(isSignedOffer('sha1', offer, sha1('SCRAM-SHA-1,SCRAM-SHA-1-PLUS|tls-exporter,tls-server-end-point')));
  });

  it('has one list only where the server lists no types', () => {
    const mechanisms = ['SCRAM-SHA-1', 'PLAIN'];
    assert.ok(isSignedOffer('sha1', { mechanisms, channelBindings: [] }, sha1('PLAIN\x1eSCRAM-SHA-1')));
  });

  it('is another one as soon as a name is missing, added or changed', () => {
    const changed: readonly SaslOffer[] = [
      { ...offer, mechanisms: ['SCRAM-SHA-1'] },
      { ...offer, mechanisms: [...offer.mechanisms, 'PLAIN'] },
      { ...offer, channelBindings: ['tls-server-end-point'] },
      { ...offer, channelBindings: [] },
      { ...offer, channelBindings: ['tls-exporter', 'tls-of-mallory'] },
    ];
    for (const each of changed) assert.ok(!isSignedOffer('sha1', each, fromBase64(signed)));
  });

  it('is never that of names with a delimiter in them', () => {
    for (const delimiter of ['\x1e', ',']) {
      const joined = { mechanisms: [`SCRAM-SHA-1${delimiter}SCRAM-SHA-1-PLUS`], channelBindings: [] };
      assert.ok(!isSignedOffer('sha1', joined, sha1(`SCRAM-SHA-1${delimiter}SCRAM-SHA-1-PLUS`)));
    }
  });
});

describe('a login by SCRAM', () => {
  /** What the client does about a server-first message with this extension. */
  async function answering(extension: string, more: Parameters<typeof clientOptions>[0]): Promise<string> {
    const { state } = startClient('SCRAM-SHA-1', clientOptions(more));
    const { response } = await advanceClient(state, utf8(`r=clientnonceSERVER,s=c2FsdA==,i=16${extension}`));
    return fromUtf8(response);
  }

  it('goes on where the server signs what was offered, and where it signs nothing', async () => {
    assert.match(await answering(`,h=${signed}`, { offer }), /,p=/);
    assert.match(await answering('', { offer }), /,p=/);
  });

  it('sends no proof where the offer is not the signed one', async () => {
    const stripped = { ...offer, mechanisms: ['SCRAM-SHA-1'] };
    await assert.rejects(answering(`,h=${signed}`, { offer: stripped }), {
      code: 'sasl-failed',
      message: /on the way has changed what the server offers/,
    });
  });

  it('asks for no signature behind a gateway, which takes -PLUS out of the offer itself', async () => {
    assert.match(await answering(`,h=${signed}`, {}), /,p=/);
  });

  it('that binds nothing, because no listed type is known, insists on the signature', async () => {
    assert.match(await answering(`,h=${signed}`, { offer, needsSignedOffer: true }), /,p=/);
    await assert.rejects(answering('', { offer, needsSignedOffer: true }), { message: /no way that SIMPP knows/ });
  });

  it('refuses a signature that is no base64', async () => {
    await assert.rejects(answering(',h=?', { offer }), { code: 'sasl-failed' });
  });
});
