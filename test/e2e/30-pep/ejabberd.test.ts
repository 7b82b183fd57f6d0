import { needs } from '../../run/needs.ts';
import { Ejabberd } from '../support/ejabberd.ts';
import { accounts, domain, itKeepsKeysOnAccounts } from './pep-behaviour.ts';

describe('PEP of an ejabberd', () => {
  needs('ejabberd');
  let ejabberd: Ejabberd;
  before('starts ejabberd', async function () {
    this.timeout(60_000);
    ejabberd = await Ejabberd.start({ domain, accounts });
  });
  after('stops ejabberd', async () => {
    await ejabberd?.[Symbol.asyncDispose]();
  });
  itKeepsKeysOnAccounts(() => ejabberd);
});
