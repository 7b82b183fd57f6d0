import assert from 'node:assert/strict';
import { nobleCrypto } from '../../../shared/crypto/noble.ts';
import { SimppError } from '../../../shared/errors.ts';
import { importDevice } from '../../../shared/simpp/device-keys.ts';
import { addressPrefix } from '../../../proxy/gateway/address-prefix.ts';
import { Buckets } from '../../../proxy/gateway/buckets.ts';
import { CryptoQueue } from '../../../proxy/gateway/crypto-queue.ts';
import { rememberDevices } from '../../../proxy/gateway/remembered-devices.ts';
import { defaultThrottle, Throttle } from '../../../proxy/gateway/throttle.ts';

describe('the networks that limits count by', () => {
  it('are /24 of IPv4, also written as IPv6, and /56 of IPv6', () => {
    for (const [address, prefix] of [
      ['192.0.2.77', '192.0.2.0/24'],
      ['::ffff:192.0.2.1', '192.0.2.0/24'],
      ['2001:db8:1:2ff::1', '2001:db8:1:200::/56'],
      ['2001:DB8:1:0200:1:2:3:4', '2001:db8:1:200::/56'],
      ['2001:db8:1:300::1', '2001:db8:1:300::/56'],
      ['fe80::1%eth0', 'fe80:0:0:0::/56'],
      ['::1', '0:0:0:0::/56'],
      ['64:ff9b::192.0.2.1', '64:ff9b:0:0::/56'],
      ['', 'unknown'],
    ] as const) {
      assert.equal(addressPrefix(address), prefix);
    }
  });
});

describe('token buckets', () => {
  it('give what they hold at once and what is refilled later, each key its own', () => {
    let nowMs = 0;
    const buckets = new Buckets({ capacity: 2, refillPerSecond: 0.5, maxKeys: 10 }, () => nowMs);
    assert.deepEqual([buckets.take('a'), buckets.take('a'), buckets.take('a')], [true, true, false]);
    assert.equal(buckets.take('b'), true);
    nowMs = 2000;
    assert.deepEqual([buckets.take('a'), buckets.take('a')], [true, false]);
    nowMs = 1_000_000;
    assert.deepEqual([buckets.take('a'), buckets.take('a'), buckets.take('a')], [true, true, false]);
  });

  it('remember a bounded number of keys, the ones used last', () => {
    const buckets = new Buckets({ capacity: 1, refillPerSecond: 0, maxKeys: 3 }, () => 0);
    for (let i = 0; i < 1000; i++) buckets.take(`key ${i}`);
    assert.equal(buckets.size, 3);
    assert.equal(buckets.take('key 999'), false);
  });

  it('take back what was not used up, and never hold more than their capacity', () => {
    const buckets = new Buckets({ capacity: 2, refillPerSecond: 0, maxKeys: 10 }, () => 0);
    buckets.take('a');
    for (let i = 0; i < 5; i++) buckets.giveBack('a');
    buckets.giveBack('b');
    assert.deepEqual([buckets.take('a'), buckets.take('a'), buckets.take('a')], [true, true, false]);
    assert.equal(buckets.size, 1);
  });
});

