//! Mutated proofs never give a wrong answer. Half of the mutations hash upwards again and move the
//! root along, so that what is left to judge them is whether the trie is one: there this walker and a
//! second one agree about every key, and alloy-trie with what both accept.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

#[path = "tries/changes.rs"]
mod changes;
#[path = "../../../core/tests/common/mod.rs"]
mod common;
#[path = "tries/generated.rs"]
mod generated;
#[path = "tries/judges.rs"]
mod judges;
#[path = "tries/mutation.rs"]
mod mutation;
mod tries;
#[path = "tries/walker.rs"]
mod walker;

use std::collections::{BTreeMap, HashSet};

use common::{Random, is_soak};
use generated::{Paths, questions, trie};
use healthrecord::core::B256;
use healthrecord::core::chain::trie::{MAX_NODE_LEN, TrieError};
use judges::{Alloy, Answer, Kind, alloy, answer, decode, ours};
use mutation::{Bundle, Source};
use walker::{Refusal, Shape, Walker, Way};

/// A proof with what was asked, and the truth.
struct Base {
    kind: Kind,
    asked: Vec<B256>,
    truth: Vec<Answer>,
    bundle: Bundle,
}

/// What became of the cases, or of the questions in them.
#[derive(Debug, Default)]
struct Tally {
    mutations: BTreeMap<&'static str, u64>,
    refused_sets: BTreeMap<String, u64>,
    /// Sets that answer every question and have no other node.
    whole: u64,
    accepted: u64,
    /// Of the accepted answers, those that differ from that of the unchanged proof.
    changed: u64,
    refused: BTreeMap<Refusal, u64>,
    /// What both walkers accept and alloy-trie does not.
    alloy_refuses: u64,
    /// What both walkers refuse and alloy-trie takes for absence, by what is wrong with it.
    alloy_accepts: BTreeMap<Refusal, u64>,
    /// What both walkers refuse and alloy-trie panics on.
    alloy_panics: BTreeMap<Refusal, u64>,
}

fn base(random: &mut Random) -> Base {
    let kind = [Kind::Words, Kind::Accounts, Kind::Contract][random.below(3)];
    let (mut asked, mut proofs, mut truth, mut root) = (vec![], vec![], vec![], None);
    if kind != Kind::Accounts {
        (asked, proofs, truth, root) = proved(random, Kind::Words, None);
    }
    if kind != Kind::Words {
        let (accounts, ways, answers, state_root) = proved(random, Kind::Accounts, root);
        // The way to a word begins with the way to its account, which is the first one.
        proofs = proofs.into_iter().map(|proof| [ways[0].clone(), proof].concat()).collect();
        let count = if kind == Kind::Contract { 1 } else { accounts.len() };
        asked.splice(0..0, accounts.into_iter().take(count));
        proofs.splice(0..0, ways.into_iter().take(count));
        truth.splice(0..0, answers.into_iter().take(count));
        root = state_root;
    }
    Base { kind, asked, truth, bundle: Bundle::new(root.unwrap(), &proofs) }
}

type Proved = (Vec<B256>, Vec<Vec<Vec<u8>>>, Vec<Answer>, Option<B256>);

/// A trie, what to ask it for, the ways there, the answers, and its root. With a storage root, the first
/// question is for the account that has it.
fn proved(random: &mut Random, kind: Kind, storage_root: Option<B256>) -> Proved {
    let paths = if random.below(3) == 0 { Paths::Hashed } else { Paths::Crowded };
    let size = [1, 2, 3, 5, 17, 60, 200][random.below(7)];
    let mut trie = trie(random, kind, paths, size);
    let count = 1 + random.below(6);
    let mut asked = questions(random, &trie, paths, count);
    if let Some(storage_root) = storage_root {
        let path = *trie.paths().next().unwrap();
        trie.insert(path, generated::account(random, storage_root));
        asked.retain(|other| *other != path);
        asked.insert(0, path);
    }
    let (root, proofs) = trie.prove(&asked);
    let read = |path| trie.value(path).map_or(Answer::Absent, |value| decode(value, kind).unwrap());
    let truth = asked.iter().map(read).collect();
    (asked, proofs, truth, Some(root))
}

