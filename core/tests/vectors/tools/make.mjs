// Makes every vector file, the same bytes each time: node make.mjs FOLDER

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { BAD_ANCHORS } from './anchor/bad.mjs';
import { GOOD_ANCHORS } from './anchor/good.mjs';
import { ANCESTRIES, PAST_EVENTS } from './bundle/ancestries.mjs';
import { BAD_BUNDLES } from './bundle/bad-bundles.mjs';
import { BAD_WORDS } from './bundle/bad-words.mjs';
import { BLINDINGS } from './bundle/blindings.mjs';
import { ANSWERS } from './bundle/blocks.mjs';
import { DELEGATIONS } from './bundle/delegations.mjs';
import { EMERGENCIES } from './bundle/emergencies.mjs';
import { ERRORS } from './bundle/errors.mjs';
import { GRANTS } from './bundle/grants.mjs';
import { WRITTEN } from './bundle/written.mjs';
import { CONSENTS } from './consent/cases.mjs';
import { CONTRACT_CASES } from './contract/cases.mjs';
import { POLICIES } from './bundle/policies.mjs';
import { EVENT_CASES } from './event/cases.mjs';
import { outcome } from './fault.mjs';
import { COMMITMENTS } from './hr1/commitments.mjs';
import { check, disclose } from './hr1/disclosure.mjs';
import { CHECKS, DISCLOSURES } from './hr1/disclosures.mjs';
import { FORGERIES } from './hr1/forgeries.mjs';
import { commit } from './hr1/record.mjs';
import { REFUSALS } from './hr1/refusals.mjs';
import { BAD_MESSAGES } from './message/bad.mjs';
import { ADDRESSES, DERIVED, KEYSTORES } from './message/keys.mjs';
import { BYTES, TEXTS } from './message/texts.mjs';
import { TYPED_DATA } from './message/typed-data.mjs';
import { BAD_HEADERS } from './proof/bad-headers.mjs';
import { BAD_NODES } from './proof/bad-nodes.mjs';
import { GOOD_PROOFS } from './proof/good.mjs';
import { BAD_TRANSACTIONS } from './tx/bad.mjs';
import { SIGNED_TRANSACTIONS } from './tx/good.mjs';
import { HOSTILE } from './proof/hostile.mjs';

const OPERATIONS = { commit, disclose, check };

const FILES = {
  'hr1.json': {
    description: 'Record commitments of format hr1, disclosures of single elements, and their checks.',
    tools: ['@openzeppelin/merkle-tree', '@noble/hashes'],
    cases: [...COMMITMENTS, ...DISCLOSURES, ...CHECKS, ...REFUSALS, ...FORGERIES].map(finish),
  },
  'proof.json': {
    description: 'Accounts and storage words proved under a trusted block hash, and proofs that prove nothing.',
    tools: ['@ethereumjs/mpt', '@ethereumjs/rlp', '@ethereumjs/util', '@noble/hashes'],
    cases: [...GOOD_PROOFS, ...BAD_NODES, ...BAD_HEADERS],
  },
  'hostile.json': {
    description: 'What a hostile prover would try: proofs that prove nothing, each by one fault.',
    tools: ['@ethereumjs/mpt', '@ethereumjs/rlp', '@ethereumjs/util', '@noble/hashes'],
    cases: HOSTILE,
  },
  'bundle.json': {
    description: 'Requests decided from proof bundles of format version 1, and bundles that prove nothing.',
    tools: ['@ethereumjs/mpt', '@ethereumjs/rlp', '@ethereumjs/util', '@noble/hashes'],
    cases: [
      ...GRANTS,
      ...BLINDINGS,
      ...DELEGATIONS,
      ...EMERGENCIES,
      ...ANSWERS,
      ...ERRORS,
      ...BAD_BUNDLES,
      ...BAD_WORDS,
    ],
  },
  'written.json': {
    description: 'Requests decided from words exactly as the functions of the contract write them.',
    tools: ['@ethereumjs/mpt', '@ethereumjs/rlp', '@ethereumjs/util', '@noble/hashes'],
    cases: WRITTEN,
  },
  'consent.json': {
    description: 'Requests decided from proof bundles and from consents that were signed and never relayed.',
    tools: ['@ethereumjs/mpt', '@ethereumjs/rlp', '@ethereumjs/util', '@noble/hashes', 'ethers'],
    cases: CONSENTS,
  },
  'contract.json': {
    description: "The contract's calls, logs, refusals, answers and signed structs.",
    tools: ['@noble/hashes', 'ethers'],
    cases: CONTRACT_CASES,
  },
  'tx.json': {
    description: 'Transactions of every type, signed, and bytes that are none.',
    tools: ['ethers', '@noble/hashes'],
    cases: [...SIGNED_TRANSACTIONS, ...BAD_TRANSACTIONS],
  },
  'message.json': {
    description: 'Texts, bytes and typed data, hashed and signed; keys, their addresses and files; and what is refused.',
    tools: ['ethers', '@noble/hashes'],
    cases: [...TEXTS, ...BYTES, ...TYPED_DATA, ...DERIVED, ...ADDRESSES, ...KEYSTORES, ...BAD_MESSAGES],
  },
  'policy.json': {
    description: 'Requests decided from proof bundles by verifiers who distrust issuers of credentials.',
    tools: ['@ethereumjs/mpt', '@ethereumjs/rlp', '@ethereumjs/util', '@noble/hashes'],
    cases: POLICIES,
  },
  'ancestry.json': {
    description: 'Requests decided as of older blocks, and events of them, proved under a trusted block; clocks that err.',
    tools: ['@ethereumjs/mpt', '@ethereumjs/rlp', '@ethereumjs/util', '@noble/hashes'],
    cases: [...ANCESTRIES, ...PAST_EVENTS],
  },
  'event.json': {
    description: 'Events of the contract proved from the receipts of a trusted block, and proofs that prove nothing.',
    tools: ['@ethereumjs/mpt', '@ethereumjs/rlp', '@ethereumjs/util', '@noble/hashes'],
    cases: EVENT_CASES,
  },
  'anchor.json': {
    description: 'Anchors by the validators of QBFT and IBFT chains, their states, what they trust and refuse; signers of Clique.',
    tools: ['@ethereumjs/rlp', '@ethereumjs/util', '@noble/hashes', 'ethers'],
    cases: [...GOOD_ANCHORS, ...BAD_ANCHORS],
  },
};

/** The text of each vector file by its name. */
function makeAll() {
  return Object.fromEntries(
    Object.entries(FILES).map(([name, { description, tools, cases }]) => {
      const file = { description, tools: versions(tools), cases };
      return [name, JSON.stringify(file, null, 1) + '\n'];
    }),
  );
}

/** Runs a case's operation; a bad case must fail as its author expects, a good one must not. */
function finish({ name, operation, input, expected }) {
  const result = outcome(OPERATIONS[operation], input);
  const [is, should] = [result.error, expected].map((error) => JSON.stringify(error));
  if (is !== should) throw new Error(`${name}: ${is ?? 'succeeds'}, expected: ${should ?? 'success'}`);
  return { name, operation, input, ...result };
}

/** The exact version of each package, as the manifest pins it. */
function versions(packages) {
  const manifest = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));
  return Object.fromEntries(packages.map((name) => [name, manifest.dependencies[name]]));
}

const folder = process.argv[2];
if (folder === undefined) throw new Error('usage: node make.mjs FOLDER');
mkdirSync(folder, { recursive: true });
for (const [name, text] of Object.entries(makeAll())) writeFileSync(join(folder, name), text);
