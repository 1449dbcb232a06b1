// Notes in `watch` what the phone's page goes through: paints, layout shifts, long tasks, and frames while bars move.
// Run before the page's own script; it draws nothing and asks for nothing.
const BARS_MOVE_MS = 700; // as long as their transition in options.css

const watch = { firstPaint: null, question: null, shift: 0, longest: 0, moves: 0, frames: [] };
window.watch = watch;

function observe(type, note) {
  new PerformanceObserver(list => list.getEntries().forEach(note)).observe({ type, buffered: true });
}

observe('paint', ({ name, startTime }) => {
  if (name === 'first-contentful-paint') watch.firstPaint = startTime;
});
observe('layout-shift', ({ value }) => {
  watch.shift += value;
});

let lastFrame = 0;
let movesUntil = 0;

addEventListener('transitionrun', ({ target, propertyName }) => {
  if (propertyName === 'transform' && target.classList.contains('lp-fill')) {
    const now = performance.now();
    watch.moves += now > movesUntil ? 1 : 0;
    movesUntil = now + BARS_MOVE_MS;
  }
});
observe('longtask', ({ startTime, duration }) => {
  if (startTime < movesUntil) watch.longest = Math.max(watch.longest, duration);
});

function frame(now) {
  if (lastFrame > 0 && lastFrame < movesUntil) watch.frames.push(now - lastFrame);
  lastFrame = now;
  if (watch.question === null && document.querySelector('.lp-question')) watch.question = now;
  requestAnimationFrame(frame);
}
requestAnimationFrame(frame);
