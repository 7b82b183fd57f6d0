import assert from 'node:assert/strict';

import { utf8 } from '../../../shared/bytes.ts';
import { trustedXml } from '../../../shared/xml/write.ts';
import { ns } from '../../../shared/xmpp/namespaces.ts';
import { configureRequest, itemRequest, newestItemsRequest, publishRequest } from '../../../shared/xmpp/pubsub.ts';
import { readConfiguration } from '../../../shared/xmpp/pubsub-answer.ts';

const scope = new Map([['', ns.client]]);
const shape = { access: 'open', maxItems: 3 } as const;

describe('requests to personal nodes', () => {
  it('ask for one item by its id, or for the newest (XEP-0060 §6.5.7, §6.5.8)', () => {
    assert.equal(
      itemRequest('a&b', 'it'),
      `<pubsub xmlns='${ns.pubsub}'><items node='a&amp;b'><item id='it'/></items></pubsub>`,
    );
    assert.equal(newestItemsRequest('n', 5), `<pubsub xmlns='${ns.pubsub}'><items node='n' max_items='5'/></pubsub>`);
  });

  it('publish with the readers as a precondition, and never with a number of items, which ejabberd refuses', () => {
    const request = publishRequest('n', 'it', trustedXml('<p/>'), shape);
    const field = (name: string, value: string): string => `<field var='${name}'><value>${value}</value></field>`;
    const form =
      `<x xmlns='${ns.dataForms}' type='submit'>` +
      `<field var='FORM_TYPE' type='hidden'><value>${ns.pubsub}#publish-options</value></field>` +
      `${field('pubsub#access_model', 'open')}${field('pubsub#persist_items', 'true')}</x>`;
    assert.equal(
      request,
      `<pubsub xmlns='${ns.pubsub}'><publish node='n'><item id='it'><p/></item></publish>` +
        `<publish-options>${form}</publish-options></pubsub>`,
    );
    assert.ok(configureRequest('n', shape).includes(field('pubsub#max_items', '3')));
  });
});

describe('the configuration of a node', () => {
  const read = (...fields: readonly string[]) =>
    readConfiguration(
      utf8(
        `<iq type='result'><pubsub xmlns='${ns.pubsub}#owner'><configure node='n'>` +
          `<x xmlns='${ns.dataForms}' type='form'>${fields.join('')}</x></configure></pubsub></iq>`,
      ),
      scope,
    );
  const field = (name: string, value: string): string =>
    `<field var='pubsub#${name}' type='text-single'><value>${value}</value></field>`;

  it('says who reads it and how many items it keeps', () => {
    const fields = [field('title', 'x'), field('access_model', 'presence'), field('max_items', '1')];
    assert.deepEqual(read(...fields), { access: 'presence', maxItems: 1 });
  });

  it('leaves open what it does not say in a number', () => {
    assert.deepEqual(read(field('max_items', 'max')), {});
    assert.deepEqual(read(`<field var='pubsub#access_model'/>`), {});
    assert.deepEqual(readConfiguration(utf8(`<iq type='result'/>`), scope), {});
  });
});
