//! The extra data of headers: who may seal, and who sealed.
//!
//! | chain | extra data |
//! |---|---|
//! | QBFT | RLP `[vanity, [validator …], vote, round, [seal …]]`; vote `[]` or `[address, 0xff or empty]`; round an integer |
//! | IBFT 2.0 | the same; vote empty or `[address, 0xff or 0x00]`; round 4 bytes |
//! | IBFT 1 | 32 bytes of vanity ‖ RLP `[[validator …], seal of the proposer, [seal …]]` |
//! | Clique | 32 bytes of vanity ‖ the signers' addresses, at each epoch's first block alone ‖ seal |
//!
//! A vanity has 32 bytes; a seal 65: r ‖ s ‖ the parity of y, 0 or 1.

use core::fmt;

use super::hash_rule::HashRule;
use crate::grammar::rlp::{Item, Reader, RlpError, RlpRule};
use crate::matter::bytes::Address;

/// Bytes of a vanity.
const VANITY: usize = 32;
/// Bytes of a seal.
pub(super) const SEAL: usize = 65;
/// Bytes of an address.
const ADDRESS: usize = 20;

/// The extra data of a QBFT or IBFT header.
#[derive(Clone, Copy, Debug)]
pub struct BftExtra<'a> {
    validators: Reader<'a>,
    round: u32,
    seals: Reader<'a>,
    /// What stands before the RLP list.
    pub(super) before: &'a [u8],
    /// The list's items that no hash leaves out, as they stand.
    pub(super) kept: &'a [u8],
    /// The item of the round, as it stands; nothing in IBFT 1.
    pub(super) round_item: &'a [u8],
}

impl<'a> BftExtra<'a> {
    /// Reads extra data as a chain that hashes by `rule` has it.
    ///
    /// # Errors
    ///
    /// [`ExtraError`]: it is not of that form.
    pub fn decode(rule: HashRule, extra: &'a [u8]) -> Result<Self, ExtraError> {
        match rule {
            HashRule::Qbft => Self::rounds(extra, qbft_vote, qbft_round),
            HashRule::Ibft2 => Self::rounds(extra, ibft2_vote, ibft2_round),
            HashRule::Ibft1 => Self::istanbul(extra),
            HashRule::Plain | HashRule::Clique => Err(ExtraError::Rule { rule }),
        }
    }

    /// QBFT and IBFT 2.0.
    fn rounds(
        extra: &'a [u8],
        vote: impl Fn(&Item<'_>) -> Result<(), ExtraError>,
        round: impl Fn(&Item<'_>) -> Result<u32, RlpError>,
    ) -> Result<Self, ExtraError> {
        let (list, mut items) = list(extra, 0)?;
        let vanity = next(&mut items, "vanity")?;
        vanity.array::<VANITY>().map_err(field("vanity"))?;
        let (validators, validators_item) = entries::<ADDRESS>(&mut items, "validators")?;
        let vote_item = next(&mut items, "vote")?;
        vote(&vote_item)?;
        let round_item = next(&mut items, "round")?;
        let round = round(&round_item).map_err(field("round"))?;
        let (seals, _) = entries::<SEAL>(&mut items, "seals")?;
        items.finish().map_err(field("list"))?;
        let kept = vanity.raw.len().saturating_add(validators_item.raw.len());
        let kept = list.get(..kept.saturating_add(vote_item.raw.len())).unwrap_or_default();
        Ok(Self { validators, round, seals, before: &[], kept, round_item: round_item.raw })
    }

    /// IBFT 1.
    fn istanbul(extra: &'a [u8]) -> Result<Self, ExtraError> {
        let before = extra.get(..VANITY).ok_or(ExtraError::TooShort { found: extra.len(), least: VANITY })?;
        let (list, mut items) = list(extra, VANITY)?;
        let (validators, validators_item) = entries::<ADDRESS>(&mut items, "validators")?;
        let proposer = next(&mut items, "proposer's seal")?;
        // The genesis block has no proposer.
        if !proposer.string().map_err(field("proposer's seal"))?.is_empty() {
            proposer.array::<SEAL>().map_err(field("proposer's seal"))?;
        }
        let (seals, _) = entries::<SEAL>(&mut items, "seals")?;
        items.finish().map_err(field("list"))?;
        let kept = validators_item.raw.len().saturating_add(proposer.raw.len());
        let kept = list.get(..kept).unwrap_or_default();
        Ok(Self { validators, round: 0, seals, before, kept, round_item: &[] })
    }

    /// The validators that the header lists, in its order.
    pub fn validators(&self) -> impl Iterator<Item = Address> + use<'a> {
        arrays(self.validators).map(|bytes| Address(*bytes))
    }

    /// The round in which the block was sealed; 0 in IBFT 1, whose headers do not tell.
    #[must_use]
    pub const fn round(&self) -> u32 {
        self.round
    }

    /// The committed seals, in the header's order.
    pub fn seals(&self) -> impl Iterator<Item = &'a [u8; SEAL]> + use<'a> {
        arrays(self.seals)
    }
}

/// The extra data of a Clique header (EIP-225).
#[derive(Clone, Copy, Debug)]
pub struct CliqueExtra<'a> {
    /// What the seal signs of it: all but the seal.
    pub(super) sealed: &'a [u8],
    signers: &'a [[u8; ADDRESS]],
    seal: &'a [u8; SEAL],
}

