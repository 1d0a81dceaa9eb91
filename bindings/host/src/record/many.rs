//! Many records on all cores.

use core::ops::ControlFlow;

use healthrecord_core::B256;
use healthrecord_core::health::record::RecordError;
use rayon::prelude::*;

use super::{Committer, Metadata, Secret};

/// A record to be committed together with others.
#[derive(Clone, Copy)]
pub struct Uncommitted<'a> {
    /// The document, UTF-8 JSON of at most 16 MiB.
    pub document: &'a [u8],
    /// What is committed beside it.
    pub metadata: &'a Metadata,
    /// The secret of its salts.
    pub secret: &'a Secret,
}

/// The commitments of many records, in their order, made on all cores of the machine.
///
/// `progress` is called after each record, from any thread; what it breaks with ends the work. In a
/// `rayon` pool of the caller's the work has that pool's threads.
///
/// # Errors
///
/// What `progress` broke with. A record that cannot be committed has its [`RecordError`] in its place, and
/// the others are committed.
pub fn commit_many<B: Send>(
    records: &[Uncommitted<'_>],
    progress: impl Fn() -> ControlFlow<B> + Sync,
) -> Result<Vec<Result<B256, RecordError>>, B> {
    let commit = |committer: &mut Committer, record: &Uncommitted<'_>| {
        let commitment = committer.commit(record.document, record.metadata, record.secret);
        match progress() {
            ControlFlow::Continue(()) => Ok(commitment),
            ControlFlow::Break(reason) => Err(reason),
        }
    };
    records.par_iter().map_init(Committer::default, commit).collect()
}

#[cfg(test)]
mod tests {
    use core::sync::atomic::{AtomicUsize, Ordering};

    use healthrecord_core::Address;

    use super::*;

    #[test]
    fn many_are_as_each_alone_and_can_be_stopped() {
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
        let documents: Vec<String> =
            (0..500).map(|n| if n % 7 == 3 { "[".into() } else { format!("{{\"n\":{n}}}") }).collect();
        let records: Vec<_> = documents
            .iter()
            .map(|document| Uncommitted {
                document: document.as_bytes(),
                metadata: &metadata,
                secret: &secret,
            })
            .collect();
        let done = AtomicUsize::new(0);
        let count = || {
            done.fetch_add(1, Ordering::Relaxed);
            ControlFlow::<()>::Continue(())
        };
        let expected: Vec<_> =
            documents.iter().map(|it| crate::record::commit(it.as_bytes(), &metadata, &secret)).collect();
        assert_eq!(commit_many(&records, count), Ok(expected));
        assert_eq!(done.load(Ordering::Relaxed), documents.len());
        assert_eq!(commit_many(&records, || ControlFlow::Break("enough")), Err("enough"));
    }
}
