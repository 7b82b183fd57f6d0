import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { utf8 } from '../../../shared/bytes.ts';
import { createPrivateFile, privateFolder, readPrivateFile } from '../../../proxy/keystore/private-file.ts';
import { temporaryFolder } from './folder.ts';

const mode = (path: string): number => statSync(path).mode & 0o777;

describe('a file of its owner alone', () => {
  const folder = temporaryFolder();

  it('has mode 0600, whatever the umask', () => {
    const before = process.umask(0o000);
    try {
      privateFolder(join(folder(), 'new'));
      assert.equal(createPrivateFile(join(folder(), 'new', 'key'), utf8('k')), true);
    } finally {
      process.umask(before);
    }
    assert.equal(mode(join(folder(), 'new')), 0o700);
    assert.equal(mode(join(folder(), 'new', 'key')), 0o600);
  });

  it('is never overwritten, and leaves nothing half-made behind', () => {
    const path = join(folder(), 'key');
    assert.equal(createPrivateFile(path, utf8('first')), true);
    assert.equal(createPrivateFile(path, utf8('second')), false);
    assert.equal(readFileSync(path, 'utf8'), 'first');
    assert.deepEqual(readdirSync(folder()), ['key']);
  });

  it('is refused when group or others may read it, with the command that mends it', () => {
    const path = join(folder(), 'key');
    createPrivateFile(path, utf8('k'));
    for (const open of [0o640, 0o604, 0o620, 0o666]) {
      chmodSync(path, open);
      assert.throws(() => readPrivateFile(path), { code: 'keystore-locked', message: /chmod 600/ });
    }
    chmodSync(path, 0o400);
    assert.deepEqual(readPrivateFile(path), utf8('k'));
  });

  it('is refused when it is a link to something else, and undefined when it is not there', () => {
    writeFileSync(join(folder(), 'elsewhere'), 'x', { mode: 0o600 });
    symlinkSync(join(folder(), 'elsewhere'), join(folder(), 'key'));
    assert.throws(() => readPrivateFile(join(folder(), 'key')), { code: 'keystore-locked' });
    assert.equal(readPrivateFile(join(folder(), 'none')), undefined);
  });

  it('is not put into a folder that others can write into, nor where none can be', () => {
    const shared = join(folder(), 'shared');
    mkdirSync(shared);
    chmodSync(shared, 0o770);
    assert.throws(() => privateFolder(shared), { code: 'keystore-locked', message: /chmod 700/ });
    writeFileSync(join(folder(), 'file'), '');
    assert.throws(() => privateFolder(join(folder(), 'file', 'below')), { code: 'storage-failed' });
    assert.throws(() => createPrivateFile(join(folder(), 'none', 'key'), utf8('k')), { code: 'storage-failed' });
  });
});
