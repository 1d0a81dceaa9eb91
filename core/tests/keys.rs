//! Keys, phrases and signatures against BIP-39's, Wycheproof's and RFC 6979's known answers.
#![cfg(feature = "hd")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod common;

use common::{hex, json, unhex, vectors};
use healthrecord_core::chain::hd::{ExtendedKey, Path, Phrase, PhraseError};
use healthrecord_core::chain::key::SecretKey;
use healthrecord_core::chain::signature::{Signature, SignatureError};
use healthrecord_core::{Address, B256, keccak256};
use sha2::{Digest as _, Sha256};

#[test]
fn phrases_give_the_entropy_seed_and_master_key_of_bip39() {
    let Some(folder) = vectors(24) else { return };
    let file = json(folder.join("bip39/english.json"));
    let cases = file["english"].as_array().unwrap();
    for case in cases {
        let words = case[1].as_str().unwrap();
        let phrase = Phrase::parse(words).unwrap();
        assert_eq!(phrase.expose_text(), words);
        assert_eq!(Phrase::from_entropy(&hex(&case[0])).unwrap().expose_text(), words);
        let seed = phrase.seed("TREZOR");
        assert_eq!(seed.expose_bytes()[..], hex(&case[2]), "{words}");
        let master = seed.master_key().unwrap();
        let xprv = base58(case[3].as_str().unwrap());
        assert_eq!(xprv[13..45], *master.expose_chain_code(), "{words}");
        assert_eq!(xprv[46..78], *master.expose_key(), "{words}");
    }
    assert_eq!(cases.len(), 24);
}

/// The bytes of base 58 text.
fn base58(text: &str) -> Vec<u8> {
    let mut bytes = vec![0_u8; 82];
    for letter in text.chars() {
        let letters = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
        let mut carry = letters.find(letter).unwrap();
        for byte in bytes.iter_mut().rev() {
            carry += usize::from(*byte) * 58;
            *byte = carry.to_le_bytes()[0];
            carry >>= 8;
        }
    }
    bytes
}

#[test]
fn changed_phrases_are_refused_with_their_reason() {
    let good =
        "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about";
    assert!(Phrase::parse(&good.replace(' ', "\n \t")).is_ok());
    let error = |text: &str| Phrase::parse(text).err();
    assert_eq!(error(&good.replace("about", "ability")), Some(PhraseError::Checksum));
    assert_eq!(error(&good.replace("about", "About")), Some(PhraseError::UnknownWord { index: 11 }));
    assert_eq!(error(&good[8..]), Some(PhraseError::WordCount { found: 11 }));
    assert_eq!(Phrase::from_entropy(&[0; 17]).err(), Some(PhraseError::EntropyLength { found: 17 }));
    // Each of the 11 bits of the last word counts.
    let zoo = Phrase::from_entropy(&[0xff; 32]).unwrap();
    assert!(Phrase::parse(zoo.expose_text()).is_ok());
    assert_eq!(error(&zoo.expose_text().replace("vote", "zoo")), Some(PhraseError::Checksum));
}

/// The accounts that the development nodes derive from the phrase "test … junk".
#[test]
fn accounts_of_development_nodes_are_derived() {
    let phrase = Phrase::parse("test test test test test test test test test test test junk").unwrap();
    let master = phrase.seed("").master_key().unwrap();
    for (path, address) in [
        ("m/44'/60'/0'/0/0", "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"),
        ("m/44'/60'/0'/0/1", "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"),
        ("m/44'/60'/0'/0/9", "0xa0Ee7A142d267C1f36714E4a8F75612F20a79720"),
    ] {
        let key = master.derive(&path.parse().unwrap()).unwrap().secret_key().unwrap();
        assert_eq!(key.address(), address.parse().unwrap(), "{path}");
    }
    assert_eq!(Path::account(0).unwrap(), "m/44'/60'/0'/0/0".parse().unwrap());
}

/// Test vectors 1 and 3 of BIP-32: hardened steps, steps that are not, and a key with leading zeros.
#[test]
fn derivation_gives_the_keys_of_bip32() {
    for (seed, path, key) in [
        (
            "000102030405060708090a0b0c0d0e0f",
            "m/0'",
            "edb2e14f9ee77d26dd93b4ecede8d16ed408ce149b6cd80b0715a2d911a0afea",
        ),
        (
            "000102030405060708090a0b0c0d0e0f",
            "m/0'/1",
            "3c6cb8d0f6a264c91ea8b5030fadaa8e538b020f0a387421a12de9319dc93368",
        ),
        (
            "000102030405060708090a0b0c0d0e0f",
            "m/0'/1/2'/2/1000000000",
            "471b76e389e528d6de6d816857e012c5455051cad6660850e58372a6c3e6e7c8",
        ),
    ] {
        let master = ExtendedKey::from_seed(&unhex(seed)).unwrap();
        assert_eq!(master.derive(&path.parse().unwrap()).unwrap().expose_key()[..], unhex(key), "{path}");
    }
}

