/**
 * Keeps a line or button in sight at the lower edge of the window, unless it would cover too much of it. While it lies over
 * what stands before it, it has the class `lp-has-more`: an option may be hidden by it as a whole.
 */

/** The part of the window's height that may be covered. */
export const MOST_COVERED = 1 / 5;

/** Pixels of the strip in the page's colour around it (0.75rem above and below) and of the words above it. */
function margins(): number {
  return 1.9 * (parseFloat(getComputedStyle(document.documentElement).fontSize) || 16);
}

/** Whether something `height` pixels high may stay in a window of `windowHeight` pixels. Pure. */
export function maySticky(height: number, windowHeight: number): boolean {
  return height <= windowHeight * MOST_COVERED;
}

/** Whether it hides what stands before it, or a part of that. */
function liesOverOthers(line: HTMLElement): boolean {
  const before = line.previousElementSibling;
  return (
    before !== null && before.getBoundingClientRect().bottom > line.getBoundingClientRect().top + 1
  );
}

/** Give the elements under `root` that match `selector` the class `lp-is-sticky` while they are low enough. */
export function keepInSight(root: HTMLElement, selector: string): () => void {
  const look = (): void => {
    for (const each of root.querySelectorAll<HTMLElement>(selector)) {
      const isSticky = maySticky(each.offsetHeight + margins(), innerHeight);
      each.classList.toggle('lp-is-sticky', isSticky);
      each.classList.toggle('lp-has-more', isSticky && liesOverOthers(each));
    }
  };
  addEventListener('resize', look);
  addEventListener('scroll', look, { passive: true });
  return look;
}
