import assert from 'node:assert/strict';
import { utf8 } from '../../../shared/bytes.ts';
import { isAllowed, mayBeStreamError, parseHostPattern } from '../../../proxy/gateway/redirection.ts';

describe('hosts that a server may send its clients to', () => {
  it('are one host, or the names below one, with a port or any', () => {
    const allows = (pattern: string, host: string, port: number): boolean =>
      isAllowed([parseHostPattern(pattern)!], { host, port });
    for (const [pattern, host, port] of [
      ['b.example.org:5222', 'b.example.org', 5222],
      ['b.example.org', 'b.example.org', 6222],
      ['B.Example.org.:5222', 'b.EXAMPLE.org.', 5222],
      ['*.example.org', 'b.example.org', 5222],
      ['*.example.org', 'a.b.example.org', 1],
      ['*.example.org:5222', 'b.example.org', 5222],
      ['[2001:db8::1]:5222', '2001:db8::1', 5222],
      ['2001:db8::1', '2001:db8::1', 5222],
      ['192.0.2.1:5222', '192.0.2.1', 5222],
    ] as const) {
      assert.equal(allows(pattern, host, port), true, `${pattern} ${host}:${port}`);
    }
    for (const [pattern, host, port] of [
      ['b.example.org:5222', 'b.example.org', 5223],
      ['*.example.org', 'example.org', 5222],
      ['*.example.org', 'evilexample.org', 5222],
      ['*.example.org', 'b.example.org.evil.test', 5222],
      ['*.example.org:5222', 'b.example.org', 5223],
      ['b.example.org', 'a.b.example.org', 5222],
    ] as const) {
      assert.equal(allows(pattern, host, port), false, `${pattern} ${host}:${port}`);
    }
    assert.equal(isAllowed([], { host: 'b.example.org', port: 5222 }), false);
  });

  it('are nothing that could be misread', () => {
    for (const text of [
      '',
      '*',
      '*.',
      '*.*.org',
      'a.*.org',
      '*.192.0.2.1',
      'b.example.org:',
      'b.example.org:99999',
      'a b',
      '*.example.org:x',
    ]) {
      assert.equal(parseHostPattern(text), undefined, text);
    }
  });
});

describe('a redirection', () => {
  it('is looked for in elements named error only', () => {
    for (const text of ['<stream:error>', '<error/>', '<s:error >', "<error\nxmlns='a'>"]) {
      assert.equal(mayBeStreamError(utf8(text)), true, text);
    }
    for (const text of ['<message/>', '<r/>', "<message type='error'>", '<errors/>', '<', '']) {
      assert.equal(mayBeStreamError(utf8(text)), false, text);
    }
  });
});
