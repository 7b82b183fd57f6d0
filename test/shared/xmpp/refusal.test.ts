import assert from 'node:assert/strict';

import { utf8 } from '../../../shared/bytes.ts';
import { ns } from '../../../shared/xmpp/namespaces.ts';
import { readRefusal, refusalOfMessages, type Refusal } from '../../../shared/xmpp/refusal.ts';

const scope = new Map([['', ns.client]]);
const nothing: Refusal = { type: '', condition: 'undefined-condition', detail: '', text: '' };

function read(content: string): Refusal {
  return readRefusal(utf8(`<iq type='error' id='1'>${content}</iq>`), scope);
}

describe('an error that answers a request', () => {
  it('says its type, its condition, that of the application, and words', () => {
    const text = `<text xmlns='${ns.stanzaErrors}' xml:lang='en'>Not &lt;now&gt;</text>`;
    const error = `<error type='wait'>${text}<conflict xmlns='${ns.stanzaErrors}'/><own xmlns='urn:x'/></error>`;
    const expected = { type: 'wait', condition: 'conflict', detail: 'own', text: 'Not <now>' };
    assert.deepEqual(read(`<query xmlns='urn:q'/>${error}`), expected);
  });

  it('holds for messages where it is about who was asked, and not about what', () => {
    const meant = (type: string, condition: string) =>
      refusalOfMessages(read(`<error type='${type}'><${condition} xmlns='${ns.stanzaErrors}'/></error>`));
    assert.deepEqual(meant('cancel', 'not-acceptable'), { type: 'cancel', condition: 'not-acceptable' });
    assert.deepEqual(meant('cancel', 'remote-server-not-found'), {
      type: 'cancel',
      condition: 'remote-server-not-found',
    });
    for (const condition of ['item-not-found', 'forbidden', 'gone', 'undefined-condition', 'made-up']) {
      assert.equal(meant('cancel', condition), undefined, condition);
    }
    assert.equal(meant('odd', 'not-allowed'), undefined);
  });

  it('is read as far as it goes', () => {
    assert.deepEqual(read(''), nothing);
    assert.deepEqual(read(`<error xmlns='urn:other' type='cancel'/>`), nothing);
    assert.deepEqual(read(`<error type='cancel'><item-not-found/></error>`), {
      ...nothing,
      type: 'cancel',
      detail: 'item-not-found',
    });
    assert.deepEqual(read(`<error><text xmlns='${ns.stanzaErrors}'>a<b/></text></error>`), nothing);
  });

  it('has no more than 500 characters of words, and nothing when it is longer than 64 KiB', () => {
    const words = (count: number): Refusal =>
      read(`<error><text xmlns='${ns.stanzaErrors}'>${'a'.repeat(count)}</text></error>`);
    assert.equal(words(1000).text.length, 500);
    assert.deepEqual(words(65_536), nothing);
  });
});
