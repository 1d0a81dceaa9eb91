//! What stood at an older block is proved under a newer one, by EIP-2935 and by parent hashes, and only as
//! of that block.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use healthrecord::access::{self, Basis, Deployment, Operation, Purpose, Reason, Request};
use healthrecord::bundle::{self, Step, stepping_stones};
use healthrecord::event;
use healthrecord::rpc::{BlockHeader, BlockReceipts, ProofNodes};
use healthrecord_core::access::{
    AncestorError, Clock, Decision, EventProofError, Floor, MAX_ANCESTORS, Policy, Verdict, VerdictAfter,
    VerdictAsOf, VerifyError, verify_event,
};
use healthrecord_core::chain::key::SecretKey;
use healthrecord_core::health::anchor::{HISTORY_CONTRACT, HashRule, Link, PinnedHash, StepError};
use healthrecord_core::health::contract::{Call, Terms};
use healthrecord_core::{Address, B256, U256};
use healthrecord_devchain::{Devchain, Fork, Genesis, GenesisAccount, contract};

const CHAIN: u64 = 31_337;
const TIME: u64 = 1_700_000_000;
const DOCTOR: Address = Address([0xd0; 20]);
const SCOPE: B256 = B256([0x77; 32]);
/// The block in which the patient granted; the next one revokes.
const GRANTED: u64 = 2;

/// A chain on which a patient granted and, in the next block, revoked.
struct World {
    chain: Devchain,
    contract: Address,
}

fn key() -> SecretKey {
    SecretKey::from_bytes(&[2; 32]).unwrap()
}

impl World {
    fn new(fork: Fork) -> Self {
        let mut genesis = Genesis::new(CHAIN, TIME);
        genesis.fork = fork;
        genesis.accounts.insert(key().address(), GenesisAccount::funded(U256::from(10_u128.pow(19))));
        let mut chain = Devchain::new(genesis);
        let created = chain.send(&key(), None, &contract::creation_code(key().address())).unwrap();
        chain.mine(TIME + 12).unwrap();
        let contract = chain.receipt(&created).unwrap().contract_address.unwrap();
        let terms = Terms {
            not_before: TIME,
            not_after: TIME + 86_400,
            purposes: Purpose::Treatment.bit(),
            operations: Operation::Read.bit(),
            required_roles: 0,
        };
        let mut world = Self { chain, contract };
        world.act(&Call::Grant { grantee: DOCTOR, scope: SCOPE, terms, document: B256::ZERO });
        world.act(&Call::Revoke { grantee: DOCTOR, scope: SCOPE });
        world
    }

    fn act(&mut self, call: &Call) {
        self.chain.send_call(&key(), self.contract, call).unwrap();
        self.mine(1);
    }

    fn mine(&mut self, blocks: usize) {
        for _ in 0..blocks {
            self.chain.mine(self.chain.head().timestamp + 12).unwrap();
        }
    }

    fn header(&self, number: u64) -> BlockHeader {
        BlockHeader::from_value(&self.chain.block_json(number).unwrap(), HashRule::Plain).unwrap()
    }

    fn nodes(&self, block: u64, address: Address, slots: &[B256]) -> ProofNodes {
        let mut nodes = ProofNodes::default();
        nodes.add(&self.chain.proof_at(block, address, slots).unwrap().to_json().to_string()).unwrap();
        nodes
    }

    /// The steps from the newest block by way of these.
    fn steps(&self, stones: impl IntoIterator<Item = u64>) -> Vec<Step> {
        let mut from = self.chain.head().number;
        let step = |number| {
            let nodes = match Link::between(from, number) {
                Ok(Link::History { slot }) => self.nodes(from, HISTORY_CONTRACT, &[slot]),
                _ => ProofNodes::default(),
            };
            from = number;
            Step { header: self.header(number), nodes }
        };
        stones.into_iter().map(step).collect()
    }

    fn request(&self) -> Request {
        let (operation, purpose) = (Operation::Read, Purpose::Treatment);
        Request::about_scopes(key().address(), &[SCOPE], DOCTOR, operation, purpose, TIME).unwrap()
    }

    fn bundle(&self, steps: &[Step], answers: u64) -> Vec<u8> {
        let head = self.header(self.chain.head().number);
        let nodes = self.nodes(answers, self.contract, &self.request().required_slots());
        bundle::with_ancestry(CHAIN, self.contract, &head, steps, &nodes)
    }

    fn deployment(&self) -> Deployment {
        Deployment { chain_id: CHAIN, contract: self.contract, code_hashes: vec![contract::code_hash()] }
    }

    fn anchor(&self) -> PinnedHash {
        PinnedHash::new(self.chain.head().hash, HashRule::Plain)
    }

