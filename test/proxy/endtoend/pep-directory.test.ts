import assert from 'node:assert/strict';

import type { Found } from '../../../proxy/endtoend/directory.ts';
import { PepDirectory } from '../../../proxy/endtoend/pep-directory.ts';
import { devicesNode, prekeyNode, waitingNode } from '../../../proxy/endtoend/pep-items.ts';
import { Requests } from '../../../proxy/endtoend/requests.ts';
import { fromBase64, toBase64, toHex } from '../../../shared/bytes.ts';
import { devicePrekey, deviceSet } from '../../../shared/simpp/end-to-end-messages.ts';
import { crypto, PublishingPerson } from './publishing-person.ts';
import { errorReply, itemsReply, itemXml, ScriptedServer, type Reply, type Script } from './scripted-server.ts';

const own = 'alice@example.test';
const bob = new PublishingPerson('bob@example.test');
const nothing = new Uint8Array();
const laptop = bob.newDevice();
const list = bob.list(1, [laptop]);
const prekey = laptop.prekey();
const ofLaptop = prekeyNode(toHex(laptop.deviceId));
const setText = toBase64(
  deviceSet.encode({ kuA: bob.kuA, list, certificates: [laptop.certificate], rollover: nothing }),
);
const prekeyText = toBase64(devicePrekey.encode({ prekey, tombstone: nothing }));

const longCertificates = Array.from({ length: 4 }, () => new Uint8Array(4096));
const longText = toBase64(deviceSet.encode({ kuA: bob.kuA, list, certificates: longCertificates, rollover: nothing }));

/** Answers for the two nodes; another one is not there. */
function pep(
  devices: Reply | undefined,
  prekeys: Reply | undefined = itemsReply(ofLaptop, itemXml('prekey', prekeyText)),
): Script {
  return ({ node }) => {
    if (node === devicesNode) return devices;
    return node === ofLaptop ? prekeys : errorReply('item-not-found');
  };
}

async function fetchBob(script: Script): Promise<Found> {
  const requests = new Requests(own);
  ScriptedServer.join(requests, `${own}/desk`, script);
  return await new PepDirectory({ ownJid: own, crypto, requests, fetchTimeoutMs: 50 }).fetch(bob.jid, false);
}

const devices = itemsReply(devicesNode, itemXml('devices', setText));
const whole: Found = {
  kind: 'bundle',
  bundle: { kuA: bob.kuA, list, devices: [{ certificate: laptop.certificate, prekey }] },
  waiting: [],
};

