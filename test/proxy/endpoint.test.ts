import assert from 'node:assert/strict';
import fc from 'fast-check';
import { formatEndpoint, isLoopback, isWildcard, parseEndpoint } from '../../proxy/endpoint.ts';

describe('HOST:PORT', () => {
  it('is read for names, IPv4 and IPv6 in brackets', () => {
    assert.deepEqual(parseEndpoint('Example.org:5222'), { host: 'example.org', port: 5222 });
    assert.deepEqual(parseEndpoint('127.0.0.1:0'), { host: '127.0.0.1', port: 0 });
    assert.deepEqual(parseEndpoint('[::1]:65535'), { host: '::1', port: 65535 });
    assert.deepEqual(parseEndpoint('prosody_1:5222'), { host: 'prosody_1', port: 5222 });
  });

  it('may leave the port out only where there is a default', () => {
    assert.deepEqual(parseEndpoint('example.org', 5222), { host: 'example.org', port: 5222 });
    assert.deepEqual(parseEndpoint('[::1]', 1), { host: '::1', port: 1 });
    assert.equal(parseEndpoint('example.org'), undefined);
  });

  for (const text of ['', ':1', 'a:', 'a:b', 'a:65536', 'a:-1', 'a:1:2', '::1:1', '[::1]', '[a]:1', '[127.0.0.1]:1']) {
    it(`is not ${JSON.stringify(text)}`, () => assert.equal(parseEndpoint(text), undefined));
  }

  for (const text of [
    '999.1.1.1:1',
    '-a:1',
    'a-:1',
    'a..b:1',
    'a b:1',
    'user@host:1',
    'a/b:1',
    `${'a'.repeat(64)}:1`,
  ]) {
    it(`has no host like that of ${JSON.stringify(text.slice(0, 20))}`, () =>
      assert.equal(parseEndpoint(text), undefined));
  }

  it('is written as it is read', () => {
    const host = fc.oneof(fc.domain(), fc.ipV4(), fc.ipV6());
    fc.assert(
      fc.property(host, fc.nat(65535), (written, port) => {
        const endpoint = { host: written.toLowerCase(), port };
        assert.deepEqual(parseEndpoint(formatEndpoint(endpoint)), endpoint);
      }),
    );
  });

  it('knows loopback and wildcards', () => {
    for (const host of ['127.0.0.1', '127.9.9.9', '::1', 'localhost', 'a.localhost']) assert.ok(isLoopback(host), host);
    for (const host of ['128.0.0.1', '0.0.0.0', '::', '127.example.org', 'localhost.example.org', '::2']) {
      assert.ok(!isLoopback(host), host);
    }
    assert.ok(isWildcard('0.0.0.0') && isWildcard('::') && !isWildcard('127.0.0.1'));
  });
});
