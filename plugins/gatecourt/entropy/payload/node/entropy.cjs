'use strict';
// Clock, random source and identity of the process or host: what makes two equal runs differ.

const CRYPTO = [
  'randomBytes', 'pseudoRandomBytes', 'randomInt', 'randomUUID', 'randomFill', 'randomFillSync',
  'generateKey', 'generateKeySync', 'generateKeyPair', 'generateKeyPairSync',
];

function arm(recorder) {
  const trap = new Trap(recorder);
  trap.calls(Math, 'Math', ['random']);
  trap.date();
  trap.calls(process.hrtime, 'process.hrtime', ['bigint']);
  trap.calls(process, 'process', ['hrtime', 'uptime']);
  trap.values(process, 'process', ['pid', 'ppid']);
  trap.calls(globalThis.performance, 'performance', ['now']);
  trap.values(globalThis.performance, 'performance', ['timeOrigin']);
  trap.calls(require('os'), 'os', ['hostname', 'uptime']);
  const fs = require('fs');
  trap.calls(fs, 'fs', ['mkdtemp', 'mkdtempSync']);
  trap.calls(fs.promises, 'fs.promises', ['mkdtemp']);
  trap.crypto();
}

class Trap {
  constructor(recorder) {
    this.recorder = recorder;
    this.standIns = new WeakSet();
  }

  // Functions: told when called. A proxy keeps name, length, properties and `this`.
  calls(holder, prefix, names) {
    for (const name of names) {
      const call = `${prefix}.${name}`;
      this.redefine(holder, name, call, (original) => this.function(original, call));
    }
  }

  function(original, call) {
    const { recorder } = this;
    return this.standIn(original, {
      apply: function trapped(target, self, given) {
        recorder.note(call, trapped);
        return Reflect.apply(target, self, given);
      },
    });
  }

  standIn(original, traps) {
    const made = new Proxy(original, traps);
    this.standIns.add(made);
    return made;
  }

  // Plain values: told when read.
  values(holder, prefix, names) {
    const { recorder } = this;
    for (const name of names) {
      const owner = ownerOf(holder, name);
      const found = owner && Object.getOwnPropertyDescriptor(owner, name);
      if (!found) continue;
      const call = `${prefix}.${name}`;
      if (!found.configurable) {
        recorder.gap(call, 'the property cannot be redefined');
        continue;
      }
      let current = found.value;
      Object.defineProperty(owner, name, {
        configurable: true,
        enumerable: found.enumerable,
        get: function trapped() {
          recorder.note(call, trapped);
          return found.get ? Reflect.apply(found.get, this, []) : current;
        },
        set: found.get || !found.writable ? found.set : (value) => { current = value; },
      });
    }
  }

  redefine(holder, name, call, standIn) {
    const owner = ownerOf(holder, name);
    const found = owner && Object.getOwnPropertyDescriptor(owner, name);
    if (!found) return;
    if (!found.configurable && !found.writable) {
      if (!this.standIns.has(holder[name])) this.recorder.gap(call, 'the property cannot be redefined');
    } else if (found.get) {
      this.redefineAccessor(owner, name, found, standIn);
    } else if (typeof found.value === 'function') {
      Object.defineProperty(owner, name, { ...found, value: standIn(found.value) });
    }
  }

  // Not read before the target reads it: node warns of some.
  redefineAccessor(owner, name, found, standIn) {
    let made;
    const get = function get() {
      const original = Reflect.apply(found.get, this, []);
      return (made ??= standIn(original));
    };
    Object.defineProperty(owner, name, { ...found, get });
  }

  date() {
    const { recorder } = this;
    this.calls(Date, 'Date', ['now']);
    const standIn = this.standIn(Date, {
      apply: function trapped(target, self, given) {
        recorder.note('Date', trapped);
        return Reflect.apply(target, self, given);
      },
      construct: function trapped(target, given, asked) {
        if (given.length === 0) recorder.note('new Date', trapped);
        return Reflect.construct(target, given, asked === standIn ? target : asked);
      },
    });
    Object.defineProperty(Date.prototype, 'constructor', { value: standIn, writable: true, configurable: true });
    Object.defineProperty(globalThis, 'Date', { value: standIn, writable: true, configurable: true });
  }

  crypto() {
    let crypto;
    try {
      crypto = require('crypto');
    } catch {
      return; // a node without crypto has none to trap
    }
    const { webcrypto } = crypto;
    if (webcrypto) { // crypto.getRandomValues is a front of this one
      this.calls(webcrypto, 'crypto', ['getRandomValues', 'randomUUID']);
      this.calls(webcrypto.subtle, 'crypto.subtle', ['generateKey']);
    }
    this.calls(crypto, 'crypto', CRYPTO);
  }
}

function ownerOf(holder, name) {
  for (let owner = holder; owner; owner = Object.getPrototypeOf(owner)) {
    if (Object.prototype.hasOwnProperty.call(owner, name)) return owner;
  }
  return null;
}

module.exports = { arm };
