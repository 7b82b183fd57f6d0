// Many clients of one account that log in and say nothing more.
import type { ScramKeys } from '../../proxy/sasl/scram-keys.ts';
import { RawClient, type Login } from './raw-client.ts';

/** Logins at the same time. */
const lanes = 16;

export class Crowd implements Disposable {
  readonly #login: Login;
  readonly #clients: RawClient[] = [];
  #keys: ScramKeys | undefined;

  constructor(login: Login) {
    this.#login = login;
  }

  /** Logs in until there are so many. */
  async grow(size: number): Promise<void> {
    let begun = this.#clients.length;
    const lane = async (): Promise<void> => {
      while (begun < size) {
        begun++;
        const client = await RawClient.logIn(this.#login, this.#keys);
        this.#keys = client.keys;
        this.#clients.push(client);
      }
    };
    await Promise.all(Array.from({ length: lanes }, lane));
  }

  [Symbol.dispose](): void {
    for (const client of this.#clients) client.close();
  }
}