describe('PEP as a directory', () => {
  it('gives list, certificates and prekeys as they are there', async () => {
    assert.deepEqual(await fetchBob(pep(devices)), whole);
  });

  it('has certainly nothing where account, node or PEP are missing', async () => {
    for (const condition of ['item-not-found', 'feature-not-implemented', 'service-unavailable']) {
      assert.deepEqual(await fetchBob(pep(errorReply(condition))), { kind: 'none' }, condition);
    }
    assert.deepEqual(await fetchBob(pep(itemsReply(devicesNode))), { kind: 'none' });
  });

  it('says that it failed where it stays open whether there are keys', async () => {
    const conditions = ['remote-server-not-found', 'remote-server-timeout', 'not-allowed', 'not-authorized', 'gone'];
    for (const condition of [...conditions, 'internal-server-error', 'resource-constraint', 'made-up']) {
      assert.equal((await fetchBob(pep(errorReply(condition)))).kind, 'failed', condition);
    }
    for (const condition of ['item-not-found', 'service-unavailable']) {
      assert.equal((await fetchBob(pep(errorReply(condition, 'wait')))).kind, 'failed', condition);
    }
    assert.equal((await fetchBob(pep(undefined))).kind, 'failed');
    const requests = new Requests(own);
    assert.equal((await new PepDirectory({ ownJid: own, crypto, requests }).fetch(bob.jid, false)).kind, 'failed');
  });

  it('takes a forbidden node for none only when the server of the domain answers', async () => {
    const forbidding =
      (disco: Reply): Script =>
      ({ to }) =>
        to === 'example.test' ? disco : errorReply('forbidden', 'auth');
    assert.deepEqual(await fetchBob(forbidding({})), { kind: 'none' });
    assert.equal((await fetchBob(forbidding(errorReply('forbidden', 'auth')))).kind, 'failed');
  });

  it('takes no answer from somebody else', async () => {
    const forged = { ...errorReply('item-not-found'), from: 'mallory@example.test' };
    assert.equal((await fetchBob(pep(forged))).kind, 'failed');
  });

  it('fails as a whole when a prekey cannot be asked for, and skips only what is certainly not there', async () => {
    assert.equal((await fetchBob(pep(devices, errorReply('remote-server-timeout', 'wait')))).kind, 'failed');
    const without: Found = { ...whole, bundle: { ...whole.bundle, devices: [{ certificate: laptop.certificate }] } };
    assert.deepEqual(await fetchBob(pep(devices, errorReply('item-not-found'))), without);
    assert.deepEqual(await fetchBob(pep(devices, errorReply('forbidden', 'auth'))), without);
    for (const text of ['', 'QUJD', `${prekeyText}AAAA`, setText]) {
      assert.deepEqual(await fetchBob(pep(devices, itemsReply(ofLaptop, itemXml('prekey', text)))), without, text);
    }
  });

  const hostile: Readonly<Record<string, Reply>> = {
    'another node': itemsReply(ofLaptop, itemXml('devices', setText)),
    'another item': itemsReply(devicesNode, itemXml('devices', setText, 'other')),
    'another payload': itemsReply(devicesNode, itemXml('prekey', setText)),
    'two payloads': itemsReply(devicesNode, `<item id='current'><devices xmlns='urn:simpp:e2e:2'/><x/></item>`),
    'no payload': itemsReply(devicesNode, `<item id='current'/>`),
    'elements for text': itemsReply(devicesNode, itemXml('devices', '<b/>')),
    'no base64': itemsReply(devicesNode, itemXml('devices', '!!!!')),
    'base64 with a line break': itemsReply(
      devicesNode,
      itemXml('devices', `${setText.slice(0, 64)}\n${setText.slice(64)}`),
    ),
    'more after its end': itemsReply(
      devicesNode,
      itemXml('devices', toBase64(Buffer.from(`${setText}AAAA`, 'base64')) + 'AAAA'),
    ),
    'something else': itemsReply(devicesNode, itemXml('devices', prekeyText)),
    'more than 16 KiB': itemsReply(devicesNode, itemXml('devices', longText)),
    'nothing of pubsub': { content: '<query xmlns="jabber:iq:roster"/>' },
    nothing: {},
  };
  for (const [what, reply] of Object.entries(hostile)) {
    it(`fails for an answer with ${what}`, async () => {
      assert.equal((await fetchBob(pep(reply))).kind, 'failed');
    });
  }

  it('looks at the first of many items only, and at none of ten thousand', async () => {
    const reply = (count: number): Reply => {
      const more = Array.from({ length: count - 1 }, (_, at) => itemXml('devices', '!', `${at}`));
      return itemsReply(devicesNode, itemXml('devices', setText), ...more);
    };
    assert.deepEqual(await fetchBob(pep(reply(100))), whole);
    assert.equal((await fetchBob(pep(reply(10_000)))).kind, 'failed');
  });

  it('asks for the prekey of a device once, however often a list has it', async () => {
    const certificates = Array.from({ length: 32 }, () => laptop.certificate);
    const text = toBase64(deviceSet.encode({ kuA: bob.kuA, list, certificates, rollover: nothing }));
    let asked = 0;
    const script = pep(itemsReply(devicesNode, itemXml('devices', text)));
    const found = await fetchBob((request) => {
      if (request.node === ofLaptop) asked++;
      return script(request);
    });
    assert.equal(asked, 1);
    assert.equal(found.kind === 'bundle' && found.bundle.devices.length, 32);
  });

  it('shows those who wait under their own id only, and only of the own account', async () => {
    const requests = new Requests(bob.jid);
    const text = toBase64(laptop.certificate);
    const waiting = itemsReply(
      waitingNode,
      itemXml('waiting', text, toHex(laptop.deviceId)),
      itemXml('waiting', text, '00'),
    );
    const answer = pep(devices);
    ScriptedServer.join(requests, `${bob.jid}/desk`, (asked) => (asked.node === waitingNode ? waiting : answer(asked)));
    const found = await new PepDirectory({ ownJid: bob.jid, crypto, requests }).fetch(bob.jid, false);
    assert.deepEqual(found.kind === 'bundle' && found.waiting, [
      { deviceId: laptop.deviceId, certificate: laptop.certificate },
    ]);
  });
});

