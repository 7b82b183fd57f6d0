import assert from 'node:assert/strict';
import { SimppError } from '../../../shared/errors.ts';
import { farewells, type Circumstances } from '../../../proxy/closing.ts';

const relayed: Circumstances = {
  mode: 'relayed',
  isResumable: false,
  isAnswered: true,
  isOver: { client: false, server: false },
  goodbye: undefined,
};
const ended: Circumstances = { ...relayed, mode: 'ended' };
const clientGone = { kind: 'vanished', side: 'client', error: undefined } as const;
const serverGone = { kind: 'vanished', side: 'server', error: undefined } as const;

/** The stream error that the client gets. */
const condition = ({ client }: ReturnType<typeof farewells>): string | undefined =>
  client.kind === 'explain' ? client.error.streamCondition : undefined;

describe('the end of a relay', () => {
  it('needs no words when both streams are closed', () => {
    assert.deepEqual(farewells({ kind: 'closed' }, relayed), { client: { kind: 'hang-up' }, server: 'hang-up' });
  });

  it('closes the stream of a client that vanished, so that no ghost stays', () => {
    assert.equal(farewells(clientGone, relayed).server, 'close');
    assert.equal(farewells(clientGone, ended).server, 'close');
  });

  it('cuts the connection of a vanished client that may resume, so that the server queues for it', () => {
    assert.equal(farewells(clientGone, { ...relayed, isResumable: true }).server, 'drop');
  });

  it('lets a relayed client see its server vanish as it would without the proxy', () => {
    assert.deepEqual(farewells(serverGone, relayed).client, { kind: 'hang-up' });
  });

  it('tells a client of ended mode that its server is lost, unless it can resume', () => {
    assert.equal(condition(farewells(serverGone, ended)), 'remote-connection-failed');
    assert.deepEqual(farewells(serverGone, { ...ended, isResumable: true }).client, { kind: 'hang-up' });
  });

  it('always tells a client that has not been answered yet', () => {
    assert.equal(condition(farewells(serverGone, { ...relayed, isAnswered: false })), 'remote-connection-failed');
  });

  it('says what the gateway said, when that was more than that the server is away', () => {
    const goodbye = new SimppError('jid-mismatch', 'Another address.');
    const { client } = farewells(serverGone, { ...relayed, isResumable: true, goodbye });
    assert(client.kind === 'explain' && client.error === goodbye);
    const away = new SimppError('server-unreachable', 'Away.');
    assert.deepEqual(farewells(serverGone, { ...relayed, goodbye: away }).client, { kind: 'hang-up' });
    const first = farewells(serverGone, { ...relayed, isAnswered: false, goodbye: away }).client;
    assert(first.kind === 'explain' && first.error === away);
  });

  it('leaves a client whose session is lost to resume and hear of it, and tells any other', () => {
    const end = { kind: 'unresumed', error: new SimppError('server-unreachable', 'Lost.') } as const;
    assert.deepEqual(farewells(end, { ...ended, isResumable: true }).client, { kind: 'hang-up' });
    const { client, server } = farewells(end, ended);
    assert(client.kind === 'explain' && client.error === end.error);
    assert.equal(server, 'close');
  });

  it('adds no word to a stream that is over', () => {
    const error = new SimppError('restricted-xml');
    const ends = [{ kind: 'failed', side: 'client', error }, { kind: 'stopped', error }, serverGone] as const;
    for (const end of ends) {
      const told = farewells(end, { ...ended, isOver: { client: false, server: true } });
      assert.deepEqual(told.client, { kind: 'hang-up' });
      const heard = farewells(end, { ...ended, isOver: { client: true, server: false } });
      assert.notEqual(heard.server, 'close');
      assert.equal(heard.client.kind, 'explain');
    }
  });

  it('names a client’s own fault to it, and closes the server’s stream', () => {
    const error = new SimppError('restricted-xml');
    const last = farewells({ kind: 'failed', side: 'client', error }, { ...relayed, isResumable: true });
    assert.equal(condition(last), 'restricted-xml');
    assert.equal(last.server, 'close');
  });

  it('blames no client for what its server sent', () => {
    const error = new SimppError('restricted-xml');
    assert.equal(condition(farewells({ kind: 'failed', side: 'server', error }, relayed)), 'remote-connection-failed');
  });

  it('sends clients away when the proxy stops, but those that can resume without a word', () => {
    const error = new SimppError('shutting-down');
    assert.equal(condition(farewells({ kind: 'stopped', error }, relayed)), 'system-shutdown');
    const resumable = farewells({ kind: 'stopped', error }, { ...relayed, isResumable: true });
    assert.deepEqual(resumable, { client: { kind: 'hang-up' }, server: 'drop' });
  });
});
