//! The core decides what the contract decides, on random states and requests, from proved words.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, clippy::cast_possible_truncation)]

mod common;

use std::collections::BTreeMap;

use healthrecord::bundle;
use healthrecord::rpc::{BlockHeader, EthGetProof};
use healthrecord_core::access::{
    Basis, Decision, Deployment, MAX_SLOTS, Policy, Reason, Request, decide, verify_as_of,
};
use healthrecord_core::chain::trie::NodeRef;
use healthrecord_core::health::anchor::{HashRule, PinnedHash};
use healthrecord_core::health::contract::{
    AccountWord, Call, CredentialWord, DelegationWord, GrantWord, Operation, Purpose, Slot, State, Terms,
    Writer, blind,
};
use healthrecord_core::{Address, B256, U256};
use healthrecord_devchain::{Devchain, Genesis, GenesisAccount, contract};

/// Repeatable numbers as counts and indexes.
struct Dice(common::Random);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.0.below(bound as u64)).unwrap()
    }

    fn next(&mut self) -> u64 {
        self.0.next()
    }
}

const CONTRACT: Address = Address([0xc0; 20]);
const PATIENT: Address = Address([0x11; 20]);
const ACCESSOR: Address = Address([0x22; 20]);
const DELEGATOR: Address = Address([0x33; 20]);
const GENESIS_TIME: u64 = 1_700_000_000;
const OPERATIONS: [Operation; 4] = [Operation::Read, Operation::Write, Operation::Share, Operation::Manage];

fn chain() -> Devchain {
    let mut genesis = Genesis::new(common::CHAIN, GENESIS_TIME);
    genesis.accounts.insert(CONTRACT, GenesisAccount::contract(contract::runtime_code()));
    Devchain::new(genesis)
}

/// The words of one random state, by their slots.
struct Generator {
    random: Dice,
    /// The time asked about; windows and epochs are made around it.
    at: u64,
    epoch: u32,
    operation: Operation,
    purpose: Purpose,
}

impl Generator {
    fn one_in(&mut self, n: usize) -> bool {
        self.random.below(n) == 0
    }

    /// Mostly a window that holds the time, with its bounds at the time itself now and then.
    fn window(&mut self) -> (u64, u64) {
        let near = self.random.below(3) as u64;
        match self.random.below(14) {
            0 | 1 => (self.at - 500, self.at - near),
            2 | 3 => (self.at + 1 + near, self.at + 500),
            4 => (self.at, self.at + 1),
            _ => (self.at - 1 - near, self.at + 1 + self.random.below(1000) as u64),
        }
    }

    fn terms(&mut self) -> Terms {
        let (not_before, not_after) = self.window();
        let operations =
            if self.one_in(6) { self.random.below(16) } else { usize::from(self.operation.bit()) };
        let purposes = match self.random.below(8) {
            0 => self.random.next() as u32,
            1 => !self.purpose.bit(),
            _ => self.purpose.bit(),
        };
        let required_roles = match self.random.below(5) {
            0 => 1 << self.random.below(16),
            1 => 2,
            _ => 0,
        };
        Terms { not_before, not_after, purposes, operations: operations as u16, required_roles }
    }

    fn state(&mut self, never: usize) -> State {
        match self.random.below(30) {
            0 => State::Deny,
            1 => State::Revoked,
            n if n < 2 + never => State::NeverWritten,
            _ => State::Permit,
        }
    }

    fn epoch(&mut self) -> u32 {
        if self.one_in(8) { self.epoch.wrapping_sub(1) } else { self.epoch }
    }

    fn grant(&mut self, never: usize) -> U256 {
        let state = self.state(never);
        let word = GrantWord {
            terms: self.terms(),
            epoch: self.epoch(),
            revision: 1 + self.random.below(2) as u32,
            state,
            written_at: self.at,
            by: if self.one_in(4) { Writer::Manager } else { Writer::Patient },
        };
        if state == State::NeverWritten { U256::ZERO } else { word.encode() }
    }

