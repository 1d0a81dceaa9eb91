//! From a disclosure to "this author anchored it by this block, and has not retracted it".

use core::fmt;

use super::clock::Clock;
use super::verify::{Deployment, Opened as OpenedBundle, Proving, VerifyError};
use crate::chain::trie::{Key, NodeRef};
use crate::health::anchor::Anchor;
use crate::health::contract::{AnchorWord, RetractionWord, Slot, WordError};
use crate::health::record::{BatchError, BatchProof, BoundRecord, Opened, UnboundError, Value, reserved};
use crate::matter::batch::{BatchKeccak, OneByOne};
use crate::matter::bytes::{Address, B256, U256};

/// What is to be proved of an opened disclosure: that its author anchored the record, and has not
/// retracted it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnchorRequest {
    record: BoundRecord,
    kind: u16,
    root: B256,
    count: u32,
}

/// A record that its author anchored and has not retracted, as of a block.
///
/// Anybody can anchor anything under their own key: what the record says is worth as much as its author.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnchoredRecord {
    /// Whose record it is, by whom, and under which scopes.
    pub record: BoundRecord,
    /// Kind of record: 1 clinical record, 2 audit log, 3 adverse event, …
    pub kind: u16,
    /// What was anchored: the commitment itself, or the root of its batch.
    pub root: B256,
    /// When it was anchored, in Unix seconds.
    pub anchored_at: u64,
    /// Number of the block whose state proves it.
    pub block_number: u64,
    /// Its time, in Unix seconds: a retraction after it is not known.
    pub block_time: u64,
}

impl AnchorRequest {
    /// About a disclosed record, which shows `#patient`, `#author`, `#scope` and `#kind`, and its place in
    /// the batch that was anchored ([`BatchProof::ALONE`] where it was anchored by itself).
    ///
    /// The commitment that the disclosure was opened against may be the one that it came with: the anchor is
    /// what makes it trusted.
    ///
    /// # Errors
    ///
    /// [`AnchoredError::Unbound`], [`AnchoredError::Batch`].
    pub fn about(opened: &Opened<'_>, batch: &BatchProof<'_>) -> Result<Self, AnchoredError> {
        let record = opened.bind().map_err(AnchoredError::Unbound)?;
        let kind = match opened.get(reserved::KIND) {
            Some(Value::Bytes(bytes)) => bytes.try_into().map(u16::from_be_bytes).ok(),
            _ => None,
        };
        let kind = kind.ok_or(AnchoredError::Unbound(UnboundError { path: reserved::KIND }))?;
        let root = batch.root(&opened.commitment()).map_err(AnchoredError::Batch)?;
        Ok(Self { record, kind, root, count: batch.count })
    }

    /// The same request, where the record must be this patient's.
    ///
    /// # Errors
    ///
    /// [`AnchoredError::Patient`].
    pub fn of_patient(self, patient: Address) -> Result<Self, AnchoredError> {
        let (expected, found) = (patient, self.record.patient());
        if expected == found { Ok(self) } else { Err(AnchoredError::Patient { expected, found }) }
    }

    /// The same request, where the record must be by this author.
    ///
    /// # Errors
    ///
    /// [`AnchoredError::Author`].
    pub fn by_author(self, author: Address) -> Result<Self, AnchoredError> {
        let (expected, found) = (author, self.record.author());
        if expected == found { Ok(self) } else { Err(AnchoredError::Author { expected, found }) }
    }

    /// The record that is asked about: disclosed, and not known to be anchored.
    #[must_use]
    pub const fn record(&self) -> &BoundRecord {
        &self.record
    }

    /// The storage keys of the words that decide: what to ask `eth_getProof` for. The author's anchor of the
    /// root, then the author's retraction of the commitment.
    #[must_use]
    pub fn required_slots(&self) -> [B256; 2] {
        let (author, commitment) = (self.record.author(), self.record.commitment());
        let retraction = Slot::Retraction { author, commitment };
        [Slot::Anchor { author, root: self.root }.key(), retraction.key()]
    }

    /// What the two words say of the record, in a block of this number and time.
    fn answer(self, words: [U256; 2], number: u64, time: u64) -> Result<AnchoredRecord, AnchoredError> {
        let [anchor, retraction] = words;
        let Self { record, kind, root, count } = self;
        if anchor == U256::ZERO {
            return Err(AnchoredError::NeverAnchored { author: record.author(), root });
        }
        let anchor = AnchorWord::decode(anchor).map_err(AnchoredError::word)?;
        let retraction = RetractionWord::decode(retraction).map_err(AnchoredError::word)?;
        if anchor.kind != kind {
            return Err(AnchoredError::Kind { committed: kind, anchored: anchor.kind });
        }
        if anchor.count != count {
            return Err(AnchoredError::Batch(BatchError::Count { expected: anchor.count, found: count }));
        }
        let RetractionWord { retracted_at, reason } = retraction;
        if retraction != RetractionWord::default() {
            return Err(AnchoredError::Retracted { retracted_at, reason });
        }
        let anchored_at = anchor.anchored_at;
        Ok(AnchoredRecord { record, kind, root, anchored_at, block_number: number, block_time: time })
    }
}

