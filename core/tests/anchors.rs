//! Headers of real chains are trusted by their validators' seals alone: `GoQuorum`'s QBFT chain through
//! every change of its validators, Besu's sealed headers, a chain under IBFT 1; Clique's are recovered.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod common;
#[path = "common/sealed.rs"]
mod sealed;

use std::path::Path;

use alloy_k256::ecdsa::{RecoveryId, Signature as Theirs, VerifyingKey};
use alloy_primitives::keccak256 as their_keccak;
use common::{hex, json, quantity, unhex, vectors};
use healthrecord_core::chain::header::Header;
use healthrecord_core::chain::trie::{NodeRef, NodeSet};
use healthrecord_core::grammar::rlp::Reader;
use healthrecord_core::health::anchor::{
    Anchor, AnchorError, Bft, BftError, BftExtra, Clique, CliqueError, CliqueExtra, HashRule, PinnedHash,
    SealError, TrustedHeader,
};
use healthrecord_core::{Address, B256, U256};
use rlp::Rlp;
use serde_json::Value;

/// As long as a device can be away in these tests, in seconds.
const FOR_EVER: u64 = u64::MAX;

type Device = Bft<8>;

/// A block of the QBFT chain, as several nodes have it.
struct Sealed {
    number: u64,
    hash: B256,
    commit_hash: B256,
    round: u32,
    validators: Vec<Address>,
    /// Each copy's header and who sealed it, in the order of the seals.
    copies: Vec<(Vec<u8>, Vec<Address>)>,
}

impl Sealed {
    fn header(&self) -> &[u8] {
        &self.copies[0].0
    }

    fn headers(&self) -> Vec<&[u8]> {
        self.copies.iter().map(|(header, _)| header.as_slice()).collect()
    }
}

fn addresses(value: &Value) -> Vec<Address> {
    value.as_array().unwrap().iter().map(|it| it.as_str().unwrap().parse().unwrap()).collect()
}

/// A header with other extra data, encoded anew.
fn with_extra(header: &[u8], extra: &[u8]) -> Vec<u8> {
    let mut list = rlp::RlpStream::new();
    list.begin_unbounded_list();
    for (index, item) in Rlp::new(header).iter().enumerate() {
        if index == 12 {
            list.append(&extra.to_vec())
        } else {
            list.append_raw(item.as_raw(), 1)
        };
    }
    list.finalize_unbounded_list();
    list.out().to_vec()
}

fn goquorum(folder: &Path) -> (Value, Vec<Sealed>) {
    let file = json(folder.join("bft/goquorum-qbft-chain.json"));
    let word = |value: &Value| B256(quantity(value));
    let sealed = |block: &Value| {
        let header = hex(&block["header"]);
        let mut copies = vec![(header.clone(), addresses(&block["signers"]))];
        for other in block["other_copies"].as_array().into_iter().flatten() {
            assert_eq!(other["round"], block["round"]);
            copies.push((with_extra(&header, &hex(&other["extra_data"])), addresses(&other["signers"])));
        }
        Sealed {
            number: block["number"].as_u64().unwrap(),
            hash: word(&block["hash"]),
            commit_hash: word(&block["commit_hash"]),
            round: u32::try_from(block["round"].as_u64().unwrap()).unwrap(),
            validators: addresses(&block["validators"]),
            copies,
        }
    };
    let blocks = file["blocks"].as_array().unwrap().iter().map(sealed).collect();
    (file, blocks)
}

/// A device that was given the first block by its hash.
fn device(rule: HashRule, hash: B256, header: &[u8], trusting_period: u64) -> Device {
    Bft::start(&PinnedHash::new(hash, rule).trust(header).unwrap(), trusting_period).unwrap()
}

fn genesis(blocks: &[Sealed]) -> Device {
    device(HashRule::Qbft, blocks[0].hash, blocks[0].header(), FOR_EVER)
}

/// Who sealed a hash, by the curve of alloy's.
fn their_signer(seal: &[u8], hash: &B256) -> Address {
    let signature = Theirs::from_slice(&seal[..64]).unwrap();
    let id = RecoveryId::from_byte(seal[64]).unwrap();
    let key = VerifyingKey::recover_from_prehash(&hash.0, &signature, id).unwrap();
    let hash = their_keccak(&key.to_encoded_point(false).as_bytes()[1..]);
    Address(hash[12..].try_into().unwrap())
}

