//! Random transactions of every type beside alloy, and mutations of them.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod common;

use alloy_consensus::transaction::SignerRecoverable as _;
use alloy_consensus::{
    SignableTransaction, TxEip1559, TxEip2930, TxEip4844, TxEip7702, TxEnvelope, TxLegacy,
};
use alloy_eips::eip2718::{Decodable2718 as _, Encodable2718 as _};
use alloy_eips::eip2930::AccessListItem as AlloyItem;
use alloy_eips::eip7702::Authorization as AlloyAuthorization;
use common::{Random, is_soak};
use healthrecord_core::chain::key::SecretKey;
use healthrecord_core::chain::signature::Signature;
use healthrecord_core::chain::tx::{
    AccessListItem, Authorization, Eip1559, Eip2930, Eip4844, Eip7702, Legacy, List, SignedAuthorization,
    Transaction, Unsigned,
};
use healthrecord_core::matter::sink::{Full, Sink};
use healthrecord_core::{Address, B256, U256};

struct Bytes(Vec<u8>);

impl Sink for Bytes {
    fn put(&mut self, bytes: &[u8]) -> Result<(), Full> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }
}

/// Values that all types take from: sizes at which encodings change are frequent.
struct Values {
    random: Random,
}

impl Values {
    fn u64(&mut self) -> u64 {
        let bits = self.random.below(65);
        if bits == 0 { 0 } else { self.random.next() >> (64 - bits) }
    }

    fn u128(&mut self) -> u128 {
        let high = if self.random.below(3) == 0 { self.u64() } else { 0 };
        u128::from(high) << 64 | u128::from(self.u64())
    }

    fn nonce(&mut self) -> u64 {
        self.u64().min(u64::MAX - 1)
    }

    fn value(&mut self) -> [u8; 32] {
        let mut word = [0; 32];
        let len = self.random.below(33);
        word[32 - len..].copy_from_slice(&self.random.bytes(len));
        word
    }

    fn b256(&mut self) -> [u8; 32] {
        self.random.bytes(32).try_into().unwrap()
    }

    fn address(&mut self) -> [u8; 20] {
        self.random.bytes(20).try_into().unwrap()
    }

    fn recipient(&mut self) -> Option<[u8; 20]> {
        (self.random.below(4) > 0).then(|| self.address())
    }

    fn data(&mut self) -> Vec<u8> {
        let len = [0, 1, 2, 31, 32, 33, 54, 55, 56, 57, 255, 256, 700][self.random.below(13)];
        self.random.bytes(len)
    }

    fn key(&mut self) -> SecretKey {
        SecretKey::from_bytes(&self.b256()).unwrap()
    }
}

/// An access list in both forms.
struct Access(Vec<([u8; 20], Vec<B256>)>);

impl Access {
    fn random(values: &mut Values) -> Self {
        let count = values.random.below(4);
        Self(
            (0..count)
                .map(|_| {
                    let keys = values.random.below(4);
                    (values.address(), (0..keys).map(|_| B256(values.b256())).collect())
                })
                .collect(),
        )
    }

    fn ours(&self) -> Vec<AccessListItem<'_>> {
        self.0
            .iter()
            .map(|(address, keys)| AccessListItem {
                address: Address(*address),
                storage_keys: List::new(keys),
            })
            .collect()
    }

    fn alloy(&self) -> alloy_eips::eip2930::AccessList {
        self.0
            .iter()
            .map(|(address, keys)| AlloyItem {
                address: (*address).into(),
                storage_keys: keys.iter().map(|key| key.0.into()).collect(),
            })
            .collect::<Vec<_>>()
            .into()
    }
}

fn alloy_signature(signature: &Signature) -> alloy_primitives::Signature {
    alloy_primitives::Signature::from_scalars_and_parity(
        signature.r.0.into(),
        signature.s.0.into(),
        signature.y_parity,
    )
}

