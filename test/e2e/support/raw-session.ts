// A client of bytes that has logged in: PLAIN, a resource, available. What it
// says afterwards is the test's.
import type { Login } from './proxy-side.ts';
import { header, RawClient } from './raw-client.ts';

export async function logInRaw(login: Login): Promise<RawClient> {
  const { jid, password } = login;
  const [name = '', domain = ''] = jid.split('@');
  const client = await RawClient.connect(login);
  client.write(header(domain));
  await client.hear('</stream:features>');
  const response = Buffer.from(`\0${name}\0${password}`).toString('base64');
  client.write(`<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>${response}</auth>`);
  await client.hear('<success');
  client.write(header(domain));
  await client.hear(/<success[^]*<\/stream:features>/);
  client.write(`<iq type='set' id='b1'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>`);
  await client.hear('<jid>');
  client.write('<presence/>');
  await client.hear('<presence');
  return client;
}
