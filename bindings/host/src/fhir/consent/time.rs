//! FHIR dates, date-times and instants as Unix time.

use healthrecord_core::matter::date::Date;

/// The seconds that a FHIR date or time stands for: the first, and the first after it.
///
/// A time of less precision stands for the whole year, month, day or second. One without a time of day is
/// of the time zone so many seconds east of UTC; with a time of day FHIR demands a zone. Negative before
/// 1970.
pub(super) fn interval(text: &str, zone: i64) -> Option<(i64, i64)> {
    let (date, time) = text.split_once('T').map_or((text, None), |(date, time)| (date, Some(time)));
    let mut parts = date.split('-');
    let year = number(parts.next()?, 4)?;
    let month = parts.next().map(|part| number(part, 2)).map_or(Some(None), |part| part.map(Some))?;
    let day = parts.next().map(|part| number(part, 2)).map_or(Some(None), |part| part.map(Some))?;
    if parts.next().is_some() || year == 0 || !month.is_none_or(|month| (1..=12).contains(&month)) {
        return None;
    }
    let first = days(year, month.unwrap_or(1), day.unwrap_or(1));
    let next = match (month, day) {
        (None, _) => days(year + 1, 1, 1),
        (Some(month), None) => days(year, month + 1, 1),
        (Some(month), Some(day)) => {
            if day == 0 || first >= days(year, month + 1, 1) {
                return None;
            }
            first + 1
        }
    };
    let Some(time) = time else { return Some((first * DAY - zone, next * DAY - zone)) };
    day?;
    let (second, rest) = time_of_day(time)?;
    let begin = first * DAY + second - zone_of(rest)?;
    Some((begin, begin + 1))
}

/// A second as a FHIR date-time in UTC; `None` beyond the year 9999, where FHIR ends.
pub(super) fn date_time(second: u64) -> Option<String> {
    let Date { year, month, day, hour, minute, second } = Date::from_unix(second);
    let text = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z");
    (year <= 9999).then_some(text)
}

/// Seconds east of UTC: `Z`, `+02:00`, `-11:30`.
pub(super) fn zone_of(text: &str) -> Option<i64> {
    if text == "Z" {
        return Some(0);
    }
    let (sign, rest) = match text.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let (hours, minutes) = rest.split_once(':')?;
    let (hours, minutes) = (number(hours, 2)?, number(minutes, 2)?);
    let seconds = hours * 3600 + minutes * 60;
    (minutes < 60 && seconds <= 14 * 3600).then_some(sign * seconds)
}

const DAY: i64 = 86_400;

/// Seconds since midnight, and what follows: the zone.
fn time_of_day(text: &str) -> Option<(i64, &str)> {
    let (time, rest) = text.split_at_checked(8)?;
    let mut parts = time.split(':');
    let mut next = || number(parts.next()?, 2);
    let (hour, minute, second) = (next()?, next()?, next()?);
    // A leap second is the next one.
    if parts.next().is_some() || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let rest = match rest.strip_prefix('.') {
        None => rest,
        Some(fraction) => match fraction.trim_start_matches(|c: char| c.is_ascii_digit()) {
            zone if zone.len() < fraction.len() => zone,
            _ => return None,
        },
    };
    Some((hour * 3600 + minute * 60 + second, rest))
}

/// Days since 1970-01-01 of the Gregorian calendar; month 13 is the next January (Hinnant, "chrono-compatible
/// low-level date algorithms"). Of a day that the month does not have, that of the next.
const fn days(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 12 { (year + 1, month - 12) } else { (year, month) };
    let shifted = if month <= 2 { year - 1 } else { year };
    let (era, year_of_era) = (shifted.div_euclid(400), shifted.rem_euclid(400));
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// A number of exactly so many digits.
fn number(text: &str, digits: usize) -> Option<i64> {
    let is_number = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_as_long_as_it_is_precise() {
        for (text, begin, end) in [
            ("1970", 0, 365 * DAY),
            ("2000", 946_684_800, 978_307_200),
            ("2000-02", 949_363_200, 951_868_800),
            ("2000-02-29", 951_782_400, 951_868_800),
            ("2026-12", 1_796_083_200, 1_798_761_600),
            ("2026-12-31", 1_798_675_200, 1_798_761_600),
            ("2026-12-31T23:59:59Z", 1_798_761_599, 1_798_761_600),
            ("2027-01-01T01:59:59.999+02:00", 1_798_761_599, 1_798_761_600),
            ("2026-12-31T12:29:59-11:30", 1_798_761_599, 1_798_761_600),
            ("1969-12-31", -DAY, 0),
            ("0001-01-01T00:00:00Z", -62_135_596_800, -62_135_596_799),
        ] {
            assert_eq!(interval(text, 0), Some((begin, end)), "{text}");
        }
        assert_eq!(interval("1970-01-01", 3600), Some((-3600, DAY - 3600)));
        assert_eq!(interval("1970-01-01T00:00:00Z", 3600), Some((0, 1)), "it has a zone of its own");
        for second in [0, 951_868_799, 951_868_800, 4_107_542_399, 253_402_300_799] {
            let text = date_time(second).unwrap_or_default();
            let begin = i64::try_from(second).unwrap_or_default();
            assert_eq!(interval(&text, 0), Some((begin, begin + 1)), "{text}");
        }
        assert_eq!(date_time(253_402_300_800), None);
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            "26",
            "0000",
            "2026-",
            "2026-13",
            "2026-00",
            "2026-2",
            "2026-02-30",
            "2026-02-00",
            "2026-02-01-01",
            "2026T00:00:00Z",
            "2026-01-01T",
            "2026-01-01T00:00Z",
            "2026-01-01T24:00:00Z",
            "2026-01-01T00:60:00Z",
            "2026-01-01T00:00:00",
            "2026-01-01T00:00:00.Z",
            "2026-01-01T00:00:00+15:00",
            "2026-01-01T00:00:00+0100",
            "2026-01-01T00:00:00z",
            "+026",
            "2026-01-01T00:00:0é",
        ] {
            assert_eq!(interval(text, 0), None, "{text}");
        }
    }
}
