import assert from 'node:assert/strict';
import { addressOf, bytesOfAddress, plainAddress } from '../../../../proxy/gateway/proxy-protocol/address-bytes.ts';
import { Networks, parseNetwork } from '../../../../proxy/gateway/proxy-protocol/networks.ts';

describe('networks that balancers are in', () => {
  const networks = (...texts: string[]): Networks => new Networks(texts.map((text) => parseNetwork(text)!));

  it('hold the addresses of their prefix, IPv4 also as IPv6, and no others', () => {
    const some = networks('192.0.2.64/26', '2001:db8:1::/48', '198.51.100.9', '::1');
    for (const inside of [
      '192.0.2.64',
      '192.0.2.127',
      '::ffff:192.0.2.65',
      '2001:db8:1:ffff::2',
      '198.51.100.9',
      '::1',
    ]) {
      assert.equal(some.has(inside), true, inside);
    }
    for (const outside of [
      '192.0.2.63',
      '192.0.2.128',
      '2001:db8:2::',
      '198.51.100.10',
      '::2',
      '127.0.0.1',
      'nonsense',
    ]) {
      assert.equal(some.has(outside), false, outside);
    }
    assert.equal(networks().has('127.0.0.1'), false);
    assert.equal(networks('0.0.0.0/0').has('203.0.113.9'), true);
    assert.equal(networks('0.0.0.0/0').has('2001:db8::1'), false);
  });

  it('are addresses with or without a prefix that fits them, and nothing else', () => {
    assert.deepEqual(parseNetwork('192.0.2.0/24'), { address: '192.0.2.0', prefix: 24 });
    assert.deepEqual(parseNetwork('2001:DB8::1'), { address: '2001:db8::1', prefix: 128 });
    for (const text of [
      '',
      'example.org',
      '192.0.2.0/33',
      '::/129',
      '192.0.2.0/',
      '192.0.2/24',
      '192.0.2.0/24 ',
      '[::1]',
      '1',
    ]) {
      assert.equal(parseNetwork(text), undefined, text);
    }
  });
});

describe('network addresses', () => {
  it('are the same as text and as bytes, in one way of writing', () => {
    for (const address of [
      '0.0.0.0',
      '192.0.2.33',
      '255.255.255.255',
      '::',
      '::1',
      '2001:db8::1:0:0:21',
      'fe80::',
      '1:2:3:4:5:6:7:8',
    ]) {
      assert.equal(addressOf(bytesOfAddress(address)), address);
    }
    assert.equal(addressOf(bytesOfAddress('2001:0DB8:0:0:0:0:0:1')), '2001:db8::1');
    assert.equal(addressOf(bytesOfAddress('::ffff:192.0.2.33')), '192.0.2.33');
    assert.equal(bytesOfAddress('64:ff9b::192.0.2.33').length, 16);
  });

  it('lose zone and mapping', () => {
    assert.equal(plainAddress('::ffff:192.0.2.1'), '192.0.2.1');
    assert.equal(plainAddress('::FFFF:192.0.2.1'), '192.0.2.1');
    assert.equal(plainAddress('fe80::1%eth0'), 'fe80::1');
    assert.equal(plainAddress('2001:db8::1'), '2001:db8::1');
  });
});