/// r and s of strict DER; nothing for what no signature of this curve can be.
fn der(bytes: &[u8]) -> Option<(B256, B256)> {
    fn integer(bytes: &[u8]) -> Option<(B256, &[u8])> {
        let [0x02, len @ ..=0x7f, rest @ ..] = bytes else { return None };
        let (value, rest) = rest.split_at_checked(usize::from(*len))?;
        let magnitude = match value {
            [0, tail @ ..] if tail.first().is_some_and(|byte| *byte >= 0x80) => tail,
            [first, ..] if (1..0x80).contains(first) => value,
            _ => return None,
        };
        let mut word = B256::ZERO;
        word.0.get_mut(32_usize.checked_sub(magnitude.len())?..)?.copy_from_slice(magnitude);
        Some((word, rest))
    }
    let [0x30, len @ ..=0x7f, rest @ ..] = bytes else { return None };
    let (r, rest) = integer(rest.get(..usize::from(*len)).filter(|_| rest.len() == usize::from(*len))?)?;
    let (s, rest) = integer(rest)?;
    rest.is_empty().then_some((r, s))
}

/// Signatures that are good in general and have no place in Ethereum: the nonce's point has an x
/// coordinate above the curve's order, which v 27 and 28 (and `ecrecover`) cannot say.
const REFUSED: [u64; 1] = [346];

#[test]
fn wycheproof_signatures_are_verified_and_recovered_or_refused() {
    let Some(folder) = vectors(463) else { return };
    let file = json(folder.join("ecdsa/ecdsa_secp256k1_sha256_bitcoin_test.json"));
    let (mut seen, mut good) = (0, 0);
    for group in file["testGroups"].as_array().unwrap() {
        let key = hex(&group["publicKey"]["uncompressed"]);
        let address = Address(keccak256(&key[1..]).0[12..].try_into().unwrap());
        for case in group["tests"].as_array().unwrap() {
            let hash = B256(Sha256::digest(hex(&case["msg"])).into());
            let recovered = |r, s, y_parity| Signature { r, s, y_parity }.recover(&hash) == Ok(address);
            let verified =
                der(&hex(&case["sig"])).is_some_and(|(r, s)| recovered(r, s, false) || recovered(r, s, true));
            let expected = case["result"] == "valid" && !REFUSED.contains(&case["tcId"].as_u64().unwrap());
            assert_eq!(verified, expected, "{}: {}", case["tcId"], case["comment"]);
            seen += 1;
            good += usize::from(verified);
        }
    }
    assert!(seen == 463 && good > 100, "{good} of {seen} are good");
}

/// Known answers of RFC 6979 on this curve (SHA-256), as several libraries of the Bitcoin world hold
/// them.
#[test]
fn signatures_are_those_of_rfc_6979() {
    let last = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140";
    let one = &format!("{:064x}", 1);
    for (key, message, signature) in [
        (
            one.as_str(),
            "Satoshi Nakamoto",
            "934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d8\
             2442ce9d2b916064108014783e923ec36b49743e2ffa1c4496f01a512aafd9e5",
        ),
        (
            last,
            "Satoshi Nakamoto",
            "fd567d121db66e382991534ada77a6bd3106f0a1098c231e47993447cd6af2d0\
             6b39cd0eb1bc8603e159ef5c20a5c8ad685a45b06ce9bebed3f153d10d93bed5",
        ),
        (
            "f8b8af8ce3c7cca5e300d33939540c10d45ce001b8f252bfbc57ba0342904181",
            "Alan Turing",
            "7063ae83e7f62bbb171798131b4a0564b956930092b33b07b395615d9ec7e15c\
             58dfcc1e00a35e1572f366ffe34ba0fc47db1e7189759b9fb233c5b05ab388ea",
        ),
    ] {
        let key = SecretKey::from_bytes(&unhex(key).try_into().unwrap()).unwrap();
        let hash = B256(Sha256::digest(message).into());
        let signed = key.sign_hash(&hash);
        assert_eq!([signed.r.0, signed.s.0].concat(), unhex(signature), "{message}");
        assert_eq!(signed.recover(&hash), Ok(key.address()));
    }
}

