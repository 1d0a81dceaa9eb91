// Bad cases of the operation "proof" whose header is none, or not the trusted one.

import { RLP } from '@ethereumjs/rlp';

import { concat, hex, u16 } from '../bytes.mjs';
import { address, word } from '../parties.mjs';
import { blockHash, header } from './header.mjs';
import { LARGE } from './large.mjs';
import { nodesFor } from './tries.mjs';

const WALLET = address('wallet');
const NODES = await nodesFor(LARGE.state, null, WALLET, []);
const stateRoot = LARGE.state.root();
const GOOD = header({ stateRoot });

/** A case under this header; its own hash is trusted unless another is given. */
function under(code, name, rlp, trustedHash = blockHash(rlp)) {
  return {
    name: `${code}: ${name}`,
    operation: 'proof',
    input: { header: hex(rlp), trustedHash, address: WALLET, slots: [], nodes: NODES },
    error: { code },
  };
}

const field = (name, changes) => under('header.field', name, header({ stateRoot, ...changes }));
const bytes = (length) => new Uint8Array(length).fill(1);

const ENCODINGS = [
  under('header.too_large', '8193 bytes', header({ stateRoot, extraData: new Uint8Array(7641) }, 17)),
  under('header.rlp', 'nothing', new Uint8Array()),
  under('header.rlp', 'a string', RLP.encode(GOOD)),
  under('header.rlp', 'a header cut off', GOOD.subarray(0, -1)),
  under('header.rlp', 'a byte after the header', concat(GOOD, Uint8Array.of(0))),
  under('header.rlp', 'a length with a leading zero', concat(Uint8Array.of(0xfa, 0), u16(GOOD.length - 3), GOOD.subarray(3))),
  under('header.field_count', 'no fields', RLP.encode([])),
  under('header.field_count', '14 fields', header({ stateRoot }, 14)),
];

const FIELDS = [
  field('a parent hash of 31 bytes', { parentHash: bytes(31) }),
  field('an ommers hash of 33 bytes', { ommersHash: bytes(33) }),
  field('a beneficiary of 32 bytes', { beneficiary: bytes(32) }),
  field('no transactions root', { transactionsRoot: bytes(0) }),
  field('a list for a receipts root', { receiptsRoot: [bytes(32)] }),
  field('a bloom filter of 255 bytes', { logsBloom: bytes(255) }),
  field('a difficulty of 33 bytes', { difficulty: bytes(33) }),
  field('a number with a leading zero', { number: Uint8Array.of(0, 1) }),
  field('a number of nine bytes', { number: bytes(9) }),
  field('a gas limit that is zero and not empty', { gasLimit: Uint8Array.of(0) }),
  field('a list for the gas used', { gasUsed: [] }),
  field('a time with a leading zero', { timestamp: Uint8Array.of(0, 0x69, 0x55, 0xb9, 0x0b) }),
  field('a list for the extra data', { extraData: [bytes(1)] }),
  field('a mix hash of 8 bytes', { mixHash: bytes(8) }),
  field('a nonce of 7 bytes', { nonce: bytes(7) }),
  under('header.field', 'a state root of 20 bytes', header({ stateRoot: bytes(20) })),
];

const HASHES = [
  under('anchor.hash_mismatch', 'another block is trusted', GOOD, word('another block')),
  under(
    'anchor.hash_mismatch',
    'the time was changed',
    header({ stateRoot, timestamp: Uint8Array.of(0x69, 0x55, 0xb9, 0x0c) }),
    blockHash(GOOD),
  ),
  under('anchor.hash_mismatch', 'the last field was left out', header({ stateRoot }, 20), blockHash(GOOD)),
  under('anchor.hash_mismatch', 'a field was added', header({ stateRoot }, 22), blockHash(GOOD)),
];

export const BAD_HEADERS = [...ENCODINGS, ...FIELDS, ...HASHES];
