// The authority's certificates, judged by openssl.
import assert from 'node:assert/strict';
import { randomBytes, X509Certificate } from 'node:crypto';
import {
  authoritySeconds,
  covers,
  issue,
  leafSeconds,
  newAuthority,
  publicAuthority,
  type Certified,
  type IssuingDeps,
} from '../../../proxy/ca/authority.ts';
import { needs } from '../../run/needs.ts';
import { temporaryFolder } from '../keystore/folder.ts';
import { textOf, verify, type Verification } from './openssl.ts';

const at = Date.UTC(2026, 10, 24, 12) / 1000;

function depsAt(seconds: number): IssuingDeps {
  return { now: () => seconds, randomBytes: (length) => new Uint8Array(randomBytes(length)) };
}

describe('a local authority', () => {
  needs('openssl');
  const folder = temporaryFolder();
  const deps = depsAt(at);
  let authority: Certified;
  before(() => (authority = newAuthority(['example.org', 'xn--bcher-kva.example'], deps)));

  const judge = (leaf: Certified, what: Partial<Verification> = {}): string =>
    verify(folder(), authority.certificate, leaf.certificate, { at, ...what });

  it('is one for servers at and below its domains and on this machine, and for no further authority', () => {
    const text = textOf(authority.certificate);
    assert.match(text, /Basic Constraints: critical\s+CA:TRUE, pathlen:0\n/);
    assert.match(text, /Key Usage: critical\s+Certificate Sign\n/);
    assert.match(text, /Extended Key Usage: \s+TLS Web Server Authentication\n/);
    const permitted = /Name Constraints: critical\s+Permitted:\s+([^]*?)\n\s+X509v3/.exec(text)?.[1]?.split(/\s*\n\s*/);
    assert.deepEqual(permitted, [
      'DNS:example.org',
      'DNS:xn--bcher-kva.example',
      'DNS:localhost',
      'IP:127.0.0.1/255.255.255.255',
      'IP:0:0:0:0:0:0:0:1/FFFF:FFFF:FFFF:FFFF:FFFF:FFFF:FFFF:FFFF',
    ]);
    assert.match(text, /NIST CURVE: P-256/);
  });

  it('is valid for ten years, and names itself by its key', () => {
    const { certificate, id, names } = publicAuthority(authority.certificate);
    assert.equal(certificate.validFromDate.getTime() / 1000, at - 86_400);
    assert.equal(certificate.validToDate.getTime() / 1000, at - 86_400 + authoritySeconds);
    assert.equal(certificate.subject, `O=SIMPP\nCN=SIMPP local authority ${id}`);
    assert.deepEqual(names, ['example.org', 'xn--bcher-kva.example']);
    assert.notEqual(publicAuthority(newAuthority(['example.org'], deps).certificate).id, id);
  });

  it('gives server certificates that a strict verifier accepts for each of their names', () => {
    const leaf = issue(authority, ['example.org', 'xn--bcher-kva.example'], deps);
    for (const host of ['example.org', 'xn--bcher-kva.example', 'localhost']) assert.equal(judge(leaf, { host }), 'OK');
    for (const ip of ['127.0.0.1', '::1']) assert.equal(judge(leaf, { ip }), 'OK');
    assert.equal(judge(leaf, { host: 'other.example' }), 'hostname mismatch');
    const text = textOf(leaf.certificate);
    assert.match(text, /Basic Constraints: critical\s+CA:FALSE\n/);
    assert.match(text, /Key Usage: critical\s+Digital Signature\n/);
    const { validFromDate, validToDate } = new X509Certificate(leaf.certificate);
    assert.equal((validToDate.getTime() - validFromDate.getTime()) / 1000, leafSeconds);
    assert.ok(leafSeconds <= 397 * 86_400);
  });

  it('would be refused for any name beyond its domains, even by one who holds its key', () => {
    assert.equal(judge(issue(authority, ['example.net'], deps)), 'permitted subtree violation');
    assert.equal(judge(issue(authority, ['badexample.org'], deps)), 'permitted subtree violation');
    assert.equal(judge(issue(authority, ['www.example.org'], deps)), 'OK');
    assert.equal(covers(publicAuthority(authority.certificate), 'www.example.org'), true);
    assert.equal(covers(publicAuthority(authority.certificate), 'badexample.org'), false);
  });

  it('gives no certificate that outlives it', () => {
    const late = depsAt(at + authoritySeconds - 40 * 86_400);
    const leaf = new X509Certificate(issue(authority, ['example.org'], late).certificate);
    assert.equal(leaf.validTo, new X509Certificate(authority.certificate).validTo);
  });

  it('writes years from 2050 on in four digits (RFC 5280 §4.1.2.5)', () => {
    const then = Date.UTC(2049, 6, 1) / 1000;
    const future = newAuthority(['example.org'], depsAt(then));
    const { validFromDate, validToDate } = new X509Certificate(future.certificate);
    assert.deepEqual([validFromDate.getUTCFullYear(), validToDate.getUTCFullYear()], [2049, 2059]);
    assert.match(textOf(future.certificate), /Not After : Jun 30 00:00:00 2059 GMT/);
    const leaf = issue(future, ['example.org'], depsAt(then));
    assert.equal(verify(folder(), future.certificate, leaf.certificate, { at: then }), 'OK');
  });

  it('has serial numbers that are positive and 16 bytes long, whatever the random bytes', () => {
    for (const byte of [0x00, 0x7f, 0x80, 0xff]) {
      const fixed = { now: () => at, randomBytes: (length: number) => new Uint8Array(length).fill(byte) };
      const serial = new X509Certificate(newAuthority(['example.org'], fixed).certificate).serialNumber;
      assert.match(serial, /^[4-7][0-9A-F]{31}$/);
    }
  });
});
