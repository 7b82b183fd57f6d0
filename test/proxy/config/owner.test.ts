// Only root can write for somebody else.
import assert from 'node:assert/strict';
import { chownSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeFileAtomically } from '../../../proxy/config/write.ts';

describe('a file that is written', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'simpp-owner-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it('belongs to the owner of its folder, so that root can prepare what a service reads', () => {
    const file = join(folder, 'gateway.toml');
    const isRoot = process.getuid?.() === 0;
    if (isRoot) chownSync(folder, 65_534, 65_534);
    writeFileAtomically(file, 'x');
    const { uid, mode } = statSync(file);
    assert.equal(uid, statSync(folder).uid);
    assert.equal(mode & 0o777, 0o600);
  });
});
