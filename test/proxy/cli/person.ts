// Somebody at a terminal, for what asks with prompts.
import { PassThrough, Writable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';

/** A person who types when asked. */
export class Person {
  readonly input = new PassThrough();
  readonly output: Writable;
  #shown = '';
  #read = 0;
  #wake: (() => void) | undefined;

  constructor() {
    this.output = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        this.#shown += stripVTControlCharacters(chunk.toString());
        this.#wake?.();
        done();
      },
    });
  }

  /** Waits for a text that was not waited for before, then types. */
  async answer(text: string, keys: string): Promise<void> {
    await this.see(text);
    this.input.write(keys);
  }

  async see(text: string): Promise<void> {
    for (;;) {
      const at = this.#shown.indexOf(text, this.#read);
      if (at >= 0) {
        this.#read = at + text.length;
        return;
      }
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  get shown(): string {
    return this.#shown;
  }
}

export const enter = '\r';
export const down = '\u001b[B';
export const backspace = '\u007f';
export const controlC = '\u0003';
