import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';

import { accepts } from '../../extension/src/proxy/accepts.ts';

describe('the look for a proxy', () => {
  it('finds a listener, and finds when it is gone', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo; // it listens on TCP
    assert.equal(await accepts(port), true);
    server.close();
    await once(server, 'close');
    assert.equal(await accepts(port), false);
  });
});