#[test]
fn goquorums_headers_have_their_hashes_rounds_validators_and_signers() {
    let Some(folder) = vectors(1) else { return };
    let (_, blocks) = goquorum(&folder);
    let (mut rounds, mut parent) = (vec![], B256::ZERO);
    for block in &blocks {
        for (raw, signers) in &block.copies {
            let header = Header::decode(raw).unwrap();
            assert_eq!(HashRule::Qbft.hash(&header), Ok(block.hash), "block {}", block.number);
            // Only where nobody sealed is the plain hash the block's.
            assert_eq!(HashRule::Plain.hash(&header) == Ok(block.hash), signers.is_empty());
            assert_eq!(header.parent_hash(), parent, "block {}", block.number);
            let extra = BftExtra::decode(HashRule::Qbft, header.extra_data()).unwrap();
            assert_eq!(extra.round(), block.round);
            assert_eq!(extra.validators().collect::<Vec<_>>(), block.validators);
            let theirs: Vec<_> = extra.seals().map(|seal| their_signer(seal, &block.commit_hash)).collect();
            assert_eq!(theirs, *signers, "block {}", block.number);
        }
        parent = block.hash;
        rounds.push(block.round);
    }
    assert_eq!(blocks.len(), 113);
    assert!([0, 1, 8, 17, 262].iter().all(|round| rounds.contains(round)));
    let copies: usize = blocks.iter().map(|block| block.copies.len()).sum();
    assert!(copies > 140, "{copies} copies");
}

/// After a validator has left, no single copy has the seals of the old quorum: 5 → 4 at block 66, 4 → 3
/// at block 91. The first later blocks of which two nodes keep different seals carry the change.
#[test]
fn a_device_follows_goquorum_header_by_header() {
    let Some(folder) = vectors(1) else { return };
    let (_, blocks) = goquorum(&folder);
    let (mut device, mut refused, mut united) = (genesis(&blocks), vec![], vec![]);
    for block in &blocks[1..] {
        let mut outcome = device.clone().advance(block.header()).map(|trusted| trusted.hash());
        for (copy, _) in &block.copies {
            assert_eq!(device.trust(copy).map(|trusted| trusted.hash()), outcome, "block {}", block.number);
        }
        if let Err(AnchorError::Bft(BftError::OldQuorum { found, needed })) = outcome {
            assert_eq!(found + 1, needed);
            refused.push(block.number);
            outcome = device.clone().advance_united(&block.headers()).map(|trusted| trusted.hash());
            if outcome.is_ok() {
                united.push(block.number);
            }
        }
        if outcome.is_err() {
            continue;
        }
        assert_eq!(outcome, Ok(block.hash), "block {}", block.number);
        device.advance_united(&block.headers()).unwrap();
        assert_eq!((device.number(), device.hash()), (block.number, block.hash));
        assert_eq!(device.validators(), block.validators);
    }
    assert_eq!((refused, united), (vec![66, 67, 68, 69, 70, 91, 92], vec![70, 92]));
    assert_eq!((device.number(), device.quorum()), (112, 3));
}

/// What a device that was away asks for: one block of each set of validators that differs by more than
/// one member from the set before. The last set is the first one again.
#[test]
fn a_device_that_was_away_takes_the_shortest_path() {
    let Some(folder) = vectors(1) else { return };
    let (_, blocks) = goquorum(&folder);
    let start = genesis(&blocks);
    let path = |numbers: &[usize]| -> Result<usize, AnchorError> {
        let mut device = start.clone();
        for number in numbers {
            device.advance_united(&blocks[*number].headers())?;
        }
        Ok(device.validators().len())
    };
    assert_eq!(path(&[112]), Ok(4));
    assert_eq!(path(&[60]), Ok(5));
    assert_eq!(path(&[92]), Ok(3));
    assert_eq!(path(&[74]), Err(BftError::SetChange { added: 1, removed: 1 }.into()));
    assert_eq!(path(&[60, 74]), Ok(4));
    assert_eq!(path(&[60, 92]), Err(BftError::SetChange { added: 0, removed: 2 }.into()));
    assert_eq!(path(&[60, 74, 98, 112]), Ok(4));
    // A block's set is reached in one step if and only if it differs by one member.
    for block in &blocks[1..] {
        let members = &block.validators;
        let changed = start.validators().iter().filter(|member| !members.contains(member)).count()
            + members.iter().filter(|member| !start.validators().contains(member)).count();
        match start.trust_united(&block.headers()) {
            Ok(trusted) => assert!(changed <= 1 && trusted.hash() == block.hash),
            Err(AnchorError::Bft(BftError::SetChange { added, removed })) => {
                assert!(changed > 1 && added + removed == changed, "block {}", block.number);
            }
            Err(error) => {
                let short = AnchorError::Bft(BftError::OldQuorum { found: 2, needed: 3 });
                assert_eq!((error, block.copies.len()), (short, 1), "block {}", block.number);
            }
        }
    }
}

