import assert from 'node:assert/strict';
import fc from 'fast-check';
import { fromUtf8, utf8 } from '../../../shared/bytes.ts';
import { SimppError } from '../../../shared/errors.ts';
import { advanceClient, finishClient, startClient } from '../../../proxy/sasl/client.ts';
import { readPlain, writePlain } from '../../../proxy/sasl/plain.ts';
import { advanceServer, startServer } from '../../../proxy/sasl/server.ts';
import { clientOptions, serverOptions } from './exchange.ts';

const malformed = { kind: 'failure', condition: 'malformed-request' };

describe('malformed SASL messages', () => {
  it('are refused as client-first', async () => {
    const state = startServer('SCRAM-SHA-256', serverOptions());
    const wrong = [
      '',
      'n',
      'n,,',
      'x,,n=romeo,r=abc',
      'p=,,n=romeo,r=abc',
      'n,b=x,n=romeo,r=abc',
      'n,a=,n=romeo,r=abc',
      'n,,r=abc,n=romeo',
      'n,,n=,r=abc',
      'n,,n=ro=meo,r=abc',
      'n,,n=ro=2cmeo,r=abc',
      'n,,n=romeo,r=',
      'n,,n=romeo,r=a\u007fbc',
      'n,,n=romeo,r=äbc',
      'n,,m=x,n=romeo,r=abc',
      'n,,n=romeo,r=abc,m=x',
      'n,,n=romeo,r=abc,',
      'n,,n=ro\0meo,r=abc',
      `n,,n=${'x'.repeat(9000)},r=abc`,
    ];
    for (const message of wrong) assert.deepEqual(await advanceServer(state, utf8(message)), malformed, message);
    assert.deepEqual(await advanceServer(state, Uint8Array.of(0x6e, 0x2c, 0x2c, 0xff)), malformed);
  });

  it('are refused as client-final', async () => {
    const first = await advanceServer(startServer('SCRAM-SHA-256', serverOptions()), utf8('n,,n=romeo,r=abc'));
    assert.ok(first.kind === 'challenge');
    for (const message of ['', 'p=AAAA', 'c=biws,p=AAAA', 'c=!,r=abc,p=AAAA', 'c=biws,r=abc', 'c=biws,r=abc,p=A']) {
      assert.deepEqual(await advanceServer(first.state, utf8(message)), malformed, message);
    }
    assert.deepEqual(await advanceServer(first.state, undefined), malformed);
  });

  it('are refused as PLAIN, which has three parts and no fourth', () => {
    for (const text of ['', 'romeo', '\0romeo', '\0\0pass', '\0romeo\0', '\0romeo\0pass\0', 'a\0b\0c\0d']) {
      assert.equal(readPlain(utf8(text)), undefined, JSON.stringify(text));
    }
    assert.equal(readPlain(Uint8Array.of(0, 0x61, 0, 0xff)), undefined);
    assert.equal(readPlain(utf8(`\0romeo\0${'x'.repeat(10_000)}`)), undefined);
    assert.throws(() => writePlain({ authcid: 'ro\0meo', password: 'x' }), { code: 'sasl-failed' });
    assert.throws(() => writePlain({ authcid: 'romeo', password: '' }), { code: 'sasl-failed' });
  });

  it('of any content end in a failure or a SimppError, nothing else', async () => {
    const pieces = fc.constantFrom(
      'n',
      'y',
      'p',
      'a',
      'm',
      'r',
      's',
      'i',
      'c',
      'v',
      'e',
      '=',
      ',',
      'biws',
      '4',
      'romeo',
    );
    const message = fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      fc.array(fc.oneof(pieces, fc.string({ maxLength: 3 })), { maxLength: 20 }).map((parts) => utf8(parts.join(''))),
    );
    const serverFirst = await advanceServer(startServer('SCRAM-SHA-1', serverOptions()), utf8('n,,n=romeo,r=abc'));
    assert.ok(serverFirst.kind === 'challenge');
    const client = startClient('SCRAM-SHA-1', clientOptions());
    const answered = await advanceClient(client.state, utf8('r=clientnonceX,s=AAAA,i=1'));
    await fc.assert(
      fc.asyncProperty(message, async (bytes) => {
        for (const state of [startServer('SCRAM-SHA-1', serverOptions()), startServer('PLAIN', serverOptions())]) {
          await advanceServer(state, bytes);
        }
        assert.notEqual((await advanceServer(serverFirst.state, bytes)).kind, 'success');
        await assert.rejects(advanceClient(client.state, bytes), SimppError);
        assert.throws(() => finishClient(answered.state, bytes), SimppError);
      }),
      { numRuns: 300 },
    );
  });

  it('never repeat the password in what a person reads', async () => {
    const bad = clientOptions({ password: 'se\u0000cret-words' });
    const { state } = startClient('SCRAM-SHA-256', bad);
    await assert.rejects(advanceClient(state, utf8('r=clientnonceX,s=AAAA,i=16')), (error: unknown) => {
      return error instanceof SimppError && !error.message.includes('cret');
    });
  });

  it('any PLAIN message that can be written is read back', () => {
    const part = fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' }).filter((text) => !text.includes('\0'));
    fc.assert(
      fc.property(fc.option(part, { nil: undefined }), part, part, (authzid, authcid, password) => {
        const message = { authzid, authcid, password };
        assert.deepEqual(readPlain(writePlain(message)), message);
        assert.equal(fromUtf8(writePlain(message)).split('\0').length, 3);
      }),
    );
  });
});