    /// The grant of a delegator, which mostly permits sharing.
    fn shared(&mut self) -> U256 {
        let share = if self.one_in(6) { 0 } else { Operation::Share.bit() };
        let word = self.grant(1);
        match GrantWord::decode(word) {
            Ok(mut grant) if grant.state == State::Permit => {
                grant.terms.operations |= share;
                grant.encode()
            }
            _ => word,
        }
    }

    fn emergency(&mut self) -> U256 {
        match self.random.below(12) {
            0 | 1 => U256::ZERO,
            2 => GrantWord { state: State::Revoked, revision: 2, ..GrantWord::default() }.encode(),
            _ => self.grant(0),
        }
    }

    fn delegation(&mut self, never: usize) -> U256 {
        let state = self.state(never);
        let word = DelegationWord {
            terms: self.terms(),
            epoch: self.epoch(),
            revision: 1,
            state,
            parent_revision: 1 + self.random.below(2) as u32,
            parent_is_all: self.one_in(2),
        };
        if state == State::NeverWritten { U256::ZERO } else { word.encode() }
    }

    fn credential(&mut self) -> U256 {
        if self.one_in(4) {
            return U256::ZERO;
        }
        let (not_before, not_after) = self.window();
        let roles = if self.one_in(2) { 0xff } else { self.random.next() as u16 };
        CredentialWord { not_before, not_after, roles, issuer: Address([9; 20]) }.encode()
    }

    fn account(&mut self) -> U256 {
        let no_break_glass = self.one_in(8);
        AccountWord { epoch: self.epoch, no_break_glass, revision: 3, cards: self.random.below(9) as u32 }
            .encode()
    }
}

/// A request, and a word for each slot that it needs.
fn case(random: Dice) -> (Request, BTreeMap<B256, U256>, Dice) {
    let mut generator = Generator {
        at: GENESIS_TIME + 1_000_000,
        epoch: 7,
        operation: Operation::Read,
        purpose: Purpose::Treatment,
        random,
    };
    let own = generator.one_in(40);
    let accessor = if own { PATIENT } else { ACCESSOR };
    let emergency = generator.one_in(5);
    generator.operation = match generator.random.below(6) {
        // Emergencies permit reading alone, so that another operation hides every other reason.
        n @ 0..4 if !emergency || generator.one_in(3) => OPERATIONS[n],
        _ => Operation::Read,
    };
    generator.purpose = if emergency {
        Purpose::BreakGlass
    } else {
        Purpose::ALL[generator.random.below(Purpose::ALL.len())]
    };
    let count = [0, 0, 0, 1, 1, 1, 2, 2, 3, 6][generator.random.below(10)];
    let scopes: Vec<B256> = (0..count).map(|_| B256([1 + generator.random.below(4) as u8; 32])).collect();
    let (operation, purpose, at) = (generator.operation, generator.purpose, generator.at);
    let mut request = Request::about_scopes(PATIENT, &scopes, accessor, operation, purpose, at).unwrap();
    let salt = generator.one_in(3).then_some(B256([0x5a; 32]));
    if let Some(salt) = salt {
        request = request.blinded(salt).unwrap();
    }
    let delegated = generator.one_in(2);
    if delegated {
        request = request.delegated_by(DELEGATOR).unwrap();
    }
    // How many of the accessor's words were never written decides which rules are reached.
    let never = if delegated { 27 } else { [0, 4, 15, 27][generator.random.below(4)] };
    let mut words = BTreeMap::new();
    let mut put = |slot: Slot, word: U256| {
        words.insert(slot.key(), word);
    };
    put(Slot::Account(PATIENT), generator.account());
    put(Slot::Credential(ACCESSOR), generator.credential());
    put(Slot::Emergency { patient: PATIENT, clinician: ACCESSOR }, generator.emergency());
    for scope in request.scopes() {
        put(Slot::Grant { patient: PATIENT, grantee: ACCESSOR, scope }, generator.grant(never));
        let blinded = blind(&PATIENT, &ACCESSOR, &B256([0x5a; 32]));
        put(Slot::Grant { patient: PATIENT, grantee: blinded, scope }, generator.grant(never));
        let delegation =
            Slot::Delegation { patient: PATIENT, delegator: DELEGATOR, grantee: ACCESSOR, scope };
        put(delegation, generator.delegation(6));
        put(Slot::Grant { patient: PATIENT, grantee: DELEGATOR, scope }, generator.shared());
    }
    (request, words, generator.random)
}

