//! Time as the gateways write it: always Shanghai's, eight hours ahead.

use jiff::civil::{Date, DateTime};
use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, Zoned};

const SHANGHAI: Offset = Offset::constant(8);

/// The present.
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}

/// `2026-05-04T12:00:00+08:00`, as WeChat Pay writes it.
pub(crate) fn rfc3339(at: Timestamp) -> String {
    local(at).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

/// `2026-05-04 12:00:00`, as Alipay and the statements write it.
pub(crate) fn plain(at: Timestamp) -> String {
    local(at).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// `20260504120000`, the beginning of a gateway's own numbers.
pub(crate) fn compact(at: Timestamp) -> String {
    local(at).strftime("%Y%m%d%H%M%S").to_string()
}

/// The day a moment falls on.
pub(crate) fn day(at: Timestamp) -> Date {
    local(at).date()
}

/// Reads what [`plain`] writes.
pub(crate) fn read_plain(text: &str) -> Option<Timestamp> {
    let at: DateTime = text.parse().ok()?;
    SHANGHAI.to_timestamp(at).ok()
}

/// Reads a moment with its offset.
pub(crate) fn read_rfc3339(text: &str) -> Option<Timestamp> {
    text.parse().ok()
}

/// Reads `2026-05-04`.
pub(crate) fn read_day(text: &str) -> Option<Date> {
    text.parse::<Date>().ok().filter(|day| day.to_string() == text)
}

fn local(at: Timestamp) -> Zoned {
    at.to_zoned(TimeZone::fixed(SHANGHAI))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_the_gateways_do() {
        let at: Timestamp = "2026-05-03T20:00:00Z".parse().unwrap();
        assert_eq!(rfc3339(at), "2026-05-04T04:00:00+08:00");
        assert_eq!(plain(at), "2026-05-04 04:00:00");
        assert_eq!(compact(at), "20260504040000");
        assert_eq!(day(at).to_string(), "2026-05-04");
        assert_eq!(read_plain("2026-05-04 04:00:00"), Some(at));
        assert_eq!(read_rfc3339("2026-05-04T04:00:00+08:00"), Some(at));
        assert!(read_day("2026-05-04").is_some());
        assert!(read_day("20260504").is_none() && read_day("2026-13-01").is_none() && read_day("").is_none());
    }
}
