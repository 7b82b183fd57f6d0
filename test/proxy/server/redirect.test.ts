// Where a server may send the proxy, and how often (RFC 6120 §4.9.3.19).
import assert from 'node:assert/strict';
import { utf8 } from '../../../shared/bytes.ts';
import { ns } from '../../../shared/xmpp/namespaces.ts';
import { readStreamError } from '../../../proxy/server/received-error.ts';
import { addressesOf, redirectOf, type Redirect } from '../../../proxy/server/redirect.ts';

const scope = new Map([['stream', ns.streams]]);

function seeOther(where: string, condition = 'see-other-host') {
  const child = `<${condition} xmlns='${ns.streamErrors}'>${where}</${condition}>`;
  return readStreamError(utf8(`<stream:error>${child}</stream:error>`), scope);
}

const place = (where: string): readonly [string, number | undefined] | undefined => {
  const redirect = redirectOf(seeOther(where), undefined, 'direct');
  return redirect && [redirect.host, redirect.port];
};

describe('a redirection', () => {
  it('leads to a name, an IPv4 address, or an IPv6 address in brackets, with a port or without', () => {
    assert.deepEqual(place('two.example.test:9222'), ['two.example.test', 9222]);
    assert.deepEqual(place(' Two.Example.Test\n'), ['two.example.test', undefined]);
    assert.deepEqual(place('192.0.2.7:5222'), ['192.0.2.7', 5222]);
    assert.deepEqual(place('[2001:db8::7]:5222'), ['2001:db8::7', 5222]);
    assert.deepEqual(place('[2001:db8::7]'), ['2001:db8::7', undefined]);
  });

  it('leads nowhere when it cannot be read, or is another error', () => {
    const bad = ['', ':5222', '2001:db8::7', '[two.test]', 'two.test:99999', 'two test', 'http://two.test/', '../x'];
    for (const where of bad) assert.equal(place(where), undefined, where);
    assert.equal(redirectOf(seeOther('two.test', 'conflict'), undefined, 'direct'), undefined);
    assert.equal(redirectOf(new Error('two.test'), undefined, 'direct'), undefined);
  });

  it('is followed three times', () => {
    let at: Redirect | undefined;
    for (let hop = 1; hop <= 3; hop++) {
      at = redirectOf(seeOther('two.test:1'), at, 'starttls');
      assert.deepEqual(at, { host: 'two.test', port: 1, tls: 'starttls', hop });
    }
    assert.throws(() => redirectOf(seeOther('two.test:1'), at, 'starttls'), { code: 'server-unreachable' });
  });

  it('keeps how TLS begins, and the usual port is that of the way', async () => {
    const noLookup = () => assert.fail('nothing to look up');
    const to = (host: string, port: number | undefined, tls: Redirect['tls']) =>
      addressesOf({ host, port, tls, hop: 1 }, noLookup);
    assert.deepEqual(await to('two.test', 9, 'direct'), [{ host: 'two.test', port: 9, tls: 'direct' }]);
    assert.deepEqual(await to('192.0.2.7', undefined, 'direct'), [{ host: '192.0.2.7', port: 5223, tls: 'direct' }]);
    assert.deepEqual(await to('::1', undefined, 'starttls'), [{ host: '::1', port: 5222, tls: 'starttls' }]);
    assert.deepEqual(await to('localhost', undefined, 'none'), [{ host: 'localhost', port: 5222, tls: 'none' }]);
  });

  it('to a name without a port is looked up as a domain is (RFC 6120 §3.2)', async () => {
    const lookup = async (name: string) =>
      name.startsWith('_xmpps-') ? [{ name: 'x.two.test', port: 443, priority: 0, weight: 0 }] : [];
    assert.deepEqual(await addressesOf({ host: 'two.test', port: undefined, tls: 'starttls', hop: 1 }, lookup), [
      { host: 'x.two.test', port: 443, tls: 'direct' },
    ]);
  });
});
