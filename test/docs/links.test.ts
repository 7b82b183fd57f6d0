import assert from 'node:assert/strict';
import { access, readFile } from 'node:fs/promises';
import { filesBelow, repository } from './files.ts';
import { anchorsOf, linksOf } from './markdown.ts';

const isElsewhere = (link: string): boolean => /^[a-z][a-z0-9+.-]*:/i.test(link);

/** What is wrong with a link of a page; undefined when it leads somewhere. */
async function problemOf(link: string, file: string): Promise<string | undefined> {
  const from = new URL(file, repository);
  const target = new URL(link, from);
  if (!target.pathname.startsWith(repository.pathname)) return `${file}: ${link} leads out of the repository`;
  const anchor = decodeURIComponent(target.hash.slice(1));
  target.hash = '';
  const exists = await access(target).then(
    () => true,
    () => false,
  );
  if (!exists) return `${file}: there is no ${link}`;
  if (anchor === '' || !target.pathname.endsWith('.md')) return undefined;
  const anchors = anchorsOf(await readFile(target, 'utf8'));
  return anchors.has(anchor) ? undefined : `${file}: ${link} has no such heading`;
}

describe('the documents', () => {
  it('link only to files and headings that are there', async () => {
    const pages = await filesBelow('', '.md');
    assert.ok(pages.includes('docs/protocol.md'), 'the pages were not found');
    const problems: string[] = [];
    let count = 0;
    for (const file of pages) {
      for (const link of linksOf(await readFile(new URL(file, repository), 'utf8'))) {
        if (isElsewhere(link)) continue;
        count++;
        const problem = await problemOf(link, file);
        if (problem !== undefined) problems.push(problem);
      }
    }
    assert.ok(count > 20, 'the links were not found');
    assert.deepEqual(problems, []);
  });
});

describe('a link', () => {
  it('is found in text, not in code', () => {
    const page = [
      '[a](b.md#c) and ![picture](d.svg "title"), not `[e](f.md)`',
      '```',
      '[g](h.md)',
      '```',
      '[ref]: i.md',
      '<img src="j.svg">',
    ];
    assert.deepEqual(linksOf(page.join('\n')), ['b.md#c', 'd.svg', 'i.md', 'j.svg']);
  });

  it('finds headings by the names that GitHub gives them', () => {
    const page =
      '# 5. Handshake\n## The `classic` profile, *now*\n## accounts/NAME.toml\n## Same\n## Same\n```\n# no\n```';
    const anchors = ['5-handshake', 'the-classic-profile-now', 'accountsnametoml', 'same', 'same-1'];
    assert.deepEqual([...anchorsOf(page)], anchors);
  });

  it('to a missing file, a missing heading or out of the repository is a problem', async () => {
    assert.equal(await problemOf('protocol.md#5-handshake', 'docs/README.md'), undefined);
    for (const link of ['missing.md', 'protocol.md#missing', '../../elsewhere.md', '#missing']) {
      assert.notEqual(await problemOf(link, 'docs/threat-model.md'), undefined, link);
    }
  });
});
