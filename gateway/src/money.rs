//! Fen and yuan. Inside there are only fen.

/// `12.34`, as Alipay and the statements write it.
pub(crate) fn yuan(fen: i64) -> String {
    let sign = if fen < 0 { "-" } else { "" };
    let fen = fen.unsigned_abs();
    format!("{sign}{}.{:02}", fen / 100, fen % 100)
}

/// Reads yuan with at most two decimals; more than nobody pays is no amount.
pub(crate) fn fen(yuan: &str) -> Option<i64> {
    let (whole, part) = yuan.split_once('.').unwrap_or((yuan, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|letter| letter.is_ascii_digit());
    if !digits(whole) || !digits(part) || whole.len() > 9 || part.len() > 2 {
        return None;
    }
    let part: i64 = format!("{part:0<2}").parse().ok()?;
    Some(whole.parse::<i64>().ok()? * 100 + part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yuan_and_fen_are_the_same_money() {
        for (amount, text) in [(0, "0.00"), (1, "0.01"), (100, "1.00"), (12_345, "123.45")] {
            assert_eq!(yuan(amount), text);
            assert_eq!(fen(text), Some(amount));
        }
        assert_eq!(yuan(-5), "-0.05");
        assert_eq!((fen("7"), fen("7.5")), (Some(700), Some(750)));
        for bad in ["", ".", "1.", ".5", "-1", "+1", "1.234", "1e3", "1 ", "9999999999"] {
            assert_eq!(fen(bad), None, "{bad}");
        }
    }
}
