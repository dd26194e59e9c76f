//! How Alipay writes money and times.

use contract::Fen;
use jiff::civil::DateTime;
use jiff::{Timestamp, tz};

/// Every time of Alipay's is China's, without saying so (`timestamp`, `time_expire`, `notify_time`).
const CHINA: tz::Offset = tz::Offset::constant(8);

/// `yyyy-MM-dd HH:mm:ss`.
const TIME: &str = "%Y-%m-%d %H:%M:%S";

/// Fen as yuan with two digits after the point: `100.00`.
pub(super) fn yuan(fen: Fen) -> String {
    format!("{}.{:02}", fen / 100, fen % 100)
}

/// Yuan in fen. Nothing is rounded: what is not a plain number of at most two digits after the point is none.
pub(super) fn fen(yuan: &str) -> Option<Fen> {
    let (whole, part) = yuan.split_once('.').unwrap_or((yuan, "00"));
    if whole.is_empty() || !whole.bytes().chain(part.bytes()).all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let tenfold = match part.len() {
        1 => 10,
        2 => 1,
        _ => return None,
    };
    whole.parse::<Fen>().ok()?.checked_mul(100)?.checked_add(part.parse::<Fen>().ok()? * tenfold)
}

/// A time as Alipay reads it.
pub(super) fn time(at: Timestamp) -> String {
    CHINA.to_datetime(at).strftime(TIME).to_string()
}

/// A time as Alipay writes it.
pub(super) fn instant(text: &str) -> Option<Timestamp> {
    CHINA.to_timestamp(DateTime::strptime(TIME, text).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_exact_or_none() {
        for (text, amount) in [("0.01", 1), ("100.00", 10_000), ("19999999.99", 1_999_999_999), ("0.00", 0)] {
            assert_eq!(fen(text), Some(amount), "{text}");
            assert_eq!(yuan(amount), text);
        }
        assert_eq!(fen("100.2"), Some(10_020));
        assert_eq!(fen("7"), Some(700));
        for text in ["1.005", "-1", "1e3", "", ".", "1.", ".5", "+1", " 1", "1 ", "1,000.00", "0x1", "一", "1.0.0"] {
            assert_eq!(fen(text), None, "{text}");
        }
        for text in ["92233720368547759.00", "99999999999999999999"] {
            assert_eq!(fen(text), None, "{text}");
        }
    }

    #[test]
    fn times_are_chinas() {
        let at: Timestamp = "2026-11-22T16:00:05.9Z".parse().unwrap();
        assert_eq!(time(at), "2026-11-23 00:00:05");
        assert_eq!(instant("2026-11-23 00:00:05").unwrap().as_second(), at.as_second());
        for text in ["", "2026-11-23", "2026-02-30 00:00:00", "2026-11-23T00:00:05Z", "2026-11-23 00:00:05 "] {
            assert_eq!(instant(text), None, "{text}");
        }
    }
}
