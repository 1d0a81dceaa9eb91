//! Keys from words: BIP-39 phrases in English, BIP-32 derivation, and the paths of Ethereum accounts.
//!
//! ```text
//! phrase (12 to 24 words) → seed (64 bytes) → master key → … → key at m/44'/60'/i'/0/0
//! ```
//!
//! Nothing here prints, and all of it is wiped when dropped. Feature `hd`.

mod extended;
mod path;
mod phrase;

pub use self::extended::{DeriveError, ExtendedKey, MAX_SEED_LEN, MIN_SEED_LEN};
pub use self::path::{HARDENED, MAX_PATH_LEN, Path, PathError};
pub use self::phrase::{MAX_WORDS, Phrase, PhraseError, Seed};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha512;
use zeroize::Zeroizing;

/// HMAC-SHA512 under one key; its state is wiped when dropped.
type Mac512 = Hmac<Sha512>;

fn mac512(key: &[u8]) -> Result<Mac512, hmac::digest::InvalidLength> {
    Mac512::new_from_slice(key)
}

fn finish(mac: Mac512) -> Zeroizing<[u8; 64]> {
    Zeroizing::new(mac.finalize().into_bytes().into())
}
