//! What validators do not vouch for is refused, each fault by an error of its own, under QBFT, IBFT 2.0
//! and IBFT 1 alike. The headers are made and sealed here, so that every case is a real one.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod common;
#[path = "common/sealed.rs"]
mod sealed;

use alloy_k256::elliptic_curve::PrimeField as _;
use healthrecord_core::chain::header::Header;
use healthrecord_core::chain::signature::SignatureError;
use healthrecord_core::health::anchor::{
    Anchor as _, AnchorError, Bft, BftError, HashRule, MAX_COPIES, PinnedHash, SealError,
};
use healthrecord_core::{Address, B256};
use sealed::{Block, DAY, START, Vote, addresses, key, seal};

const RULES: [HashRule; 3] = [HashRule::Qbft, HashRule::Ibft2, HashRule::Ibft1];
/// Signs, and is never a validator.
const STRANGER: u8 = 99;

fn refused(outcome: &Result<impl Sized, AnchorError>) -> BftError {
    match outcome {
        Err(AnchorError::Bft(error)) => *error,
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("trusted"),
    }
}

/// Four validators, their chain's first block and the one to be sealed.
fn four(rule: HashRule) -> (Bft<64>, Block) {
    let first = Block::first(rule, 0..4);
    (first.anchor(DAY), first.next())
}

#[test]
fn two_thirds_rounded_up_vouch_and_one_fewer_do_not() {
    for rule in RULES {
        for (count, quorum) in [(1, 1), (2, 2), (3, 2), (4, 3), (5, 4), (6, 4), (7, 5), (21, 14), (50, 34)] {
            let first = Block::first(rule, 0..count);
            let (anchor, block) = (first.anchor(DAY), first.next());
            assert_eq!(anchor.quorum(), usize::from(quorum), "{count} validators");
            for signers in [0..quorum, count - quorum..count, 0..count] {
                let header = block.sealed(signers);
                let trusted = anchor.trust(&header).unwrap();
                assert_eq!((trusted.hash(), trusted.header().number()), (block.hash(), 1));
                assert_eq!(trusted.hash_rule(), rule);
            }
            let few = anchor.trust(&block.sealed(1..quorum)).map(|_| ());
            let (found, needed) = (usize::from(quorum) - 1, usize::from(quorum));
            assert_eq!(refused(&few), BftError::Quorum { found, needed });
        }
    }
}

/// The other s of a signature, with the other parity: the same signer, by arithmetic alone.
fn high_s_twin(seal: &[u8]) -> Vec<u8> {
    let s: [u8; 32] = seal[32..64].try_into().unwrap();
    let twin = -alloy_k256::Scalar::from_repr(s.into()).unwrap();
    [&seal[..32], &twin.to_bytes()[..], &[seal[64] ^ 1]].concat()
}

#[test]
fn seals_that_are_none_are_refused() {
    for rule in RULES {
        let (anchor, block) = four(rule);
        let good = block.seals(0..4);
        let with = |index: usize, seal: Vec<u8>| {
            let mut seals = good.clone();
            seals[index] = seal;
            refused(&anchor.trust(&block.with(&seals)).map(|_| ()))
        };
        let fault = |index, error| BftError::Seal { copy: 0, index, error };
        let high = SealError::Signature(SignatureError::HighS);
        assert_eq!(with(1, high_s_twin(&good[1])), fault(1, high));
        // Beside the seal whose twin it is.
        assert_eq!(with(2, high_s_twin(&good[1])), fault(2, high));
        for found in [2, 27, 28, 255] {
            let seal = [&good[3][..64], &[found]].concat();
            assert_eq!(with(3, seal), fault(3, SealError::Parity { found }));
        }
        let out_of_range = SealError::Signature(SignatureError::OutOfRange);
        for range in [0..32, 32..64] {
            for byte in [0, 0xff] {
                let mut seal = good[0].clone();
                seal[range.clone()].fill(byte);
                assert_eq!(with(0, seal), fault(0, out_of_range));
            }
        }
        // No point of the curve has this x.
        let mut seal = good[0].clone();
        seal[..32].copy_from_slice(&[&[0; 31][..], &[5]].concat());
        assert_eq!(with(0, seal), fault(0, SealError::Signature(SignatureError::NoKey)));
    }
}

