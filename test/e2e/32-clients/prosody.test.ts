import assert from 'node:assert/strict';

import { clients } from '../20-topologies/clients.ts';
import { describeConversations } from './conversations.ts';
import { conversations, groupsOf } from './table.ts';

describe('32 encrypted clients', () => {
  it('are each client of the guide at least once, on both ways and at both servers', () => {
    const used = new Set(conversations.flatMap(({ first, second }) => [first, second]));
    assert.deepEqual([...used].toSorted(), Object.keys(clients).toSorted());
    assert.equal(groupsOf(conversations).length, 4);
  });
});

describeConversations('Prosody');
