//! A hidden element is not found by trying every value that it could have, unless its salt is known.
//!
//! The attacker has all that a disclosure can give: the commitment, every leaf but one with its salt,
//! and the hash of that one, which is all that is left of the multiproof. What is hidden is a code of
//! a diagnosis, of which there are few enough to try them all.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod common;

use healthrecord_core::health::record::{
    DisclosedLeaf, Disclosure, Leaf, LeafView, Memory, Metadata, Name, Secret, Step, TAG_LEAF, TAG_SALT,
    disclose, measure,
};
use healthrecord_core::matter::keccak::{Keccak, keccak256};
use healthrecord_core::matter::sink::Buffer;
use healthrecord_core::{Address, B256};

const DIAGNOSIS: &str = "B20.7";
const HIDDEN: &str = "/code/coding/0/code";
const CONDITION: &str = r#"{
  "resourceType": "Condition",
  "id": "c-4711",
  "clinicalStatus": { "coding": [{ "code": "active" }] },
  "verificationStatus": { "coding": [{ "code": "confirmed" }] },
  "code": { "coding": [{ "system": "http://hl7.org/fhir/sid/icd-10", "code": "B20.7" }] },
  "subject": { "reference": "Patient/mira-okafor" },
  "recordedDate": "2025-11-03"
}"#;
const SECRET: [u8; 32] = *b"as random as 32 bytes are to you";

/// Everything that the attacker holds.
struct Attacker {
    commitment: B256,
    /// Path, value and salt of every leaf but the hidden one.
    shown: Vec<(String, Vec<u8>, B256)>,
    /// The hash that the multiproof gives in place of the hidden leaf.
    target: B256,
}

/// The record's disclosure of all but one leaf; beside it that leaf's true salt, to be leaked.
fn disclosure() -> (Attacker, B256) {
    let scopes = [B256([3; 32])];
    let metadata = Metadata {
        patient: Address([1; 20]),
        author: Address([2; 20]),
        kind: 1,
        issued: 1_700_000_000,
        scopes: &scopes,
        previous: None,
        attachments: &[],
    };
    let needs = measure(CONDITION.as_bytes());
    let (mut leaves, mut names) = (vec![Leaf::EMPTY; needs.leaves + 5], vec![Name::EMPTY; needs.names]);
    let memory = Memory { leaves: &mut leaves, names: &mut names };
    let (mut shown, mut hidden, mut proof, mut flags) = (vec![], None, vec![], vec![]);
    let mut select = |leaf: &LeafView<'_>| {
        let path = leaf.path().to_string();
        if path == HIDDEN {
            hidden = Some((leaf.hash(), leaf.salt()));
            return false;
        }
        let mut value = [0; 200];
        let mut buffer = Buffer::new(&mut value);
        leaf.write_value(&mut buffer).unwrap();
        shown.push((path, buffer.into_written().to_vec(), leaf.salt()));
        true
    };
    let mut step = |step| match step {
        Step::Join => flags.push(true),
        Step::Sibling(hash) => {
            flags.push(false);
            proof.push(hash);
        }
    };
    let secret = Secret::from_bytes(&SECRET);
    let commitment =
        disclose(CONDITION.as_bytes(), &metadata, &secret, memory, &mut select, &mut step).unwrap();
    let (hash, salt) = hidden.unwrap();
    assert_eq!(proof, [hash], "the multiproof consists of the hidden leaf's hash");
    let leaves: Vec<_> =
        shown.iter().map(|(path, value, salt)| DisclosedLeaf { path, value, salt: *salt }).collect();
    let disclosure = Disclosure { leaves: &leaves, proof: &proof, flags: &flags };
    assert!(disclosure.open(commitment, &mut vec![B256::ZERO; leaves.len()]).is_ok());
    (Attacker { commitment, shown, target: hash }, salt)
}

/// Every code that the ICD-10 of the WHO has room for, `A00` to `Z99` alone and with one decimal; in the soak,
/// with two decimals too, as national versions have them.
fn codes() -> impl Iterator<Item = String> {
    let decimals = |category: String| {
        let with = move |digits: String| format!("{category}{digits}");
        let one = (0..10).map(|digit| format!(".{digit}"));
        let two = (0..if common::is_soak() { 100 } else { 0 }).map(|digits| format!(".{digits:02}"));
        core::iter::once(String::new()).chain(one).chain(two).map(with)
    };
    let categories =
        ('A'..='Z').flat_map(|letter| (0..100).map(move |number| format!("{letter}{number:02}")));
    categories.flat_map(decimals)
}

