//! Headers made and sealed for a test: encoded anew by the `rlp` crate, as a node would, so that no byte
//! of them is the core's.
#![allow(dead_code, clippy::unwrap_used, reason = "each test binary uses its own part")]

use healthrecord_core::chain::key::SecretKey;
use healthrecord_core::health::anchor::{Anchor as _, Bft, HashRule, PinnedHash};
use healthrecord_core::{Address, B256, keccak256};
use rlp::RlpStream;

/// A day, and the time of the first block.
pub(crate) const DAY: u64 = 86_400;
pub(crate) const START: u64 = 1_790_000_000;

/// The keys of the validators that a test has.
pub(crate) fn key(index: u8) -> SecretKey {
    SecretKey::from_bytes(&[index.checked_add(1).unwrap(); 32]).unwrap()
}

pub(crate) fn addresses(keys: impl IntoIterator<Item = u8>) -> Vec<Address> {
    keys.into_iter().map(|index| key(index).address()).collect()
}

/// A vote, as the header's author writes it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Vote {
    None,
    Add(Address),
    Drop(Address),
}

/// A block of a chain with validators.
#[derive(Clone, Debug)]
pub(crate) struct Block {
    pub(crate) rule: HashRule,
    pub(crate) parent: B256,
    pub(crate) number: u64,
    pub(crate) time: u64,
    pub(crate) state_root: B256,
    pub(crate) validators: Vec<Address>,
    pub(crate) vote: Vote,
    pub(crate) round: u32,
}

/// What of the extra data a hash has.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Whole,
    Signed,
    Named,
}

impl Block {
    /// The first block of a chain whose validators have the keys `keys`.
    pub(crate) fn first(rule: HashRule, keys: impl IntoIterator<Item = u8>) -> Self {
        let (validators, vote, round) = (addresses(keys), Vote::None, 0);
        let (parent, state_root) = (B256::ZERO, B256([7; 32]));
        Self { rule, parent, number: 0, time: START, state_root, validators, vote, round }
    }

    /// The block that follows.
    pub(crate) fn next(&self) -> Self {
        let (number, time) = (self.number + 1, self.time + 1);
        Self { parent: self.hash(), number, time, vote: Vote::None, round: 0, ..self.clone() }
    }

    /// A later block of the same chain, not the next one.
    pub(crate) fn later(&self) -> Self {
        let (number, time) = (self.number + 100, self.time + 100);
        Self { parent: B256([9; 32]), number, time, vote: Vote::None, round: 0, ..self.clone() }
    }

    /// The same block with other validators.
    pub(crate) fn of(self, keys: impl IntoIterator<Item = u8>) -> Self {
        Self { validators: addresses(keys), ..self }
    }

    /// The block's hash.
    pub(crate) fn hash(&self) -> B256 {
        keccak256(&self.header(&self.extra(Form::Named, &[])))
    }

    /// What its committed seals sign.
    pub(crate) fn commit_hash(&self) -> B256 {
        if self.rule == HashRule::Ibft1 {
            return keccak256(&[&self.hash().0[..], &[2]].concat());
        }
        keccak256(&self.header(&self.extra(Form::Signed, &[])))
    }

    /// The seals of some keys, in their order.
    pub(crate) fn seals(&self, keys: impl IntoIterator<Item = u8>) -> Vec<Vec<u8>> {
        let hash = self.commit_hash();
        keys.into_iter().map(|index| seal(&key(index), &hash)).collect()
    }

    /// The header with seals.
    pub(crate) fn with(&self, seals: &[Vec<u8>]) -> Vec<u8> {
        self.header(&self.extra(Form::Whole, seals))
    }

    /// The header, sealed by some keys.
    pub(crate) fn sealed(&self, keys: impl IntoIterator<Item = u8>) -> Vec<u8> {
        self.with(&self.seals(keys))
    }

    /// An anchor of at most 64 validators that has taken this block.
    pub(crate) fn anchor(&self, trusting_period: u64) -> Bft<64> {
        let header = self.with(&[]);
        let trusted = PinnedHash::new(self.hash(), self.rule).trust(&header).unwrap();
        Bft::start(&trusted, trusting_period).unwrap()
    }

    fn extra(&self, form: Form, seals: &[Vec<u8>]) -> Vec<u8> {
        let mut list = RlpStream::new();
        list.begin_unbounded_list();
        let vanity = [0x5a; 32];
        if self.rule == HashRule::Ibft1 {
            self.put_validators(&mut list);
            // The genesis block has no proposer; later ones have some seal of 65 bytes.
            list.append(&if self.number == 0 { vec![] } else { vec![6; 65] });
            put_seals(&mut list, seals);
            list.finalize_unbounded_list();
            return [&vanity[..], &list.out()].concat();
        }
        list.append(&vanity.to_vec());
        self.put_validators(&mut list);
        self.put_vote(&mut list);
        match (self.rule, form) {
            (HashRule::Ibft2, Form::Named) => {}
            (HashRule::Ibft2, _) => {
                list.append(&self.round.to_be_bytes().to_vec());
            }
            (_, Form::Named) => {
                list.append(&0_u32);
            }
            _ => {
                list.append(&self.round);
            }
        }
        if self.rule == HashRule::Qbft || form == Form::Whole {
            put_seals(&mut list, seals);
        }
        list.finalize_unbounded_list();
        list.out().to_vec()
    }

    fn put_validators(&self, list: &mut RlpStream) {
        list.begin_list(self.validators.len());
        for validator in &self.validators {
            list.append(&validator.0.to_vec());
        }
    }

    fn put_vote(&self, list: &mut RlpStream) {
        let qbft = self.rule == HashRule::Qbft;
        let (address, choice) = match self.vote {
            Vote::None => {
                if qbft {
                    list.begin_list(0)
                } else {
                    list.append_empty_data()
                };
                return;
            }
            Vote::Add(address) => (address, vec![0xff]),
            Vote::Drop(address) if qbft => (address, vec![]),
            Vote::Drop(address) => (address, vec![0]),
        };
        list.begin_list(2).append(&address.0.to_vec()).append(&choice);
    }

    /// The header with extra data: 17 fields, as since Shanghai.
    fn header(&self, extra: &[u8]) -> Vec<u8> {
        let mut list = RlpStream::new_list(17);
        for hash in [self.parent, B256([1; 32])] {
            list.append(&hash.0.to_vec());
        }
        list.append(&self.validators.first().copied().unwrap_or_default().0.to_vec());
        for hash in [self.state_root, B256([2; 32]), B256([3; 32])] {
            list.append(&hash.0.to_vec());
        }
        list.append(&vec![0_u8; 256]).append(&1_u8);
        for number in [self.number, 30_000_000, 21_000, self.time] {
            list.append(&number);
        }
        list.append(&extra.to_vec()).append(&MARK.to_vec()).append(&vec![0_u8; 8]);
        list.append(&1_000_000_000_u64).append(&vec![4_u8; 32]);
        list.out().to_vec()
    }
}

/// The `mixHash` of these chains.
const MARK: [u8; 32] = *b"ctical byzantine fault tolerance";

/// A seal as chains write it: the parity of y, not v, behind r and s.
pub(crate) fn seal(key: &SecretKey, hash: &B256) -> Vec<u8> {
    let mut seal = key.sign_hash(hash).to_bytes().to_vec();
    *seal.last_mut().unwrap() -= 27;
    seal
}

fn put_seals(list: &mut RlpStream, seals: &[Vec<u8>]) {
    list.begin_list(seals.len());
    for seal in seals {
        list.append(seal);
    }
}
