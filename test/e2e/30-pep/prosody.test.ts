import { Prosody } from '../../../proxy/try/prosody.ts';
import { needs } from '../../run/needs.ts';
import { accounts, domain, itKeepsKeysOnAccounts } from './pep-behaviour.ts';

/** Publish-options are thrown away before the server sees them, as servers do that do not know them. */
const withoutOptions = `
module:hook("iq-set/bare/http://jabber.org/protocol/pubsub:pubsub", function (event)
  event.stanza.tags[1]:maptags(function (tag) if tag.name ~= "publish-options" then return tag; end end);
end, 1000);
`;

/** Publish-options are refused, as by servers that know that they do not know them. */
const refusingOptions = `
local st = require "util.stanza";
module:hook("iq-set/bare/http://jabber.org/protocol/pubsub:pubsub", function (event)
  if event.stanza.tags[1]:get_child("publish-options") == nil then return; end
  event.origin.send(st.error_reply(event.stanza, "cancel", "feature-not-implemented"));
  return true;
end, 1000);
`;

const variants = [
  { title: 'as it is', plugins: {} },
  { title: 'ignoring publish-options', plugins: { without_options: withoutOptions } },
  { title: 'refusing publish-options', plugins: { refusing_options: refusingOptions } },
];

for (const { title, plugins } of variants) {
  describe(`PEP of a Prosody ${title}`, () => {
    needs('prosody');
    let prosody: Prosody;
    before('starts Prosody', async () => {
      prosody = await Prosody.start({ domain, accounts, plugins });
    });
    after('stops Prosody', async () => {
      await prosody?.[Symbol.asyncDispose]();
    });
    itKeepsKeysOnAccounts(() => prosody);
  });
}
