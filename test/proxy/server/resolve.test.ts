import assert from 'node:assert/strict';
import type { SrvRecord } from 'node:dns';
import { resolveServer, type SrvLookup } from '../../../proxy/server/resolve.ts';

const record = (name: string, priority: number, weight = 0, port = 5222): SrvRecord => ({
  name,
  port,
  priority,
  weight,
});

/** Answers from a table; what is not in it does not exist. */
function table(records: { readonly xmpp?: readonly SrvRecord[]; readonly xmpps?: readonly SrvRecord[] }): SrvLookup {
  return (name) => {
    const found = name.startsWith('_xmpps-client._tcp.') ? records.xmpps : records.xmpp;
    return found === undefined ? Promise.reject(new Error('ENOTFOUND')) : Promise.resolve(found);
  };
}

describe('resolveServer', () => {
  it('without records the domain itself is the server (RFC 6120 §3.2.2)', async () => {
    assert.deepEqual(await resolveServer('example.test', table({})), [
      { host: 'example.test', port: 5222, tls: 'starttls' },
    ]);
  });

  it('mixes both services by priority (XEP-0368)', async () => {
    const lookup = table({
      xmpp: [record('b.test', 20), record('a.test', 5)],
      xmpps: [record('tls.test', 10, 0, 443)],
    });
    assert.deepEqual(
      (await resolveServer('example.test', lookup)).map(({ host, port, tls }) => `${host}:${port} ${tls}`),
      ['a.test:5222 starttls', 'tls.test:443 direct', 'b.test:5222 starttls'],
    );
  });

  it('draws by weight within a priority (RFC 2782)', async () => {
    const lookup = table({
      xmpp: [record('light.test', 1, 10), record('zero.test', 1, 0), record('heavy.test', 1, 90)],
    });
    const first = async (number: number): Promise<string | undefined> =>
      (await resolveServer('example.test', lookup, () => number))[0]?.host;
    assert.equal(await first(0), 'zero.test');
    assert.equal(await first(0.05), 'light.test');
    assert.equal(await first(0.5), 'heavy.test');
    assert.equal(await first(0.999), 'heavy.test');
    assert.equal((await resolveServer('example.test', lookup, () => 0.5)).length, 3);
  });

  it('a target "." says that there is no such service (RFC 2782)', async () => {
    const lookup = table({ xmpps: [record('.', 0)], xmpp: [record('a.test', 0)] });
    assert.deepEqual(
      (await resolveServer('example.test', lookup)).map(({ host }) => host),
      ['a.test'],
    );
    await assert.rejects(resolveServer('example.test', table({ xmpps: [record('', 0)], xmpp: [record('.', 0)] })), {
      code: 'server-unreachable',
      message: /no XMPP server/,
    });
  });

  it('asks in ASCII and never about addresses or names of this machine', async () => {
    const asked: string[] = [];
    const lookup: SrvLookup = (name) => {
      asked.push(name);
      return Promise.resolve([]);
    };
    await resolveServer('bücher.test', lookup);
    await resolveServer('127.0.0.1', lookup);
    await resolveServer('localhost', lookup);
    assert.deepEqual(asked, ['_xmpps-client._tcp.xn--bcher-kva.test', '_xmpp-client._tcp.xn--bcher-kva.test']);
  });
});
