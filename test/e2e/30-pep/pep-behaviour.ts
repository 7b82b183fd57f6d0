// What any server with PEP has to do for the directory on accounts (docs/protocol.md §9.1).
import assert from 'node:assert/strict';

import type { Found, Published, RawBundle } from '../../../proxy/endtoend/directory.ts';
import { PepDirectory } from '../../../proxy/endtoend/pep-directory.ts';
import { devicesNode, maxItemText, prekeyNode, waitingNode } from '../../../proxy/endtoend/pep-items.ts';
import { toHex } from '../../../shared/bytes.ts';
import { element, escapeText } from '../../../shared/xml/write.ts';
import {
  configurationRequest,
  configureRequest,
  createRequest,
  deleteRequest,
  itemRequest,
  publishRequest,
} from '../../../shared/xmpp/pubsub.ts';
import { readConfiguration } from '../../../shared/xmpp/pubsub-answer.ts';
import { crypto, PublishingPerson } from '../../proxy/endtoend/publishing-person.ts';
import type { Login } from '../support/proxy-side.ts';
import { AccountStream } from './account-stream.ts';

/** The server that a suite runs. */
export interface PepServer extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
}

export const domain = 'example.test';
export const names = ['alice', 'bob', 'carol', 'dave', 'erin', 'frank'] as const;
const password = 'correct-horse';
export const accounts = names.map((name) => ({ name, password }));

const taken: Published = { kind: 'taken' };

function bundleOf(found: Found): RawBundle {
  assert.equal(found.kind, 'bundle', JSON.stringify(found));
  return found.bundle;
}

export class Peer implements AsyncDisposable {
  readonly stream: AccountStream;
  readonly person: PublishingPerson;
  readonly directory: PepDirectory;

  private constructor(stream: AccountStream) {
    this.stream = stream;
    this.person = new PublishingPerson(stream.jid);
    this.directory = new PepDirectory({ ownJid: stream.jid, crypto, requests: stream.requests });
  }

  static async open(server: PepServer, name: (typeof names)[number]): Promise<Peer> {
    const login: Login = { host: server.host, port: server.port, jid: `${name}@${domain}`, password };
    return new Peer(await AccountStream.open(login));
  }

  /** Asks the server for something, which must succeed. */
  async ask(type: 'get' | 'set', payload: ReturnType<typeof element>, to?: string) {
    const answer = await this.stream.requests.send(type, to, payload, 10_000);
    assert.equal(answer.kind, 'result', JSON.stringify(answer));
    return answer;
  }

  async accessOf(node: string): Promise<string | undefined> {
    const { stanza, scope } = await this.ask('get', configurationRequest(node));
    return readConfiguration(stanza, scope).access;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stream[Symbol.asyncDispose]();
  }
}