/// A genesis block of time 0 gives a trusting period nothing to count from: devices begin at block 1.
#[test]
fn a_device_that_was_away_too_long_trusts_nobody() {
    let Some(folder) = vectors(1) else { return };
    let (_, blocks) = goquorum(&folder);
    let day = 86_400;
    let unlucky = device(HashRule::Qbft, blocks[0].hash, blocks[0].header(), day);
    let time = Header::decode(blocks[1].header()).unwrap().timestamp();
    let expired = |until, time| Some(AnchorError::Bft(BftError::Expired { until, time }));
    assert_eq!(unlucky.trust(blocks[1].header()).err(), expired(day, time));
    let device = device(HashRule::Qbft, blocks[1].hash, blocks[1].header(), day);
    assert!(device.trust(blocks[60].header()).is_ok());
    assert!(device.trusted_at(time + day).is_ok());
    assert_eq!(device.trusted_at(time + day + 1).err(), expired(time + day, time + day + 1));
}

/// Holds what a node says against what its proof proves under a trusted header.
fn hold_proof(trusted: &TrustedHeader<'_>, proof: &Value) {
    let slots = proof["storageProof"].as_array().unwrap();
    let lists = std::iter::once(&proof["accountProof"]).chain(slots.iter().map(|slot| &slot["proof"]));
    let mut nodes: Vec<Vec<u8>> = vec![];
    for node in lists.flat_map(|list| list.as_array().unwrap()).map(hex) {
        if !nodes.contains(&node) {
            nodes.push(node);
        }
    }
    let mut memory = vec![NodeRef::EMPTY; nodes.len()];
    let mut set = NodeSet::new(nodes.iter().map(Vec::as_slice), &mut memory).unwrap();
    let address: Address = proof["address"].as_str().unwrap().parse().unwrap();
    let account = set.account(trusted.header().state_root(), &address).unwrap();
    let number = |value: &Value| U256::from_be_bytes(quantity(value));
    if let Some(account) = account {
        assert_eq!(account.balance, number(&proof["balance"]));
        assert_eq!(account.code_hash, B256(quantity(&proof["codeHash"])));
        for slot in slots {
            let word = set.storage(account.storage_root, &B256(quantity(&slot["key"]))).unwrap();
            assert_eq!(word, number(&slot["value"]));
        }
    }
    set.finish().unwrap();
}

#[test]
fn goquorums_proofs_hold_under_headers_that_the_validators_vouch_for() {
    let Some(folder) = vectors(1) else { return };
    let (file, blocks) = goquorum(&folder);
    let device = genesis(&blocks);
    let proofs = file["proofs"].as_array().unwrap();
    for proof in proofs {
        let block = &blocks[usize::try_from(proof["block"].as_u64().unwrap()).unwrap()];
        let trusted = device.trust(block.header()).unwrap();
        assert_eq!(trusted.hash(), B256(quantity(&proof["block_hash"])));
        assert_eq!(trusted.hash_rule(), HashRule::Qbft);
        hold_proof(&trusted, &proof["response"]);
    }
    assert_eq!(proofs.len(), 11);
}

/// The vectors hold a QBFT header with its seals and without, which is what the seals sign; its round is 1.
#[test]
fn besus_sealed_headers_are_trusted() {
    let Some(folder) = vectors(1) else { return };
    let file = json(folder.join("bft/sealed-headers.json"));
    let sealed = hex(&file["qbft"][0]);
    let unsealed = hex(&file["qbft"][1]);
    let header = Header::decode(&sealed).unwrap();
    let extra = BftExtra::decode(HashRule::Qbft, header.extra_data()).unwrap();
    assert_eq!(extra.round(), 1);
    let signed = B256(their_keccak(&unsealed).0);
    let members: Vec<Address> = extra.validators().collect();
    let signers: Vec<Address> = extra.seals().map(|seal| their_signer(seal, &signed)).collect();
    assert!(signers.len() == 3 && signers.iter().all(|signer| members.contains(signer)));
    // The third is the extra data of a header by itself.
    let alone = hex(&file["qbft"][2]);
    assert_eq!(BftExtra::decode(HashRule::Qbft, &alone).unwrap().seals().count(), 3);
    let before_both = Header::decode(&unsealed).map(|header| HashRule::Qbft.hash(&header));
    assert_eq!(before_both, Ok(HashRule::Qbft.hash(&header)));
    trusted_from_before(HashRule::Qbft, &sealed, 3);
    let quorum = AnchorError::Bft(BftError::Quorum { found: 0, needed: 3 });
    assert_eq!(before(HashRule::Qbft, &sealed).trust(&unsealed), Err(quorum));

    let sealed = hex(&file["ibft2"][0]);
    trusted_from_before(HashRule::Ibft2, &sealed, 1);
}

/// A device that knows the validators of a lone header from an earlier block.
fn before(rule: HashRule, sealed: &[u8]) -> Device {
    let header = Header::decode(sealed).unwrap();
    let extra = BftExtra::decode(rule, header.extra_data()).unwrap();
    let mut first = sealed::Block::first(rule, []);
    (first.validators, first.time) = (extra.validators().collect(), header.timestamp() - 1);
    device(rule, first.hash(), &first.with(&[]), 1)
}

