// Block headers, with the fields that each fork has added.

import { RLP } from '@ethereumjs/rlp';
import { bigIntToUnpaddedBytes } from '@ethereumjs/util';

import { hex, keccak, unhex } from '../bytes.mjs';
import { address, word } from '../parties.mjs';

/** How many fields a header has since each fork. */
export const FORKS = { Frontier: 15, London: 16, Shanghai: 17, Cancun: 20, Prague: 21, Amsterdam: 23 };

export const integer = (value) => bigIntToUnpaddedBytes(BigInt(value));
const hash = (name) => unhex(word(`header/${name}`));

/** The fields of a header in their order; those in `changes` in place of the ordinary ones. */
export function headerFields(changes) {
  return Object.entries({
    parentHash: hash('parent'),
    ommersHash: keccak(RLP.encode([])),
    beneficiary: unhex(address('proposer')),
    stateRoot: hash('state'),
    transactionsRoot: hash('transactions'),
    receiptsRoot: hash('receipts'),
    logsBloom: new Uint8Array(256),
    difficulty: integer(0),
    number: integer(21_000_000),
    gasLimit: integer(36_000_000),
    gasUsed: integer(12_345_678),
    timestamp: integer(1_767_225_611),
    extraData: new Uint8Array(),
    mixHash: hash('randao'),
    nonce: new Uint8Array(8),
    baseFeePerGas: integer(7_000_000_000),
    withdrawalsRoot: hash('withdrawals'),
    blobGasUsed: integer(131_072),
    excessBlobGas: integer(0),
    parentBeaconBlockRoot: hash('beacon'),
    requestsHash: hash('requests'),
    blockAccessListHash: hash('access list'),
    slotNumber: integer(13_000_000),
  }).map(([name, value]) => changes[name] ?? value);
}

/** The RLP of a header with this many fields. */
export function header(changes = {}, count = FORKS.Prague) {
  return RLP.encode(headerFields(changes).slice(0, count));
}

export const blockHash = (rlp) => hex(keccak(rlp));
