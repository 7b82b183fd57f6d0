// What the virtual contact says of itself: XEP-0030 (service discovery), its
// nodes for XEP-0050, XEP-0092 (version), XEP-0054 (vcard-temp).
import { element, escapeText, type Xml } from '../../../shared/xml/write.ts';
import { ns } from '../../../shared/xmpp/namespaces.ts';
import { commandNames, type CommandName } from './command.ts';
import type { Words } from './words/words.ts';

export const adHocCommands = 'http://jabber.org/protocol/commands';
export const softwareVersion = 'jabber:iq:version';
export const vcardTemp = 'vcard-temp';
export const receipts = 'urn:xmpp:receipts';

const features = [ns.discoInfo, ns.discoItems, adHocCommands, ns.ping, softwareVersion, vcardTemp, receipts];

/** The command with this name; undefined where there is none. */
export function commandNamed(node: string | undefined): CommandName | undefined {
  return commandNames.find((name) => name === node);
}

/** Answer to disco#info; undefined for a node that there is not. */
export function discoInfo(node: string | undefined, words: Words): Xml | undefined {
  const command = commandNamed(node);
  if (node === undefined) return info(node, { category: 'client', type: 'bot', name: 'SIMPP' }, features);
  if (node === adHocCommands)
    return info(node, { category: 'automation', type: 'command-list', name: 'SIMPP' }, [adHocCommands]);
  if (command === undefined) return undefined;
  const name = words.commands[command].summary;
  return info(node, { category: 'automation', type: 'command-node', name }, [adHocCommands, ns.dataForms]);
}

function info(
  node: string | undefined,
  identity: { readonly category: string; readonly type: string; readonly name: string },
  vars: readonly string[],
): Xml {
  return element(
    'query',
    { xmlns: ns.discoInfo, node },
    element('identity', { ...identity }),
    ...vars.map((feature) => element('feature', { var: feature })),
  );
}

/** Answer to disco#items: the commands (XEP-0050 §2.2), and nothing elsewhere; undefined for a node that there is not. */
export function discoItems(node: string | undefined, contact: string, words: Words): Xml | undefined {
  if (node !== undefined && node !== adHocCommands && commandNamed(node) === undefined) return undefined;
  const names = node === adHocCommands ? commandNames : [];
  return element(
    'query',
    { xmlns: ns.discoItems, node },
    ...names.map((name) => element('item', { jid: contact, node: name, name: words.commands[name].summary })),
  );
}

export function versionAnswer(version: string): Xml {
  return element(
    'query',
    { xmlns: softwareVersion },
    element('name', {}, escapeText('SIMPP')),
    element('version', {}, escapeText(version)),
  );
}

export function vcardAnswer(words: Words): Xml {
  return element(
    'vCard',
    { xmlns: vcardTemp },
    element('FN', {}, escapeText('SIMPP')),
    element('NICKNAME', {}, escapeText('SIMPP')),
    element('DESC', {}, escapeText(words.about)),
  );
}