describe('the throttle of logins', () => {
  const limits = { capacity: 1, refillPerSecond: 0, maxKeys: 10 };
  const throttle = () =>
    new Throttle(
      { ...defaultThrottle, connections: limits, failuresByAddress: limits, failuresByAccount: limits },
      () => 0,
    );

  it('counts failures by network and by account', () => {
    const it = throttle();
    const first = it.logins('192.0.2.1');
    assert.equal(first.begin('alice@example.test'), true);
    first.fail();
    assert.equal(it.logins('192.0.2.99').begin('bob@example.test'), false);
    assert.equal(it.logins('198.51.100.1').begin('alice@example.test'), false);
    const other = it.logins('198.51.100.1');
    assert.equal(other.begin(undefined), true);
    assert.equal(other.name('alice@example.test'), false);
    assert.equal(other.name('carol@example.test'), true);
  });

  it('counts a login while it runs, and not when it succeeds', () => {
    const it = throttle();
    const running = it.logins('192.0.2.1');
    assert.equal(running.begin('alice@example.test'), true);
    assert.equal(it.logins('198.51.100.1').begin('alice@example.test'), false, 'a guess at the same moment');
    running.clear();
    assert.equal(it.logins('198.51.100.1').begin('alice@example.test'), true);
  });

  it('gives nothing back of an attempt that failed, or that another one has followed', () => {
    const it = throttle();
    const failed = it.logins('192.0.2.1');
    failed.begin('alice@example.test');
    failed.fail();
    failed.clear();
    assert.equal(it.logins('192.0.2.1').begin(undefined), false);
    const left = it.logins('198.51.100.1');
    left.begin('bob@example.test');
    left.begin('bob@example.test');
    left.clear();
    assert.equal(it.logins('203.0.113.1').begin('bob@example.test'), false);
  });

  it('bounds how many of one network are open without a login, to half of all places', () => {
    const limits = { capacity: 100, refillPerSecond: 0, maxKeys: 10 };
    const it = new Throttle({ ...defaultThrottle, connections: limits, newcomers: 10 }, () => 0);
    it.share(4);
    const [first] = [it.newcomer('192.0.2.1'), it.newcomer('192.0.2.2')];
    assert.equal(it.admitsConnection('192.0.2.3'), false);
    assert.equal(it.admitsConnection('198.51.100.1'), true);
    first();
    first();
    assert.equal(it.admitsConnection('192.0.2.3'), true);
    it.newcomer('192.0.2.3');
    assert.equal(it.admitsConnection('192.0.2.3'), false, 'a place is freed once');
  });

  it('does not count this machine, behind which everybody may be', () => {
    const it = throttle();
    for (const address of ['127.0.0.1', '::1', '::ffff:127.0.0.1']) {
      for (let i = 0; i < 3; i++) assert.equal(it.logins(address).begin(undefined), true);
      for (let i = 0; i < 2000; i++) it.newcomer(address);
      assert.deepEqual([it.admitsConnection(address), it.admitsConnection(address)], [true, true]);
    }
    assert.deepEqual([it.admitsConnection('192.0.2.1'), it.admitsConnection('192.0.2.2')], [true, false]);
  });
});

describe('the queue of handshakes', () => {
  it('does one piece of work a turn, in order, and passes on what fails', async () => {
    const queue = new CryptoQueue(10);
    const done: string[] = [];
    const first = queue.run(() => done.push('first'));
    const failing = queue.run(() => {
      throw new SimppError('handshake-failed');
    });
    const second = queue.run(() => done.push('second'));
    assert.deepEqual(done, []);
    await first;
    assert.deepEqual(done, ['first']);
    await assert.rejects(failing, SimppError);
    await second;
    assert.deepEqual(done, ['first', 'second']);
  });

  it('refuses what would have to wait too long', async () => {
    const queue = new CryptoQueue(1);
    const waiting = queue.run(() => 1);
    await assert.rejects(
      queue.run(() => 2),
      (error) => error instanceof SimppError && error.code === 'rate-limited',
    );
    assert.equal(await waiting, 1);
    assert.equal(await queue.run(() => 3), 3);
  });
});

describe('the devices in memory', () => {
  it('are imported once while they are remembered, and the oldest is forgotten', () => {
    const { p256 } = nobleCrypto;
    let computed = 0;
    const counting = { ...p256, agree: (...pair: Parameters<typeof p256.agree>) => (computed++, p256.agree(...pair)) };
    const krS = p256.generate();
    const devices = [p256.generate(), p256.generate(), p256.generate()].map((key) => key.publicKey.bytes);
    const remembered = rememberDevices(counting, krS, 2);
    const [a, b, c] = devices as [(typeof devices)[0], (typeof devices)[0], (typeof devices)[0]];
    const use = (device: Uint8Array): void => remembered.deviceProved(device, remembered.importDevice(device));
    assert.deepEqual(remembered.importDevice(a), importDevice(p256, krS, a));
    computed = 0;
    for (const device of [a, b, a]) use(device);
    assert.equal(computed, 2);
    for (const device of [c, a]) use(device);
    assert.equal(computed, 3);
    use(b);
    assert.equal(computed, 4);
  });

  it('are not pushed out by keys that nobody has proved', () => {
    const { p256 } = nobleCrypto;
    let computed = 0;
    const counting = { ...p256, agree: (...pair: Parameters<typeof p256.agree>) => (computed++, p256.agree(...pair)) };
    const remembered = rememberDevices(counting, p256.generate(), 1);
    const device = p256.generate().publicKey.bytes;
    remembered.deviceProved(device, remembered.importDevice(device));
    for (let i = 0; i < 3; i++) remembered.importDevice(p256.generate().publicKey.bytes);
    computed = 0;
    remembered.importDevice(device);
    assert.equal(computed, 0);
  });
});
