import assert from 'node:assert/strict';
import { stripVTControlCharacters } from 'node:util';
import { findings } from '../../../proxy/doctor/finding.ts';
import { count, reportLines } from '../../../proxy/doctor/report.ts';
import type { SectionReport } from '../../../proxy/doctor/run-checks.ts';

const say = findings('address');
const mend = 'gateway = "xmpp.example.org:5222"   # is it right? in /home/alice/.config/simpp/accounts/alice.toml';
const reports: SectionReport[] = [
  { title: 'This machine', findings: [say.ok('Node 24')] },
  { title: 'nothing was found here', findings: [] },
  {
    title: 'alice@example.org',
    findings: [
      say.problem('Nothing listens at xmpp.example.org:5222: the connection was refused.', mend),
      say.warning('a server says \u001b[31mred\u001b[0m', 'look'),
      say.note('by the way'),
    ],
  },
];

describe('what simpp doctor prints', () => {
  it('has a line for each finding, its mend below, and a sum', () => {
    assert.deepEqual(reportLines(reports, { columns: undefined, isColoured: false }), [
      'This machine',
      '  ✓ Node 24',
      '',
      'alice@example.org',
      '  ✗ Nothing listens at xmpp.example.org:5222: the connection was refused.',
      `    → ${mend}`,
      String.raw`  ! a server says \u001b[31mred\u001b[0m`,
      '    → look',
      '  · by the way',
      '',
      '1 problem and 1 warning.',
    ]);
    assert.deepEqual(count(reports), { ok: 1, note: 1, warning: 1, problem: 1 });
  });

  it('breaks a text on a narrow terminal, but never what is to be copied', () => {
    const lines = reportLines(reports, { columns: 40, isColoured: false });
    assert.deepEqual(lines.slice(4, 7), [
      '  ✗ Nothing listens at',
      '    xmpp.example.org:5222: the',
      '    connection was refused.',
    ]);
    assert.ok(lines.includes(`    → ${mend}`));
  });

  it('is the same text in colour', () => {
    const plain = reportLines(reports, { columns: 60, isColoured: false });
    const coloured = reportLines(reports, { columns: 60, isColoured: true });
    assert.notDeepEqual(coloured, plain);
    assert.deepEqual(coloured.map(stripVTControlCharacters), plain);
  });

  it('says that there is nothing to mend', () => {
    const lines = reportLines(reports.slice(0, 1), { columns: undefined, isColoured: false });
    assert.equal(lines.at(-1), 'Nothing to mend.');
  });
});