    fn as_of(&self, bundle: &[u8]) -> Result<VerdictAsOf, VerifyError> {
        let (deployment, policy) = (self.deployment(), Policy::default());
        access::verify_as_of(bundle, &self.anchor(), &deployment, &self.request(), &policy)
    }

    fn now(&self, bundle: &[u8]) -> Result<Verdict, VerifyError> {
        let now = self.chain.head().timestamp;
        let clock = Clock { now, error: 0, max_age: u64::MAX, max_skew: 0 };
        let (deployment, policy) = (self.deployment(), Policy::default());
        access::verify(bundle, &self.anchor(), &deployment, &self.request(), &policy, &clock)
    }

    fn after(&self, bundle: &[u8], time: u64) -> Result<VerdictAfter, VerifyError> {
        let floor = Floor { time, max_age: 3600 };
        let (deployment, policy) = (self.deployment(), Policy::default());
        access::verify_after(bundle, &self.anchor(), &deployment, &self.request(), &policy, &floor)
    }
}

fn refused(index: usize, error: StepError) -> Result<VerdictAsOf, VerifyError> {
    Err(VerifyError::Ancestor(AncestorError { index, error }))
}

#[test]
fn a_grant_that_was_revoked_is_proved_for_an_older_block_and_only_as_of_it() {
    let mut world = World::new(Fork::Prague);
    for mined in [0, 1, 20, 300] {
        world.mine(mined);
        let head = world.chain.head().number;
        let current = world.bundle(&[], head);
        let now = world.now(&current).unwrap().decision;
        assert_eq!(now, Decision::Deny { reason: Reason::Revoked, scope: SCOPE });
        let past = world.bundle(&world.steps(stepping_stones(head, GRANTED)), GRANTED);
        let verdict = world.as_of(&past).unwrap();
        assert!(matches!(verdict.decision, Decision::Permit { basis: Basis::Grant, scope: SCOPE, .. }));
        assert_eq!((verdict.block_number, verdict.block_time), (GRANTED, TIME + 24));
        assert_eq!(world.now(&past), Err(VerifyError::Past));
        assert_eq!(world.after(&past, 0), Err(VerifyError::Past));
    }
}

#[test]
fn every_way_back_leads_to_the_same_block() {
    let mut world = World::new(Fork::Prague);
    world.mine(40);
    let head = world.chain.head().number;
    let by_parents = (GRANTED..head).rev().collect::<Vec<_>>();
    for stones in [vec![GRANTED], by_parents.clone(), vec![head - 1, 10, 9, GRANTED]] {
        let verdict = world.as_of(&world.bundle(&world.steps(stones.clone()), GRANTED)).unwrap();
        assert!(verdict.decision.is_permit() && verdict.block_number == GRANTED, "{stones:?}");
    }
    world.mine(MAX_ANCESTORS);
    let head = world.chain.head().number;
    let longest: Vec<u64> = (head - MAX_ANCESTORS as u64..head).rev().collect();
    assert!(world.as_of(&world.bundle(&world.steps(longest.clone()), *longest.last().unwrap())).is_ok());
    let longer = world.bundle(&world.steps((GRANTED..head).rev()), GRANTED);
    assert!(matches!(world.as_of(&longer), Err(VerifyError::Bundle(_))));
}

#[test]
fn a_step_that_proves_nothing_is_refused_with_its_place() {
    let mut world = World::new(Fork::Prague);
    world.mine(20);
    let head = world.chain.head().number;
    let with = |steps: Vec<Step>| world.as_of(&world.bundle(&steps, GRANTED));
    let mut swapped = world.steps([10, GRANTED]);
    swapped.swap(0, 1);
    let not_older = StepError::NotOlder { newer: GRANTED, found: 10 };
    assert_eq!(with(swapped), refused(1, not_older));
    let other = World::new(Fork::Prague);
    let mut forged = world.steps([10, GRANTED]);
    let mut stranger = Devchain::new(Genesis::new(CHAIN, TIME));
    for block in 1..=GRANTED {
        stranger.mine(TIME + block * 12).unwrap();
    }
    let json = stranger.block_json(GRANTED).unwrap();
    forged[1].header = BlockHeader::from_value(&json, HashRule::Plain).unwrap();
    let expected = other.header(GRANTED).hash;
    assert_eq!(
        with(forged.clone()),
        refused(1, StepError::HashMismatch { expected, found: forged[1].header.hash })
    );
    // A step by a slot whose nodes are not there, and nodes that no step needs.
    let mut bare = world.steps([10, GRANTED]);
    bare[0].nodes = ProofNodes::default();
    assert!(matches!(
        with(bare),
        Err(VerifyError::Ancestor(AncestorError { index: 0, error: StepError::Trie(_) }))
    ));
    let mut more = world.steps((GRANTED..head).rev());
    more[0].nodes = world.nodes(head, HISTORY_CONTRACT, &[B256::ZERO]);
    assert!(matches!(with(more), Err(VerifyError::Trie(_))));
}