/// Signs both, compares bytes and hashes, and lets each read the other's.
fn compare<'a, T, A>(key: &SecretKey, ours: T, alloy: A) -> Vec<u8>
where
    T: Unsigned<'a> + core::fmt::Debug + PartialEq,
    A: SignableTransaction<alloy_primitives::Signature>,
    TxEnvelope: From<alloy_consensus::Signed<A>>,
{
    let hash = ours.signing_hash();
    assert_eq!(hash.0, alloy.signature_hash().0);
    let signature = key.sign_hash(&hash);
    let signed = ours.into_signed(signature, Some(&key.address())).unwrap();
    assert_eq!(ours.sign(key), Ok(signed));
    let mut raw = Bytes(vec![]);
    signed.write(&mut raw).unwrap();
    let envelope = TxEnvelope::from(alloy.into_signed(alloy_signature(&signature)));
    assert_eq!(raw.0, envelope.encoded_2718());
    assert_eq!(signed.hash().0, envelope.tx_hash().0);
    let theirs = TxEnvelope::decode_2718_exact(&raw.0).unwrap();
    assert_eq!(theirs, envelope);
    let read = Transaction::decode(&raw.0).unwrap();
    assert_eq!(read.sender().0, theirs.recover_signer().unwrap().0);
    assert_eq!(read.sender(), key.address());
    assert_eq!(read.hash().0, envelope.tx_hash().0);
    let mut again = Bytes(vec![]);
    read.write(&mut again).unwrap();
    assert_eq!(again.0, raw.0);
    raw.0
}

/// A raw transaction of a type, after comparison.
fn random(values: &mut Values, kind: usize) -> Vec<u8> {
    let key = values.key();
    let (nonce, gas_limit, value, data) = (values.nonce(), values.u64(), values.value(), values.data());
    let access = Access::random(values);
    let items = access.ours();
    let access_list = List::new(&items);
    let (low, high) = (values.u128(), values.u128());
    let (priority, fee) = (low.min(high), low.max(high));
    let chain_id = values.u64() >> 2;
    let to = values.recipient();
    let ours_to = to.map(Address);
    let alloy_to =
        to.map_or(alloy_primitives::TxKind::Create, |to| alloy_primitives::TxKind::Call(to.into()));
    let alloy_value = alloy_primitives::U256::from_be_bytes(value);
    let value = U256::from_be_bytes(value);
    let input = alloy_primitives::Bytes::from(data.clone());
    match kind {
        0 => {
            let chain_id = (values.random.below(3) > 0).then_some(chain_id);
            let ours =
                Legacy { chain_id, nonce, gas_price: fee.into(), gas_limit, to: ours_to, value, data: &data };
            let alloy = TxLegacy {
                chain_id,
                nonce,
                gas_price: fee,
                gas_limit,
                to: alloy_to,
                value: alloy_value,
                input,
            };
            compare(&key, ours, alloy)
        }
        1 => {
            let ours = Eip2930 {
                chain_id,
                nonce,
                gas_price: fee.into(),
                gas_limit,
                to: ours_to,
                value,
                data: &data,
                access_list,
            };
            let alloy = TxEip2930 {
                chain_id,
                nonce,
                gas_price: fee,
                gas_limit,
                to: alloy_to,
                value: alloy_value,
                input,
                access_list: access.alloy(),
            };
            compare(&key, ours, alloy)
        }
        2 => {
            let ours = Eip1559 {
                chain_id,
                nonce,
                max_priority_fee_per_gas: priority.into(),
                max_fee_per_gas: fee.into(),
                gas_limit,
                to: ours_to,
                value,
                data: &data,
                access_list,
            };
            let alloy = TxEip1559 {
                chain_id,
                nonce,
                max_priority_fee_per_gas: priority,
                max_fee_per_gas: fee,
                gas_limit,
                to: alloy_to,
                value: alloy_value,
                input,
                access_list: access.alloy(),
            };
            compare(&key, ours, alloy)
        }
        3 => {
            let to = values.address();
            let count = 1 + values.random.below(6);
            let blobs: Vec<B256> = (0..count)
                .map(|_| {
                    let mut hash = values.b256();
                    hash[0] = 1;
                    B256(hash)
                })
                .collect();
            let blob_fee = values.u128();
            let ours = Eip4844 {
                chain_id,
                nonce,
                max_priority_fee_per_gas: priority.into(),
                max_fee_per_gas: fee.into(),
                gas_limit,
                to: Address(to),
                value,
                data: &data,
                access_list,
                max_fee_per_blob_gas: blob_fee.into(),
                blob_versioned_hashes: List::new(&blobs),
            };
            let alloy = TxEip4844 {
                chain_id,
                nonce,
                max_priority_fee_per_gas: priority,
                max_fee_per_gas: fee,
                gas_limit,
                to: to.into(),
                value: alloy_value,
                input,
                access_list: access.alloy(),
                max_fee_per_blob_gas: blob_fee,
                blob_versioned_hashes: blobs.iter().map(|hash| hash.0.into()).collect(),
            };
            compare(&key, ours, alloy)
        }
        _ => {
            let to = values.address();
            let count = 1 + values.random.below(3);
            let (ours_list, alloy_list): (Vec<_>, Vec<_>) = (0..count).map(|_| authorization(values)).unzip();
            let ours = Eip7702 {
                chain_id,
                nonce,
                max_priority_fee_per_gas: priority.into(),
                max_fee_per_gas: fee.into(),
                gas_limit,
                to: Address(to),
                value,
                data: &data,
                access_list,
                authorization_list: List::new(&ours_list),
            };
            let alloy = TxEip7702 {
                chain_id,
                nonce,
                max_priority_fee_per_gas: priority,
                max_fee_per_gas: fee,
                gas_limit,
                to: to.into(),
                value: alloy_value,
                input,
                access_list: access.alloy(),
                authorization_list: alloy_list,
            };
            compare(&key, ours, alloy)
        }
    }
}

