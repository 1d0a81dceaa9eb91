//! What the contract logged is proved from its block's receipts; what proves no event is an error of its own.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod common;

use common::{CHAIN, ETHER, GENESIS_TIME, Wallet, store_data, store_init};
use healthrecord::access::Deployment;
use healthrecord::event::{self, BuildError};
use healthrecord::rpc::{BlockHeader, BlockReceipts};
use healthrecord_core::access::{AncestorError, BundleError, EventProofError, ProvedEvent};
use healthrecord_core::chain::receipt::ReceiptError;
use healthrecord_core::health::anchor::{AnchorError, HashRule, PinnedHash, StepError};
use healthrecord_core::health::contract::{Call, Event, EventError, Operation, Purpose, Terms};
use healthrecord_core::{Address, B256, U256};
use healthrecord_devchain::{Devchain, Genesis, GenesisAccount, contract};
use serde_json::Value;

const DOCTOR: Address = Address([0xd0; 20]);
const SCOPE: B256 = B256([0x77; 32]);

/// A chain whose last block has an event of another contract's, a grant, a transfer and a failed revocation.
struct World {
    chain: Devchain,
    contract: Address,
    store: Address,
    patient: Address,
}

impl World {
    fn new() -> Self {
        let mut genesis = Genesis::new(CHAIN, GENESIS_TIME);
        let (mut registrar, mut patient) = (Wallet::new(1), Wallet::new(2));
        for wallet in [&registrar, &patient] {
            genesis.accounts.insert(wallet.address, GenesisAccount::funded(U256::from(ETHER)));
        }
        let mut chain = Devchain::new(genesis);
        let code = contract::creation_code(registrar.address);
        let mut create = registrar.next(None, 0, &code);
        create.gas_limit = 5_000_000;
        let create = chain.send_raw(&registrar.sign(create)).unwrap();
        chain.mine(GENESIS_TIME + 12).unwrap();
        let created = chain.receipt(&create).unwrap().contract_address.unwrap();
        let store = registrar.send(&mut chain, None, 0, &store_init()).contract_address.unwrap();
        let terms = Terms {
            not_before: GENESIS_TIME,
            not_after: GENESIS_TIME + 86_400,
            purposes: Purpose::Treatment.bit(),
            operations: Operation::Read.bit(),
            required_roles: 0,
        };
        let grant = Call::Grant { grantee: DOCTOR, scope: SCOPE, terms, document: B256([9; 32]) };
        let refused = Call::Grant { grantee: Address::ZERO, scope: SCOPE, terms, document: B256::ZERO };
        for (to, data) in [
            (store, store_data(3, 4)),
            (created, contract::calldata(&grant)),
            (DOCTOR, vec![]),
            (created, contract::calldata(&refused)),
        ] {
            let transaction = patient.next(Some(to), 0, &data);
            chain.send_raw(&patient.sign(transaction)).unwrap();
        }
        chain.mine(chain.head().timestamp + 12).unwrap();
        let receipts = chain.receipts(chain.head().number).unwrap();
        assert_eq!(
            receipts.iter().map(|receipt| receipt.success).collect::<Vec<_>>(),
            [true, true, true, false]
        );
        Self { chain, contract: created, store, patient: patient.address }
    }

    fn build(&self, contract: Address, transaction: u64, log: Option<u64>) -> Result<Vec<u8>, BuildError> {
        let number = self.chain.head().number;
        let block =
            BlockHeader::from_value(&self.chain.block_json(number).unwrap(), HashRule::Plain).unwrap();
        let receipts: Vec<Value> =
            self.chain.receipts(number).unwrap().iter().map(|receipt| receipt.to_json()).collect();
        let receipts = BlockReceipts::from_value(&Value::Array(receipts)).unwrap();
        event::build(CHAIN, contract, &block, &receipts, transaction, log)
    }

    fn verify(&self, proof: &[u8], contract: Address) -> Result<ProvedEvent, EventProofError> {
        let deployment = Deployment { chain_id: CHAIN, contract, code_hashes: vec![] };
        event::verify(proof, &PinnedHash::new(self.chain.head().hash, HashRule::Plain), &deployment)
    }
}

#[test]
fn a_grant_is_proved_with_its_time_and_place() {
    let world = World::new();
    let proof = world.build(world.contract, 1, None).unwrap();
    assert_eq!(world.build(world.contract, 1, Some(0)).unwrap(), proof);
    let proved = world.verify(&proof, world.contract).unwrap();
    let head = world.chain.head();
    assert_eq!(
        (proved.block_number, proved.block_hash, proved.block_time, proved.transaction, proved.log),
        (head.number, head.hash, head.timestamp, 1, 0)
    );
    let Event::Granted { patient, grantee, scope, by, document, .. } = proved.event else {
        panic!("another event: {proved:?}")
    };
    assert_eq!((patient, grantee, scope, by), (world.patient, DOCTOR, SCOPE, world.patient));
    assert_eq!(document, B256([9; 32]));
    let value = event::to_value(&proved);
    assert_eq!(value["event"], "Granted");
    assert_eq!(value["arguments"]["grantee"], DOCTOR.to_string());
    assert_eq!(value["arguments"].as_object().unwrap().len(), 6);
    assert_eq!(value["blockHash"], head.hash.to_string());
}

