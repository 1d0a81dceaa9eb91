//! Codes of keys and of where they come from.

use healthrecord_core::chain::hd::{DeriveError, PathError, PhraseError};
use healthrecord_core::chain::key::KeyError;
use healthrecord_core::matter::checksum::AddressError;

use super::{Code, Entry, codes};
use crate::keystore::KeystoreError;

codes!(KEY, KeyError, |error| error, {
    KeyError => "key.invalid",
        "The bytes are no secret key: 0, or not below the curve's order.",
        "Bytes that were not drawn at random.",
        "Make a new key.";
});

codes!(PHRASE, PhraseError, |error| error, {
    PhraseError::WordCount { .. } => "key.word_count",
        "A phrase has 12, 15, 18, 21 or 24 words.",
        "A word was left out or written twice.",
        "Compare the words with those that were written down.";
    PhraseError::UnknownWord { .. } => "key.unknown_word",
        "A word of the phrase is not in the English list of BIP-39.",
        "A spelling mistake, an upper-case letter, or a phrase in another language.",
        "Mend the word whose number the message names.";
    PhraseError::Checksum => "key.checksum",
        "All words of the phrase are in the list, but they do not belong together.",
        "A word was mistaken for another one, or two changed places.",
        "Compare the words with those that were written down.";
    PhraseError::EntropyLength { .. } => "key.entropy_length",
        "A phrase stands for 16, 20, 24, 28 or 32 bytes.",
        "Random bytes of another number.",
        "Draw 16 bytes for 12 words, or 32 for 24.";
});

codes!(DERIVE, DeriveError, |error| error, {
    DeriveError::SeedLength { .. } => "key.seed_length",
        "A seed has 16 to 64 bytes.",
        "Something else than a seed.",
        "Give the seed of a phrase, which has 64 bytes.";
    DeriveError::NoKey => "key.no_key",
        "There is no key at this step of the path.",
        "Chance: one step in 2^127.",
        "Take the next number.";
});

codes!(PATH, PathError, |error| error, {
    PathError::Master => "key.path_master",
        "A derivation path begins with m.",
        "The path of another format.",
        "Write it as m/44'/60'/0'/0/0.";
    PathError::Number { .. } => "key.path_number",
        "A step of the derivation path is no number below 2^31.",
        "A typing mistake, or a hardened step written as its sum with 2^31.",
        "Write each step as a number, with a ' behind it where it is hardened.";
    PathError::TooLong => "key.path_length",
        "The derivation path has more than 10 steps.",
        "Something else than a path.",
        "Give a path such as m/44'/60'/0'/0/0.";
});

codes!(ADDRESS, AddressError, |error| error, {
    AddressError::Checksum { .. } => "address.checksum",
        "The case of the address's letters is not that of its checksum (EIP-55).",
        "A digit was mistaken, or a letter's case was lost in copying.",
        "Compare the address with its source.";
} delegating {
    AddressError::Hex(error) => error;
});

codes!(KEYSTORE, KeystoreError, |error| error, {
    KeystoreError::Version { .. } => "keystore.version",
        "The keystore is of another version than 3.",
        "A file of an old wallet, or something else than a keystore.",
        "Export the key again as a keystore of version 3.";
    KeystoreError::Unknown { .. } => "keystore.unknown",
        "The keystore names a method that version 3 does not have.",
        "A file of another format.",
        "Export the key again as a keystore of version 3.";
    KeystoreError::Work => "keystore.work",
        "The keystore asks for no work, or for more than a file may ask for.",
        "A file made to exhaust the machine, or a damaged one.",
        "Open it with the wallet that wrote it, and export it again.";
    KeystoreError::Password => "keystore.password",
        "The password is wrong, or the keystore was altered.",
        "A typing mistake.",
        "Try again; spaces count, and in the library a line end does too.";
    KeystoreError::Address => "keystore.address",
        "The keystore's key is of another address than the file says.",
        "Tampering, or a file that was edited.",
        "Find the file of the right address.";
} delegating {
    KeystoreError::Form(error) => error;
    KeystoreError::Key(error) => error;
});