#[test]
fn strangers_and_seals_of_something_else_are_refused() {
    for rule in RULES {
        let (anchor, block) = four(rule);
        let good = block.seals(0..3);
        let with = |seal: Vec<u8>| {
            let seals = [&good[..], &[seal]].concat();
            refused(&anchor.trust(&block.with(&seals)).map(|_| ()))
        };
        let signer = key(STRANGER).address();
        let stranger = BftError::NotMember { copy: 0, index: 3, signer };
        assert_eq!(with(block.seals([STRANGER]).remove(0)), stranger);
        // A validator's seal of another block, of the block's plain hash, of another round.
        let mut other = block.clone();
        other.state_root = B256([8; 32]);
        let plain = healthrecord_core::keccak256(&block.sealed(0..3));
        let mut round = block.clone();
        round.round = 1;
        let mut seals = vec![other.seals([3]).remove(0), seal(&key(3), &plain)];
        if rule != HashRule::Ibft1 {
            seals.push(round.seals([3]).remove(0));
        }
        for seal in seals {
            assert!(matches!(with(seal), BftError::NotMember { copy: 0, index: 3, signer }
                if !anchor.validators().contains(&signer)));
        }
    }
}

#[test]
fn another_rounds_seals_are_refused() {
    for rule in [HashRule::Qbft, HashRule::Ibft2] {
        let (anchor, block) = four(rule);
        for (told, sealed) in [(0, 1), (1, 0), (262, 17), (7, u32::MAX)] {
            let at = |round| Block { round, ..block.clone() };
            assert_eq!(at(told).hash(), at(sealed).hash());
            let (honest, altered) = (at(told).sealed(0..3), at(told).with(&at(sealed).seals(0..3)));
            assert_eq!(anchor.trust(&honest).map(|trusted| trusted.hash()), Ok(block.hash()));
            let error = refused(&anchor.trust(&altered).map(|_| ()));
            assert!(matches!(error, BftError::NotMember { index: 0, .. }), "{error}");
            // Each round's seals are good by themselves; they are not united.
            let (one, other) = (at(told).sealed(0..2), at(sealed).sealed(2..4));
            let error = refused(&anchor.trust_united(&[&one, &other]));
            assert_eq!(error, BftError::OtherRound { copy: 1, expected: told, found: sealed });
        }
    }
}

#[test]
fn one_validator_is_not_counted_as_two() {
    for rule in RULES {
        let (anchor, block) = four(rule);
        let twice = |index, signer: u8| {
            let signer = key(signer).address();
            BftError::DuplicateSeal { copy: 0, index, signer }
        };
        let error = refused(&anchor.trust(&block.sealed([0, 1, 1])).map(|_| ()));
        assert_eq!(error, twice(2, 1));
        // Beyond the quorum too.
        let error = refused(&anchor.trust(&block.sealed([0, 1, 2, 3, 0])).map(|_| ()));
        assert_eq!(error, twice(4, 0));
        // Another signature of the same validator's.
        let secret = secp256k1::SecretKey::from_byte_array([2; 32]).unwrap();
        let hash = secp256k1::Message::from_digest(block.commit_hash().0);
        let library = secp256k1::Secp256k1::new();
        let other = library.sign_ecdsa_recoverable_with_noncedata(hash, &secret, &[1; 32]);
        let (id, compact) = other.serialize_compact();
        let other = [&compact[..], &[u8::try_from(i32::from(id)).unwrap()]].concat();
        let mut seals = block.seals(0..2);
        assert!(!seals.contains(&other));
        seals.push(other);
        assert_eq!(refused(&anchor.trust(&block.with(&seals)).map(|_| ())), twice(2, 1));
    }
}

