//! What a verifier knows of the time, and what its answers are worth.
//!
//! | the device has | it asks | a block's time | a permit has expired | the answer |
//! |---|---|---|---|---|
//! | a real [`Clock`], wrong by at most its error | [`verify`](super::verify) | neither too old nor too far ahead, with the error added to the unfavourable side | at max(`at`, block) | [`Verdict`]: as of now |
//! | a [`Floor`]: a time that has surely come | [`verify_after`](super::verify_after) | not surely too old; whether it is fresh is unknown | at max(`at`, block, floor) | [`VerdictAfter`]: as of that time or later |
//! | none, or asks about the past | [`verify_as_of`](super::verify_as_of) | not looked at | at max(`at`, block) | [`VerdictAsOf`]: as of the block |
//!
//! Only the last takes a bundle with an ancestry, which is about the past by its nature. An anchor that keeps
//! the newest block that it has seen gives a floor: that block's time.

use super::decision::Decision;
use super::verify::VerifyError;

/// A real clock, and what it is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    /// Now, in Unix seconds.
    pub now: u64,
    /// By how many seconds the clock may be wrong, either way.
    pub error: u64,
    /// How old a block may be, in seconds.
    pub max_age: u64,
    /// How far ahead of the clock a block may be, in seconds. Below the clock's error, it refuses new blocks.
    pub max_skew: u64,
}

/// A time that has surely come, of a device that has no real clock: one that was kept through a restart, or
/// the time of the newest block that its anchor has seen. It never goes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Floor {
    /// It is now this time or later, in Unix seconds.
    pub time: u64,
    /// How long before it a block may be, in seconds: an older one is too old by any clock.
    pub max_age: u64,
}

/// A decision as of now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The decision.
    pub decision: Decision,
    /// Number of the block whose state decided.
    pub block_number: u64,
    /// Its time, in Unix seconds.
    pub block_time: u64,
    /// How many seconds old the block is at most, the clock's error included; 0 where it is ahead.
    pub age: u64,
}

/// A decision as of a time that has surely come, or later: a deny holds now, but for what was granted since
/// the block; a permit may have been revoked, or have expired, since.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VerdictAfter {
    /// The decision.
    pub decision: Decision,
    /// Number of the block whose state decided.
    pub block_number: u64,
    /// Its time, in Unix seconds.
    pub block_time: u64,
    /// The time that was decided at, in Unix seconds: the request's, the block's or the floor, the latest.
    pub time: u64,
}

/// A decision as of a block, by a device without a clock or about the past. It permits nothing now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VerdictAsOf {
    /// The decision.
    pub decision: Decision,
    /// Number of the block whose state decided.
    pub block_number: u64,
    /// Its time, in Unix seconds.
    pub block_time: u64,
}

impl Clock {
    /// How old a block of this time is at most, if that is neither too old nor from the future.
    pub(super) const fn age_of(&self, block_time: u64) -> Result<u64, VerifyError> {
        let Self { now, error, max_age, max_skew } = *self;
        let (earliest, latest) = (now.saturating_sub(error), now.saturating_add(error));
        if block_time > earliest.saturating_add(max_skew) {
            return Err(VerifyError::Future { block_time, now: earliest, max_skew });
        }
        let age = latest.saturating_sub(block_time);
        if age > max_age {
            return Err(VerifyError::Stale { block_time, now: latest, max_age });
        }
        Ok(age)
    }
}

impl Floor {
    /// Refuses a block of this time if it is too old whatever the time is now.
    pub(super) const fn admit(&self, block_time: u64) -> Result<(), VerifyError> {
        let Self { time, max_age } = *self;
        if time.saturating_sub(block_time) > max_age {
            return Err(VerifyError::Stale { block_time, now: time, max_age });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clocks_error_counts_against_the_block() {
        let clock = |error| Clock { now: 1000, error, max_age: 100, max_skew: 10 };
        assert_eq!(clock(0).age_of(900), Ok(100));
        assert_eq!(clock(0).age_of(1010), Ok(0));
        assert_eq!(clock(5).age_of(905), Ok(100));
        assert_eq!(clock(5).age_of(1005), Ok(0));
        let stale = VerifyError::Stale { block_time: 904, now: 1005, max_age: 100 };
        assert_eq!(clock(5).age_of(904), Err(stale));
        let future = VerifyError::Future { block_time: 1006, now: 995, max_skew: 10 };
        assert_eq!(clock(5).age_of(1006), Err(future));
        // An error beyond all time refuses every block, and overflows nowhere.
        assert!(clock(u64::MAX).age_of(1000).is_err());
        let lenient = Clock { max_age: u64::MAX, max_skew: u64::MAX, ..clock(u64::MAX) };
        assert_eq!(lenient.age_of(1000), Ok(u64::MAX - 1000));
    }

    #[test]
    fn a_floor_refuses_only_what_is_surely_too_old() {
        let floor = Floor { time: 1000, max_age: 100 };
        for block_time in [900, 1000, 1001, u64::MAX] {
            assert_eq!(floor.admit(block_time), Ok(()));
        }
        let stale = VerifyError::Stale { block_time: 899, now: 1000, max_age: 100 };
        assert_eq!(floor.admit(899), Err(stale));
    }
}
