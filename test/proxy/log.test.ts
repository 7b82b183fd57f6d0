import assert from 'node:assert/strict';
import { readFileSync, mkdtempSync, openSync, closeSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errorFields } from '../../proxy/log-error.ts';
import { allowedFields, logFieldNames, type LogFields } from '../../proxy/log.ts';
import { formatRecord, type LogRecord } from '../../proxy/log-record.ts';
import { LogRing } from '../../proxy/log-ring.ts';
import { createLog } from '../../proxy/log-sink.ts';
import { SimppError } from '../../shared/errors.ts';

const record = (event: string, level: LogRecord['level'] = 'info'): LogRecord => ({
  time: '2026-01-02T03:04:05.678Z',
  level,
  event,
  fields: {},
});

describe('the fields of an event', () => {
  it('are only those of the list, so that a body or a password has no place', () => {
    const fields = { jid: 'a@example.org', body: 'hello', password: 'hunter2', key: 'k' } as LogFields;
    assert.deepEqual(allowedFields(fields), { jid: 'a@example.org' });
    for (const name of ['body', 'password', 'key', 'secret', 'stanza', 'message', 'content']) {
      assert.ok(!(logFieldNames as readonly string[]).includes(name), name);
    }
  });

  it('have bare JIDs', () => {
    assert.deepEqual(allowedFields({ jid: 'a@example.org/phone' }), { jid: 'a@example.org' });
  });

  it('cannot begin a line, move the cursor, or reverse the text', () => {
    const { text } = allowedFields({ text: 'a\nb\u001b[2Jc\u202ed' });
    assert.equal(text, 'a\\u000ab\\u001b[2Jc\\u202ed');
  });

  it('are bounded', () => {
    assert.equal(String(allowedFields({ text: 'x'.repeat(10_000) })['text']).length, 500);
  });
});

describe('an error as fields', () => {
  it('has the text of a SimppError, which is written to be read', () => {
    const cause = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    const error = new SimppError('server-unreachable', 'The server cannot be reached.', { cause });
    assert.deepEqual(errorFields(error), {
      code: 'server-unreachable',
      text: 'The server cannot be reached.',
      cause: 'ECONNREFUSED',
    });
  });

  it('of any other kind has no message, which may quote what it choked on', () => {
    const fields = errorFields(new SyntaxError('Unexpected token in "my secret"'));
    assert.equal(fields.cause, 'SyntaxError');
    assert.match(String(fields.stack), /log\.test\.ts/);
    assert.doesNotMatch(JSON.stringify(fields), /secret/);
    const wrapped = errorFields(new SimppError('internal', undefined, { cause: new TypeError('my secret') }));
    assert.doesNotMatch(JSON.stringify(wrapped), /secret/);
  });
});

describe('the ring of recent events', () => {
  it('keeps the last ones and forgets the rest', () => {
    const ring = new LogRing(10);
    for (let count = 0; count < 1000; count++) ring.add(record(`event ${count}`));
    const kept = ring.recent('debug', 100).map(({ event }) => event);
    assert.deepEqual(
      kept,
      Array.from({ length: 10 }, (_, index) => `event ${990 + index}`),
    );
    assert.deepEqual(ring.recent('debug', 0), []);
  });

  it('gives those of a level and above', () => {
    const ring = new LogRing();
    for (const level of ['debug', 'info', 'warn', 'error'] as const) ring.add(record(level, level));
    assert.deepEqual(
      ring.recent('warn', 10).map(({ event }) => event),
      ['warn', 'error'],
    );
  });

  it('hands new ones to followers until they leave', () => {
    const ring = new LogRing();
    const seen: string[] = [];
    const unfollow = ring.follow(({ event }) => seen.push(event));
    ring.add(record('one'));
    unfollow();
    ring.add(record('two'));
    assert.deepEqual(seen, ['one']);
  });
});

describe('a log', () => {
  it('writes one JSON line per event of its level, and keeps the others in the ring', () => {
    const folder = mkdtempSync(join(tmpdir(), 'simpp-log-'));
    const fd = openSync(join(folder, 'log'), 'w');
    const ring = new LogRing();
    const log = createLog({ level: 'info', ring, output: { kind: 'json', fd } });
    const child = log.child({ connection: 7, peer: '192.0.2.1:1' });
    child.info('client connected', { jid: 'a@example.org/x' });
    child.debug('features read', { count: 3 });
    closeSync(fd);
    const lines = readFileSync(join(folder, 'log'), 'utf8').trimEnd().split('\n');
    rmSync(folder, { recursive: true });
    assert.equal(lines.length, 1);
    const { time, ...rest } = JSON.parse(lines[0]!) as LogRecord;
    assert.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    const expected = {
      level: 'info',
      connection: 7,
      peer: '192.0.2.1:1',
      jid: 'a@example.org',
      event: 'client connected',
    };
    assert.deepEqual(rest, expected);
    assert.deepEqual(
      ring.recent('debug', 10).map(({ event, level, fields }) => [event, level, fields['connection']]),
      [
        ['client connected', 'info', 7],
        ['features read', 'debug', 7],
      ],
    );
  });

  it('is one line per event for people', () => {
    const shown: LogRecord[] = [];
    const log = createLog({
      level: 'debug',
      ring: new LogRing(),
      output: { kind: 'show', show: (one) => shown.push(one) },
    });
    log.warn('login refused', { jid: 'a@example.org', text: 'wrong password', count: 2 });
    assert.match(
      formatRecord(shown[0]!),
      /^\d\d:\d\d:\d\d\.\d{3} warn  login refused jid=a@example\.org text="wrong password" count=2$/,
    );
  });
});