fn trusted_from_before(rule: HashRule, sealed: &[u8], seals: usize) {
    let mut device = before(rule, sealed);
    let trusted = device.advance(sealed).unwrap();
    assert_eq!(Ok(trusted.hash()), rule.hash(trusted.header()));
    let extra = BftExtra::decode(rule, trusted.header().extra_data()).unwrap();
    assert_eq!((extra.seals().count(), device.quorum()), (seals, seals));
    assert_eq!(device.number(), Header::decode(sealed).unwrap().number());
}

#[test]
fn a_chain_under_ibft_1_is_followed_from_its_genesis_validators() {
    let Some(folder) = vectors(1) else { return };
    let bytes = std::fs::read(folder.join("bft/besu-ibft1.blocks")).unwrap();
    let (mut headers, mut reader) = (vec![], Reader::new(&bytes));
    while !reader.is_empty() {
        headers.push(reader.item().unwrap().list().unwrap().item().unwrap().raw);
    }
    assert_eq!(headers.len(), 101);
    let first = B256(their_keccak(headers[0]).0);
    let start = device(HashRule::Ibft1, first, headers[0], FOR_EVER);
    let mut device = start.clone();
    for raw in &headers[1..] {
        let trusted = device.advance(raw).unwrap();
        let header = trusted.header();
        // The same by encoding it anew: the committed seals leave, the proposer's stays.
        let extra = header.extra_data();
        let list = Rlp::new(&extra[32..]);
        let mut without = rlp::RlpStream::new_list(3);
        for index in 0..2 {
            without.append_raw(list.at(index).unwrap().as_raw(), 1);
        }
        without.begin_list(0);
        let hash = their_keccak(with_extra(raw, &[&extra[..32], &without.out()].concat()));
        assert_eq!(trusted.hash().0, hash.0);
        let signed = B256(their_keccak([&hash[..], &[2]].concat()).0);
        let extra = BftExtra::decode(HashRule::Ibft1, extra).unwrap();
        let mut signers: Vec<_> = extra.seals().map(|seal| their_signer(seal, &signed)).collect();
        assert!(signers.iter().all(|signer| device.validators().contains(signer)));
        signers.sort_unstable();
        signers.dedup();
        assert!(signers.len() >= device.quorum() && device.quorum() == 4);
        assert_eq!(start.trust(raw).map(|trusted| trusted.hash()), Ok(trusted.hash()));
    }
    assert_eq!(device.number(), 100);
}

#[test]
fn cliques_headers_are_recovered_as_probable_and_their_proof_holds_under_a_pinned_hash() {
    let Some(folder) = vectors(1) else { return };
    let file = json(folder.join("geth/clique-geth-1.13.15.json"));
    let config = unhex(file["genesisJson"]["extraData"].as_str().unwrap());
    let signers: Vec<Address> = CliqueExtra::decode(&config).unwrap().signers().collect();
    assert_eq!(signers.len(), 1);
    let blocks = file["blocks"].as_array().unwrap();
    let chain = Clique::new(&signers);
    for entry in blocks {
        let raw = hex(&entry["rawHeader"]);
        let (hash, number) = (B256(quantity(&entry["block"]["hash"])), &entry["block"]["number"]);
        if number == "0x0" {
            let unsealed = chain.recover(&raw);
            assert!(matches!(unsealed, Err(CliqueError::Seal(SealError::Signature(_)))), "{unsealed:?}");
            continue;
        }
        let probable = chain.recover(&raw).unwrap();
        let extra = probable.header().extra_data();
        let (sealed, seal) = extra.split_at(extra.len() - 65);
        let signed = B256(their_keccak(with_extra(&raw, sealed)).0);
        assert_eq!(probable.signer(), their_signer(seal, &signed));
        assert_eq!((probable.hash(), probable.hash_rule()), (hash, HashRule::Clique));
        assert_eq!((probable.signer(), probable.signers().count()), (signers[0], 0));
        let stranger = Clique::new(&[Address([1; 20])]).recover(&raw).unwrap_err();
        assert_eq!(stranger, CliqueError::NotSigner { signer: signers[0] });
        let trusted = PinnedHash::new(hash, HashRule::Clique).trust(&raw).unwrap();
        assert_eq!(trusted.hash(), probable.hash());
    }
    let last = hex(&blocks.last().unwrap()["rawHeader"]);
    let hash = B256(their_keccak(&last).0);
    hold_proof(&PinnedHash::new(hash, HashRule::Clique).trust(&last).unwrap(), &file["proof"]);
    assert!(blocks.len() > 1);
}