/// Mutates `base` 1 to 4 times and asks for everything.
fn case(base: &Base, foreign: &[Vec<u8>], random: &mut Random, upwards: bool, tally: &mut Tally) {
    let mut bundle = base.bundle.clone();
    let mut left = 1 + random.below(4);
    while left > 0 && !bundle.nodes.is_empty() {
        let mut source = Source { random, kind: base.kind, foreign, upwards };
        if let Some(name) = bundle.mutate(&mut source) {
            *tally.mutations.entry(name).or_default() += 1;
            left -= 1;
        }
    }
    let (nodes, mut root) = (&bundle.nodes, bundle.root);
    let has_duplicate = nodes.iter().collect::<HashSet<_>>().len() < nodes.len();
    let has_giant = nodes.iter().any(|node| node.len() > MAX_NODE_LEN);
    let judged = match ours(nodes, root, base.kind, &base.asked) {
        Ok(judged) => judged,
        Err(error) => {
            if let TrieError::DuplicateNode { node, first } = error {
                assert!(node != first && nodes[node as usize] == nodes[first as usize]);
            } else {
                assert!(matches!(error, TrieError::NodeTooLarge { .. }) && has_giant, "{error}");
            }
            let name = format!("{error:?}").split(' ').next().unwrap().to_owned();
            *tally.refused_sets.entry(name).or_default() += 1;
            return;
        }
    };
    assert!(!has_duplicate && !has_giant);

    let second = Walker::new(nodes);
    let taken = |way: &Way| way.nodes.iter().map(|node| &nodes[*node]).collect::<Vec<_>>();
    let mut used = HashSet::new();
    let mut is_whole = true;
    let questions = base.asked.iter().zip(&base.truth).enumerate();
    for ((index, (path, truth)), answered) in questions.zip(judged.answers) {
        let (way, kind) = (second.walk(root, path), base.kind.of(index));
        match (answered, answer(&way, kind)) {
            (Ok(ours), Ok(theirs)) => {
                assert_eq!(ours, theirs, "{path} under {root}: {nodes:02x?}");
                assert!(upwards || ours == *truth, "{path} under {root}: {nodes:02x?}");
                tally.accepted += 1;
                tally.changed += u64::from(ours != *truth);
                let value = way.end.as_ref().unwrap().value.clone();
                if alloy(root, path, value, taken(&way)) != Alloy::Takes {
                    // It reads what stands inside an extension before it asks whether the way goes there.
                    let shape = way.end.as_ref().unwrap().shape;
                    assert_eq!(shape, Shape::DivergingExtension, "{path} under {root}: {nodes:02x?}");
                    tally.alloy_refuses += 1;
                }
            }
            (Err(_), Err(refusal)) => {
                is_whole = false;
                *tally.refused.entry(refusal).or_default() += 1;
                match alloy(root, path, None, taken(&way)) {
                    Alloy::Takes => *tally.alloy_accepts.entry(refusal).or_default() += 1,
                    Alloy::Panics => *tally.alloy_panics.entry(refusal).or_default() += 1,
                    Alloy::Refuses => {}
                }
            }
            (ours, theirs) => panic!("{path} under {root}: {ours:?}, {theirs:?}: {nodes:02x?}"),
        }
        used.extend(way.nodes);
        if base.kind == Kind::Contract
            && let Ok(Answer::Account(account)) = answered
        {
            root = account.storage_root;
        }
    }
    if is_whole {
        assert_eq!(judged.finish.is_ok(), used.len() == nodes.len());
        tally.whole += u64::from(judged.finish.is_ok());
    }
}

fn run(upwards: bool, cases: usize) -> Tally {
    let mut random = Random(if upwards { 21 } else { 22 });
    let mut tally = Tally::default();
    let (mut bases, mut foreign) = (vec![], vec![]);
    for number in 0..cases {
        if number % 500 == 0 {
            bases = (0..50).map(|_| base(&mut random)).collect();
            foreign = bases.iter().flat_map(|base: &Base| base.bundle.nodes.clone()).collect();
        }
        case(&bases[random.below(bases.len())], &foreign, &mut random, upwards, &mut tally);
    }
    println!("{cases} cases, hashed upwards: {upwards}: {tally:#?}");
    for name in mutation::names() {
        assert!(tally.mutations.contains_key(name), "{name} was never done");
    }
    tally
}

/// How many cases of each kind: half of what is asked for.
fn cases() -> usize {
    if is_soak() { 50_000 } else { 1_000 }
}

#[test]
fn no_mutation_under_the_trusted_root_changes_an_answer() {
    let tally = run(false, cases());
    assert_eq!(tally.changed, 0);
    assert!(tally.whole > 0 && tally.accepted > 0);
    // Whatever is changed, the hash that leads there has nothing to lead to.
    assert!(tally.refused.keys().eq([&Refusal::MissingNode]));
    assert_eq!(tally.alloy_refuses, 0);
    assert!(tally.alloy_accepts.is_empty());
}

#[test]
fn what_is_hashed_upwards_again_is_judged_by_the_rules_of_the_trie() {
    let tally = run(true, cases());
    let refused: u64 = tally.refused.values().sum();
    let all = tally.accepted + refused;
    assert!(tally.accepted * 10 > all && refused * 10 > all, "{} of {all} accepted", tally.accepted);
    assert!(tally.whole > 0 && tally.changed > 0);
    assert!(tally.refused.keys().eq(&Refusal::ALL), "{:?}", tally.refused);
    assert!(tally.alloy_refuses * 100 < tally.accepted);
    // It does not look for bytes behind a node, for the padding of paths, for the length or value of a
    // leaf, for what an extension leads to, or for the number and length of children. It misses no node.
    for refusal in [Refusal::MissingNode, Refusal::ItemCount, Refusal::BranchValue, Refusal::Value] {
        assert!(!tally.alloy_accepts.contains_key(&refusal), "{refusal:?}");
    }
}