#[test]
fn sets_that_are_none_are_refused() {
    for rule in RULES {
        let (anchor, block) = four(rule);
        let of = |validators: Vec<Address>| {
            let block = Block { validators, ..block.clone() };
            refused(&anchor.trust(&block.sealed(0..4)).map(|_| ()))
        };
        assert_eq!(of(vec![]), BftError::EmptySet);
        let validator = key(2).address();
        let twice = addresses([0, 1, 2, 3, 2]);
        assert_eq!(of(twice), BftError::DuplicateValidator { validator });
        // A header of validators that change is never one of more than there is memory for.
        let first = Block::first(rule, 0..64);
        let more = first.next().of(0..65).sealed(0..44);
        let error = refused(&first.anchor(DAY).trust(&more).map(|_| ()));
        assert_eq!(error, BftError::TooManyValidators { max: 64 });
        let header = block.with(&[]);
        let trusted = PinnedHash::new(block.hash(), rule).trust(&header).unwrap();
        let small = refused(&Bft::<3>::start(&trusted, DAY));
        assert_eq!(small, BftError::TooManyValidators { max: 3 });
        assert_eq!(refused(&Bft::<4>::start(&trusted, 0)), BftError::TrustingPeriod);
        let nobody = Block { validators: vec![], ..block.clone() };
        let header = nobody.with(&[]);
        let trusted = PinnedHash::new(nobody.hash(), rule).trust(&header).unwrap();
        assert_eq!(refused(&Bft::<4>::start(&trusted, DAY)), BftError::EmptySet);
    }
}

/// The order in which a header lists its validators is its author's.
#[test]
fn a_set_has_no_order() {
    for rule in RULES {
        let (anchor, block) = four(rule);
        let header = block.of([2, 0, 3, 1]).sealed([3, 0, 1]);
        let mut moved = anchor.clone();
        moved.advance(&header).unwrap();
        assert_eq!(moved.validators(), anchor.validators());
    }
}

/// The new validators' own quorum is not enough: whoever made up a set would have it.
#[test]
fn a_set_that_the_old_quorum_did_not_carry_is_refused() {
    for rule in RULES {
        let (anchor, block) = four(rule);
        let change = |added, removed| BftError::SetChange { added, removed };
        for (keys, error) in [
            (vec![0, 1, 2, 4], change(1, 1)),
            (vec![0, 1, 2, 3, 4, 5], change(2, 0)),
            (vec![0, 1], change(0, 2)),
            (vec![4, 5, 6, 7], change(4, 4)),
        ] {
            let sealed = block.clone().of(keys.iter().copied()).sealed(keys);
            assert_eq!(refused(&anchor.trust(&sealed).map(|_| ())), error);
        }
        // 5 → 6: four of six seal, three of them of the old five, whose quorum is four.
        let first = Block::first(rule, 0..5);
        let grown = first.next().of(0..6);
        let error = refused(&first.anchor(DAY).trust(&grown.sealed([1, 2, 3, 5])).map(|_| ()));
        assert_eq!(error, BftError::OldQuorum { found: 3, needed: 4 });
        assert!(first.anchor(DAY).trust(&grown.sealed([1, 2, 3, 4])).is_ok());
        // 5 → 4: three of four seal, and four of the old five must.
        let shrunk = first.next().of(0..4);
        let error = refused(&first.anchor(DAY).trust(&shrunk.sealed(0..3)).map(|_| ()));
        assert_eq!(error, BftError::OldQuorum { found: 3, needed: 4 });
        // He who left seals no longer.
        let error = refused(&first.anchor(DAY).trust(&shrunk.sealed([0, 1, 2, 4])).map(|_| ()));
        let signer = key(4).address();
        assert_eq!(error, BftError::NotMember { copy: 0, index: 3, signer });
        // The old quorum, and not the new one: 4 → 5 with three seals.
        let (anchor, block) = four(rule);
        let error = refused(&anchor.trust(&block.of(0..5).sealed(0..3)).map(|_| ()));
        assert_eq!(error, BftError::Quorum { found: 3, needed: 4 });
    }
}

