//! From a record to its commitment, and to what a disclosure needs.

use super::error::RecordError;
use super::leaf::{LeafView, PlainLeaf};
use super::metadata::{Metadata, Secret};
use super::walk::{Name, walk};
use crate::grammar::merkle::{self, Leaf, Step};
use crate::matter::bytes::B256;

/// Memory that a caller lends; its content does not matter before and is used up after.
#[derive(Debug)]
pub struct Memory<'m> {
    /// One entry a leaf: 5 or more for the metadata and one for each value of the document.
    pub leaves: &'m mut [Leaf],
    /// One entry for each member name of the objects that are open at a time, and not fewer than
    /// there are attachments.
    pub names: &'m mut [Name],
}

/// The commitment of a record.
///
/// Time: two hashes a leaf and one a node, O(n log n) comparisons.
///
/// # Errors
///
/// [`RecordError`]: the document is not strict JSON, the metadata breaks a rule, or the memory is too
/// small.
pub fn commit(
    document: &[u8],
    metadata: &Metadata<'_>,
    secret: &Secret,
    memory: Memory<'_>,
) -> Result<B256, RecordError> {
    disclose(document, metadata, secret, memory, &mut |_| false, &mut |_| ())
}

/// The commitment of a record, with all that a disclosure of some of its leaves consists of.
///
/// `select` sees each leaf once, the reserved ones first, then each value of the document where it
/// ends; it says whether the leaf is disclosed, and keeps of it what it needs. `step` then gets the
/// multiproof of the selected leaves.
///
/// # Errors
///
/// As [`commit`]. What the closures were given before an error is of no use.
pub fn disclose(
    document: &[u8],
    metadata: &Metadata<'_>,
    secret: &Secret,
    memory: Memory<'_>,
    select: &mut impl FnMut(&LeafView<'_>) -> bool,
    step: &mut impl FnMut(Step),
) -> Result<B256, RecordError> {
    let Memory { leaves, names } = memory;
    let capacity = leaves.len();
    let mut used = 0_usize;
    for_each_leaf(document, metadata, names, &mut |leaf| {
        let entry = leaves.get_mut(used).ok_or(RecordError::TooManyLeaves { capacity })?;
        let leaf = leaf.salted(secret);
        *entry = Leaf { hash: leaf.hash(), disclosed: select(&leaf) };
        used = used.saturating_add(1);
        Ok(())
    })?;
    let leaves = leaves.get_mut(..used).unwrap_or_default();
    // There are leaves: the metadata alone has five.
    merkle::root(leaves, step).ok_or(RecordError::TooManyLeaves { capacity })
}

/// Gives each leaf of a record once, before it is hashed: the reserved ones first, then each value of
/// the document where it ends.
///
/// For who hashes many at a time; [`commit`] is the same, hashed one by one. `names` is as in
/// [`Memory`].
///
/// # Errors
///
/// [`RecordError`], or what `leaf` gives. What it was given before is of no use then.
pub fn for_each_leaf(
    document: &[u8],
    metadata: &Metadata<'_>,
    names: &mut [Name],
    leaf: &mut impl FnMut(PlainLeaf<'_>) -> Result<(), RecordError>,
) -> Result<(), RecordError> {
    metadata.check(names)?;
    metadata.for_each_leaf(&mut |path, value| leaf(PlainLeaf::new(path, value, None)))?;
    walk(document, names, &mut |path, value, begin| leaf(PlainLeaf::new(path, value, Some(begin))))
}
