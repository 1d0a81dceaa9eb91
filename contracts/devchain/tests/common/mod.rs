//! What the tests share: a wallet, a small contract, and repeatable numbers.
#![allow(dead_code, reason = "each test binary uses its own part")]

pub(crate) mod anvil;
pub(crate) mod story;

use alloy_consensus::{SignableTransaction, TxEip1559, TxEip2930, TxEip7702, TxEnvelope, TxLegacy};
use alloy_eips::eip2718::Encodable2718;
use alloy_eips::eip2930::AccessListItem;
use alloy_eips::eip7702::{Authorization, SignedAuthorization};
use alloy_primitives::{Signature, TxKind};
use healthrecord_core::{Address, B256, U256, keccak256};
use healthrecord_devchain::{Devchain, Genesis, GenesisAccount, Receipt};
use k256::ecdsa::SigningKey;

/// The chain id of the tests.
pub(crate) const CHAIN: u64 = 31_337;
/// Time of the tests' genesis block.
pub(crate) const GENESIS_TIME: u64 = 1_700_000_000;
/// 10^18 wei.
pub(crate) const ETHER: u128 = 1_000_000_000_000_000_000;
/// A fee per gas that the tests' base fees never reach.
pub(crate) const FEE: u128 = 50_000_000_000;

/// Runtime code of a contract of three functions, told apart by the size of the call data:
///
/// | data | what it does |
/// |---|---|
/// | slot, word (64 bytes) | writes the word and emits an event with the slot as topic, the word as data |
/// | slot (32 bytes) | returns the word |
/// | anything else | reverts with the word 42 |
///
/// ```text
/// 00 CALLDATASIZE PUSH1 40 EQ PUSH1 25 JUMPI
/// 07 CALLDATASIZE PUSH1 20 EQ PUSH1 18 JUMPI
/// 0e PUSH1 2a PUSH1 00 MSTORE PUSH1 20 PUSH1 00 REVERT
/// 18 JUMPDEST PUSH1 00 CALLDATALOAD SLOAD PUSH1 00 MSTORE PUSH1 20 PUSH1 00 RETURN
/// 25 JUMPDEST PUSH1 20 CALLDATALOAD PUSH1 00 CALLDATALOAD SSTORE
/// 2d PUSH1 20 CALLDATALOAD PUSH1 00 MSTORE PUSH1 00 CALLDATALOAD PUSH1 20 PUSH1 00 LOG1 STOP
/// ```
pub(crate) const STORE: &str = "36604014602557366020146018\
    57602a60005260206000fd\
    5b6000355460005260206000f3\
    5b6020356000355560203560005260003560206000a100";

/// Init code that returns [`STORE`]: `PUSH1 3c DUP1 PUSH1 0b PUSH1 00 CODECOPY PUSH1 00 RETURN`.
pub(crate) fn store_init() -> Vec<u8> {
    [unhex("603c80600b6000396000f3"), unhex(STORE)].concat()
}

pub(crate) fn unhex(text: &str) -> Vec<u8> {
    let mut out = vec![0; text.len()];
    healthrecord_core::matter::hex::decode(text, &mut out).unwrap().to_vec()
}

/// Call data of [`STORE`]'s writing function.
pub(crate) fn store_data(slot: u64, word: u64) -> Vec<u8> {
    [U256::from(slot).to_be_bytes(), U256::from(word).to_be_bytes()].concat()
}

pub(crate) fn slot(number: u64) -> B256 {
    U256::from(number).into()
}

/// A signer that counts its nonces.
pub(crate) struct Wallet {
    key: SigningKey,
    pub(crate) address: Address,
    pub(crate) nonce: u64,
}

impl Wallet {
    /// The wallet of a key of 31 zero bytes and `number`.
    pub(crate) fn new(number: u8) -> Self {
        let mut key = [0; 32];
        key[31] = number;
        Self::from_key(&key)
    }

    pub(crate) fn from_key(key: &[u8; 32]) -> Self {
        let key = SigningKey::from_slice(key).unwrap();
        let point = key.verifying_key().to_sec1_point(false);
        let hash = keccak256(&point.as_bytes()[1..]);
        Self { key, address: Address(hash.0[12..].try_into().unwrap()), nonce: 0 }
    }

    pub(crate) fn signature(&self, hash: &[u8; 32]) -> Signature {
        let (signature, id) = self.key.sign_prehash_recoverable(hash);
        let scalar = |bytes: &[u8]| alloy_primitives::B256::from_slice(bytes);
        Signature::from_scalars_and_parity(
            scalar(&signature.r().to_bytes()),
            scalar(&signature.s().to_bytes()),
            id.is_y_odd(),
        )
    }

    /// The raw bytes of a signed transaction.
    pub(crate) fn sign<T: SignableTransaction<Signature>>(&self, transaction: T) -> Vec<u8>
    where
        TxEnvelope: From<alloy_consensus::Signed<T>>,
    {
        let signature = self.signature(&transaction.signature_hash().0);
        TxEnvelope::from(transaction.into_signed(signature)).encoded_2718()
    }

    pub(crate) fn authorize(&self, chain: u64, to: Address, nonce: u64) -> SignedAuthorization {
        let chain_id = alloy_primitives::U256::from(chain);
        let authorization = Authorization { chain_id, address: to.0.into(), nonce };
        let signature = self.signature(&authorization.signature_hash().0);
        authorization.into_signed(signature)
    }

