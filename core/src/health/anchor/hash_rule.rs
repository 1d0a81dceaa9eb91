//! How a chain makes a block's hash from its header.
//!
//! | rule | block hash: keccak-256 of the header | what a seal signs: keccak-256 of |
//! |---|---|---|
//! | [`Plain`](HashRule::Plain) | as it is | |
//! | [`Qbft`](HashRule::Qbft) | with the round 0 and the seals an empty list | the header with the seals an empty list |
//! | [`Ibft2`](HashRule::Ibft2) | without round and seals | the header without seals |
//! | [`Ibft1`](HashRule::Ibft1) | with the committed seals an empty list | the block hash ‖ 2 |
//! | [`Clique`](HashRule::Clique) | as it is | the header without the last 65 bytes of its extra data |
//!
//! QBFT's and IBFT 1's rules are those by which real chains are linked, and what seals sign gives the
//! listed validators, in all three; IBFT 2.0's block hash is that of Besu's `IbftExtraDataCodec`.
//!
//! Both are made of the header's own bytes, with other lengths before them: nothing is encoded anew, and
//! fields that are not known here are hashed as they stand.

use core::fmt;

use super::error::AnchorError;
use super::extra::{BftExtra, CliqueExtra};
use crate::chain::header::{Header, HeaderError};
use crate::grammar::rlp::{self, Reader};
use crate::matter::bytes::B256;
use crate::matter::keccak::{Keccak, keccak256};
use crate::matter::sink::{Count, Full, Sink};

/// The empty string: also the integer 0.
const EMPTY: &[u8] = &[0x80];
const EMPTY_LIST: &[u8] = &[0xc0];
/// What IBFT 1 puts behind a block hash to sign it: the code of its commit message.
const COMMIT: &[u8] = &[2];
/// Position of the extra data among the header's fields.
const EXTRA_DATA: usize = 12;

/// How a chain makes a block's hash from its header: known beforehand, never found by trying.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HashRule {
    /// Keccak-256 of the header's RLP: Ethereum's mainnet, its test networks, geth, Anvil.
    Plain,
    /// QBFT, of Besu and `GoQuorum`.
    Qbft,
    /// IBFT 2.0, of Besu.
    Ibft2,
    /// The first IBFT (Istanbul), of `GoQuorum`.
    Ibft1,
    /// Clique (EIP-225): block hashes are plain, seals are not.
    Clique,
}

impl HashRule {
    /// Every rule.
    pub const ALL: [Self; 5] = [Self::Plain, Self::Qbft, Self::Ibft2, Self::Ibft1, Self::Clique];

    /// The rule's name: `plain`, `qbft`, `ibft2`, `ibft1`, `clique`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Qbft => "qbft",
            Self::Ibft2 => "ibft2",
            Self::Ibft1 => "ibft1",
            Self::Clique => "clique",
        }
    }

    /// The rule of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rule| rule.name() == name)
    }

    /// The hash by which the chain names the block of `header`.
    ///
    /// # Errors
    ///
    /// [`AnchorError::Extra`]: the header is not one of such a chain; never by [`Self::Plain`] and
    /// [`Self::Clique`].
    pub fn hash(self, header: &Header<'_>) -> Result<B256, AnchorError> {
        match self {
            Self::Plain | Self::Clique => Ok(keccak256(header.raw())),
            Self::Qbft | Self::Ibft2 | Self::Ibft1 => {
                let extra = BftExtra::decode(self, header.extra_data()).map_err(AnchorError::Extra)?;
                self.block_hash(header, &extra).map_err(AnchorError::Header)
            }
        }
    }

    /// The block hash of a header whose extra data is read.
    pub(super) fn block_hash(self, header: &Header<'_>, extra: &BftExtra<'_>) -> Result<B256, HeaderError> {
        match self {
            Self::Qbft => with_list(header, extra, [extra.kept, EMPTY, EMPTY_LIST]),
            Self::Ibft2 => with_list(header, extra, [extra.kept, &[], &[]]),
            Self::Ibft1 => with_list(header, extra, [extra.kept, EMPTY_LIST, &[]]),
            Self::Plain | Self::Clique => Ok(keccak256(header.raw())),
        }
    }

    /// What the committed seals of a header sign, given its block hash.
    pub(super) fn commit_hash(
        self,
        header: &Header<'_>,
        extra: &BftExtra<'_>,
        block_hash: B256,
    ) -> Result<B256, HeaderError> {
        match self {
            Self::Qbft if extra.round_item == EMPTY => Ok(block_hash),
            Self::Qbft => with_list(header, extra, [extra.kept, extra.round_item, EMPTY_LIST]),
            Self::Ibft2 => with_list(header, extra, [extra.kept, extra.round_item, &[]]),
            Self::Ibft1 => Ok(Keccak::new().chain(&block_hash.0).chain(COMMIT).finish()),
            Self::Plain | Self::Clique => Ok(block_hash),
        }
    }
}

impl fmt::Display for HashRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Plain => "plain",
            Self::Qbft => "QBFT",
            Self::Ibft2 => "IBFT 2.0",
            Self::Ibft1 => "IBFT 1",
            Self::Clique => "Clique",
        })
    }
}

/// What the seal of a Clique header signs.
pub(super) fn clique_hash(header: &Header<'_>, extra: &CliqueExtra<'_>) -> Result<B256, HeaderError> {
    with_extra(header, |sink| sink.put(extra.sealed))
}

/// The hash of a header whose extra data has another list.
fn with_list(header: &Header<'_>, extra: &BftExtra<'_>, parts: [&[u8]; 3]) -> Result<B256, HeaderError> {
    with_extra(header, |mut sink| {
        sink.put(extra.before)?;
        rlp::put_list(&mut sink, |list| parts.iter().try_for_each(|part| list.put(part)))
    })
}

/// The hash of a header with other extra data, of at least 2 bytes; `put` runs several times.
fn with_extra(
    header: &Header<'_>,
    put: impl Fn(&mut dyn Sink) -> Result<(), Full>,
) -> Result<B256, HeaderError> {
    let (before, after) = around_extra(header).map_err(HeaderError::Rlp)?;
    let mut extra = Count::default();
    let mut hash = Keccak::new();
    // Never full: neither a count nor a hash is.
    let _ = put(&mut extra);
    let _ = rlp::put_list(&mut hash, |mut sink| {
        sink.put(before)?;
        rlp::put_string_head(&mut sink, extra.0)?;
        put(sink)?;
        sink.put(after)
    });
    Ok(hash.finish())
}

/// The header's fields before the extra data and those after it, as they stand.
fn around_extra<'a>(header: &Header<'a>) -> Result<(&'a [u8], &'a [u8]), rlp::RlpError> {
    let fields = rlp::item(header.raw())?;
    let mut items: Reader<'a> = fields.list()?;
    let mut before = 0_usize;
    for _ in 0..EXTRA_DATA {
        before = before.saturating_add(items.item()?.raw.len());
    }
    let after = before.saturating_add(items.item()?.raw.len());
    let part = |range: Option<&'a [u8]>| range.unwrap_or_default();
    Ok((part(fields.payload.get(..before)), part(fields.payload.get(after..))))
}
