import assert from 'node:assert/strict';
import { LiveScreen } from '../../../proxy/cli/live-screen.ts';
import { liveLines } from '../../../proxy/cli/status-text.ts';
import { tableLines } from '../../../proxy/cli/table.ts';
import type { ProxyRoleStatus } from '../../../proxy/control/methods.ts';

const status = (up: number): ProxyRoleStatus => ({
  role: 'proxy',
  version: '0.1.0',
  pid: 7,
  startedAt: '2026-11-24T10:00:00.000Z',
  uptimeSeconds: 61,
  listen: ['127.0.0.1:5222'],
  connections: { open: 2, opening: 0 },
  setups: [
    {
      name: 'alice@example.org',
      kind: 'jid',
      mode: 'gateway',
      connections: 2,
      since: '2020-01-02T10:00:00.000Z',
      counters: { stanzasUp: up, stanzasDown: 3, sessions: 2, resumed: 1, loginsFailed: 1, streamErrors: 2 },
    },
  ],
  counters: { stanzasUp: up },
});

describe('the live status', () => {
  it('shows what each set-up does, since when, and how fast', () => {
    assert.deepEqual(liveLines(status(150), status(50), 2), [
      'proxy (simpp 0.1.0, process 7), up 1 min 1 s',
      '  listens on     127.0.0.1:5222',
      '  connections    2 open, 0 opening',
      '  stanzas/s      50 up, 0 down',
      '',
      'SET-UP             OPEN  SINCE        UP  DOWN  LOGINS  RESUMED  ERRORS',
      'alice@example.org     2  2020-01-02  150     3       2        1       3',
    ]);
  });

  it('leaves out on a narrow terminal what matters least', () => {
    const lines = liveLines(status(150), undefined, 1, 40);
    assert.deepEqual(lines.slice(-2), ['SET-UP             OPEN', 'alice@example.org     2']);
    assert.ok(liveLines(status(150), undefined, 1, 60).at(-1)?.endsWith('150     3       2       3'));
  });

  it('is drawn in place, within the terminal, and gives the cursor back', () => {
    const written: string[] = [];
    const terminal = { rows: 4, columns: 10, write: (text: string) => written.push(text) };
    {
      using screen = new LiveScreen(terminal);
      screen.draw(['one', 'a line that is too long', 'three']);
      screen.draw(['1', '2', '3', '4', '5']);
    }
    const [e, hide] = ['\u001b[', '\u001b[?25l'];
    assert.deepEqual(written, [
      `${hide}${e}2J${e}Hone${e}K\na line th…${e}K\nthree${e}K\n${e}J`,
      `${e}H1${e}K\n2${e}K\n… 3 more${e}K\n${e}J`,
      `${e}?25h`,
    ]);
  });

  it('writes nothing to a terminal that it never drew on', () => {
    const written: string[] = [];
    using screen = new LiveScreen({ write: (text) => written.push(text) });
    screen[Symbol.dispose]();
    assert.deepEqual(written, []);
  });
});

describe('a table', () => {
  const columns = [
    { head: 'NAME', leastOf: 0, cells: ['a', 'long name'] },
    { head: 'N', leastOf: 1, cells: ['1', '22'], isNumber: true },
    { head: 'EMPTY', leastOf: 0, cells: ['', ''] },
  ];

  it('has columns as wide as they must be, and none that is empty', () => {
    assert.deepEqual(tableLines(columns), ['NAME        N', 'a           1', 'long name  22']);
  });

  it('loses columns before it is too wide, but not the first', () => {
    assert.deepEqual(tableLines(columns, 12), ['NAME', 'a', 'long name']);
    assert.deepEqual(tableLines(columns, 3), ['NAME', 'a', 'long name']);
  });
});
