import assert from 'node:assert/strict';
import { withoutContact } from '../../../../proxy/endtoend/contact/absent-contact.ts';
import { fromUtf8, utf8 } from '../../../../shared/bytes.ts';
import { ns } from '../../../../shared/xmpp/namespaces.ts';

const scope = new Map([['', ns.client]]);
const become = (xml: string) => {
  const { up, down } = withoutContact(utf8(xml), scope);
  return { up: up.map(fromUtf8), down: down.map(fromUtf8) };
};

describe('the virtual contact of a set-up that has none', () => {
  it('is not found, and what is said to it reaches no server (transparency.md §5.8)', () => {
    for (const name of ['message', 'iq', 'presence']) {
      const { up, down } = become(`<${name} to='simpp.invalid' id='1' type='get'><body>help</body></${name}>`);
      assert.deepEqual(up, []);
      assert.match(down.join(), /type='error' from='simpp.invalid'[^]*remote-server-not-found/);
    }
  });

  it('answers no errors', () => {
    assert.deepEqual(become(`<message to='simpp.invalid' type='error'/>`), { up: [], down: [] });
  });

  it('leaves the roster to its server', () => {
    const change = `<iq type='set' id='1'><query xmlns='jabber:iq:roster'><item jid='simpp.invalid'/></query></iq>`;
    assert.deepEqual(become(change), { up: [change], down: [] });
  });
});
