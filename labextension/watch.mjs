/** Rebuilds all three bundles on every change; ends them together. JupyterLab must be reloaded by hand. */
import { spawn } from 'node:child_process';

const watchers = [
  ['tsc', '--watch', '--preserveWatchOutput'],
  ['node', 'build.mjs', '--watch'],
  ['jupyter-builder', 'watch', '.']
].map(([program, ...args]) => spawn(program, args, { stdio: 'inherit' }));

for (const watcher of watchers) {
  watcher.on('exit', () => watchers.forEach(other => other.kill()));
}
