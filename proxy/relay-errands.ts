// The errands of one relay's stages: they go to the engine of the account, and
// what it says comes back as news for the stage, at once or at any later time.
import type { Errand, News, RunErrand } from './stages/errand.ts';

export class Errands {
  readonly #run: RunErrand | undefined;
  readonly #deliver: (place: number, news: News) => void;
  /** News that came while the relay was waiting for a job; later ones queue up behind them. */
  #postponed: { readonly place: number; readonly news: News }[] | undefined;
  #isOver = false;

  constructor(run: RunErrand | undefined, deliver: (place: number, news: News) => void) {
    this.#run = run;
    this.#deliver = deliver;
  }

  /** Sends an errand of the stage at this place. */
  send(place: number, errand: Errand): undefined {
    if (!this.#isOver) this.#run?.(errand, (news) => this.#tell(place, news));
  }

  /** A job begins: what waits for it must not be overtaken. */
  postpone(): void {
    this.#postponed ??= [];
  }

  /** All jobs are over. */
  goOn(): void {
    const postponed = this.#postponed ?? [];
    this.#postponed = undefined;
    for (const { place, news } of postponed) this.#tell(place, news);
  }

  /** The relay is over: the engine hears so once, and is heard no more. */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#run?.({ kind: 'gone' }, () => undefined);
  }

  #tell(place: number, news: News): void {
    if (this.#isOver) return;
    if (this.#postponed === undefined) this.#deliver(place, news);
    else this.#postponed.push({ place, news });
  }
}
