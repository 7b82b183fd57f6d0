import assert from 'node:assert/strict';

import { utf8 } from '../../../shared/bytes.ts';
import { isKeyEvent } from '../../../shared/xmpp/key-event.ts';
import { scope } from './sealed.ts';

const event = (inside: string): string =>
  `<event xmlns='http://jabber.org/protocol/pubsub#event'>${inside}</event><addresses xmlns='http://jabber.org/protocol/address'/>`;
const isOne = (children: string): boolean => isKeyEvent(utf8(`<message type='headline'>${children}</message>`), scope);

describe('an event of the nodes that hold keys (docs/protocol.md §9.1)', () => {
  it('is known by its node, whatever has become of it', () => {
    assert.ok(isOne(event(`<items node='urn:simpp:e2e:2:devices'><item id='current'/></items>`)));
    assert.ok(isOne(event(`<items node='urn:simpp:e2e:2:prekey:00ff'><retract id='current'/></items>`)));
    assert.ok(isOne(event(`<delete node='urn:simpp:e2e:2:waiting'/>`)));
  });

  it('is nothing that says anything else as well', () => {
    assert.ok(!isOne(event(`<items node='urn:example:tune'><item/></items>`)));
    assert.ok(!isOne(event(`<items node='urn:simpp:e2e:2:devices'/><items node='urn:example:tune'/>`)));
    assert.ok(!isOne(event('')));
    assert.ok(!isOne(`<body>urn:simpp:e2e:2:devices</body>${event(`<items node='urn:simpp:e2e:2:devices'/>`)}`));
    assert.ok(!isOne(`<body>x</body>`));
  });
});
