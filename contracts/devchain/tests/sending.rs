//! Every reason to refuse a transaction is reached, and says what was found and expected.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod common;

use alloy_consensus::{SignableTransaction, TxEip1559, TxEip7702, TxEnvelope, TxLegacy};
use alloy_eips::eip2718::Encodable2718;
use common::{
    CHAIN, ETHER, FEE, GENESIS_TIME, Random, STORE, Wallet, eip1559, eip2930, eip7702, funded, legacy,
    store_data, unhex,
};
use healthrecord_core::{Address, U256, keccak256};
use healthrecord_devchain::{Devchain, Fork, GenesisAccount, MineError, SendError};

const TO: Option<Address> = Some(Address([9; 20]));

/// Sends to a chain in which wallet 1 is funded.
fn refused(raw: &[u8]) -> SendError {
    let mut chain = Devchain::new(funded(1));
    let error = chain.send_raw(raw).unwrap_err();
    assert_eq!(chain.pending(), 0);
    assert!(!error.to_string().is_empty());
    error
}

fn refused_1559(change: impl FnOnce(&mut TxEip1559)) -> SendError {
    let mut transaction = eip1559(TO, 1, &[]);
    change(&mut transaction);
    refused(&Wallet::new(1).sign(transaction))
}

#[test]
fn malformed() {
    let good = Wallet::new(1).sign(eip1559(TO, 1, &[]));
    let mut trailing = good.clone();
    trailing.push(0);
    for raw in [&[][..], &good[..good.len() - 1], &trailing, &[0xc0], &[2], &[2, 0xc0]] {
        assert!(matches!(refused(raw), SendError::Malformed { .. }), "{raw:?}");
    }
    // A nonce of two bytes with a leading zero: not canonical.
    let legacy = Wallet::new(1).sign(TxLegacy { nonce: 1, ..legacy(TO, 1, &[]) });
    let mut padded = legacy.clone();
    assert_eq!(padded[2], 1);
    padded.splice(2..3, [0x82, 0, 1]);
    padded[1] += 2;
    assert!(matches!(refused(&padded), SendError::Malformed { .. }));
}

#[test]
fn unsupported_type() {
    for found in [0, 3, 5, 0x7f, 0x80, 0xbf] {
        assert_eq!(refused(&[found, 0xc0]), SendError::UnsupportedType { found });
    }
    let mut genesis = funded(1);
    genesis.fork = Fork::Shanghai;
    let wallet = Wallet::new(1);
    let transaction = eip7702(Address([9; 20]), vec![wallet.authorize(CHAIN, Address([1; 20]), 1)]);
    let refused = Devchain::new(genesis).send_raw(&wallet.sign(transaction));
    assert_eq!(refused, Err(SendError::UnsupportedType { found: 4 }));
}

#[test]
fn signature() {
    let transaction = eip1559(TO, 1, &[]);
    let good = Wallet::new(1).signature(&transaction.signature_hash().0);
    let order: alloy_primitives::U256 =
        "0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141".parse().unwrap();
    let zero = alloy_primitives::U256::ZERO;
    for (r, s, parity) in [
        (good.r(), order - good.s(), !good.v()),
        (zero, good.s(), true),
        (good.r(), zero, true),
        (order, good.s(), false),
    ] {
        let signature = alloy_primitives::Signature::new(r, s, parity);
        let raw = TxEnvelope::from(transaction.clone().into_signed(signature)).encoded_2718();
        assert_eq!(refused(&raw), SendError::Signature);
    }
}

#[test]
fn chain_id() {
    let error = refused_1559(|transaction| transaction.chain_id = 1);
    assert_eq!(error, SendError::ChainId { expected: CHAIN, found: 1 });
    let foreign = TxLegacy { chain_id: Some(5), ..legacy(TO, 1, &[]) };
    let error = refused(&Wallet::new(1).sign(foreign));
    assert_eq!(error, SendError::ChainId { expected: CHAIN, found: 5 });

    // Before EIP-155 transactions named no chain; they are still valid.
    let mut chain = Devchain::new(funded(1));
    chain.send_raw(&Wallet::new(1).sign(TxLegacy { chain_id: None, ..legacy(TO, 1, &[]) })).unwrap();
    chain.mine(GENESIS_TIME + 1).unwrap();
    assert_eq!(chain.balance(Address([9; 20])), U256::from(1_u64));
}

