// Nodes by their hash, and which of them a walk has come by.
// Source: the Ethereum Yellow Paper, appendix D.

import { RLP } from '@ethereumjs/rlp';

import { equal, hex, keccak, unhex } from '../bytes.mjs';
import { Fault } from '../fault.mjs';
import { nibblesOf } from '../proof/node.mjs';
import { EMPTY_ROOT } from '../proof/tries.mjs';

/** All nodes are well-formed here. */
export class NodeSet {
  constructor(nodes) {
    this.nodes = new Map(nodes.map((node) => [hex(keccak(node)), node]));
    this.unused = new Set(this.nodes.keys());
    if (this.nodes.size !== nodes.length) throw new Fault('proof.duplicate_node');
  }

  /** The value at a key before hashing; null where the trie proves that there is none. */
  valueAt(root, key) {
    if (equal(root, EMPTY_ROOT)) return null;
    let rest = nibblesOf(keccak(unhex(key)));
    for (let node = this.follow(root); ;) {
      if (node.length === 17) {
        const child = node[rest[0]];
        rest = rest.slice(1);
        if (child.length === 0) return null;
        node = this.follow(child);
        continue;
      }
      const [flagged, next] = node;
      const [flags, ...nibbles] = nibblesOf(flagged);
      const path = flags & 1 ? nibbles : nibbles.slice(1);
      if (path.some((nibble, index) => nibble !== rest[index])) return null;
      rest = rest.slice(path.length);
      if (flags & 2) return next;
      node = this.follow(next);
    }
  }

  /** The node that a reference leads to, decoded. */
  follow(reference) {
    if (Array.isArray(reference)) return reference;
    const hash = hex(reference);
    if (!this.nodes.has(hash)) throw new Fault('proof.missing_node');
    this.unused.delete(hash);
    return RLP.decode(this.nodes.get(hash));
  }

  finish() {
    if (this.unused.size !== 0) throw new Fault('proof.unused_node');
  }
}
