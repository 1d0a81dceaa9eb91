//! Signatures and transactions, beside alloy and libsecp256k1 in C.
//!
//! alloy signs as its local signer does: with a `SigningKey` of k256 that it keeps.
//! `HEALTHRECORD_BENCH_PEER` names what alloy was built with, which is for the caller to know.
#![allow(missing_docs, clippy::unwrap_used)]

use std::hint::black_box;

use alloy_consensus::transaction::SignerRecoverable as _;
use alloy_consensus::{SignableTransaction as _, TxEip1559, TxEnvelope};
use alloy_eips::eip2718::{Decodable2718 as _, Encodable2718 as _};
use criterion::{Criterion, criterion_group, criterion_main};
use healthrecord_core::chain::key::SecretKey;
use healthrecord_core::chain::signature::Signature;
use healthrecord_core::chain::tx::{Eip1559, List, Transaction, Unsigned as _};
use healthrecord_core::{Address, B256, U256, keccak256};
use secp256k1::ecdsa::{RecoverableSignature, RecoveryId};
use secp256k1::{Message, Secp256k1};

const SECRET: [u8; 32] = [0x42; 32];
const LIBSECP256K1: &str = "libsecp256k1";

/// A call of a contract: a selector and four words, as a grant's revocation is.
const DATA: [u8; 132] = [0x5a; 132];
const CONTRACT: [u8; 20] = [0x11; 20];
const GWEI: u64 = 1_000_000_000;

fn peer() -> String {
    std::env::var("HEALTHRECORD_BENCH_PEER").unwrap_or_else(|_| "alloy".to_owned())
}

fn alloy_key() -> alloy_k256::ecdsa::SigningKey {
    alloy_k256::ecdsa::SigningKey::from_slice(&SECRET).unwrap()
}

fn alloy_sign(key: &alloy_k256::ecdsa::SigningKey, hash: &[u8; 32]) -> alloy_primitives::Signature {
    key.sign_prehash_recoverable(hash).unwrap().into()
}

/// A hash, signed.
fn sign(criterion: &mut Criterion) {
    let (key, alloy, library) = (SecretKey::from_bytes(&SECRET).unwrap(), alloy_key(), Secp256k1::new());
    let secret = secp256k1::SecretKey::from_byte_array(SECRET).unwrap();
    let hash = keccak256(b"a record");
    let by_library = |hash: &B256| library.sign_ecdsa_recoverable(Message::from_digest(hash.0), &secret);

    let signature = key.sign_hash(&hash);
    let (_, compact) = by_library(&hash).serialize_compact();
    assert_eq!(alloy_sign(&alloy, &hash.0).as_bytes(), signature.to_bytes());
    assert_eq!(compact, signature.to_bytes()[..64]);

    let mut group = criterion.benchmark_group("sign a hash");
    group.bench_function("healthrecord", |bencher| bencher.iter(|| key.sign_hash(black_box(&hash))));
    group.bench_function(peer(), |bencher| bencher.iter(|| alloy_sign(&alloy, black_box(&hash.0))));
    group.bench_function(LIBSECP256K1, |bencher| bencher.iter(|| by_library(black_box(&hash))));
    group.finish();
}