#[test]
fn what_proves_no_event_is_an_error_of_its_own() {
    let world = World::new();
    let proof = world.build(world.contract, 1, None).unwrap();
    for len in 0..proof.len() {
        let cut = world.verify(&proof[..len], world.contract);
        assert!(
            matches!(cut, Err(EventProofError::Bundle(BundleError::Rlp { .. }))),
            "cut to {len} bytes: {cut:?}"
        );
    }
    let mut flipped = proof.clone();
    for bit in 0..proof.len() * 8 {
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert!(world.verify(&flipped, world.contract).is_err(), "bit {bit}");
        flipped[bit / 8] ^= 1 << (bit % 8);
    }

    let deployment = Deployment { chain_id: 1, contract: world.contract, code_hashes: vec![] };
    let anchor = PinnedHash::new(world.chain.head().hash, HashRule::Plain);
    assert_eq!(
        event::verify(&proof, &anchor, &deployment),
        Err(EventProofError::Chain { expected: 1, found: CHAIN })
    );
    let other = Err(EventProofError::Contract { expected: world.store, found: world.contract });
    assert_eq!(world.verify(&proof, world.store), other);
    let deployment = Deployment { chain_id: CHAIN, ..deployment };
    let wrong = event::verify(&proof, &PinnedHash::new(B256([1; 32]), HashRule::Plain), &deployment);
    let found = world.chain.head().hash;
    let expected = B256([1; 32]);
    assert_eq!(wrong, Err(EventProofError::Anchor(AnchorError::HashMismatch { expected, found })));

    // Somebody else's log, under the contract's name.
    let stores = world.build(world.store, 0, None).unwrap();
    let unknown = Some(B256(U256::from(3_u64).to_be_bytes()));
    assert_eq!(
        world.verify(&stores, world.store),
        Err(EventProofError::Event(EventError::UnknownTopic { topic: unknown }))
    );
    let place = stores.windows(20).position(|window| *window == world.store.0).unwrap();
    let mut renamed = stores.clone();
    renamed[place..place + 20].copy_from_slice(&world.contract.0);
    let found = world.store;
    assert_eq!(world.verify(&renamed, world.contract), Err(EventProofError::OtherContract { found }));

    // Parts of the proof, written anew.
    let with = |index: usize, value: &dyn Fn(&mut rlp::RlpStream)| {
        let parts = rlp::Rlp::new(&proof);
        let mut stream = rlp::RlpStream::new_list(8);
        for (at, part) in parts.iter().enumerate() {
            if at == index {
                value(&mut stream);
            } else {
                stream.append_raw(part.as_raw(), 1);
            }
        }
        world.verify(&stream.out(), world.contract)
    };
    let number = |number: u64| {
        move |stream: &mut rlp::RlpStream| {
            stream.append(&number);
        }
    };
    assert_eq!(with(0, &number(2)), Err(EventProofError::Bundle(BundleError::Version { found: 2 })));
    let ancestor = |stream: &mut rlp::RlpStream| {
        stream.begin_list(1).append(&vec![1_u8]);
    };
    let unread = with(4, &ancestor);
    assert!(matches!(
        unread,
        Err(EventProofError::Ancestor(AncestorError { index: 0, error: StepError::Header(_) }))
    ));
    for log in [1, u64::MAX] {
        assert_eq!(with(6, &number(log)), Err(EventProofError::NoLog { log }));
    }
    assert!(matches!(with(5, &number(0)), Err(EventProofError::Receipt(ReceiptError::WrongNode { .. }))));
    let nothing = |stream: &mut rlp::RlpStream| {
        stream.begin_list(0);
    };
    assert!(matches!(with(7, &nothing), Err(EventProofError::Receipt(ReceiptError::MissingNode { .. }))));
}

#[test]
fn only_an_event_of_the_contract_is_proved() {
    let world = World::new();
    let none = Err(BuildError::NoEvent { contract: world.contract });
    for transaction in [0, 2, 3] {
        assert_eq!(world.build(world.contract, transaction, None), none, "transaction {transaction}");
    }
    assert_eq!(world.build(world.contract, 1, Some(1)), none);
    let absent = BuildError::Receipt(ReceiptError::Absent { index: 4 });
    assert_eq!(world.build(world.contract, 4, None), Err(absent));
}

/// Receipts of another block are not proved under this one's header.
#[test]
fn receipts_of_another_block_are_refused() {
    let world = World::new();
    let block = BlockHeader::from_value(&world.chain.block_json(1).unwrap(), HashRule::Plain).unwrap();
    let empty = BlockReceipts::from_json("[]").unwrap();
    let refused = event::build(CHAIN, world.contract, &block, &empty, 0, None);
    assert!(matches!(refused, Err(BuildError::ReceiptsRoot { .. })));
}