#[test]
fn no_authorization() {
    let transaction = eip7702(Address([9; 20]), vec![]);
    assert_eq!(refused(&Wallet::new(1).sign(transaction)), SendError::NoAuthorization);
}

#[test]
fn fees() {
    let error = refused_1559(|transaction| transaction.max_priority_fee_per_gas = FEE + 1);
    assert_eq!(error, SendError::PriorityFee { priority_fee: FEE + 1, max_fee: FEE });
    let low = |transaction: &mut TxEip1559| {
        transaction.max_fee_per_gas = 874_999_999;
        transaction.max_priority_fee_per_gas = 0;
    };
    let expected = SendError::BaseFee { base_fee: 875_000_000, max_fee: 874_999_999 };
    assert_eq!(refused_1559(low), expected);
    let low = alloy_consensus::TxEip2930 { gas_price: 874_999_999, ..eip2930(TO, 1, &[]) };
    assert_eq!(refused(&Wallet::new(1).sign(low)), expected);
}

#[test]
fn gas() {
    let error = refused_1559(|transaction| transaction.gas_limit = 30_000_001);
    assert_eq!(error, SendError::BlockGas { available: 30_000_000, found: 30_000_001 });
    let error = refused_1559(|transaction| transaction.gas_limit = 20_999);
    assert_eq!(error, SendError::IntrinsicGas { required: 21_000, found: 20_999 });

    // EIP-7623: 1,000 non-zero bytes are 4,000 tokens at 10 gas on Prague, at 4 before.
    let data = |transaction: &mut TxEip1559| {
        transaction.input = vec![1; 1_000].into();
        transaction.gas_limit = 60_999;
    };
    assert_eq!(refused_1559(data), SendError::IntrinsicGas { required: 61_000, found: 60_999 });
    let mut genesis = funded(1);
    genesis.fork = Fork::Shanghai;
    let mut chain = Devchain::new(genesis);
    let mut transaction = eip1559(TO, 1, &[]);
    data(&mut transaction);
    assert!(chain.send_raw(&Wallet::new(1).sign(transaction)).is_ok());

    // A block that waiting transactions fill.
    let mut chain = Devchain::new(funded(1));
    let mut wallet = Wallet::new(1);
    let big = TxEip1559 { gas_limit: 29_900_000, ..wallet.next(TO, 1, &[]) };
    chain.send_raw(&wallet.sign(big)).unwrap();
    let next = wallet.next(TO, 1, &[]);
    let refused = chain.send_raw(&wallet.sign(next.clone()));
    assert_eq!(refused, Err(SendError::BlockGas { available: 100_000, found: 200_000 }));
    chain.mine(GENESIS_TIME + 1).unwrap();
    assert!(chain.send_raw(&wallet.sign(next)).is_ok());
}

#[test]
fn init_code_size() {
    let error = refused_1559(|transaction| {
        transaction.to = alloy_primitives::TxKind::Create;
        transaction.input = vec![0; 49_153].into();
        transaction.gas_limit = 20_000_000;
    });
    assert_eq!(error, SendError::InitCodeSize { limit: 49_152, found: 49_153 });
}

#[test]
fn nonces() {
    let sender = Wallet::new(1).address;
    let error = refused_1559(|transaction| transaction.nonce = 1);
    assert_eq!(error, SendError::Nonce { sender, expected: 0, found: 1 });

    let mut chain = Devchain::new(funded(1));
    let raw = Wallet::new(1).sign(eip1559(TO, 1, &[]));
    chain.send_raw(&raw).unwrap();
    let again = Err(SendError::Nonce { sender, expected: 1, found: 0 });
    assert_eq!(chain.send_raw(&raw), again, "while it waits");
    chain.mine(GENESIS_TIME + 1).unwrap();
    assert_eq!(chain.send_raw(&raw), again, "and once it is mined");

    let mut genesis = funded(1);
    genesis.accounts.get_mut(&sender).unwrap().nonce = u64::MAX;
    let last = Wallet::new(1).sign(TxEip1559 { nonce: u64::MAX, ..eip1559(TO, 1, &[]) });
    assert_eq!(Devchain::new(genesis).send_raw(&last), Err(SendError::LastNonce { sender }));
}

#[test]
fn sender_is_contract() {
    let mut genesis = funded(1);
    let sender = Wallet::new(1).address;
    genesis.accounts.get_mut(&sender).unwrap().code = unhex(STORE);
    let refused = Devchain::new(genesis).send_raw(&Wallet::new(1).sign(eip1559(TO, 1, &[])));
    assert_eq!(refused, Err(SendError::SenderIsContract { sender }));
}

