/** Looks again when told to: one look at a time, and one more where it was told during a look. */
export class Refresher {
  private running: Promise<void> | null = null;
  private next: Promise<void> | null = null;

  constructor(private readonly look: () => Promise<void>) {}

  /** Resolves, or rejects, with a look that began no earlier than this call. */
  request(): Promise<void> {
    if (this.running === null) {
      return this.begin();
    }
    this.next ??= this.running
      .catch(() => undefined)
      .then(() => {
        this.next = null;
        return this.begin();
      });
    return this.next;
  }

  private begin(): Promise<void> {
    const running = this.look().finally(() => {
      this.running = null;
    });
    this.running = running;
    return running;
  }
}
