//! Tries of every size and shape, and what to ask them for.
#![allow(dead_code, reason = "each binary uses its own part")]

use healthrecord::core::{B256, U256, keccak256};

use crate::common::Random;
use crate::judges::Kind;
use crate::tries::{Trie, encode_word};

/// Where a trie's entries stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Paths {
    /// At the hashes of slots or addresses, as on a chain.
    Hashed,
    /// Many of them beside others that differ in the last few nibbles, so that nodes stand inside their
    /// parents.
    Crowded,
}

pub(crate) fn trie(random: &mut Random, kind: Kind, paths: Paths, size: usize) -> Trie {
    let mut known: Vec<B256> = vec![];
    while known.len() < size {
        let path = match paths {
            Paths::Hashed => hashed(kind, random.next()),
            Paths::Crowded => near(random, &known),
        };
        if !known.contains(&path) || size > 1_000 {
            known.push(path);
        }
    }
    Trie::new(known.into_iter().map(|path| (path, value(random, kind))))
}

/// The path of a slot or an address that is a number.
fn hashed(kind: Kind, number: u64) -> B256 {
    let slot = B256::from(U256::from(number));
    match kind {
        Kind::Words => keccak256(&slot.0),
        Kind::Accounts | Kind::Contract => keccak256(&slot.0[12..]),
    }
}

/// A path that leaves a known one, if there is any, at a depth that is rather great.
pub(crate) fn near(random: &mut Random, known: &[B256]) -> B256 {
    let other = B256(random.bytes(32).try_into().unwrap());
    if known.is_empty() {
        return other;
    }
    let mut path = known[random.below(known.len())];
    let depth = if random.below(3) == 0 { random.below(64) } else { 56 + random.below(8) };
    for position in depth..64 {
        let mask = if position.is_multiple_of(2) { 0xf0 } else { 0x0f };
        let byte = &mut path.0[position / 2];
        *byte = *byte & !mask | other.0[position / 2] & mask;
    }
    path
}

/// What to ask for: entries, paths near them, and others.
pub(crate) fn questions(random: &mut Random, trie: &Trie, paths: Paths, count: usize) -> Vec<B256> {
    let known: Vec<B256> = trie.paths().copied().collect();
    let mut asked: Vec<B256> = vec![];
    while asked.len() < count {
        let path = match random.below(3) {
            0 if !known.is_empty() => known[random.below(known.len())],
            1 if paths == Paths::Crowded => near(random, &known),
            _ => B256(random.bytes(32).try_into().unwrap()),
        };
        if !asked.contains(&path) {
            asked.push(path);
        }
    }
    asked
}

/// A value: words are small as often as not, and so are the numbers of an account.
pub(crate) fn value(random: &mut Random, kind: Kind) -> Vec<u8> {
    match kind {
        Kind::Words => encode_word(word(random)),
        Kind::Accounts => {
            let storage_root = B256(random.bytes(32).try_into().unwrap());
            account(random, storage_root)
        }
        Kind::Contract if random.below(2) == 0 => value(random, Kind::Words),
        Kind::Contract => value(random, Kind::Accounts),
    }
}

/// An account with this storage.
pub(crate) fn account(random: &mut Random, storage_root: B256) -> Vec<u8> {
    let mut stream = rlp::RlpStream::new_list(4);
    stream.append(&(random.next() >> random.below(64)));
    stream.append(&word(random).minimal_be_bytes());
    stream.append(&&storage_root.0[..]);
    stream.append(&random.bytes(32));
    stream.out().to_vec()
}

fn word(random: &mut Random) -> U256 {
    match random.below(3) {
        0 => U256::from_be_slice(&random.bytes(32)).unwrap(),
        1 => U256::from(random.next() >> random.below(64) | 1),
        _ => U256::from(random.next() % 127 + 1),
    }
}