/// The address of who signed a hash.
fn recover(criterion: &mut Criterion) {
    let (key, library) = (SecretKey::from_bytes(&SECRET).unwrap(), Secp256k1::new());
    let hash = keccak256(b"a record");
    let signature = key.sign_hash(&hash);
    let bytes = signature.to_bytes();
    let by_library = |hash: &B256, bytes: &[u8; 65]| {
        let id = RecoveryId::from_u8_masked(bytes[64] - 27);
        let signature = RecoverableSignature::from_compact(&bytes[..64], id).unwrap();
        let public = library.recover_ecdsa(Message::from_digest(hash.0), &signature).unwrap();
        Address(*keccak256(&public.serialize_uncompressed()[1..]).0.last_chunk().unwrap())
    };
    let by_alloy = |hash: &B256, bytes: &[u8; 65]| {
        let signature = alloy_primitives::Signature::from_raw_array(bytes).unwrap();
        Address(signature.recover_address_from_prehash(&hash.0.into()).unwrap().0.0)
    };
    let by_us = |hash: &B256, bytes: &[u8; 65]| Signature::from_bytes(bytes).unwrap().recover(hash).unwrap();
    assert_eq!(by_us(&hash, &bytes), key.address());
    assert_eq!(by_alloy(&hash, &bytes), key.address());
    assert_eq!(by_library(&hash, &bytes), key.address());

    let mut group = criterion.benchmark_group("recover an address");
    group.bench_function("healthrecord", |bencher| {
        bencher.iter(|| by_us(black_box(&hash), black_box(&bytes)));
    });
    group.bench_function(peer(), |bencher| {
        bencher.iter(|| by_alloy(black_box(&hash), black_box(&bytes)));
    });
    group.bench_function(LIBSECP256K1, |bencher| {
        bencher.iter(|| by_library(black_box(&hash), black_box(&bytes)));
    });
    group.finish();
}

/// A transaction of type 2, from its fields to the bytes that a node takes.
fn send(key: &SecretKey, nonce: u64) -> heapless::Vec<u8, 512> {
    let transaction = Eip1559 {
        chain_id: 1,
        nonce,
        max_priority_fee_per_gas: GWEI.into(),
        max_fee_per_gas: (30 * GWEI).into(),
        gas_limit: 90_000,
        to: Some(Address(CONTRACT)),
        value: U256::ZERO,
        data: &DATA,
        access_list: List::EMPTY,
    };
    let mut raw = heapless::Vec::new();
    transaction.sign(key).unwrap().write(&mut raw).unwrap();
    raw
}

fn alloy_send(key: &alloy_k256::ecdsa::SigningKey, nonce: u64, input: alloy_primitives::Bytes) -> Vec<u8> {
    let transaction = TxEip1559 {
        chain_id: 1,
        nonce,
        max_priority_fee_per_gas: GWEI.into(),
        max_fee_per_gas: (30 * GWEI).into(),
        gas_limit: 90_000,
        to: alloy_primitives::TxKind::Call(CONTRACT.into()),
        value: alloy_primitives::U256::ZERO,
        input,
        access_list: alloy_eips::eip2930::AccessList::default(),
    };
    let signature = alloy_sign(key, &transaction.signature_hash().0);
    TxEnvelope::from(transaction.into_signed(signature)).encoded_2718()
}

fn transactions(criterion: &mut Criterion) {
    let (key, alloy) = (SecretKey::from_bytes(&SECRET).unwrap(), alloy_key());
    let input = alloy_primitives::Bytes::from_static(&DATA);
    let raw = send(&key, 7);
    assert_eq!(alloy_send(&alloy, 7, input.clone()), raw.as_slice());

    let mut group = criterion.benchmark_group("build, sign and encode an EIP-1559 transaction");
    group.bench_function("healthrecord", |bencher| bencher.iter(|| send(&key, black_box(7))));
    group.bench_function(peer(), |bencher| {
        bencher.iter(|| alloy_send(&alloy, black_box(7), input.clone()));
    });
    group.finish();

    let by_us = |raw: &[u8]| Transaction::decode(raw).unwrap().sender();
    let by_alloy =
        |raw: &[u8]| Address(TxEnvelope::decode_2718_exact(raw).unwrap().recover_signer().unwrap().0.0);
    assert_eq!(by_us(&raw), by_alloy(&raw));
    let mut group = criterion.benchmark_group("decode it and recover its sender");
    group.bench_function("healthrecord", |bencher| bencher.iter(|| by_us(black_box(&raw))));
    group.bench_function(peer(), |bencher| bencher.iter(|| by_alloy(black_box(&raw))));
    group.finish();
}

criterion_group!(benches, sign, recover, transactions);
criterion_main!(benches);