#[test]
fn funds() {
    let sender = Wallet::new(1).address;
    let gas = 200_000 * FEE;
    let error = refused_1559(|transaction| transaction.value = alloy_primitives::U256::from(1_000 * ETHER));
    let available = U256::from(1_000 * ETHER);
    assert_eq!(error, SendError::Funds { sender, required: U256::from(1_000 * ETHER + gas), available });
    let error = refused_1559(|transaction| transaction.value = alloy_primitives::U256::MAX);
    assert_eq!(error, SendError::Funds { sender, required: U256::MAX, available });

    // Two that could be paid alone, not together.
    let mut chain = Devchain::new(funded(1));
    let mut wallet = Wallet::new(1);
    for round in 0..2 {
        let transaction = wallet.next(TO, 600 * ETHER, &[]);
        let sent = chain.send_raw(&wallet.sign(transaction));
        assert_eq!(matches!(sent, Err(SendError::Funds { .. })), round == 1);
    }

    let nobody = Wallet::new(77);
    let error = refused(&nobody.sign(eip1559(TO, 0, &[])));
    let nothing = U256::ZERO;
    assert_eq!(
        error,
        SendError::Funds { sender: nobody.address, required: U256::from(gas), available: nothing }
    );
}

/// An authorization that its own author carries to the chain takes a nonce which a waiting transaction
/// of theirs was signed with: the block is not mined, the transaction is dropped, the next try succeeds.
#[test]
fn a_transaction_that_became_invalid_is_dropped() {
    let mut genesis = funded(2);
    genesis.accounts.insert(Address([0x57; 20]), GenesisAccount::contract(unhex(STORE)));
    let mut chain = Devchain::new(genesis);
    let (sponsor, author) = (Wallet::new(1), Wallet::new(2));
    let delegate = eip7702(author.address, vec![author.authorize(CHAIN, Address([0x57; 20]), 0)]);
    let delegate = TxEip7702 { input: store_data(1, 1).into(), ..delegate };
    let first = chain.send_raw(&sponsor.sign(delegate)).unwrap();
    let second = chain.send_raw(&author.sign(eip1559(TO, 1, &[]))).unwrap();
    let error = chain.mine(GENESIS_TIME + 1).unwrap_err();
    assert!(matches!(error, MineError::Transaction { hash, .. } if hash == second));
    assert_eq!((chain.head().number, chain.pending()), (0, 1));
    chain.mine(GENESIS_TIME + 1).unwrap();
    assert!(chain.receipt(&first).unwrap().success);
    assert_eq!(chain.receipt(&second), None);
}

/// Raw transactions are bytes of anybody's making.
#[test]
fn nothing_panics() {
    let rounds = if std::env::var_os("HEALTHRECORD_SOAK").is_some() { 1_000_000 } else { 20_000 };
    let mut random = Random(5);
    let wallet = Wallet::new(1);
    let authorization = wallet.authorize(CHAIN, Address([1; 20]), 1);
    let seeds = [
        wallet.sign(legacy(TO, 1, &[1, 2, 3])),
        wallet.sign(eip2930(TO, 1, &[1, 2, 3])),
        wallet.sign(eip1559(TO, 1, &[1, 2, 3])),
        wallet.sign(eip7702(Address([9; 20]), vec![authorization])),
    ];
    let fresh = Devchain::new(funded(1));
    let (mut sent, mut malformed) = (0, 0);
    let mut chain = fresh.clone();
    for _ in 0..rounds {
        let mut raw = seeds[usize::try_from(random.below(4)).unwrap()].clone();
        for _ in 0..random.below(3) {
            let position = usize::try_from(random.below(raw.len() as u64 + 1)).unwrap();
            let byte = random.next().to_le_bytes()[0];
            match random.below(4) {
                0 => raw.truncate(position),
                1 => raw.insert(position, byte),
                _ => {
                    if let Some(old) = raw.get_mut(position) {
                        *old = byte;
                    }
                }
            }
        }
        match chain.send_raw(&raw) {
            Ok(hash) => {
                assert_eq!(hash, keccak256(&raw));
                chain.mine(GENESIS_TIME + 1).unwrap();
                chain = fresh.clone();
                sent += 1;
            }
            Err(error) => malformed += u32::from(matches!(error, SendError::Malformed { .. })),
        }
    }
    assert!(sent > rounds / 10 && malformed > rounds / 10, "{sent} sent, {malformed} malformed");
}
