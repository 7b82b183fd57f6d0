// Stops and starts the server once for all modes of a case: each waits until
// the others have come to the same step.
import type { TestServer } from './worlds.ts';

export class ServerSwitch {
  readonly #server: TestServer;
  #expected: number;
  #arrived = 0;
  #how: 'restart' | 'kill' = 'restart';
  #turn = Promise.withResolvers<void>();

  constructor(server: TestServer, modes: number) {
    this.#server = server;
    this.#expected = modes;
  }

  /** Resolves when the server is back. */
  readonly flip = async (how: 'restart' | 'kill'): Promise<void> => {
    const { promise } = this.#turn;
    this.#arrived++;
    this.#how = how;
    this.#flipWhenAllAreThere();
    await promise;
  };

  /** One mode has ended, or failed, and comes to no further step. */
  leave(): void {
    this.#expected--;
    this.#flipWhenAllAreThere();
  }

  #flipWhenAllAreThere(): void {
    if (this.#arrived === 0 || this.#arrived < this.#expected) return;
    const turn = this.#turn;
    this.#turn = Promise.withResolvers();
    this.#arrived = 0;
    this.#flip(this.#how).then(turn.resolve, turn.reject);
  }

  async #flip(how: 'restart' | 'kill'): Promise<void> {
    const { port } = this.#server;
    await (how === 'kill' ? this.#server.kill() : this.#server.stop());
    await this.#server.start();
    if (this.#server.port !== port) throw new Error('the server came back on another port');
  }
}
