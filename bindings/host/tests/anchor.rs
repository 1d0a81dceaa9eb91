//! An anchor is led to a newer block by what nodes give, be it wrong, missing, or by one node alone.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

#[path = "../../../core/tests/common/sealed.rs"]
mod sealed;

use std::collections::BTreeMap;

use healthrecord::anchor::{FollowError, Validators, follow, state};
use healthrecord::code::Code as _;
use healthrecord::core::health::anchor::{AnchorError, Bft, BftError, HashRule};
use sealed::{Block, DAY};

/// Headers by the numbers of their blocks, each as several nodes have it, and which were asked for.
#[derive(Default)]
struct Nodes {
    headers: BTreeMap<u64, Vec<Vec<u8>>>,
    asked: Vec<(u64, usize)>,
}

impl Nodes {
    fn put(&mut self, block: &Block, sealers: impl IntoIterator<Item = u8>) {
        self.headers.entry(block.number).or_default().push(block.sealed(sealers));
    }

    fn lead(&mut self, anchor: &mut Bft<64>, newest: u64) -> Result<(), FollowError<AnchorError>> {
        follow(anchor, newest, |number, node| {
            self.asked.push((number, node));
            Ok(self.headers.get(&number).and_then(|copies| copies.get(node)).cloned())
        })
    }
}

/// A block so many after the first of a chain of four validators, a second for each.
fn after(first: &Block, blocks: u64) -> Block {
    let (number, time) = (first.number + blocks, first.time + blocks);
    Block { number, time, ..first.later() }
}

#[test]
fn a_state_is_what_it_is_made_of() {
    let anchor = Block::first(HashRule::Qbft, 0..4).anchor(DAY);
    let kept = Validators::decode(&state(&anchor)).unwrap();
    assert_eq!((kept.validators(), kept.hash()), (anchor.validators(), anchor.hash()));
    assert_eq!(state(&kept), state(&anchor));
}

#[test]
fn a_bad_copy_of_another_node_is_left_out() {
    let first = Block::first(HashRule::Qbft, 0..5);
    let next = after(&first, 10).of(0..4);
    let mut nodes = Nodes::default();
    // Three of the four that are left, of whom the five before need four.
    nodes.put(&next, 0..3);
    // Another block of that number; a stranger's seal; and at last the fourth.
    nodes.put(&Block { round: 1, ..next.clone() }, 0..3);
    nodes.put(&next, [9]);
    nodes.put(&next, 1..4);
    let mut anchor = first.anchor(DAY);
    nodes.lead(&mut anchor, 10).unwrap();
    assert_eq!((anchor.number(), anchor.validators().len()), (10, 4));
    assert_eq!(nodes.asked, [(10, 0), (10, 1), (10, 2), (10, 3)]);
}

#[test]
fn where_no_node_has_the_seals_of_a_change_later_blocks_are_looked_at() {
    let first = Block::first(HashRule::Qbft, 0..5);
    let mut nodes = Nodes::default();
    let mut last = first.clone();
    for number in 1..=100 {
        // Somebody leaves at block 40, somebody comes at block 90; all seals are at block 47 alone.
        let validators: &[u8] = match number {
            ..40 => &[0, 1, 2, 3, 4],
            40..90 => &[0, 1, 2, 3],
            _ => &[0, 1, 2, 3, 8],
        };
        last = last.next().of(validators.iter().copied());
        nodes.put(&last, if (40..90).contains(&number) && number != 47 { 0..3 } else { 0..4 });
    }
    let mut anchor = first.anchor(DAY);
    nodes.lead(&mut anchor, 100).unwrap();
    assert_eq!((anchor.number(), anchor.validators().len()), (100, 5));
    let blocks: std::collections::BTreeSet<u64> = nodes.asked.iter().map(|(number, _)| *number).collect();
    assert!(blocks.contains(&47) && blocks.len() < 20, "{blocks:?}");
}

#[test]
fn a_long_absence_is_led_through_by_blocks_between() {
    let first = Block::first(HashRule::Qbft, 0..4);
    let mut nodes = Nodes::default();
    for blocks in 1..=64 {
        let block = after(&first, blocks);
        nodes.put(&Block { time: first.time + blocks * 3600, ..block }, 0..3);
    }
    let mut anchor = first.anchor(DAY);
    nodes.lead(&mut anchor, 64).unwrap();
    let numbers: Vec<u64> = nodes.asked.iter().map(|(number, _)| *number).collect();
    assert_eq!((anchor.number(), numbers), (64, vec![64, 32, 16, 48]));
}

#[test]
fn what_cannot_lead_on_is_an_error_and_keeps_what_was_proved() {
    let first = Block::first(HashRule::Qbft, 0..4);
    let mut anchor = first.anchor(DAY);
    let mut nodes = Nodes::default();
    let none = nodes.lead(&mut anchor, 9).unwrap_err();
    assert_eq!((none.code(), &none), ("follow.no_block", &FollowError::NoBlock { number: 9 }));
    nodes.headers.insert(9, vec![after(&first, 8).sealed(0..4)]);
    let other = nodes.lead(&mut anchor, 9).unwrap_err();
    assert_eq!((other.code(), &other), ("follow.number", &FollowError::Number { expected: 9, found: 8 }));
    // Two have left at once, which no block between explains.
    nodes.headers.clear();
    let mut last = first.clone();
    for number in 1..=8 {
        let left = if number < 4 { 4 } else { 2 };
        last = last.next().of(0..left);
        nodes.put(&last, 0..left);
    }
    let jump = nodes.lead(&mut anchor, 8).unwrap_err();
    let error = AnchorError::Bft(BftError::SetChange { added: 0, removed: 2 });
    assert_eq!(jump, FollowError::Anchor { number: 4, error });
    assert_eq!(anchor.number(), 3);
    let broken = follow(&mut anchor, 9, |_, _| Err::<Option<Vec<u8>>, _>(error)).unwrap_err();
    assert_eq!(broken.code(), "bft.set_change");
    let junk = follow(&mut anchor, 9, |_, _| Ok::<_, AnchorError>(Some(vec![0xc0]))).unwrap_err();
    assert_eq!(junk.code(), "header.field_count");
}
