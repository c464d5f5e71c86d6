'use strict';
// Clock, random source and identity of the process or host: what makes two equal runs differ.
const { StandIns } = require('./standin.cjs');

const CRYPTO = [
  'randomBytes', 'pseudoRandomBytes', 'randomInt', 'randomUUID', 'randomFill', 'randomFillSync',
  'generateKey', 'generateKeySync', 'generateKeyPair', 'generateKeyPairSync',
];

function arm(recorder) {
  const note = (call, above) => recorder.note(call, above);
  const trap = new StandIns(note, (call, reason) => recorder.gap(call, reason));
  trap.calls(Math, 'Math', ['random']);
  armDate(trap);
  trap.calls(process.hrtime, 'process.hrtime', ['bigint']);
  trap.calls(process, 'process', ['hrtime', 'uptime']);
  trap.values(process, 'process', ['pid', 'ppid']);
  trap.calls(globalThis.performance, 'performance', ['now']);
  trap.values(globalThis.performance, 'performance', ['timeOrigin']);
  trap.calls(require('os'), 'os', ['hostname', 'uptime']);
  const fs = require('fs');
  trap.calls(fs, 'fs', ['mkdtemp', 'mkdtempSync']);
  trap.calls(fs.promises, 'fs.promises', ['mkdtemp']);
  armCrypto(trap);
}

function armDate(trap) {
  const { tell } = trap;
  trap.calls(Date, 'Date', ['now']);
  const standIn = trap.standIn(Date, {
    apply: function trapped(target, self, given) {
      tell('Date', trapped, given);
      return Reflect.apply(target, self, given);
    },
    construct: function trapped(target, given, asked) {
      if (given.length === 0) tell('new Date', trapped, given);
      return Reflect.construct(target, given, asked === standIn ? target : asked);
    },
  });
  Object.defineProperty(Date.prototype, 'constructor', { value: standIn, writable: true, configurable: true });
  Object.defineProperty(globalThis, 'Date', { value: standIn, writable: true, configurable: true });
}

function armCrypto(trap) {
  let crypto;
  try {
    crypto = require('crypto');
  } catch {
    return; // a node without crypto has none to trap
  }
  const { webcrypto } = crypto;
  if (webcrypto) { // crypto.getRandomValues is a front of this one
    trap.calls(webcrypto, 'crypto', ['getRandomValues', 'randomUUID']);
    trap.calls(webcrypto.subtle, 'crypto.subtle', ['generateKey']);
  }
  trap.calls(crypto, 'crypto', CRYPTO);
}

module.exports = { arm };
