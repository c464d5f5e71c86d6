'use strict';
// Stand-ins: they tell `tell(call, above, given)`, then do exactly what the original does.

class StandIns {
  // `gap(call, reason)` hears of what cannot be stood in for.
  constructor(tell, gap) {
    this.tell = tell;
    this.gap = gap;
    this.made = new WeakSet();
  }

  // Functions: told when called. A proxy keeps name, length, properties and `this`.
  calls(holder, prefix, names) {
    for (const name of names) {
      const call = prefix ? `${prefix}.${name}` : name;
      this.redefine(holder, name, call, (original) => this.function(original, call));
    }
  }

  function(original, call) {
    const { tell } = this;
    return this.standIn(original, {
      apply: function trapped(target, self, given) {
        tell(call, trapped, given);
        return Reflect.apply(target, self, given);
      },
    });
  }

  // Classes: told when constructed.
  classes(holder, names) {
    const { tell } = this;
    for (const name of names) {
      this.redefine(holder, name, name, (original) => this.standIn(original, {
        construct: function trapped(target, given, asked) {
          tell(`new ${name}`, trapped, given);
          return Reflect.construct(target, given, asked);
        },
      }));
    }
  }

  standIn(original, traps) {
    const made = new Proxy(original, traps);
    this.made.add(made);
    return made;
  }

  // Plain values: told when read.
  values(holder, prefix, names) {
    const { tell } = this;
    for (const name of names) {
      const owner = ownerOf(holder, name);
      const found = owner && Object.getOwnPropertyDescriptor(owner, name);
      if (!found) continue;
      const call = `${prefix}.${name}`;
      if (!found.configurable) {
        this.gap(call, 'the property cannot be redefined');
        continue;
      }
      let current = found.value;
      Object.defineProperty(owner, name, {
        configurable: true,
        enumerable: found.enumerable,
        get: function trapped() {
          tell(call, trapped, []);
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
      if (!this.made.has(holder[name])) this.gap(call, 'the property cannot be redefined');
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
}

function ownerOf(holder, name) {
  for (let owner = holder; owner; owner = Object.getPrototypeOf(owner)) {
    if (Object.prototype.hasOwnProperty.call(owner, name)) return owner;
  }
  return null;
}

module.exports = { StandIns };
