import assert from 'node:assert/strict';
import { fromUtf8, utf8 } from '../../../shared/bytes.ts';
import { advanceClient, startClient } from '../../../proxy/sasl/client.ts';
import { advanceServer, startServer } from '../../../proxy/sasl/server.ts';
import { clientOptions, login, serverOptions } from './exchange.ts';

const data = new Uint8Array(32).fill(0xcb);
const offered = serverOptions({ binding: { type: 'tls-exporter', data } });
const bound = clientOptions({ binding: { kind: 'p', type: 'tls-exporter', data } });
const refused = { kind: 'failure', condition: 'not-authorized' };

describe('channel binding (RFC 5802 §6)', () => {
  it('binds when both sides have the same data', async () => {
    const { server, client } = await login('SCRAM-SHA-256-PLUS', bound, offered);
    assert.ok(server.kind === 'success' && client !== undefined);
  });

  it('fails when somebody stands between two channels', async () => {
    const other = serverOptions({ binding: { type: 'tls-exporter', data: new Uint8Array(32) } });
    const { server } = await login('SCRAM-SHA-256-PLUS', bound, other);
    assert.deepEqual(server, refused);
  });

  it('takes "y" only when -PLUS was not offered: else somebody removed it', async () => {
    const client = clientOptions({ binding: { kind: 'y' } });
    assert.ok((await login('SCRAM-SHA-256', client, serverOptions())).server.kind === 'success');
    assert.deepEqual((await login('SCRAM-SHA-256', client, offered)).server, refused);
  });

  it('takes "n" from clients that cannot bind, whether -PLUS was offered or not', async () => {
    assert.ok((await login('SCRAM-SHA-256', clientOptions(), offered)).server.kind === 'success');
  });

  it('refuses "p" without -PLUS, of another type, or when it was not offered; and -PLUS without "p"', async () => {
    const first = (flag: string) => utf8(`${flag},,n=romeo,r=clientnonce`);
    const plus = startServer('SCRAM-SHA-256-PLUS', offered);
    assert.deepEqual(await advanceServer(startServer('SCRAM-SHA-256', offered), first('p=tls-exporter')), refused);
    assert.deepEqual(await advanceServer(plus, first('p=tls-unique')), refused);
    assert.deepEqual(await advanceServer(plus, first('n')), refused);
    assert.deepEqual(await advanceServer(plus, first('y')), refused);
    const without = startServer('SCRAM-SHA-256-PLUS', serverOptions());
    assert.deepEqual(await advanceServer(without, first('p=tls-exporter')), refused);
  });

  it('refuses a client-final whose header is not the one that was sent', async () => {
    const start = startClient('SCRAM-SHA-256', clientOptions());
    const first = await advanceServer(startServer('SCRAM-SHA-256', serverOptions()), start.initial);
    assert.ok(first.kind === 'challenge');
    const { response } = await advanceClient(start.state, first.challenge);
    // "biws" is "n,,", "eSws" is "y,,".
    const changed = utf8(fromUtf8(response).replace('c=biws', 'c=eSws'));
    assert.deepEqual(await advanceServer(first.state, changed), refused);
  });

  it('is never mixed up by the caller', () => {
    assert.throws(() => startClient('SCRAM-SHA-256-PLUS', clientOptions()), { code: 'internal' });
    assert.throws(() => startClient('SCRAM-SHA-256', bound), { code: 'internal' });
  });
});
