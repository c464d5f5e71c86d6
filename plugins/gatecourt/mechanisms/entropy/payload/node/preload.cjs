'use strict';
// Loaded by the target's own node before the target: arms the traps that the settings name. Each trap is a module
// that exports arm(recorder). The start record is written last: it vouches for a complete arming.
try {
  const recorder = require('./record.cjs').configured(require('path').join(__dirname, '..', 'trap.conf'));
  const traps = { entropy: './entropy.cjs', network: './network.cjs' };
  for (const name of recorder.traps) require(traps[name]).arm(recorder);
  require('module').syncBuiltinESMExports();
  recorder.started();
} catch {
  // The target must run; a trap that did not arm is seen by its missing start record.
}
