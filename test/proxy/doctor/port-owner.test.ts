import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { isEveryAddress, listenersOn, portOwner } from '../../../proxy/doctor/port-owner.ts';

describe('the owner of a port', function () {
  before(function () {
    if (process.platform !== 'linux') this.skip();
  });

  for (const host of ['127.0.0.1', '::1', '0.0.0.0']) {
    it(`is found for a listener on ${host}`, async () => {
      const server = createServer().listen(0, host);
      await once(server, 'listening');
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      assert.equal(portOwner(port)?.pid, process.pid);
      assert.deepEqual(
        listenersOn(port).map((listener) => isEveryAddress(listener.address)),
        [host === '0.0.0.0'],
      );
      server.close();
      await once(server, 'close');
      assert.equal(portOwner(port), undefined);
    });
  }

  it('is unknown where there is no /proc', () => {
    assert.equal(portOwner(5222, '/nowhere'), undefined);
  });
});
