import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { nobleCrypto } from '../../../shared/crypto/noble.ts';
import type { Crypto } from '../../../shared/crypto/provider.ts';
import { detectNodeCrypto, substituteMissing } from '../../../proxy/crypto/provider.ts';
import { missingPrimitives, nodeCrypto } from '../../../proxy/crypto/support.ts';
import { describeCurves } from '../../shared/crypto/curve-cases.ts';
import { describeKem } from '../../shared/crypto/kem-cases.ts';
import { describeSymmetric } from '../../shared/crypto/symmetric-cases.ts';

/** Runs a script that sees `crypto`, the detected provider, in a fresh Node, and `loaded`, all that it loaded. */
function inFreshNode(script: string, wish = ''): string {
  const provider = new URL('../../../proxy/crypto/provider.ts', import.meta.url).href;
  const source = `
    import { registerHooks } from 'node:module';
    const loaded = [];
    registerHooks({ load(url, context, next) { loaded.push(url); return next(url, context); } });
    const { detectNodeCrypto } = await import(${JSON.stringify(provider)});
    ${script}`;
  const run = spawnSync(process.execPath, ['--input-type=module', '--eval', source], {
    env: { ...process.env, SIMPP_CRYPTO: wish },
    encoding: 'utf8',
  });
  assert.equal(run.status, 0, run.stderr);
  return run.stdout.trim();
}

describe('the provider on node:crypto', () => {
  describeCurves(nodeCrypto);
  describeSymmetric(nodeCrypto);
  describe('ML-KEM-768', () => describeKem(nodeCrypto.mlKem768));
});

describe('the choice of a provider', () => {
  it('finds that this Node has every primitive', () => {
    assert.deepEqual(missingPrimitives(nodeCrypto), []);
  });

  it('is node:crypto unless the environment wants noble', () => {
    assert.equal(detectNodeCrypto().name, process.env['SIMPP_CRYPTO'] === 'noble' ? 'noble' : 'node');
  });

  it('loads no part of noble where node:crypto has everything', () => {
    const script = `console.log(detectNodeCrypto().name, loaded.filter((url) => url.includes('noble')).length);`;
    assert.equal(inFreshNode(script), 'node 0');
  });

  it('is noble with SIMPP_CRYPTO=noble', () => {
    assert.equal(inFreshNode(`console.log(detectNodeCrypto().name);`, 'noble'), 'noble');
  });

  it('refuses another value of SIMPP_CRYPTO rather than to guess', () => {
    const script = `try { detectNodeCrypto(); } catch (error) { console.log(error.code); }`;
    assert.equal(inFreshNode(script, 'rot13'), 'config-invalid');
  });

  it('finds a primitive that throws or answers wrongly', () => {
    const absent = (): never => {
      throw new Error('not in this build');
    };
    const broken: Crypto = {
      ...nodeCrypto,
      secp160r1: { ...nodeCrypto.secp160r1, generate: absent },
      p224: { ...nodeCrypto.p224, agree: () => new Uint8Array(28) },
      mlKem768: { ...nodeCrypto.mlKem768, decapsulate: () => new Uint8Array(32) },
      scrypt: absent,
    };
    assert.deepEqual(missingPrimitives(broken), ['p224', 'secp160r1', 'mlKem768', 'scrypt']);
  });

  it('takes from noble what is missing, and only that', () => {
    const mixed = substituteMissing(nodeCrypto, ['secp160r1', 'mlKem768'], nobleCrypto);
    assert.equal(mixed.name, 'node, noble for secp160r1, mlKem768');
    assert.equal(mixed.secp160r1, nobleCrypto.secp160r1);
    assert.equal(mixed.mlKem768, nobleCrypto.mlKem768);
    const rest = [
      'p256',
      'p224',
      'aes256Gcm',
      'aes128Cbc',
      'sha256',
      'hmacSha256',
      'hkdf',
      'hkdfExpand',
      'scrypt',
    ] as const;
    for (const primitive of rest) assert.equal(mixed[primitive], nodeCrypto[primitive], primitive);
  });
});
