//! Commitments with the leaves hashed side by side.

use healthrecord_core::B256;
use healthrecord_core::health::record::{self, Name, PlainLeaf, RecordError};
use healthrecord_core::matter::batch::{BatchKeccak as _, Messages};
use healthrecord_core::matter::sink::{Buffer, Full};
use zeroize::Zeroizing;

use super::{Metadata, Secret, with_borrowed};
use crate::keccak::WideKeccak;
use crate::merkle::MerkleTree;

/// Where the salt stands in a leaf's message.
const SALT_AT: usize = 32;

/// Room for the messages that are hashed together, in bytes. It never grows: a message with a secret in it
/// leaves no copy behind.
const ROOM: usize = 16 << 10;

/// Commits one record after the other in memory of its own, leaves hashed as many at a time as the
/// processor can.
///
/// [`commit`](super::commit) is the same for one record.
#[derive(Default)]
pub struct Committer {
    names: Vec<Name>,
    salts: Queue,
    leaves: Queue,
    hashes: Vec<B256>,
    tree: MerkleTree,
}

impl Committer {
    /// The commitment of a record.
    ///
    /// `document` is UTF-8 JSON of at most 16 MiB.
    ///
    /// # Errors
    ///
    /// [`RecordError`]: the document is not strict JSON, or the metadata breaks a rule.
    pub fn commit(
        &mut self,
        document: &[u8],
        metadata: &Metadata,
        secret: &Secret,
    ) -> Result<B256, RecordError> {
        // A member has a colon; more than all at once are never open.
        let colons = document.iter().filter(|byte| **byte == b':').count();
        let names = colons.max(metadata.attachments.len());
        if self.names.len() < names {
            self.names.resize(names, Name::EMPTY);
        }
        self.hashes.clear();
        self.salts.ends.clear();
        self.leaves.ends.clear();
        let mut names = core::mem::take(&mut self.names);
        let walked = with_borrowed(metadata, |metadata| {
            record::for_each_leaf(document, metadata, &mut names, &mut |leaf| {
                self.add(&leaf, secret);
                Ok(())
            })
        });
        self.names = names;
        walked?;
        self.flush();
        // There are leaves: the metadata alone has five.
        self.tree.root_of(self.hashes.drain(..)).ok_or(RecordError::TooManyLeaves { capacity: 0 })
    }

    fn add(&mut self, leaf: &PlainLeaf<'_>, secret: &Secret) {
        if self.queue(leaf, secret).is_ok() {
            return;
        }
        self.flush();
        if self.queue(leaf, secret).is_err() {
            // Longer than all the room: on its own.
            self.hashes.push(leaf.hash(secret));
        }
    }

    fn queue(&mut self, leaf: &PlainLeaf<'_>, secret: &Secret) -> Result<(), Full> {
        self.salts.push(|room| leaf.write_salt_message(secret, room))?;
        let pushed = self.leaves.push(|room| leaf.write_message(&B256::ZERO, room));
        if pushed.is_err() {
            self.salts.ends.pop();
        }
        pushed
    }

    /// Hashes what waits: the salts, then the leaves that have them.
    fn flush(&mut self) {
        let Self { salts, leaves, hashes, .. } = self;
        WideKeccak.hash_all(&mut Salting { salts, leaves });
        let from = hashes.len();
        hashes.resize(from + leaves.ends.len(), B256::ZERO);
        WideKeccak.hash_all(&mut Hashing { leaves, hashes: hashes.get_mut(from..).unwrap_or_default() });
        salts.ends.clear();
        leaves.ends.clear();
    }
}

/// Messages one after the other in a room that does not grow.
struct Queue {
    room: Zeroizing<Vec<u8>>,
    ends: Vec<usize>,
}

impl Default for Queue {
    fn default() -> Self {
        Self { room: Zeroizing::new(vec![0; ROOM]), ends: vec![] }
    }
}

impl Queue {
    /// Adds the message that `write` writes, or nothing where it does not fit.
    fn push(&mut self, write: impl FnOnce(&mut Buffer<'_>) -> Result<(), Full>) -> Result<(), Full> {
        let begin = self.begin(self.ends.len());
        let mut room = Buffer::new(self.room.get_mut(begin..).unwrap_or_default());
        write(&mut room)?;
        self.ends.push(begin + room.into_written().len());
        Ok(())
    }

    fn begin(&self, index: usize) -> usize {
        index.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or_default()
    }

    fn message(&self, index: usize) -> &[u8] {
        let Some(end) = self.ends.get(index) else { return &[] };
        self.room.get(self.begin(index)..*end).unwrap_or_default()
    }
}

/// The salts' messages; each salt goes into the message of its leaf.
struct Salting<'q> {
    salts: &'q Queue,
    leaves: &'q mut Queue,
}

impl Messages for Salting<'_> {
    fn count(&self) -> usize {
        self.salts.ends.len()
    }

    fn message(&self, index: usize) -> &[u8] {
        self.salts.message(index)
    }

    fn put(&mut self, index: usize, salt: B256) {
        let begin = self.leaves.begin(index) + SALT_AT;
        if let Some(place) = self.leaves.room.get_mut(begin..begin + salt.0.len()) {
            place.copy_from_slice(&salt.0);
        }
    }
}

/// The leaves' messages, with their salts.
struct Hashing<'q> {
    leaves: &'q Queue,
    hashes: &'q mut [B256],
}

impl Messages for Hashing<'_> {
    fn count(&self) -> usize {
        self.hashes.len()
    }

    fn message(&self, index: usize) -> &[u8] {
        self.leaves.message(index)
    }

    fn put(&mut self, index: usize, hash: B256) {
        if let Some(place) = self.hashes.get_mut(index) {
            *place = hash;
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use healthrecord_core::Address;
    use healthrecord_core::health::record::{Leaf, Memory, measure};

    use super::*;

    #[test]
    fn commitments_are_the_cores_whatever_waits_together() {
        let metadata = Metadata {
            patient: Address([1; 20]),
            author: Address([2; 20]),
            kind: 1,
            issued: 7,
            scopes: vec![B256([3; 32])],
            previous: None,
            attachments: vec![],
        };
        let secret = Secret::from_bytes(&[9; 32]);
        let mut committer = Committer::default();
        let long = "x".repeat(ROOM);
        let deep = format!("{}0{}", "[".repeat(64), "]".repeat(64));
        let many: String = (0..2_000).map(|number| format!("{number},")).collect();
        let documents = [
            "1".to_owned(),
            r#"{"a":{"b":[1,"\u00e9",null]},"c~/":true}"#.to_owned(),
            format!(r#"{{"before":1,"{long}":2,"after":"{long}","last":3}}"#),
            format!(r#"["{}"]"#, "y".repeat(ROOM - 150)),
            deep,
            format!("[{many}0]"),
        ];
        for document in &documents {
            let document = document.as_bytes();
            let needs = measure(document);
            let (mut leaves, mut names) =
                (vec![Leaf::EMPTY; needs.leaves + 6], vec![Name::EMPTY; needs.names]);
            let memory = Memory { leaves: &mut leaves, names: &mut names };
            let expected =
                with_borrowed(&metadata, |metadata| record::commit(document, metadata, &secret, memory));
            assert_eq!(committer.commit(document, &metadata, &secret), expected);
            assert!(expected.is_ok());
        }
        assert!(committer.commit(b"[1, 2", &metadata, &secret).is_err());
        let again = committer.commit(b"1", &metadata, &secret);
        assert_eq!(again, Committer::default().commit(b"1", &metadata, &secret));
    }
}