/// An authorisation in both forms, and whose it is.
fn authorization(values: &mut Values) -> (SignedAuthorization, alloy_eips::eip7702::SignedAuthorization) {
    let key = values.key();
    let (chain_id, address, nonce) = (values.u64().max(1), values.address(), values.u64());
    let ours = Authorization { chain_id, address: Address(address), nonce };
    let alloy = AlloyAuthorization {
        chain_id: alloy_primitives::U256::from(chain_id),
        address: address.into(),
        nonce,
    };
    let hash = ours.signing_hash().unwrap();
    assert_eq!(hash.0, alloy.signature_hash().0);
    let signature = key.sign_hash(&hash);
    let (ours, alloy) = (ours.into_signed(signature), alloy.into_signed(alloy_signature(&signature)));
    assert_eq!(ours.authority(), Ok(key.address()));
    assert_eq!(alloy.recover_authority().unwrap().0, key.address().0);
    (ours, alloy)
}

#[test]
fn random_transactions_are_alloys_byte_for_byte() {
    let mut values = Values { random: Random(7) };
    let count = if is_soak() { 10_000 } else { 400 };
    for kind in 0..5 {
        for _ in 0..count {
            random(&mut values, kind);
        }
    }
}

/// The greatest of its fees: alloy holds 128 bits of each, the Yellow Paper has 256.
fn fee(transaction: &Transaction<'_>) -> U256 {
    match transaction {
        Transaction::Legacy(signed) => signed.transaction().gas_price,
        Transaction::Eip2930(signed) => signed.transaction().gas_price,
        Transaction::Eip1559(signed) => signed.transaction().max_fee_per_gas,
        Transaction::Eip4844(signed) => {
            signed.transaction().max_fee_per_gas.max(signed.transaction().max_fee_per_blob_gas)
        }
        Transaction::Eip7702(signed) => signed.transaction().max_fee_per_gas,
    }
}

/// What we read of changed bytes is what alloy reads, and is written again to the same bytes.
#[test]
fn changed_bytes_are_refused_or_read_alike() {
    let mut values = Values { random: Random(8) };
    let (mut refused, mut read) = (0_u32, 0_u32);
    let (rounds, changes) = if is_soak() { (10_000, 100) } else { (400, 10) };
    for round in 0..rounds {
        let raw = random(&mut values, round % 5);
        for _ in 0..changes {
            let mut changed = raw.clone();
            for _ in 0..=values.random.below(3) {
                let at = values.random.below(changed.len());
                match values.random.below(4) {
                    0 => changed[at] = values.random.next().to_le_bytes()[0],
                    1 => changed[at] = changed[at].wrapping_add(1),
                    2 => drop(changed.remove(at)),
                    _ => changed.insert(at, 0),
                }
            }
            let Ok(transaction) = Transaction::decode(&changed) else {
                refused += 1;
                continue;
            };
            read += 1;
            let mut again = Bytes(vec![]);
            transaction.write(&mut again).unwrap();
            assert_eq!(again.0, changed);
            let theirs = match TxEnvelope::decode_2718_exact(&changed) {
                Ok(theirs) => theirs,
                Err(error) => {
                    assert!(fee(&transaction).to_u128().is_none(), "{error}: {transaction:?}");
                    continue;
                }
            };
            assert_eq!(theirs.tx_hash().0, transaction.hash().0);
            assert_eq!(theirs.recover_signer().unwrap().0, transaction.sender().0);
        }
    }
    // A changed digit of a signed field gives another sender: some changes are read.
    assert!(refused > 1000 && read > 100, "{refused} refused, {read} read");
}
