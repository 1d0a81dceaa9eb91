//! Unix time as calendar text.

use core::fmt;

/// A second of the Gregorian calendar, in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields are what a date is made of")]
pub struct Date {
    pub year: u64,
    pub month: u64,
    pub day: u64,
    pub hour: u64,
    pub minute: u64,
    pub second: u64,
}

impl Date {
    /// The date of a number of seconds since 1970-01-01 00:00:00 UTC; leap seconds are not counted.
    #[must_use]
    pub const fn from_unix(seconds: u64) -> Self {
        // Days since 0000-03-01, which puts the leap day at the end of the year (Hinnant, "chrono-compatible
        // low-level date algorithms").
        let days = seconds / 86_400 + 719_468;
        let (era, day_of_era) = (days / 146_097, days % 146_097);
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted = (5 * day_of_year + 2) / 153;
        let (day, month) = (day_of_year - (153 * shifted + 2) / 5 + 1, (shifted + 2) % 12 + 1);
        let year = era * 400 + year_of_era + if month <= 2 { 1 } else { 0 };
        let (hour, minute) = (seconds % 86_400 / 3600, seconds % 3600 / 60);
        Self { year, month, day, hour, minute, second: seconds % 60 }
    }
}

/// `2026-11-25 06:20:00 UTC`
impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { year, month, day, hour, minute, second } = self;
        write!(f, "{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02} UTC")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        for (seconds, expected) in [
            (0, "1970-01-01 00:00:00 UTC"),
            (951_782_399, "2000-02-28 23:59:59 UTC"),
            (951_782_400, "2000-02-29 00:00:00 UTC"),
            (1_798_761_599, "2026-12-31 23:59:59 UTC"),
            (4_107_542_400, "2100-03-01 00:00:00 UTC"),
            ((1 << 40) - 1, "36812-02-20 00:36:15 UTC"),
            (u64::MAX, "584554051223-11-09 07:00:15 UTC"),
        ] {
            let mut text = heapless::String::<40>::new();
            fmt::write(&mut text, format_args!("{}", Date::from_unix(seconds))).unwrap();
            assert_eq!(text, expected);
        }
    }
}
