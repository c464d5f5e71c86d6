'use strict';
// Whose line it was, and the log: a trapped call belongs to a line of the target or to nobody.
const fs = require('fs');
const path = require('path');
const { fileURLToPath } = require('url');

// Held from the start: the target or a trap may replace these later.
const { openSync, writeSync, closeSync, readFileSync, realpathSync } = fs;
const { stringify } = JSON;
const { hasOwnProperty } = Object.prototype;
const hasOwn = (object, key) => Reflect.apply(hasOwnProperty, object, [key]);
const capture = Error.captureStackTrace;
const FOREIGN_FOLDERS = ['node_modules', 'site-packages', 'dist-packages'];
// Frames to look at: the caller is nearly always the next one; but native code (Array.map), eval and node's own
// thin fronts may stand between, and with `deep` libraries as well.
const NEAR = 1;
const FAR = 12;
const DEEP = 60;
const FRONTS = ['node:crypto'];
const sitesOnly = (_, sites) => sites;

class Recorder {
  constructor(log, roots, deep, traps) {
    this.log = log;
    this.roots = roots;
    this.deep = deep;
    this.traps = traps;
    this.kinds = new Map();
    this.counts = new Map();
  }

  started() {
    process.on('exit', () => this.flush());
    this.append({ kind: 'start', language: 'node' });
  }

  gap(call, reason) {
    this.append({ kind: 'gap', language: 'node', call, reason });
  }

  // Record `call` if the caller of the function `above` is the target's own.
  note(call, above) {
    const place = this.place(above);
    if (place !== null) this.count('read', call, place);
  }

  // Record `call` whoever called it: for the nearest of the target's own lines, or for none.
  reach(kind, call, above) {
    this.count(kind, call.replaceAll('\n', ' '), this.search(callSites(above, DEEP), true) ?? { file: '', line: 0 });
  }

  count(kind, call, place) {
    const site = `${kind}\n${call}\n${place.file}\n${place.line}`;
    const count = (this.counts.get(site) ?? 0) + 1;
    this.counts.set(site, count);
    if ((count & (count - 1)) === 0) this.told(site, count - (count >> 1));
  }

  place(above) {
    const near = this.search(callSites(above, NEAR));
    return near === undefined ? this.search(callSites(above, this.deep ? DEEP : FAR)) ?? null : near;
  }

  // A place, null if the call is nobody's, undefined if these frames do not tell.
  search(sites, deep = this.deep) {
    for (const site of sites) {
      const name = site.getFileName();
      if (!name || site.isNative() || site.isEval() || FRONTS.includes(name)) continue;
      const file = this.own(name);
      if (file !== null) return { file, line: site.getLineNumber() };
      if (!deep) return null;
    }
    return undefined;
  }

  own(name) {
    if (!this.kinds.has(name)) this.kinds.set(name, this.kind(name));
    return this.kinds.get(name);
  }

  kind(name) {
    if (name.startsWith('node:')) return null;
    try {
      const file = realpathSync(name.startsWith('file:') ? fileURLToPath(name) : name);
      return this.roots.some((root) => owns(root, file)) ? file : null;
    } catch {
      return null;
    }
  }

  told(site, count) {
    const [kind, call, file, line] = site.split('\n');
    this.append({ kind, language: 'node', call, path: file, line: Number(line), count, seeded: null });
  }

  flush() {
    for (const [site, count] of [...this.counts].sort()) {
      const rest = count - 2 ** Math.floor(Math.log2(count));
      if (rest > 0) this.told(site, rest);
    }
    this.counts.clear();
  }

  append(record) {
    try {
      const stream = openSync(this.log, 'a');
      try {
        writeSync(stream, `${ascii(stringify(record))}\n`);
      } finally {
        closeSync(stream);
      }
    } catch {
      // The target goes on; without its start record the trap counts as not armed.
    }
  }
}

// As the traps of other languages write it.
const ascii = (text) => text.replace(/[^\x00-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

function owns(root, file) {
  return file.startsWith(root) && !file.slice(root.length).split(path.sep).some((part) => FOREIGN_FOLDERS.includes(part));
}

function callSites(above, limit) {
  const had = hasOwn(Error, 'prepareStackTrace');
  const { prepareStackTrace, stackTraceLimit } = Error;
  try {
    Error.prepareStackTrace = sitesOnly;
    Error.stackTraceLimit = limit;
    const holder = {};
    capture(holder, above);
    return Array.isArray(holder.stack) ? holder.stack : [];
  } catch {
    return []; // a target that froze Error
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
    if (had) Error.prepareStackTrace = prepareStackTrace;
    else delete Error.prepareStackTrace;
  }
}

// The recorder that the lines `log PATH`, `root PATH` and `trap NAME` (both repeatable) and `deep 0|1` describe.
function configured(settings) {
  const pairs = readFileSync(settings, 'utf8').split('\n').filter(Boolean).map((line) => {
    const space = line.indexOf(' ');
    return [line.slice(0, space), line.slice(space + 1)];
  });
  const value = (key) => pairs.filter((pair) => pair[0] === key).map((pair) => pair[1]);
  const roots = value('root').map((root) => (root.endsWith(path.sep) ? root : root + path.sep));
  return new Recorder(value('log')[0], roots, value('deep')[0] === '1', value('trap'));
}

module.exports = { configured };