/// The value of a leaf that holds this code.
fn value(code: &str) -> Vec<u8> {
    [b"s", code.as_bytes()].concat()
}

fn length(len: usize) -> [u8; 4] {
    u32::try_from(len).unwrap().to_be_bytes()
}

fn salt_from(secret: &[u8; 32]) -> B256 {
    Keccak::new()
        .chain(&TAG_SALT.0)
        .chain(secret)
        .chain(&length(HIDDEN.len()))
        .chain(HIDDEN.as_bytes())
        .finish()
}

fn leaf_under(salt: &[u8], code: &str) -> B256 {
    let path = HIDDEN.as_bytes();
    Keccak::new()
        .chain(&TAG_LEAF.0)
        .chain(salt)
        .chain(&length(path.len()))
        .chain(path)
        .chain(&value(code))
        .finish()
}

/// A way to make the hidden leaf's hash from a code and from what the attacker holds.
struct Guess {
    name: String,
    hash: Box<dyn Fn(&str) -> B256>,
}

fn guess(name: impl Into<String>, hash: impl Fn(&str) -> B256 + 'static) -> Guess {
    Guess { name: name.into(), hash: Box::new(hash) }
}

/// Whatever can be tried without the salt.
fn guesses(attacker: &Attacker) -> Vec<Guess> {
    let padded = |bytes: &[u8]| {
        let mut word = [0; 32];
        word[32 - bytes.len()..].copy_from_slice(bytes);
        word
    };
    let mut guesses = vec![
        guess("no tree of hr1: the code's hash", |code| keccak256(code.as_bytes())),
        guess("no tree of hr1: the value's hash", |code| keccak256(&value(code))),
        guess("no tree of hr1: path and value", |code| {
            Keccak::new().chain(HIDDEN.as_bytes()).chain(&value(code)).finish()
        }),
        guess("no salt", |code| leaf_under(&[], code)),
        guess("a salt of zeros", |code| leaf_under(&[0; 32], code)),
    ];
    let path_hash = keccak256(HIDDEN.as_bytes());
    guesses.push(guess("the path's hash as the salt", move |code| leaf_under(&path_hash.0, code)));
    let mut secrets =
        vec![("zeros".to_owned(), [0; 32]), ("the commitment".to_owned(), attacker.commitment.0)];
    for (path, value, salt) in &attacker.shown {
        let salt = salt.0;
        guesses.push(guess(format!("the salt of {path}"), move |code| leaf_under(&salt, code)));
        // The content of the short leaves, addresses and scopes among them.
        if let Some(content) = value.get(1..).filter(|content| content.len() <= 32) {
            secrets.push((path.clone(), padded(content)));
        }
    }
    for (name, secret) in secrets {
        let salt = salt_from(&secret);
        guesses.push(guess(format!("{name} as the secret"), move |code| leaf_under(&salt.0, code)));
    }
    guesses
}

/// The codes whose hash under this guess is the one that is looked for.
fn search(target: B256, guess: &Guess) -> Vec<String> {
    codes().filter(|code| (guess.hash)(code) == target).collect()
}

#[test]
fn no_code_is_found_without_the_salt() {
    let (attacker, _) = disclosure();
    let guesses = guesses(&attacker);
    let count = codes().count();
    assert!(count >= 28_600 && codes().any(|code| code == DIAGNOSIS), "{count} codes");
    assert!(guesses.len() > 50, "{} guesses", guesses.len());
    for guess in &guesses {
        // Were the leaf made as the attacker guesses, the search would find its code, and it alone.
        let careless = (guess.hash)(DIAGNOSIS);
        let found = codes().find(|code| (guess.hash)(code) == careless);
        assert_eq!(found.as_deref(), Some(DIAGNOSIS), "{}", guess.name);
        assert_eq!(search(attacker.target, guess), [""; 0], "{}", guess.name);
    }
    println!("{count} codes under {} guesses: none is found", guesses.len());
}

#[test]
fn the_code_is_found_at_once_with_the_salt_or_the_secret() {
    let (attacker, salt) = disclosure();
    let leaked = guess("the salt", move |code| leaf_under(&salt.0, code));
    assert_eq!(search(attacker.target, &leaked), [DIAGNOSIS]);
    let derived = salt_from(&SECRET);
    assert_eq!(derived, salt);
    let leaked = guess("the secret", move |code| leaf_under(&derived.0, code));
    assert_eq!(search(attacker.target, &leaked), [DIAGNOSIS]);
}
