import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeFileAtomically } from '../../../proxy/config/write.ts';
import { detectNodeCrypto } from '../../../proxy/crypto/provider.ts';
import {
  createGatewayKey,
  encodeGatewayKey,
  publicGatewayKey,
  readGatewayKey,
} from '../../../proxy/gateway/key-file.ts';
import { SimppError } from '../../../shared/errors.ts';

describe("the gateway's key file", () => {
  const crypto = detectNodeCrypto();
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'simpp-key-'));
    file = join(folder, 'gateway.key');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  for (const [profile, bytes] of [
    ['simpp-2', 130],
    ['classic', 57],
  ] as const) {
    it(`keeps KR_S of ${profile} for its owner only`, () => {
      const key = createGatewayKey(crypto, profile);
      writeFileAtomically(file, encodeGatewayKey(key));
      assert.equal(statSync(file).mode & 0o777, 0o600);
      const read = readGatewayKey(file, crypto);
      assert.ok(read !== undefined);
      assert.deepEqual(publicGatewayKey(read), publicGatewayKey(key));
      assert.equal(publicGatewayKey(read).bytes.length, bytes);
      assert.equal(read.profile, profile);
    });
  }

  it('may be absent', () => assert.equal(readGatewayKey(file, crypto), undefined));

  it('is refused when others can read it', () => {
    writeFileAtomically(file, encodeGatewayKey(createGatewayKey(crypto, 'simpp-2')));
    chmodSync(file, 0o640);
    assert.throws(() => readGatewayKey(file, crypto), isLocked);
  });

  const damaged = {
    'is empty': '',
    'is of another version': '{"version":2,"profile":"simpp-2","agreement":"AQ==","signing":"AQ=="}',
    'has an unknown part': '{"version":1,"profile":"classic","key":"AQ==","more":1}',
    'has a scalar of 0': `{"version":1,"profile":"classic","key":"${'A'.repeat(38)}=="}`,
    'has a short scalar': '{"version":1,"profile":"simpp-2","agreement":"AQ==","signing":"AQ=="}',
  };
  for (const [name, text] of Object.entries(damaged)) {
    it(`is refused when it ${name}, without quoting it`, () => {
      writeFileSync(file, text, { mode: 0o600 });
      assert.throws(
        () => readGatewayKey(file, crypto),
        (error) => isLocked(error) && error.cause === undefined && !error.message.includes('AQ=='),
      );
    });
  }
});

function isLocked(error: unknown): error is SimppError {
  return error instanceof SimppError && error.code === 'keystore-locked';
}
