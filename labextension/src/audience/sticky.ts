/** Keeps a line or button in sight at the lower edge of the window, unless it would cover too much of it. */

/** The part of the window's height that may be covered. */
export const MOST_COVERED = 1 / 5;

/** Pixels of the strip in the page's colour around it (0.75rem above and below). */
function margins(): number {
  return 1.5 * (parseFloat(getComputedStyle(document.documentElement).fontSize) || 16);
}

/** Whether something `height` pixels high may stay in a window of `windowHeight` pixels. Pure. */
export function maySticky(height: number, windowHeight: number): boolean {
  return height <= windowHeight * MOST_COVERED;
}

/** Give the elements under `root` that match `selector` the class `lp-is-sticky` while they are low enough. */
export function keepInSight(root: HTMLElement, selector: string): () => void {
  const look = (): void => {
    for (const each of root.querySelectorAll<HTMLElement>(selector)) {
      each.classList.toggle('lp-is-sticky', maySticky(each.offsetHeight + margins(), innerHeight));
    }
  };
  addEventListener('resize', look);
  return look;
}
