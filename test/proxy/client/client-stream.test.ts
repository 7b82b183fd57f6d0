import assert from 'node:assert/strict';
import { duplexPair } from 'node:stream';
import { clientLimits } from '../../../shared/xml/scanner.ts';
import { ClientStream } from '../../../proxy/client/client-stream.ts';
import { header } from './raw-client.ts';

describe('a client’s stream', () => {
  it('is read no further while the client does not take what it was sent', async () => {
    const [near, far] = duplexPair();
    const client = new ClientStream(near, clientLimits, () => 'id');
    far.write(`${header('example.test')}<next/>`);
    await client.read();
    while (client.leg.write('<failure/>'.repeat(1000)));
    let hasRead = false;
    const reading = client.read().then((part) => {
      hasRead = true;
      return part;
    });
    for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate);
    assert.equal(hasRead, false);
    far.resume();
    assert.equal((await reading)?.kind, 'element');
  });

  it('ends the wait for a client that is gone', async () => {
    const [near, far] = duplexPair();
    const client = new ClientStream(near, clientLimits, () => 'id');
    far.write(header('example.test'));
    await client.read();
    while (client.leg.write('<failure/>'.repeat(1000)));
    const reading = client.read();
    near.destroy();
    assert.equal(await reading, undefined);
  });
});
