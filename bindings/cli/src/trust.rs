//! What makes a block trusted: a hash, or the state of an anchor in a file.

use std::path::{Path, PathBuf};

use healthrecord::anchor::{MAX_STATE_LEN, Validators, state};
use healthrecord::code::Code as _;
use healthrecord::core::B256;
use healthrecord::core::health::anchor::{HashRule, PinnedHash};

use crate::args;
use crate::failure::Failure;
use crate::files;

/// What the user trusts.
pub(crate) enum Trust {
    Hash(PinnedHash),
    Validators(Kept),
}

/// An anchor and the file that keeps it.
pub(crate) struct Kept {
    pub(crate) anchor: Box<Validators>,
    path: PathBuf,
}

/// Runs an expression with either kind of anchor: no trait object can be one.
macro_rules! by {
    ($trust:expr, |$anchor:ident| $use:expr) => {
        match $trust {
            $crate::trust::Trust::Hash($anchor) => $use,
            $crate::trust::Trust::Validators($crate::trust::Kept { anchor: $anchor, .. }) => {
                let $anchor = $anchor.as_ref();
                $use
            }
        }
    };
}

pub(crate) use by;

impl Trust {
    /// What the options say; clap demands one of the two.
    pub(crate) fn of(args: &args::Trust) -> Result<Self, Failure> {
        let trust = Self::new(args.anchor.as_deref(), args.trusted_hash, &args.rule)?;
        Ok(trust.unwrap_or(Self::hash(B256::ZERO, args.rule.hash_rule)))
    }

    /// The anchor of a file, or else a hash, if there is one.
    pub(crate) fn new(
        anchor: Option<&Path>,
        hash: Option<B256>,
        rule: &args::Rule,
    ) -> Result<Option<Self>, Failure> {
        match anchor {
            Some(path) => Kept::read(path).map(|kept| Some(Self::Validators(kept))),
            None => Ok(hash.map(|hash| Self::hash(hash, rule.hash_rule))),
        }
    }

    pub(crate) const fn hash(hash: B256, rule: HashRule) -> Self {
        Self::Hash(PinnedHash::new(hash, rule))
    }

    /// Refuses validators who are trusted no longer at a time that has come, in Unix seconds.
    pub(crate) fn hold_at(&self, time: u64) -> Result<(), Failure> {
        match self {
            Self::Hash(_) => Ok(()),
            Self::Validators(kept) => {
                let held = kept.anchor.trusted_at(time).map(|_| ());
                held.map_err(|error| Failure::new(error.code(), error).in_file(&kept.path))
            }
        }
    }

    /// Remembers the block of a header that was trusted.
    pub(crate) fn remember(&mut self, header: &[u8]) -> Result<(), Failure> {
        let Self::Validators(kept) = self else { return Ok(()) };
        let before = kept.anchor.number();
        kept.anchor.advance(header).map_err(|error| Failure::new(error.code(), error))?;
        if kept.anchor.number() == before { Ok(()) } else { kept.write() }
    }
}

impl Kept {
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let anchor = Validators::decode(&files::read(path, MAX_STATE_LEN)?);
        let anchor = anchor.map_err(|error| Failure::new(error.code(), error).in_file(path))?;
        Ok(Self { anchor: Box::new(anchor), path: path.to_owned() })
    }

    /// Replaces the file.
    pub(crate) fn write(&self) -> Result<(), Failure> {
        files::write(&self.path, state(&self.anchor))
    }
}
