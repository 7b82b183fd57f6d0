import assert from 'node:assert/strict';
import { duplexPair } from 'node:stream';

import { checkServerStream } from '../../../proxy/doctor/server-stream.ts';

const mends = { unknownDomain: 'unknown', noAnswer: 'none', noMechanism: 'mechanism' };

describe('the doctor at the stream of a server', () => {
  it('names the mechanism that a login would take: nothing is bound to a channel without TLS', async () => {
    const [stream, server] = duplexPair();
    server.once('data', () => {
      server.write(
        `<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' ` +
          `from='example.test' id='1' version='1.0'><stream:features>` +
          `<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>SCRAM-SHA-256-PLUS</mechanism>` +
          `<mechanism>SCRAM-SHA-1</mechanism></mechanisms></stream:features>`,
      );
      server.end('</stream:stream>');
    });
    const found = await checkServerStream({ stream, farewell: () => undefined }, 'example.test', mends);
    const said = found.find(({ check }) => check === 'mechanisms');
    assert.match(said?.text ?? '', /simpp would take SCRAM-SHA-1\.$/);
  });
});
