import assert from 'node:assert/strict';
import { fromUtf8 } from '../../../shared/bytes.ts';
import { messageFrom, presenceFrom, rosterPush } from '../../../shared/xmpp/virtual-contact.ts';

const jid = 'simpp.invalid';
const to = 'juliet@example.test/a';

describe('the virtual contact', () => {
  it('is in the roster by a push without a version (RFC 6121 §2.1.6)', () => {
    assert.equal(
      fromUtf8(rosterPush({ jid, name: 'SIMPP & you', group: 'SIMPP', to, id: '1' })),
      `<iq xmlns='jabber:client' type='set' to='${to}' id='1'><query xmlns='jabber:iq:roster'>` +
        `<item jid='${jid}' name='SIMPP &amp; you' subscription='both'><group>SIMPP</group></item></query></iq>`,
    );
    assert.match(
      fromUtf8(rosterPush({ jid, name: 'SIMPP', to, id: '1', subscription: 'remove' })),
      /<item jid='simpp.invalid' subscription='remove'\/>/,
    );
  });

  it('is there, and speaks', () => {
    assert.equal(
      fromUtf8(presenceFrom({ from: jid, to, status: '<on>' })),
      `<presence xmlns='jabber:client' from='${jid}' to='${to}'><status>&lt;on&gt;</status></presence>`,
    );
    assert.equal(
      fromUtf8(presenceFrom({ from: jid, type: 'unavailable' })),
      `<presence xmlns='jabber:client' from='${jid}' type='unavailable'/>`,
    );
    assert.equal(
      fromUtf8(messageFrom({ from: jid, to, id: '2', text: 'a & b', thread: 't', lang: 'en' })),
      `<message xmlns='jabber:client' from='${jid}' to='${to}' type='chat' id='2' xml:lang='en'>` +
        '<body>a &amp; b</body><thread>t</thread></message>',
    );
  });
});