#[test]
fn answers_of_devices_become_signatures() {
    const ORDER: &str = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
    let key = SecretKey::from_bytes(&[7; 32]).unwrap();
    let stranger = SecretKey::from_bytes(&[8; 32]).unwrap().address();
    for byte in 0..32 {
        let hash = B256([byte; 32]);
        let signed = key.sign_hash(&hash);
        // The order less s: the same signature's other form.
        let mut high = [0; 32];
        let mut borrow = 0;
        for (index, digit) in unhex(ORDER).into_iter().enumerate().rev() {
            let difference = i16::from(digit) - i16::from(signed.s.0[index]) - borrow;
            borrow = i16::from(difference < 0);
            high[index] = difference.to_le_bytes()[0];
        }
        let high = B256(high);
        for s in [signed.s, high] {
            assert_eq!(Signature::from_device(signed.r, s, &hash, &key.address()), Ok(signed));
            assert!(Signature::from_device(signed.r, s, &hash, &stranger).is_err());
        }
        let twin = Signature { s: high, y_parity: !signed.y_parity, ..signed };
        assert_eq!((twin.with_low_s(), twin.recover(&hash)), (Ok(signed), Err(SignatureError::HighS)));
        let other = SignatureError::OtherSigner { expected: stranger, found: key.address() };
        assert_eq!(
            (signed.verify(&hash, &key.address()), signed.verify(&hash, &stranger)),
            (Ok(()), Err(other))
        );
    }
    assert_eq!(
        Signature::from_device(B256::ZERO, B256::ZERO, &B256::ZERO, &stranger),
        Err(SignatureError::OutOfRange)
    );
}

/// Secrets do not print and are not copied: this does not compile where they do.
const _: () = {
    trait Silent<Case> {}
    struct Prints;
    struct Copies;
    struct Shows;
    impl<T: ?Sized> Silent<()> for T {}
    impl<T: core::fmt::Debug + ?Sized> Silent<Prints> for T {}
    impl<T: core::fmt::Display + ?Sized> Silent<Shows> for T {}
    impl<T: Clone> Silent<Copies> for T {}
    const fn is_silent<Case, T: Silent<Case>>() {}
    is_silent::<_, SecretKey>();
    is_silent::<_, ExtendedKey>();
    is_silent::<_, Phrase>();
    is_silent::<_, healthrecord_core::chain::hd::Seed>();
};

/// What was at the place of a secret after it was dropped there, as the system shows this process's
/// memory.
#[cfg(target_os = "linux")]
#[test]
fn memory_is_wiped_on_drop() {
    use std::os::unix::fs::FileExt as _;
    fn wiped<T>(make: impl FnOnce() -> T, secret: &[u8]) {
        let mut place = Box::new(Some(make()));
        let memory = std::fs::File::open("/proc/self/mem").unwrap();
        let (start, len) = ((&raw const *place).addr(), size_of::<Option<T>>());
        let holds = |secret: &[u8]| {
            let mut bytes = vec![0; len];
            memory.read_exact_at(&mut bytes, start as u64).unwrap();
            bytes.windows(8).any(|window| secret.windows(8).any(|part| part == window))
        };
        // Scalars are kept with their lowest byte first.
        let reversed: Vec<u8> = secret.iter().rev().copied().collect();
        assert!(holds(secret) || holds(&reversed), "the secret is there before");
        *place = None;
        assert!(!holds(secret) && !holds(&reversed), "the secret is not there after");
    }
    let secret: Vec<u8> = (1..=32).collect();
    let bytes: [u8; 32] = secret.clone().try_into().unwrap();
    wiped(|| SecretKey::from_bytes(&bytes).unwrap(), &secret);
    let phrase = || Phrase::from_entropy(&bytes).unwrap();
    wiped(phrase, phrase().expose_text().as_bytes());
    let seed = *phrase().seed("").expose_bytes();
    wiped(|| phrase().seed(""), &seed);
    let key = ExtendedKey::from_seed(&seed).unwrap();
    wiped(|| ExtendedKey::from_seed(&seed).unwrap(), &*key.expose_key());
    wiped(|| ExtendedKey::from_seed(&seed).unwrap(), key.expose_chain_code());
}
