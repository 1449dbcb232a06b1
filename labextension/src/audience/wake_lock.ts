/** Keeps the phone's screen on while a question is open, where the browser can (it wants HTTPS for that). */

/** Whether a screen is kept on is asked for again and again; only changes reach the browser. */
export class ScreenLock {
  private isWanted = false;
  private held: Promise<WakeLockSentinel | null> | null = null;

  constructor(private readonly wakeLock: WakeLock | undefined = navigator.wakeLock) {
    // The browser lets go by itself when the page is hidden.
    document.addEventListener('visibilitychange', () => {
      this.held = null;
      this.settle();
    });
  }

  /** Keep the screen on from now on, or no longer. */
  set(isWanted: boolean): void {
    this.isWanted = isWanted;
    this.settle();
  }

  private settle(): void {
    const isVisible = document.visibilityState === 'visible';
    if (this.isWanted && isVisible) {
      this.held ??= this.request();
    } else if (this.held !== null) {
      void this.held.then(lock => lock?.release());
      this.held = null;
    }
  }

  private async request(): Promise<WakeLockSentinel | null> {
    try {
      return (await this.wakeLock?.request('screen')) ?? null;
    } catch {
      // A low battery, or a setting: the screen goes off as it would without us.
      return null;
    }
  }
}