#[test]
fn seals_of_several_copies_of_one_block_are_united() {
    for rule in RULES {
        let first = Block::first(rule, 0..5);
        let (anchor, block) = (first.anchor(DAY), first.next().of(0..4));
        let [one, other] = [block.sealed(0..3), block.sealed([3, 2, 1])];
        assert_eq!(anchor.trust_united(&[&one, &other]).map(|it| it.hash()), Ok(block.hash()));
        let mut moved = anchor.clone();
        moved.advance_united(&[&other, &one, &one]).unwrap();
        assert_eq!((moved.number(), moved.validators().len()), (1, 4));
        // A later block that lists the set will do.
        let later = block.later();
        assert!(anchor.trust(&later.sealed(0..4)).is_ok());
        let [one, other] = [later.sealed(0..3), later.sealed(1..4)];
        assert!(anchor.trust_united(&[&one, &other]).is_ok());
        // One copy again and again adds nothing.
        let error = refused(&anchor.trust_united(&[&one, &one, &one]));
        assert_eq!(error, BftError::OldQuorum { found: 3, needed: 4 });
        // A copy's faults are its own.
        let bad = later.sealed([1, 2, STRANGER]);
        let signer = key(STRANGER).address();
        let error = refused(&anchor.trust_united(&[&one, &bad]));
        assert_eq!(error, BftError::NotMember { copy: 1, index: 2, signer });
        let error = refused(&anchor.trust_united(&[&one, &later.sealed([3, 3])]));
        let signer = key(3).address();
        assert_eq!(error, BftError::DuplicateSeal { copy: 1, index: 1, signer });
        let other = block.later().later();
        let error = refused(&anchor.trust_united(&[&one, &other.sealed(1..4)]));
        let (expected, found) = (later.hash(), other.hash());
        assert_eq!(error, BftError::OtherBlock { copy: 1, expected, found });
        for found in [0, MAX_COPIES + 1] {
            assert_eq!(refused(&anchor.trust_united(&vec![&one[..]; found])), BftError::Copies { found });
        }
    }
}

#[test]
fn an_anchor_never_goes_back() {
    for rule in RULES {
        let (mut anchor, block) = four(rule);
        let (raw, hash) = (block.sealed(0..3), block.hash());
        anchor.advance(&raw).unwrap();
        assert_eq!((anchor.number(), anchor.time(), anchor.hash()), (1, START + 1, hash));
        let kept = anchor.clone();
        let first = Block::first(rule, 0..4);
        let error = refused(&anchor.advance(&first.sealed(0..4)).map(|_| ()));
        assert_eq!(error, BftError::Lower { highest: 1, found: 0 });
        let old = Block { time: START, ..block.later() };
        let error = refused(&anchor.advance(&old.sealed(0..4)).map(|_| ()));
        assert_eq!(error, BftError::Older { latest: START + 1, found: START });
        // Blocks of one second: not older.
        let same = Block { time: START + 1, ..block.next() };
        assert!(anchor.trust(&same.sealed(0..4)).is_ok());
        // The block itself is known by its hash: no seal is recovered, none adds anything.
        assert_eq!(anchor.advance(&block.with(&[])).map(|it| it.hash()), Ok(hash));
        assert_eq!(anchor, kept);
    }
}

/// Headers name no chain. What a device has seen of its own tells another chain's blocks apart, at the
/// height of the last block and the next; further on the keys alone vouch, and must not be shared.
#[test]
fn another_chains_headers_under_the_same_keys_are_refused_where_it_shows() {
    for rule in RULES {
        let (mut anchor, block) = four(rule);
        anchor.advance(&block.sealed(0..3)).unwrap();
        let mut other = Block::first(rule, 0..4);
        other.state_root = B256([6; 32]);
        let (same, next) = (other.next(), other.next().next());
        let error = refused(&anchor.trust(&same.sealed(0..4)).map(|_| ()));
        let (expected, found) = (block.hash(), same.hash());
        assert_eq!(error, BftError::Conflict { number: 1, expected, found });
        let error = refused(&anchor.trust(&next.sealed(0..4)).map(|_| ()));
        assert_eq!(error, BftError::Parent { expected, found });
        assert!(anchor.trust(&next.later().sealed(0..4)).is_ok());
        // Who was given a hash is not fooled.
        let pinned = PinnedHash::new(block.next().hash(), rule);
        let (expected, found) = (block.next().hash(), next.hash());
        let error = AnchorError::HashMismatch { expected, found };
        assert_eq!(pinned.trust(&next.sealed(0..4)), Err(error));
    }
}

