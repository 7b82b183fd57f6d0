import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { needs } from '../run/needs.ts';
import { repository } from './files.ts';
import { datedPage } from './man.ts';
import { manFiles } from './man-files.ts';
import { literal, prose } from './mdoc.ts';

const run = promisify(execFile);

describe('the man pages', function () {
  this.timeout(30_000);

  it('say what the command line declares', async () => {
    const files = await manFiles(new Date());
    assert.ok(files.length > 8, 'the commands were not read');
    for (const { file, wanted, found } of files) {
      assert.equal(found, wanted, `${basename(file.pathname)} is old; run: node test/docs/write.ts`);
    }
  });

  it('are all installed with the package', async () => {
    const { man } = JSON.parse(await readFile(new URL('package.json', repository), 'utf8')) as { man: string[] };
    const files = (await manFiles(new Date())).map(({ file }) => `docs/man/${basename(file.pathname)}`);
    assert.deepEqual(man.toSorted(), files.toSorted());
  });

  it('keep their date while nothing else changes', () => {
    const first = datedPage(['.Dt X 1', 'text'], undefined, new Date('2026-11-24T12:00:00Z'));
    assert.equal(first, '.Dd November 24, 2026\n.Dt X 1\ntext\n');
    assert.equal(datedPage(['.Dt X 1', 'text'], first, new Date('2027-01-05T12:00:00Z')), first);
    assert.match(datedPage(['.Dt X 1', 'new'], first, new Date('2027-01-05T12:00:00Z')), /^\.Dd January 5, 2027\n/);
  });

  it('let no text be read as a macro or an escape', () => {
    assert.equal(literal(String.raw`a-b \n "c" ~ …`), String.raw`a\-b \en \(dqc\(dq \(ti \[u2026]`);
    assert.deepEqual(prose('.Sh is not. It is text.'), [String.raw`\&.Sh is not.`, 'It is text.']);
  });
});

describe('the man pages, as mandoc reads them', function () {
  needs('mandoc');
  this.timeout(30_000);

  it('have nothing to warn of', async () => {
    const files = (await manFiles(new Date())).map(({ file }) => fileURLToPath(file));
    const { stdout } = await run('mandoc', ['-Tlint', '-Wwarning', ...files]).catch(
      (error: { stdout: string }) => error,
    );
    assert.equal(stdout, '');
  });
});