impl<'a> CliqueExtra<'a> {
    /// Reads extra data.
    ///
    /// # Errors
    ///
    /// [`ExtraError::TooShort`], [`ExtraError::Signers`].
    pub fn decode(extra: &'a [u8]) -> Result<Self, ExtraError> {
        let short = ExtraError::TooShort { found: extra.len(), least: VANITY + SEAL };
        let (sealed, seal) = extra.split_last_chunk().ok_or(short)?;
        let signers = sealed.get(VANITY..).ok_or(short)?;
        match signers.as_chunks() {
            (signers, []) => Ok(Self { sealed, signers, seal }),
            _ => Err(ExtraError::Signers { found: signers.len() }),
        }
    }

    /// The signers from here on, at an epoch's first block; else none.
    pub fn signers(&self) -> impl Iterator<Item = Address> + use<'a> {
        self.signers.iter().map(|bytes| Address(*bytes))
    }

    /// The seal of the block's signer.
    #[must_use]
    pub const fn seal(&self) -> &'a [u8; SEAL] {
        self.seal
    }
}

/// The content of the list behind `skipped` bytes, and a reader over it.
fn list(extra: &[u8], skipped: usize) -> Result<(&[u8], Reader<'_>), ExtraError> {
    let item = Reader::behind(extra, skipped).last().map_err(field("list"))?;
    Ok((item.payload, item.list().map_err(field("list"))?))
}

fn next<'a>(items: &mut Reader<'a>, name: &'static str) -> Result<Item<'a>, ExtraError> {
    items.item().map_err(field(name))
}

/// A list of strings of `N` bytes, all of them looked at, and its item.
fn entries<'a, const N: usize>(
    items: &mut Reader<'a>,
    name: &'static str,
) -> Result<(Reader<'a>, Item<'a>), ExtraError> {
    let item = next(items, name)?;
    let entries = item.list().map_err(field(name))?;
    let mut check = entries;
    while !check.is_empty() {
        check.item().and_then(|entry| entry.array::<N>()).map_err(field(name))?;
    }
    Ok((entries, item))
}

/// The strings of a list whose entries were looked at.
fn arrays<'a, const N: usize>(mut entries: Reader<'a>) -> impl Iterator<Item = &'a [u8; N]> + use<'a, N> {
    core::iter::from_fn(move || entries.item().ok().and_then(|entry| entry.payload.try_into().ok()))
}

fn field(field: &'static str) -> impl Fn(RlpError) -> ExtraError {
    move |error| ExtraError::Rlp { field, error }
}

/// Nobody, or a member to add (0xff) or to drop (0, which is the empty string).
fn qbft_vote(item: &Item<'_>) -> Result<(), ExtraError> {
    if item.list().map_err(field("vote"))?.is_empty() { Ok(()) } else { ballot(item, &[]) }
}

/// Nobody, or a member to add (0xff) or to drop (one zero byte).
fn ibft2_vote(item: &Item<'_>) -> Result<(), ExtraError> {
    if matches!(item.string(), Ok([])) { Ok(()) } else { ballot(item, &[0]) }
}

fn ballot(item: &Item<'_>, drop: &[u8]) -> Result<(), ExtraError> {
    let mut items = item.list().map_err(field("vote"))?;
    next(&mut items, "vote")?.array::<ADDRESS>().map_err(field("vote"))?;
    let choice = next(&mut items, "vote")?.string().map_err(field("vote"))?;
    items.finish().map_err(field("vote"))?;
    if choice == [0xff] || choice == drop { Ok(()) } else { Err(ExtraError::Vote) }
}

fn qbft_round(item: &Item<'_>) -> Result<u32, RlpError> {
    u32::try_from(item.uint64()?).map_err(|_| item.breaks(RlpRule::IntegerTooLarge))
}

fn ibft2_round(item: &Item<'_>) -> Result<u32, RlpError> {
    item.array().map(u32::from_be_bytes)
}

/// Why extra data is not that of the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExtraError {
    /// Chains of this rule have no seals in it.
    Rule {
        /// The rule.
        rule: HashRule,
    },
    /// Too few bytes for what is always there.
    TooShort {
        /// How many there are.
        found: usize,
        /// How many are always there.
        least: usize,
    },
    /// A field is not the canonical RLP that it should be.
    Rlp {
        /// The field.
        field: &'static str,
        /// The broken rule, with the offset into the extra data.
        error: RlpError,
    },
    /// A vote neither adds nor drops.
    Vote,
    /// The bytes between a Clique header's vanity and seal are no addresses.
    Signers {
        /// How many there are.
        found: usize,
    },
}

impl fmt::Display for ExtraError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rule { rule } => write!(f, "{rule} headers have no validators and no committed seals"),
            Self::TooShort { found, least } => {
                write!(f, "the header's extra data has {found} bytes: expected at least {least}")
            }
            Self::Rlp { field, error } => write!(f, "the {field} in the header's extra data: {error}"),
            Self::Vote => f.write_str("the vote in the header's extra data neither adds nor drops"),
            Self::Signers { found } => {
                write!(f, "the header lists its signers in {found} bytes: expected 20 for each")
            }
        }
    }
}

impl core::error::Error for ExtraError {}