describe('publishing over PEP', () => {
  const publication = bob.publication(1, [laptop], { prekey });

  function publisher(script: Script): { readonly directory: PepDirectory; readonly server: ScriptedServer } {
    const requests = new Requests(bob.jid);
    const server = ScriptedServer.join(requests, `${bob.jid}/desk`, script);
    return { directory: new PepDirectory({ ownJid: bob.jid, crypto, requests, publishTimeoutMs: 100 }), server };
  }

  const writes = ({ asked }: ScriptedServer): readonly string[] =>
    asked
      .filter(({ type }) => type === 'set')
      .map(({ xml }) => /<(publish|create|configure|delete|retract) /.exec(xml)?.[1] ?? '');

  it('replaces a list that poses as newer without the signature of the account key', async () => {
    const mallory = new PublishingPerson(bob.jid);
    for (const kuA of [bob.kuA, mallory.kuA]) {
      const forged = toBase64(
        deviceSet.encode({ kuA, list: mallory.list(9, [laptop]), certificates: [], rollover: nothing }),
      );
      const reply = itemsReply(devicesNode, itemXml('devices', forged));
      const { directory } = publisher(({ node, type }) => {
        if (type === 'set') return {};
        return node === devicesNode ? reply : errorReply('item-not-found');
      });
      assert.deepEqual(await directory.publish(publication), { kind: 'taken' });
    }
  });

  it('overwrites no other list of the same version, and no list it could not look at', async () => {
    const other = deviceSet.encode({ kuA: bob.kuA, list: bob.list(1, []), certificates: [], rollover: nothing });
    const there = publisher(({ node }) =>
      node === devicesNode
        ? itemsReply(devicesNode, itemXml('devices', toBase64(other)))
        : errorReply('item-not-found'),
    );
    assert.equal((await there.directory.publish(publication)).kind, 'refused');
    const unknown = publisher(() => errorReply('internal-server-error', 'wait'));
    assert.equal((await unknown.directory.publish(publication)).kind, 'failed');
    assert.deepEqual([...writes(there.server), ...writes(unknown.server)], []);
  });

  it('keeps the rollover that is there while the key is the same', async () => {
    const rollover = new PublishingPerson(bob.jid).rolloverTo(bob);
    const before = deviceSet.encode({ kuA: bob.kuA, list: bob.list(0, []), certificates: [], rollover });
    const { directory, server } = publisher(({ node, type }) => {
      if (type === 'set') return {};
      return node === devicesNode
        ? itemsReply(devicesNode, itemXml('devices', toBase64(before)))
        : errorReply('item-not-found');
    });
    assert.deepEqual(await directory.publish(publication), { kind: 'taken' });
    const sent = server.asked.find(
      ({ type, node, xml }) => type === 'set' && node === devicesNode && xml.includes('<publish '),
    );
    const text = /<devices[^>]*>([^<]+)</.exec(sent?.xml ?? '')?.[1] ?? '';
    assert.deepEqual(deviceSet.decode(fromBase64(text)).rollover, rollover);
  });

  it('makes and configures the node where publish-options do not help, and says why when nothing does', async () => {
    const strict = publisher(({ xml, type }) => {
      if (type === 'get') return errorReply('item-not-found');
      return xml.includes('publish-options') ? errorReply('conflict', 'cancel') : {};
    });
    assert.deepEqual(await strict.directory.publish(bob.publication(1, [laptop])), { kind: 'taken' });
    assert.deepEqual(writes(strict.server), ['publish', 'create', 'configure', 'publish']);
    const without = publisher(() => errorReply('feature-not-implemented'));
    assert.deepEqual(await without.directory.publish(publication), {
      kind: 'refused',
      reason: 'the server answered feature-not-implemented',
    });
  });

  it('of a device that waits touches nothing but its own request', async () => {
    const { directory, server } = publisher(({ type }) => (type === 'set' ? {} : errorReply('item-not-found')));
    assert.deepEqual(await directory.publish({ ...publication, waiting: laptop.certificate }), { kind: 'taken' });
    assert.ok(server.asked.every(({ node }) => node === waitingNode));
  });
});
