// One real Prosody for a test file; without the program its tests are skipped by name.
import { Prosody, type ProsodyOptions } from '../../../proxy/try/prosody.ts';
import { needs } from '../../run/needs.ts';

export const domain = 'example.test';

/** The server of a describe block, started before its tests and stopped after them. */
export function prosodyForTests(options: ProsodyOptions = {}): { readonly server: Prosody } {
  needs('prosody');
  let server: Prosody | undefined;
  before(async function () {
    this.timeout(20_000);
    const accounts = ['alice', 'bob', 'carol'].map((name) => ({ name, password: `${name}-secret` }));
    server = await Prosody.start({ domain, accounts, registration: true, ...options });
  });
  after(async function () {
    this.timeout(20_000);
    await server?.[Symbol.asyncDispose]();
  });
  return {
    get server() {
      if (server === undefined) throw new Error('Prosody is not running');
      return server;
    },
  };
}