/// What the contract answers.
fn ask(chain: &Devchain, request: &Request) -> Decision {
    let answer = chain.call(CONTRACT, &contract::calldata(&Call::Decide { question: request.as_question() }));
    Decision::from_answer(&answer.unwrap().data).unwrap()
}

/// What the core answers from a proof under the newest block's hash.
fn prove(chain: &Devchain, request: &Request) -> Decision {
    let head = chain.head();
    let answer =
        EthGetProof::from_json(&chain.proof(CONTRACT, &request.required_slots()).to_json().to_string());
    let block =
        BlockHeader::from_json(&chain.block_json(head.number).unwrap().to_string(), HashRule::Plain).unwrap();
    let bundle = bundle::build(chain.chain_id(), &block, &answer.unwrap());
    let hashes = [contract::code_hash()];
    let deployment = Deployment { chain_id: chain.chain_id(), contract: CONTRACT, code_hashes: &hashes };
    let anchor = PinnedHash::new(head.hash, HashRule::Plain);
    let mut memory = [NodeRef::EMPTY; 256];
    verify_as_of(&bundle, &anchor, &deployment, request, &Policy::default(), &mut memory).unwrap().decision
}

#[test]
fn the_core_decides_what_the_contract_decides() {
    // Each case is one state and one request; every fifth goes all the way through block, proof and bundle.
    let (cases, proved_stride) =
        if std::env::var_os("HEALTHRECORD_SOAK").is_some() { (100_000, 5) } else { (10_000, 5) };
    let mut chain = chain();
    let mut random = Dice(common::Random(31));
    let mut histogram: BTreeMap<u8, usize> = BTreeMap::new();
    let mut time = GENESIS_TIME;
    for number in 0..cases {
        let (request, words, rest) = case(random);
        random = rest;
        for (slot, word) in &words {
            chain.hazmat_set_storage(CONTRACT, *slot, *word).unwrap();
        }
        let theirs = ask(&chain, &request);
        let slots = request.required_slots();
        assert!(slots.len() <= MAX_SLOTS);
        let proved: Vec<U256> = slots.iter().map(|slot| chain.storage(CONTRACT, *slot)).collect();
        assert_eq!(decide(&request, &proved).unwrap(), theirs, "case {number}: {request:?}");
        if number % proved_stride == 0 {
            time += 1;
            chain.mine(time).unwrap();
            assert_eq!(prove(&chain, &request), theirs, "case {number}, proved: {request:?}");
        }
        // A state of the next case holds nothing of this one.
        for slot in words.keys() {
            chain.hazmat_set_storage(CONTRACT, *slot, U256::ZERO).unwrap();
        }
        *histogram.entry(theirs.code()).or_default() += 1;
    }
    println!("{cases} cases: {histogram:?}");
    let bases = [Basis::Own, Basis::Emergency, Basis::Grant, Basis::Delegation].map(|basis| basis as u8);
    // The contract knows no consents that were not relayed: codes 32 to 47.
    let reasons = Reason::ALL.map(|reason| reason as u8).into_iter().filter(|code| !(32..48).contains(code));
    for code in bases.into_iter().chain(reasons) {
        let reached = histogram.get(&code).copied().unwrap_or_default();
        assert!(reached * 100 >= cases, "code {code} was reached {reached} times of {cases}");
    }
}
