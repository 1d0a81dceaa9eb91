//! Disclosures in their compact binary form.

use core::fmt;

use super::disclosure::{DisclosedLeaf, Disclosure};
use crate::grammar::rlp::{self, Item, Reader, RlpError};
use crate::matter::bytes::{B256, U256};
use crate::matter::sink::{Full, Sink};

/// The version of the format that is read and written.
pub const DISCLOSURE_VERSION: u64 = 1;

/// A disclosure as it was received: its binary form is the right one, and nothing of it is believed.
///
/// RLP `[1, commitment, leaves, proof, flags]`:
///
/// | field | type | what |
/// |---|---|---|
/// | version | integer | 1 |
/// | commitment | 32 bytes | the record's; a verifier takes it from elsewhere |
/// | leaves | list of `[path, value, salt]` | path: UTF-8; value: tag and content; salt: 32 bytes |
/// | proof | list of 32 bytes | the hashes of the multiproof |
/// | flags | bytes | the flags of the multiproof, one bit each, from the highest of the first byte |
///
/// A multiproof of n leaves and m hashes has n + m − 1 flags: the last byte's other bits are 0.
#[derive(Clone, Copy, Debug)]
pub struct EncodedDisclosure<'a> {
    commitment: B256,
    leaves: Reader<'a>,
    leaf_count: usize,
    proof: Reader<'a>,
    proof_count: usize,
    flags: &'a [u8],
}

/// Memory that a caller lends to a disclosure that is read; its content does not matter before.
#[derive(Debug)]
pub struct DisclosureMemory<'m, 'a> {
    /// One entry for each leaf.
    pub leaves: &'m mut [DisclosedLeaf<'a>],
    /// One entry for each hash of the proof.
    pub proof: &'m mut [B256],
    /// One entry for each flag.
    pub flags: &'m mut [bool],
}

impl<'a> EncodedDisclosure<'a> {
    /// Reads the binary form, whole.
    ///
    /// # Errors
    ///
    /// [`EncodingError`] names the field at fault.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, EncodingError> {
        let field = |field| move |error| EncodingError::Rlp { field, error };
        let mut fields = rlp::list(bytes).map_err(field("disclosure"))?;
        let mut next = |name| fields.item().map_err(field(name));
        let version = next("version")?.uint64().map_err(field("version"))?;
        if version != DISCLOSURE_VERSION {
            return Err(EncodingError::Version { found: version });
        }
        let commitment = B256(next("commitment")?.array().map_err(field("commitment"))?);
        let leaves = next("leaves")?.list().map_err(field("leaves"))?;
        let proof = next("proof")?.list().map_err(field("proof"))?;
        let flags = next("flags")?.string().map_err(field("flags"))?;
        fields.finish().map_err(field("disclosure"))?;
        let (mut leaf_count, mut rest) = (0_usize, leaves);
        while !rest.is_empty() {
            leaf(&rest.item().map_err(field("leaves"))?, leaf_count)?;
            leaf_count = leaf_count.saturating_add(1);
        }
        let (mut proof_count, mut rest) = (0_usize, proof);
        while !rest.is_empty() {
            rest.item().and_then(|hash| hash.array::<32>()).map_err(field("proof"))?;
            proof_count = proof_count.saturating_add(1);
        }
        let disclosure = Self { commitment, leaves, leaf_count, proof, proof_count, flags };
        disclosure.check_flags()?;
        Ok(disclosure)
    }

    /// The commitment that it says it is of.
    #[must_use]
    pub const fn commitment(&self) -> B256 {
        self.commitment
    }

    /// How many leaves there are.
    #[must_use]
    pub const fn leaf_count(&self) -> usize {
        self.leaf_count
    }

    /// How many hashes the proof has.
    #[must_use]
    pub const fn proof_count(&self) -> usize {
        self.proof_count
    }

    /// How many flags the proof has.
    #[must_use]
    pub const fn flag_count(&self) -> usize {
        self.leaf_count.saturating_add(self.proof_count).saturating_sub(1)
    }

    /// Lays the disclosure out in lent memory, to be opened; paths and values stay where they are.
    ///
    /// # Errors
    ///
    /// [`EncodingError::Memory`].
    pub fn read<'m>(&self, memory: DisclosureMemory<'m, 'a>) -> Result<Disclosure<'m>, EncodingError> {
        let DisclosureMemory { leaves, proof, flags } = memory;
        let too_small = |part, needed| EncodingError::Memory { part, needed };
        let part = too_small("leaves", self.leaf_count);
        let leaves = leaves.get_mut(..self.leaf_count).ok_or(part)?;
        let part = too_small("hashes", self.proof_count);
        let proof = proof.get_mut(..self.proof_count).ok_or(part)?;
        let part = too_small("flags", self.flag_count());
        let flags = flags.get_mut(..self.flag_count()).ok_or(part)?;
        // All of it was read once.
        let mut rest = self.leaves;
        for (index, entry) in leaves.iter_mut().enumerate() {
            let item = rest.item().map_err(|error| EncodingError::Rlp { field: "leaves", error })?;
            *entry = leaf(&item, index)?;
        }
        let mut rest = self.proof;
        for entry in proof.iter_mut() {
            let hash = rest.item().and_then(|hash| hash.array());
            *entry = B256(hash.map_err(|error| EncodingError::Rlp { field: "proof", error })?);
        }
        for (index, entry) in flags.iter_mut().enumerate() {
            *entry = self.flags.get(index / 8).is_some_and(|byte| byte << (index % 8) & 0x80 != 0);
        }
        Ok(Disclosure { leaves, proof, flags })
    }

    fn check_flags(&self) -> Result<(), EncodingError> {
        let (flags, found) = (self.flag_count(), self.flags.len());
        let unused = flags.next_multiple_of(8).saturating_sub(flags);
        let set = self.flags.last().map_or(8, |last| last.trailing_zeros());
        if found != flags.div_ceil(8) || u32::try_from(unused).is_ok_and(|unused| set < unused) {
            return Err(EncodingError::Flags { flags, found });
        }
        Ok(())
    }
}