    /// The next transaction of this wallet, of type 2.
    pub(crate) fn next(&mut self, to: Option<Address>, value: u128, data: &[u8]) -> TxEip1559 {
        let nonce = self.nonce;
        self.nonce += 1;
        TxEip1559 { nonce, ..eip1559(to, value, data) }
    }

    /// Sends the next transaction, mines it alone, and gives its receipt.
    pub(crate) fn send(
        &mut self,
        chain: &mut Devchain,
        to: Option<Address>,
        value: u128,
        data: &[u8],
    ) -> Receipt {
        let transaction = self.next(to, value, data);
        let hash = chain.send_raw(&self.sign(transaction)).unwrap();
        chain.mine(chain.head().timestamp + 12).unwrap();
        chain.receipt(&hash).unwrap().clone()
    }
}

pub(crate) fn kind(to: Option<Address>) -> TxKind {
    to.map_or(TxKind::Create, |to| TxKind::Call(to.0.into()))
}

pub(crate) fn legacy(to: Option<Address>, value: u128, data: &[u8]) -> TxLegacy {
    TxLegacy {
        chain_id: Some(CHAIN),
        nonce: 0,
        gas_price: FEE,
        gas_limit: 200_000,
        to: kind(to),
        value: alloy_primitives::U256::from(value),
        input: data.to_vec().into(),
    }
}

pub(crate) fn eip2930(to: Option<Address>, value: u128, data: &[u8]) -> TxEip2930 {
    TxEip2930 {
        chain_id: CHAIN,
        nonce: 0,
        gas_price: FEE,
        gas_limit: 200_000,
        to: kind(to),
        value: alloy_primitives::U256::from(value),
        input: data.to_vec().into(),
        access_list: vec![].into(),
    }
}

pub(crate) fn eip1559(to: Option<Address>, value: u128, data: &[u8]) -> TxEip1559 {
    TxEip1559 {
        chain_id: CHAIN,
        nonce: 0,
        gas_limit: 200_000,
        max_fee_per_gas: FEE,
        max_priority_fee_per_gas: 1_000_000_000,
        to: kind(to),
        value: alloy_primitives::U256::from(value),
        access_list: vec![].into(),
        input: data.to_vec().into(),
    }
}

pub(crate) fn eip7702(to: Address, authorization_list: Vec<SignedAuthorization>) -> TxEip7702 {
    TxEip7702 {
        chain_id: CHAIN,
        nonce: 0,
        gas_limit: 200_000,
        max_fee_per_gas: FEE,
        max_priority_fee_per_gas: 1_000_000_000,
        to: to.0.into(),
        value: alloy_primitives::U256::ZERO,
        access_list: vec![].into(),
        authorization_list,
        input: vec![].into(),
    }
}

/// A genesis in which wallets 1 to `count` own 1,000 ether each.
pub(crate) fn funded(count: u8) -> Genesis {
    let mut genesis = Genesis::new(CHAIN, GENESIS_TIME);
    for number in 1..=count {
        let account = GenesisAccount::funded(U256::from(1_000 * ETHER));
        genesis.accounts.insert(Wallet::new(number).address, account);
    }
    genesis
}

/// Repeatable transactions of four wallets and every type: creations, transfers, writes that set, change
/// and clear few slots (with their refunds), reverts, much data, delegations of wallet 5.
pub(crate) struct Traffic {
    pub(crate) random: Random,
    pub(crate) wallets: Vec<Wallet>,
    pub(crate) delegate: Wallet,
    /// The contract that the first transaction creates.
    pub(crate) store: Option<Address>,
}

impl Traffic {
    pub(crate) fn new(seed: u64) -> Self {
        let wallets = (1..=4).map(Wallet::new).collect();
        Self { random: Random(seed), wallets, delegate: Wallet::new(5), store: None }
    }

    /// The next raw transaction.
    pub(crate) fn next(&mut self) -> Vec<u8> {
        let random = &mut self.random;
        let wallet = &mut self.wallets[usize::try_from(random.below(4)).unwrap()];
        let nonce = wallet.nonce;
        wallet.nonce += 1;
        let Some(store) = self.store else {
            return wallet.sign(TxLegacy { nonce, ..legacy(None, 0, &store_init()) });
        };
        let (to, value, data) = match random.below(9) {
            0 => (None, 0, vec![0xfe]),
            1 => (Some(Address([random.next().to_le_bytes()[0]; 20])), ETHER / 3, vec![]),
            2 => (Some(store), 0, vec![7; 100]),
            3 => (Some(Address([9; 20])), 1, vec![random.next().to_le_bytes()[0]; 900]),
            _ => (Some(store), 0, store_data(random.below(6), random.below(3))),
        };
        match random.below(4) {
            0 => wallet.sign(TxLegacy { nonce, ..legacy(to, value, &data) }),
            1 => {
                let storage_keys = vec![slot(1).0.into()];
                let access_list = vec![AccessListItem { address: store.0.into(), storage_keys }].into();
                wallet.sign(TxEip2930 { nonce, access_list, ..eip2930(to, value, &data) })
            }
            2 => {
                let authorization = self.delegate.authorize(CHAIN, store, self.delegate.nonce);
                self.delegate.nonce += 1;
                let input = store_data(random.below(3), random.below(2)).into();
                let transaction = eip7702(self.delegate.address, vec![authorization]);
                wallet.sign(TxEip7702 { nonce, input, ..transaction })
            }
            _ => wallet.sign(TxEip1559 { nonce, ..eip1559(to, value, &data) }),
        }
    }
}

/// A small deterministic generator (`SplitMix64`, Steele et al. 2014): the tests need repeatable, not secret, numbers.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `bound`.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }
}