export function itKeepsKeysOnAccounts(server: () => PepServer): void {
  it('says that an account without keys, and one that does not exist, has none', async () => {
    await using bob = await Peer.open(server(), 'bob');
    assert.deepEqual(await bob.directory.fetch(`erin@${domain}`, false), { kind: 'none' });
    assert.deepEqual(await bob.directory.fetch(`nobody@${domain}`, false), { kind: 'none' });
    assert.deepEqual(await bob.directory.fetch(bob.person.jid, false), { kind: 'none' });
  });

  it('says that it does not know whether there are keys when the domain is not reached', async () => {
    await using bob = await Peer.open(server(), 'bob');
    const found = await bob.directory.fetch('somebody@elsewhere.test', false);
    assert.equal(found.kind, 'failed');
  });

  it('gives a stranger the list and the prekey of each device as they were published', async () => {
    await using alice = await Peer.open(server(), 'alice');
    await using bob = await Peer.open(server(), 'bob');
    const [laptop, phone] = [alice.person.newDevice(), alice.person.newDevice()];
    const [onLaptop, onPhone] = [laptop.prekey(), phone.prekey()];
    const first = alice.person.publication(1, [laptop], { prekey: onLaptop });
    assert.deepEqual(await alice.directory.publish(first), taken);
    const second = alice.person.publication(2, [phone, laptop], { prekey: onPhone });
    assert.deepEqual(await alice.directory.publish(second), taken);
    const bundle = bundleOf(await bob.directory.fetch(alice.person.jid, true));
    assert.deepEqual(bundle, {
      kuA: alice.person.kuA,
      list: second.list,
      devices: [
        { certificate: phone.certificate, prekey: onPhone },
        { certificate: laptop.certificate, prekey: onLaptop },
      ],
    });
    assert.deepEqual(bundleOf(await alice.directory.fetch(alice.person.jid, false)), bundle);
  });

  it('publishes what is there already not again, and what vanished or was replaced once more', async () => {
    await using carol = await Peer.open(server(), 'carol');
    const laptop = carol.person.newDevice();
    const node = prekeyNode(toHex(laptop.deviceId));
    const publication = carol.person.publication(1, [laptop], { prekey: laptop.prekey() });
    assert.deepEqual(await carol.directory.publish(publication), taken);
    const { length } = carol.stream.text;
    assert.deepEqual(await carol.directory.publish(publication), taken);
    assert.doesNotMatch(carol.stream.text.slice(length), /<publish/);

    await carol.ask('set', deleteRequest(node));
    const other = element('devices', { xmlns: 'urn:simpp:e2e:2' }, escapeText('QUJD'));
    await carol.ask('set', publishRequest(devicesNode, 'current', other));
    assert.equal((await carol.directory.fetch(carol.person.jid, false)).kind, 'failed');
    assert.deepEqual(await carol.directory.publish(publication), taken);
    const bundle = bundleOf(await carol.directory.fetch(carol.person.jid, false));
    assert.deepEqual(bundle.list, publication.list);
    assert.deepEqual(bundle.devices[0]?.prekey, publication.prekey);
    assert.equal(await carol.accessOf(node), 'open');
  });

  it('opens a node to everybody that others have made for contacts only', async () => {
    await using dave = await Peer.open(server(), 'dave');
    await using bob = await Peer.open(server(), 'bob');
    await dave.ask('set', createRequest(devicesNode));
    await dave.ask('set', configureRequest(devicesNode, { access: 'whitelist', maxItems: 5 }));
    const publication = dave.person.publication(1, [dave.person.newDevice()]);
    assert.deepEqual(await dave.directory.publish(publication), taken);
    assert.equal(await dave.accessOf(devicesNode), 'open');
    assert.deepEqual(bundleOf(await bob.directory.fetch(dave.person.jid, false)).list, publication.list);
    // And one that was closed behind our back, with the item as it should be.
    await dave.ask('set', configureRequest(devicesNode, { access: 'whitelist', maxItems: 1 }));
    const fresh = new PepDirectory({ ownJid: dave.person.jid, crypto, requests: dave.stream.requests });
    assert.notEqual((await bob.directory.fetch(dave.person.jid, false)).kind, 'bundle');
    assert.deepEqual(await fresh.publish(publication), taken);
    assert.equal((await bob.directory.fetch(dave.person.jid, false)).kind, 'bundle');
  });

  it('deletes the node of a device that is no longer listed, and refuses to take a list back', async () => {
    await using frank = await Peer.open(server(), 'frank');
    const [laptop, phone] = [frank.person.newDevice(), frank.person.newDevice()];
    const both = frank.person.publication(1, [phone, laptop], { prekey: phone.prekey() });
    assert.deepEqual(await frank.directory.publish(both), taken);
    const one = frank.person.publication(2, [laptop], { prekey: laptop.prekey() });
    assert.deepEqual(await frank.directory.publish(one), taken);
    const gone = itemRequest(prekeyNode(toHex(phone.deviceId)), 'current');
    const answer = await frank.stream.requests.send('get', undefined, gone, 10_000);
    assert.equal(answer.kind === 'error' && answer.condition, 'item-not-found');
    assert.deepEqual(await frank.directory.publish(both), {
      kind: 'refused',
      reason: 'a newer list of devices (2) is published',
    });
    assert.deepEqual(bundleOf(await frank.directory.fetch(frank.person.jid, false)).list, one.list);
  });

  it('shows the devices that wait for approval to their own account only, until they are listed', async () => {
    await using erin = await Peer.open(server(), 'erin');
    await using bob = await Peer.open(server(), 'bob');
    const laptop = erin.person.newDevice();
    const newcomer = new PublishingPerson(erin.person.jid);
    const phone = newcomer.newDevice();
    assert.deepEqual(await erin.directory.publish(erin.person.publication(1, [laptop])), taken);
    const asking = newcomer.publication(1, [phone], { waiting: phone.certificate });
    assert.deepEqual(await erin.directory.publish(asking), taken);
    const tablet = newcomer.newDevice();
    const also = newcomer.publication(1, [tablet], { waiting: tablet.certificate });
    assert.deepEqual(await erin.directory.publish(also), taken);
    const own = await erin.directory.fetch(erin.person.jid, false);
    assert.ok(own.kind === 'bundle');
    const ids = own.waiting.map(({ deviceId }) => toHex(deviceId));
    assert.deepEqual(ids.toSorted(), [toHex(phone.deviceId), toHex(tablet.deviceId)].toSorted());
    assert.equal(await erin.accessOf(waitingNode), 'whitelist');
    const peeked = await bob.stream.requests.send('get', erin.person.jid, itemRequest(waitingNode, 'current'), 10_000);
    assert.equal(peeked.kind, 'error');
    // Certified by the account's own key now.
    const listed = { ...erin.person.newDevice(), deviceId: phone.deviceId };
    assert.deepEqual(await erin.directory.publish(erin.person.publication(2, [listed, laptop])), taken);
    const after = await erin.directory.fetch(erin.person.jid, false);
    assert.deepEqual(after.kind === 'bundle' && after.waiting, [
      { deviceId: tablet.deviceId, certificate: tablet.certificate },
    ]);
  });

  it('publishes no more than 16 KiB of text, and says what to do', async () => {
    await using bob = await Peer.open(server(), 'bob');
    const [laptop, ...others] = Array.from({ length: 3 }, () => bob.person.newDevice());
    assert.ok(laptop);
    const certificate = new Uint8Array(4096);
    const publication = {
      ...bob.person.publication(1, [laptop, ...others]),
      certificates: [certificate, certificate, certificate, certificate],
    };
    assert.ok(4 * 4096 * (4 / 3) > maxItemText);
    assert.deepEqual(await bob.directory.publish(publication), {
      kind: 'refused',
      reason: 'the list of devices is longer than the 16 KiB that servers take; remove a device',
    });
  });
}