/// Before Prague nothing keeps the hashes; every header between leads back all the same.
#[test]
fn without_eip_2935_only_headers_lead_back() {
    let mut world = World::new(Fork::Shanghai);
    world.mine(5);
    let head = world.chain.head().number;
    let skipping = world.bundle(&world.steps([GRANTED]), GRANTED);
    assert_eq!(world.as_of(&skipping), refused(0, StepError::NoHistory));
    let verdict = world.as_of(&world.bundle(&world.steps((GRANTED..head).rev()), GRANTED)).unwrap();
    assert!(verdict.decision.is_permit());
}

/// The contract writes the hash of block n − 1 at block n: the genesis block's is the first.
#[test]
fn the_genesis_block_is_in_reach() {
    let mut world = World::new(Fork::Prague);
    world.mine(3);
    let steps = world.steps([0]);
    assert_eq!(
        world
            .as_of(&world.bundle(&steps, 0))
            .err()
            .map(|error| matches!(error, VerifyError::NoContract { .. })),
        Some(true)
    );
}

#[test]
fn a_floor_decides_expiry_and_refuses_what_is_surely_stale() {
    let world = World::new(Fork::Prague);
    let head = world.chain.head();
    let current = world.bundle(&[], head.number);
    let verdict = world.after(&current, head.timestamp + 3600).unwrap();
    assert_eq!((verdict.time, verdict.block_time), (head.timestamp + 3600, head.timestamp));
    assert!(!verdict.decision.is_permit());
    let now = head.timestamp + 3601;
    let stale = VerifyError::Stale { block_time: head.timestamp, now, max_age: 3600 };
    assert_eq!(world.after(&current, now), Err(stale));
    // At the block of the grant it is permitted, until a floor beyond its end.
    let granted = PinnedHash::new(world.header(GRANTED).hash, HashRule::Plain);
    let nodes = world.nodes(GRANTED, world.contract, &world.request().required_slots());
    let bundle = bundle::from_nodes(CHAIN, world.contract, &world.header(GRANTED), &nodes);
    let at = |time| {
        let floor = Floor { time, max_age: u64::MAX };
        let (deployment, policy) = (world.deployment(), Policy::default());
        access::verify_after(&bundle, &granted, &deployment, &world.request(), &policy, &floor).unwrap()
    };
    assert!(at(0).decision.is_permit() && at(TIME + 86_399).decision.is_permit());
    assert_eq!(at(TIME + 86_400).decision, Decision::Deny { reason: Reason::Expired, scope: SCOPE });
}

#[test]
fn an_event_of_an_older_block_is_proved_under_a_newer_one() {
    let mut world = World::new(Fork::Prague);
    world.mine(30);
    let head = world.chain.head().number;
    let receipts = world.chain.receipts(GRANTED).unwrap();
    let receipts: Vec<_> = receipts.into_iter().map(healthrecord_devchain::Receipt::to_json).collect();
    let receipts = BlockReceipts::from_value(&receipts.into()).unwrap();
    for stones in [vec![GRANTED], (GRANTED..head).rev().collect()] {
        let steps = world.steps(stones);
        let newest = world.header(head);
        let build = |steps: &[Step], header: &BlockHeader| {
            event::with_ancestry(CHAIN, world.contract, header, steps, &receipts, (0, None)).unwrap()
        };
        let proof = build(&steps, &newest);
        let proved = event::verify(&proof, &world.anchor(), &world.deployment()).unwrap();
        assert_eq!((proved.event.name(), proved.block_number), ("Granted", GRANTED));
        assert_eq!(proved.block_hash, world.header(GRANTED).hash);
        let deployment = world.deployment();
        let deployment = healthrecord_core::access::Deployment {
            chain_id: CHAIN,
            contract: world.contract,
            code_hashes: &deployment.code_hashes,
        };
        assert_eq!(verify_event(&proof, &world.anchor(), &deployment), Err(EventProofError::Past));
        // Under the event's own block no memory is needed.
        let own = PinnedHash::new(world.header(GRANTED).hash, HashRule::Plain);
        assert!(verify_event(&build(&[], &world.header(GRANTED)), &own, &deployment).is_ok());
        for byte in [0, proof.len() / 2, proof.len() - 1] {
            let mut flipped = proof.clone();
            flipped[byte] ^= 1;
            assert!(event::verify(&flipped, &world.anchor(), &world.deployment()).is_err(), "byte {byte}");
        }
    }
}
