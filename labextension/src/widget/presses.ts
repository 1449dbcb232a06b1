/** Buttons that the kernel carries out: each press gets a number, and its reply says whether it worked. */
import type { Model, Reply } from './model';

/** Milliseconds without a reply after which the person is told why: a kernel or a server that is busy or gone. */
export const PATIENCE_MS = 4_000;

const BUSY =
  'No answer yet: the kernel may be busy with a cell, or the server away. The LivePoll sidebar needs no kernel.';

let last = 0;

/** Sends presses and hands the outcome of the latest to `tell`: null while all is well. */
export class Presses {
  private latest = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly model: Model,
    private readonly tell: (problem: string | null) => void
  ) {
    model.on('msg:custom', this.hear);
  }

  press(act: string, question = '', answer: unknown = null): void {
    last += 1;
    this.latest = last;
    this.tell(null);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.tell(BUSY);
    }, PATIENCE_MS);
    this.model.send({ id: last, do: act, question, answer });
  }

  stop(): void {
    clearTimeout(this.timer);
    this.model.off('msg:custom', this.hear);
  }

  private readonly hear = (message?: unknown): void => {
    const { reply, error } = message as Partial<Reply>;
    if (error !== undefined && reply === this.latest) {
      clearTimeout(this.timer);
      this.tell(error);
    }
  };
}