#[test]
fn validators_are_trusted_for_a_time() {
    for rule in RULES {
        let (anchor, block) = four(rule);
        let at = |time| Block { time, ..block.clone() }.sealed(0..3);
        let (until, time) = (START + DAY, START + DAY + 1);
        assert!(anchor.trust(&at(until)).is_ok() && anchor.trusted_at(until).is_ok());
        let expired = BftError::Expired { until, time };
        assert_eq!(refused(&anchor.trust(&at(time)).map(|_| ())), expired);
        assert_eq!(refused(&anchor.trusted_at(time)), expired);
        // The period begins anew with each block.
        let mut moved = anchor.clone();
        moved.advance(&at(until)).unwrap();
        assert_eq!(moved.trusted_at(until + DAY).map(Bft::number), Ok(1));
        assert!(
            refused(&moved.trusted_at(until + DAY + 1))
                == BftError::Expired { until: until + DAY, time: until + DAY + 1 }
        );
    }
}

/// Each rule reads its own chain's headers and no other's, whoever sealed them.
#[test]
fn another_rules_headers_are_refused() {
    for rule in RULES {
        let (_, block) = four(rule);
        let header = block.sealed(0..4);
        for other in RULES.into_iter().filter(|other| *other != rule) {
            let anchor = Block::first(other, 0..4).anchor(DAY);
            assert!(matches!(anchor.trust(&header), Err(AnchorError::Extra(_))), "{rule} as {other}");
        }
        for plain in [HashRule::Plain, HashRule::Clique] {
            let hash = plain.hash(&Header::decode(&header).unwrap()).unwrap();
            assert_ne!(hash, block.hash());
            let trusted = PinnedHash::new(hash, plain).trust(&header).unwrap();
            assert!(matches!(Bft::<8>::start(&trusted, DAY), Err(AnchorError::Extra(_))));
        }
    }
}

/// No byte of a sealed header can change: what is not sealed is a seal.
#[test]
fn every_flipped_bit_is_refused() {
    for rule in RULES {
        let (anchor, block) = four(rule);
        let block = Block { round: u32::from(rule != HashRule::Ibft1), ..block };
        let header = block.sealed(0..3);
        assert!(anchor.trust(&header).is_ok());
        for place in 0..header.len() {
            // Blooms and the like are much the same all over.
            let bits = if common::is_soak() { 0..8 } else { place % 8..place % 8 + 1 };
            for bit in bits {
                let mut flipped = header.clone();
                flipped[place] ^= 1 << bit;
                assert!(anchor.trust(&flipped).is_err(), "{rule}: bit {bit} of byte {place}");
            }
            assert!(anchor.trust(&header[..place]).is_err(), "{rule}: cut to {place} bytes");
        }
    }
}

/// Votes do not matter for who may seal: the list of the next header does.
#[test]
fn votes_of_either_form_are_read_over() {
    for rule in [HashRule::Qbft, HashRule::Ibft2] {
        let (anchor, block) = four(rule);
        for vote in [Vote::Add(key(4).address()), Vote::Drop(key(3).address())] {
            let block = Block { vote, ..block.clone() };
            let mut moved = anchor.clone();
            moved.advance(&block.sealed(0..3)).unwrap();
            assert_eq!((moved.validators(), moved.hash()), (anchor.validators(), block.hash()));
        }
    }
}
