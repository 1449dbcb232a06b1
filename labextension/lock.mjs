// Adds the checksums of all platforms' packages to yarn.lock: node lock.mjs, after a change of package.json.
//
// An install fetches the packages of this platform alone. Here a copy of the project is installed for all platforms
// (about 600 MB, some minutes), and only its yarn.lock is kept.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const FILES = ['package.json', 'yarn.lock', 'yarn-checksums.cjs', '.yarnrc.yml'];
const copy = mkdtempSync(join(tmpdir(), 'livepoll-lock-'));
try {
  FILES.forEach(name => copyFileSync(name, join(copy, name)));
  const conditions = readFileSync('yarn.lock', 'utf8').matchAll(/^ {2}conditions: (.*)$/gm);
  const all = { os: new Set(['current']), cpu: new Set(['current']), libc: new Set(['current']) };
  for (const [, condition] of conditions) {
    for (const [, key, value] of condition.matchAll(/(os|cpu|libc)=(\w+)/g)) {
      all[key].add(value);
    }
  }
  const lists = Object.entries(all).map(
    ([key, values]) => `  ${key}: [${[...values].join(', ')}]\n`
  );
  const settings = readFileSync('.yarnrc.yml', 'utf8');
  writeFileSync(join(copy, '.yarnrc.yml'), `${settings}supportedArchitectures:\n${lists.join('')}`);
  // Without the link step: nothing is unpacked.
  const yarn = ['install', '--mode=update-lockfile'];
  execFileSync('jlpm', yarn, { cwd: copy, stdio: 'inherit' });
  copyFileSync(join(copy, 'yarn.lock'), 'yarn.lock');
} finally {
  rmSync(copy, { recursive: true });
}
