import assert from 'node:assert/strict';
import { utf8 } from '../../../shared/bytes.ts';
import { readLegacyLogin, readRegistration, readWholeLegacyLogin } from '../../../shared/xmpp/registration.ts';

const scope = new Map([['', 'jabber:client']]);
const login = (element: string): unknown => readLegacyLogin(utf8(element), scope);
const registration = (element: string): unknown => readRegistration(utf8(element), scope);

describe('login by XEP-0078', () => {
  it('is read: user name, resource and either password or digest', () => {
    const digest = `<iq type='set' id='1'><query xmlns='jabber:iq:auth'><username>bill</username><digest>48fc</digest><resource>globe</resource></query></iq>`;
    assert.deepEqual(login(digest), { username: 'bill', resource: 'globe', digest: '48fc' });
    const plain = `<iq type='set'><query xmlns='jabber:iq:auth'><username>bill</username><password>&lt;&amp;</password></query></iq>`;
    assert.deepEqual(login(plain), { username: 'bill', password: '<&' });
  });

  it('is not the question for the fields that comes before it', () => {
    assert.equal(
      login(`<iq type='get'><query xmlns='jabber:iq:auth'><username>bill</username></query></iq>`),
      undefined,
    );
    assert.equal(
      login(`<iq type='set'><query xmlns='jabber:iq:register'><username>b</username></query></iq>`),
      undefined,
    );
  });
});

describe('a login by XEP-0078 whose result proves a name', () => {
  const whole = (element: string): unknown => readWholeLegacyLogin(utf8(element), scope);
  const iq = (attributes: string, fields: string): string =>
    `<iq ${attributes}><query xmlns='jabber:iq:auth'>${fields}</query></iq>`;
  const fields = '<username>bill</username><password>x</password><resource>globe</resource>';

  it('has an id, one name, one resource, and one password or digest', () => {
    assert.deepEqual(whole(iq("type='set' id='1'", fields)), { id: '1', username: 'bill' });
    const digest = fields.replaceAll('password', 'digest');
    assert.deepEqual(whole(iq("type='set' id='1'", digest)), { id: '1', username: 'bill' });
  });

  it('has nothing less and nothing more', () => {
    for (const other of [
      iq("type='set'", fields),
      iq("type='get' id='1'", fields),
      iq("type='set' id='1'", ''),
      iq("type='set' id='1'", `${fields}<digest>x</digest>`),
      iq("type='set' id='1'", `${fields}<username>bob</username>`),
      iq("type='set' id='1'", `${fields}<token/>`),
      iq("type='set' id='1'", fields.replace('<username>', "<username xmlns='x'>")),
      iq("type='set' id='1'", fields.replace('bill', '<b/>')),
      iq("type='set' id='1'", fields).replace('</iq>', '<query/></iq>'),
    ]) {
      assert.equal(whole(other), undefined, other);
    }
  });
});

describe('registration by XEP-0077', () => {
  it('is read: question, new account or password, removal', () => {
    assert.deepEqual(registration(`<iq type='get'><query xmlns='jabber:iq:register'/></iq>`), { kind: 'query' });
    assert.deepEqual(
      registration(
        `<iq type='set'><query xmlns='jabber:iq:register'><username>bill</username><password>Calliope</password><email>e</email></query></iq>`,
      ),
      { kind: 'set', username: 'bill', password: 'Calliope' },
    );
    assert.deepEqual(registration(`<iq type='set'><query xmlns='jabber:iq:register'><remove/></query></iq>`), {
      kind: 'remove',
    });
  });

  it('is read from a data form', () => {
    const form = `<iq type='set'><query xmlns='jabber:iq:register'><x xmlns='jabber:x:data' type='submit'><field type='hidden' var='FORM_TYPE'><value>jabber:iq:register</value></field><field var='username'><value>juliet</value></field><field var='password'><value>R0m30</value></field><field var='empty'/></x></query></iq>`;
    assert.deepEqual(registration(form), { kind: 'set', username: 'juliet', password: 'R0m30' });
  });

  it('is read beside children that hold anything', () => {
    const odd = `<iq type='set'><query xmlns='jabber:iq:register'><x><y/></x><username>b</username></query></iq>`;
    assert.deepEqual(registration(odd), { kind: 'set', username: 'b' });
  });

  it('is told from other IQs', () => {
    assert.equal(registration(`<iq type='set'><query xmlns='jabber:iq:roster'><remove/></query></iq>`), undefined);
    assert.equal(registration(`<iq type='result'><query xmlns='jabber:iq:register'/></iq>`), undefined);
  });
});