impl AnchoredRecord {
    /// How old the block is, in seconds: how long ago the author may have retracted unseen.
    ///
    /// # Errors
    ///
    /// [`VerifyError::Stale`], [`VerifyError::Future`].
    pub fn age(&self, clock: &Clock) -> Result<u64, VerifyError> {
        clock.age_of(self.block_time)
    }
}

/// Verifies by a bundle of [`AnchorRequest::required_slots`] that a record is anchored and not retracted, as
/// of the bundle's block, the oldest of its ancestry where it has one.
///
/// `memory` needs one entry for each node of the bundle. Time: one hash a node. `accept_zero_leaves` takes a
/// storage leaf of value zero for an absence: for Anvil, and only there.
///
/// # Errors
///
/// [`AnchoredError`]. [`AnchoredError::Verify`]: nothing was proved; any other is a no about the
/// record.
pub fn verify_anchored<'a>(
    bundle: &'a [u8],
    anchor: &impl Anchor,
    deployment: &Deployment<'_>,
    request: AnchorRequest,
    accept_zero_leaves: bool,
    memory: &mut [NodeRef<'a>],
) -> Result<AnchoredRecord, AnchoredError> {
    verify_anchored_with(bundle, anchor, deployment, request, accept_zero_leaves, memory, &OneByOne)
}

/// As [`verify_anchored`], with a hasher of the caller's.
///
/// # Errors
///
/// As [`verify_anchored`].
pub fn verify_anchored_with<'a>(
    bundle: &'a [u8],
    anchor: &impl Anchor,
    deployment: &Deployment<'_>,
    request: AnchorRequest,
    accept_zero_leaves: bool,
    memory: &mut [NodeRef<'a>],
    hasher: &impl BatchKeccak,
) -> Result<AnchoredRecord, AnchoredError> {
    let mut slots = request.required_slots().map(Key::new);
    let mut words = [U256::ZERO; 2];
    let mut places = words.iter_mut();
    let mut word = |word| {
        // There are as many places as slots.
        if let Some(place) = places.next() {
            *place = word;
        }
    };
    let mut proving = Proving { deployment, accept_zero_leaves, memory, hasher };
    let header = OpenedBundle::new(bundle, anchor, deployment)
        .and_then(|block| block.prove_words(&mut proving, &mut slots, block.oldest(), &mut word))
        .map_err(AnchoredError::Verify)?;
    request.answer(words, header.number(), header.timestamp())
}

/// Why a record does not count as anchored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnchoredError {
    /// The disclosure does not show whose record it is, by whom, or of what kind.
    Unbound(UnboundError),
    /// The record is another patient's.
    Patient {
        /// Whose it should be.
        expected: Address,
        /// Whose it is.
        found: Address,
    },
    /// The record is by another author.
    Author {
        /// Who should vouch for it.
        expected: Address,
        /// Who does.
        found: Address,
    },
    /// The record is not where the batch proof says, or the batch has another size.
    Batch(BatchError),
    /// The author never anchored it.
    NeverAnchored {
        /// The record's author.
        author: Address,
        /// The root that should be anchored.
        root: B256,
    },
    /// It was anchored as another kind of record.
    Kind {
        /// The kind that the record commits to.
        committed: u16,
        /// The anchor's.
        anchored: u16,
    },
    /// The author retracted it.
    Retracted {
        /// When, in Unix seconds.
        retracted_at: u64,
        /// A code of the author's.
        reason: u16,
    },
    /// Nothing was proved.
    Verify(VerifyError),
}

impl AnchoredError {
    /// Whether this is a no about the record; else nothing was proved, and the bundle is at fault.
    #[must_use]
    pub const fn is_about_the_record(&self) -> bool {
        !matches!(self, Self::Verify(_))
    }

    const fn word(error: WordError) -> Self {
        Self::Verify(VerifyError::Word(error))
    }
}

impl fmt::Display for AnchoredError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unbound(error) => error.fmt(f),
            Self::Patient { expected, found } => {
                write!(f, "the record is of the patient {found}: expected {expected}")
            }
            Self::Author { expected, found } => {
                write!(f, "the record is by the author {found}: expected {expected}")
            }
            Self::Batch(error) => error.fmt(f),
            Self::NeverAnchored { author, root } => write!(f, "{author} never anchored {root}"),
            Self::Kind { committed, anchored } => {
                write!(f, "the record is of kind {committed}, and was anchored as kind {anchored}")
            }
            Self::Retracted { retracted_at, reason } => {
                write!(f, "the author retracted the record at {retracted_at}, for reason {reason}")
            }
            Self::Verify(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for AnchoredError {}
