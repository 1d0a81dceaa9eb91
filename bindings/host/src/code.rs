//! The one table from errors to their stable codes, and what each code means.
//!
//! A code is the error's family and the rule that was broken: `proof.missing_node`. Codes never
//! change their meaning; every language raises them and `healthrecord explain CODE` prints this
//! table. The matches are exhaustive: an error without a code does not compile.

mod access;
mod anchor;
mod chain;
mod fhir;
mod key;
mod record;
mod tx;
mod typed_data;

/// An error with a stable code.
pub trait Code {
    /// The code, `family.rule`.
    fn code(&self) -> &'static str;
}

/// What a code means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The code, `family.rule`.
    pub code: &'static str,
    /// What it says.
    pub meaning: &'static str,
    /// What most often leads to it.
    pub cause: &'static str,
    /// What to do about it.
    pub remedy: &'static str,
}

/// Every code that the library can give, family by family.
pub const FAMILIES: &[&[Entry]] = &[
    chain::HEX,
    chain::RLP,
    chain::HEADER,
    anchor::ANCHOR,
    anchor::EXTRA,
    anchor::BFT,
    anchor::SEAL,
    anchor::STATE,
    anchor::CLIQUE,
    anchor::STEP,
    anchor::FOLLOW,
    chain::PROOF,
    chain::CLAIM,
    chain::RECEIPT,
    chain::FORM,
    chain::RPC,
    record::JSON,
    record::RECORD,
    record::METADATA,
    record::UNBOUND,
    record::DISCLOSE,
    record::PATTERN,
    record::PARTIAL,
    record::DIFF,
    record::DISCLOSURE,
    record::MULTIPROOF,
    record::ENCODING,
    record::BATCH,
    fhir::FHIR,
    fhir::CONSENT,
    fhir::REPORT,
    access::REQUEST,
    access::BUNDLE,
    access::VERIFY,
    access::ANCHORED,
    access::EVENT_PROOF,
    access::EVENT_BUILD,
    access::WORD,
    access::ABI,
    access::EVENT,
    access::CONSENT,
    access::SIGNATURE,
    key::KEY,
    key::PHRASE,
    key::DERIVE,
    key::PATH,
    key::ADDRESS,
    key::KEYSTORE,
    typed_data::TYPED_DATA,
    tx::TX,
    tx::AUTHORIZATION,
];

/// Looks a code up.
#[must_use]
pub fn entry(code: &str) -> Option<&'static Entry> {
    FAMILIES.iter().copied().flatten().find(|entry| entry.code == code)
}

/// Writes an exhaustive match and the family's part of the table from the same lines.
macro_rules! codes {
    ($table:ident, $error:ty, |$value:ident| $matched:expr, {
        $($pattern:pat => $code:literal, $meaning:literal, $cause:literal, $remedy:literal;)+
    } $(delegating { $($inner:pat => $call:expr;)+ })?) => {
        impl Code for $error {
            fn code(&self) -> &'static str {
                let $value = self;
                match $matched {
                    $($pattern => $code,)+
                    $($($inner => $call.code(),)+)?
                }
            }
        }

        pub(super) const $table: &[Entry] =
            &[$(Entry { code: $code, meaning: $meaning, cause: $cause, remedy: $remedy },)+];
    };
}

use codes;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn codes_are_unique_and_well_formed() {
        let codes: Vec<&str> = FAMILIES.iter().copied().flatten().map(|entry| entry.code).collect();
        for code in &codes {
            assert_eq!(codes.iter().filter(|other| *other == code).count(), 1, "{code}");
            let (family, rule) = code.split_once('.').unwrap();
            for part in [family, rule] {
                assert!(
                    !part.is_empty() && part.chars().all(|c| matches!(c, 'a'..='z' | '0'..='9' | '_')),
                    "{code}"
                );
            }
            assert_eq!(entry(code).unwrap().code, *code);
        }
    }

    #[test]
    fn explanations_are_sentences() {
        for Entry { code, meaning, cause, remedy } in FAMILIES.iter().copied().flatten() {
            for text in [meaning, cause, remedy] {
                assert!(text.ends_with('.') && text.len() >= 10, "{code}: {text}");
            }
        }
    }
}
