"""What a page does while nobody looks: scripts that note it in `window`, to be run by a test."""

HEARD = """
() => {
  window.heard = [];
  new MutationObserver(changes => {
    for (const change of changes) {
      for (const node of change.addedNodes) window.heard.push(node.textContent);
    }
  }).observe(document.querySelector('[role=status]'), { childList: true });
}
"""
"""Notes in `heard` what a screen reader is told."""

HEARD_FROM_THE_START = """
window.heard = [];
new MutationObserver(changes => {
  for (const change of changes) {
    if (change.target instanceof Element && change.target.matches('[role=status]')) {
      for (const node of change.addedNodes) window.heard.push(node.textContent);
    }
  }
}).observe(document, { childList: true, subtree: true });
"""
"""The same for a page that is opened after this."""

FONT = "**/lp-math.woff2"
"""The font for formulas. It comes once, some time after the first formula, and moves that a little."""

SHIFTS = """
() => {
  window.shifts = [];
  new PerformanceObserver(list => {
    for (const shift of list.getEntries()) window.shifts.push(shift.value);
  }).observe({ type: 'layout-shift', buffered: true });
}
"""
"""Notes in `shifts` how much moved by itself since the page was opened, as browsers measure it."""