/// One leaf of the list.
fn leaf<'a>(item: &Item<'a>, index: usize) -> Result<DisclosedLeaf<'a>, EncodingError> {
    let field = |field| move |error| EncodingError::Rlp { field, error };
    let mut fields = item.list().map_err(field("leaves"))?;
    let path = fields.item().and_then(|path| path.string()).map_err(field("path"))?;
    let path = core::str::from_utf8(path).map_err(|_| EncodingError::Utf8 { leaf: index })?;
    let value = fields.item().and_then(|value| value.string()).map_err(field("value"))?;
    let salt = fields.item().and_then(|salt| salt.array()).map_err(field("salt"))?;
    fields.finish().map_err(field("leaves"))?;
    Ok(DisclosedLeaf { path, value, salt: B256(salt) })
}

impl Disclosure<'_> {
    /// Writes the binary form of a disclosure of this commitment.
    ///
    /// Its multiproof must have as many flags as its leaves and hashes ask for: others have no such form,
    /// and are not read again.
    ///
    /// # Errors
    ///
    /// [`Full`] when it does not fit.
    pub fn encode(&self, commitment: &B256, sink: &mut impl Sink) -> Result<(), Full> {
        let Self { leaves, proof, flags } = *self;
        rlp::put_list(sink, |mut sink| {
            rlp::put_uint(&mut sink, U256::from(DISCLOSURE_VERSION))?;
            rlp::put_string(&mut sink, &commitment.0)?;
            rlp::put_list(&mut sink, |mut sink| {
                leaves.iter().try_for_each(|leaf| {
                    rlp::put_list(&mut sink, |mut sink| {
                        rlp::put_string(&mut sink, leaf.path.as_bytes())?;
                        rlp::put_string(&mut sink, leaf.value)?;
                        rlp::put_string(&mut sink, &leaf.salt.0)
                    })
                })
            })?;
            rlp::put_list(&mut sink, |mut sink| {
                proof.iter().try_for_each(|hash| rlp::put_string(&mut sink, &hash.0))
            })?;
            put_flags(sink, flags)
        })
    }
}

/// Writes the flags as a string of their bits.
fn put_flags(mut sink: &mut dyn Sink, flags: &[bool]) -> Result<(), Full> {
    let packed = |flags: &[bool]| {
        (0..8).fold(0_u8, |byte, bit| byte << 1 | u8::from(flags.get(bit).copied().unwrap_or_default()))
    };
    if flags.len() <= 8 {
        let byte = packed(flags);
        return rlp::put_string(&mut sink, if flags.is_empty() { &[] } else { core::slice::from_ref(&byte) });
    }
    rlp::put_string_prefix(&mut sink, flags.len().div_ceil(8))?;
    flags.chunks(8).try_for_each(|flags| sink.put(&[packed(flags)]))
}

/// Why bytes are not the binary form of a disclosure. `leaf` is a position among the leaves, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EncodingError {
    /// A field is not the canonical RLP that it should be.
    Rlp {
        /// The field.
        field: &'static str,
        /// The broken rule, with the offset into the disclosure.
        error: RlpError,
    },
    /// A version that is not known here.
    Version {
        /// The version found.
        found: u64,
    },
    /// A path is not UTF-8.
    Utf8 {
        /// The leaf's position.
        leaf: usize,
    },
    /// The flags have another number of bytes than they need, or a bit beyond them is set.
    Flags {
        /// How many flags the leaves and hashes ask for.
        flags: usize,
        /// Bytes of the flags.
        found: usize,
    },
    /// The lent memory is too small.
    Memory {
        /// For what.
        part: &'static str,
        /// Entries that are needed.
        needed: usize,
    },
}

impl fmt::Display for EncodingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rlp { field, error } => write!(f, "the disclosure's {field}: {error}"),
            Self::Version { found } => {
                write!(f, "a disclosure of version {found}: expected {DISCLOSURE_VERSION}")
            }
            Self::Utf8 { leaf } => write!(f, "the path of leaf {leaf} is not UTF-8"),
            Self::Flags { flags, found } => {
                write!(f, "{found} bytes are not the {flags} flags that the leaves and the proof ask for")
            }
            Self::Memory { part, needed } => write!(f, "the disclosure needs memory for {needed} {part}"),
        }
    }
}

impl core::error::Error for EncodingError {}
