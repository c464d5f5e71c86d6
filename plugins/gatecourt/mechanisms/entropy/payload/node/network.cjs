'use strict';
// The network: every way from here to another process that is no file, no pipe and no socket in the file system;
// loopback is network too. Programs that are started are told as well: the trap may not reach into them.
const { StandIns } = require('./standin.cjs');

const LOOKUPS = [
  'lookup', 'lookupService', 'resolve', 'resolve4', 'resolve6', 'resolveAny', 'resolveCaa', 'resolveCname', 'resolveMx',
  'resolveNaptr', 'resolveNs', 'resolvePtr', 'resolveSoa', 'resolveSrv', 'resolveTlsa', 'resolveTxt', 'reverse',
];
const PROGRAMS = ['spawn', 'spawnSync', 'exec', 'execSync', 'execFile', 'execFileSync'];

function arm(recorder) {
  const standIns = (tell) => new StandIns(tell, (call, reason) => recorder.gap(call, reason));
  const unless = (isLocal) => standIns((call, above, given) => {
    if (!isLocal(given)) recorder.reach('network', call, above);
  });
  armStreams(unless(isSocketFile));
  armRequests(unless(isLocalRequest));
  armNames(unless(() => false));
  const start = standIns((call, above, given) => recorder.reach('process', `${call}: ${given[0]}`, above));
  start.calls(require('child_process'), 'child_process', PROGRAMS);
}

function armStreams(reach) {
  const net = require('net');
  reach.calls(net, 'net', ['connect', 'createConnection']);
  reach.calls(net.Socket.prototype, 'net.Socket', ['connect']);
  reach.calls(net.Server.prototype, 'net.Server', ['listen']);
  armIfBuilt(reach, 'tls', ['connect']);
}

function armRequests(reach) {
  reach.calls(require('http'), 'http', ['request', 'get']);
  armIfBuilt(reach, 'https', ['request', 'get']);
  armIfBuilt(reach, 'http2', ['connect']);
  reach.calls(globalThis, '', ['fetch']);
  reach.classes(globalThis, ['WebSocket', 'EventSource']);
}

function armNames(reach) {
  const dns = require('dns');
  reach.calls(dns, 'dns', LOOKUPS);
  reach.calls(dns.promises, 'dns.promises', LOOKUPS);
  reach.calls(dns.Resolver.prototype, 'dns.Resolver', LOOKUPS);
  reach.calls(dns.promises.Resolver.prototype, 'dns.promises.Resolver', LOOKUPS);
  reach.calls(require('dgram').Socket.prototype, 'dgram.Socket', ['bind', 'connect', 'send']);
}

function armIfBuilt(reach, name, calls) {
  let module;
  try {
    module = require(name);
  } catch {
    return; // a node without crypto has none to trap
  }
  reach.calls(module, name, calls);
}

// A path in place of a port, or among the options. Inside node the arguments come as one list.
function isSocketFile(given) {
  const [first] = given;
  if (Array.isArray(first)) return isSocketFile(first);
  if (typeof first === 'string') return !(Number(first) >= 0);
  return isObject(first) && typeof first.path === 'string';
}

function isLocalRequest(given) {
  return /^(data|blob):/i.test(String(given[0])) || given.some((one) => isObject(one) && Boolean(one.socketPath));
}

const isObject = (value) => value !== null && typeof value === 'object';

module.exports = { arm };
