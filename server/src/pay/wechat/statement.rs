//! A day's statement (申请交易账单, 下载账单): CSV, with a backtick before every value so that no
//! spreadsheet takes it for a number.

use contract::Fen;
use contract::payment::{AttemptId, RefundId};
use serde::Deserialize;
use sha1::{Digest, Sha1};

use crate::pay::{Failure, StatementKind, StatementLine};

/// The first column of the sums under the lines.
const SUMS: &str = "总交易单数";

const MALFORMED: Failure = Failure::Unsure("malformed");

/// Where a statement lies, and what it is to be.
#[derive(Deserialize)]
pub(super) struct Place {
    hash_type: String,
    hash_value: String,
    /// Its address, for half a minute.
    pub(super) download_url: String,
}

impl Place {
    /// Whether these bytes are the statement. SHA-1 is weak against whoever makes a file, and here
    /// that is WeChat Pay.
    pub(super) fn holds(&self, bytes: &[u8]) -> bool {
        let hash = hex::encode(Sha1::digest(bytes));
        self.hash_type.eq_ignore_ascii_case("SHA1") && self.hash_value.eq_ignore_ascii_case(&hash)
    }
}

/// Which column holds what. Columns were added over the years, so they are found by their names.
struct Columns {
    trade: usize,
    state: usize,
    amount: usize,
    refund: usize,
    refunded: usize,
    refund_state: Option<usize>,
}

impl Columns {
    fn read(heads: &[&str]) -> Option<Self> {
        let find = |names: &[&str]| names.iter().find_map(|name| heads.iter().position(|head| head == name));
        Some(Self {
            trade: find(&["商户订单号"])?,
            state: find(&["交易状态"])?,
            // Without coupons both are the same; older statements have the second only.
            amount: find(&["订单金额", "应结订单金额"])?,
            refund: find(&["商户退款单号"])?,
            refunded: find(&["申请退款金额", "退款金额"])?,
            refund_state: find(&["退款状态"]),
        })
    }

    /// What a line says; nothing where no money moved. A refund that is still on its way is none yet:
    /// it may come back.
    fn line(&self, values: &[&str]) -> Option<Option<StatementLine>> {
        let trade = AttemptId((*values.get(self.trade)?).to_owned());
        let line = match *values.get(self.state)? {
            "SUCCESS" => {
                let amount = fen(values.get(self.amount)?)?;
                Some(StatementLine { trade, what: StatementKind::Charged, amount })
            }
            "REFUND" => {
                let state = self.refund_state.and_then(|place| values.get(place)).copied();
                let went = !matches!(state, Some("FAIL" | "CHANGE" | "CLOSED" | "ABNORMAL" | "PROCESSING"));
                let refund = RefundId((*values.get(self.refund)?).to_owned());
                let amount = fen(values.get(self.refunded)?)?;
                went.then_some(StatementLine { trade, what: StatementKind::GivenBack(refund), amount })
            }
            _ => None,
        };
        Some(line)
    }
}

/// Reads a statement.
pub(super) fn read(bytes: &[u8]) -> Result<Vec<StatementLine>, Failure> {
    let text = std::str::from_utf8(bytes).map_err(|_| MALFORMED)?;
    let mut lines = text.trim_start_matches('\u{feff}').lines().filter(|line| !line.trim().is_empty());
    let heads = lines.next().map(values).unwrap_or_default();
    let columns = Columns::read(&heads).ok_or(MALFORMED)?;
    let mut said = Vec::new();
    for line in lines.map(values).take_while(|line| line.first() != Some(&SUMS)) {
        said.extend(columns.line(&line).ok_or(MALFORMED)?);
    }
    Ok(said)
}

/// The values of a line. A comma inside a value has no backtick after it.
fn values(line: &str) -> Vec<&str> {
    let pieces: Vec<&str> = if line.starts_with('`') { line.split(",`").collect() } else { line.split(',').collect() };
    pieces.into_iter().map(|piece| piece.trim().trim_matches('`').trim()).collect()
}

/// Yuan in figures, as fen; never by way of a float.
fn fen(text: &str) -> Option<Fen> {
    let (yuan, rest) = text.split_once('.').unwrap_or((text, "0"));
    let figures = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let cents = rest.trim_end_matches('0');
    if !figures(yuan) || !figures(rest) || cents.len() > 2 {
        return None;
    }
    let cents: Fen = format!("{cents:0<2}").parse().ok()?;
    yuan.parse::<Fen>().ok()?.checked_mul(100)?.checked_add(cents)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines of wechatpay-apiv3/wechatpay-php, tests/fixtures/bill.ALL.csv.
    const PUBLISHED: &str = "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注
`2019-02-19 05:01:46,`wxab8acd895ab1638a,`1921000401,`0,`harryma007,`4200000263201902167700134212,`autotest_20190216081946_82335,`oHkLxtx0vUqe-18p_AXTZ1innxkCY,`JSAPI,`REFUND,`OTHERS,`CNY,`0.00,`0.00,`50000709672019011908420787722,`REF4200000263201902167700963919,`0.01,`0.00,`ORIGINAL,`SUCCESS,`系统拨测-cheeryin-test_micropay_succ,`,`0.00000,`39.00%,`0.00,`0.01,`
`2019-02-19 01:52:32,`wxab8acd895ab1638a,`1921000401,`0,`,`4200000263201902167700134902,`autotest_20190219015232_89201,`wxab8acb865bb1637e,`NATIVE,`SUCCESS,`OTHERS,`CNY,`0.03,`0.00,`0,`0,`0.00,`0.00,`,`,`autotest,`,`0.01000,`39.00%,`0.03,`0.00,`
总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额
`45.0,`0.47,`0.14,`0.0,`0.08,`0.47,`0.14
";

    fn charged(trade: &str, amount: Fen) -> StatementLine {
        StatementLine { trade: AttemptId(trade.to_owned()), what: StatementKind::Charged, amount }
    }

    fn given_back(trade: &str, refund: &str, amount: Fen) -> StatementLine {
        let what = StatementKind::GivenBack(RefundId(refund.to_owned()));
        StatementLine { trade: AttemptId(trade.to_owned()), what, amount }
    }

    #[test]
    fn a_published_statement() {
        let expected = [
            given_back("autotest_20190216081946_82335", "REF4200000263201902167700963919", 1),
            charged("autotest_20190219015232_89201", 3),
        ];
        assert_eq!(read(PUBLISHED.as_bytes()).unwrap(), expected);
        let windows = format!("\u{feff}{}", PUBLISHED.replace('\n', "\r\n"));
        assert_eq!(read(windows.as_bytes()).unwrap(), expected);
    }

    #[test]
    fn columns_are_found_by_name() {
        let old = "商户订单号,交易状态,应结订单金额,商户退款单号,退款金额,商品名称\n`t1,`SUCCESS,`80.00,`0,`0.00,`a,b,c\n`t1,`REFUND,`0.00,`r1,`1.5,`\n";
        assert_eq!(read(old.as_bytes()).unwrap(), [charged("t1", 8000), given_back("t1", "r1", 150)]);
        let plain =
            "申请退款金额,商户退款单号,订单金额,应结订单金额,交易状态,商户订单号\n0, 0,80.00,79.00,SUCCESS,t1\n";
        assert_eq!(read(plain.as_bytes()).unwrap(), [charged("t1", 8000)], "what it cost, not what a coupon left");
        for missing in ["商户订单号", "交易状态", "订单金额", "商户退款单号", "退款金额"] {
            let text = PUBLISHED.replace(missing, "x");
            assert_eq!(read(text.as_bytes()), Err(MALFORMED), "{missing}");
        }
    }

    #[test]
    fn only_money_that_moved_counts() {
        let heads = "商户订单号,交易状态,订单金额,商户退款单号,申请退款金额,退款状态\n";
        let read = |line: &str| read(format!("{heads}{line}\n").as_bytes());
        assert_eq!(read("`t1,`REVOKED,`80.00,`0,`0.00,`"), Ok(vec![]));
        assert_eq!(read("`t1,`REFUND,`0.00,`r1,`80.00,`PROCESSING"), Ok(vec![]));
        assert_eq!(read("`t1,`REFUND,`0.00,`r1,`80.00,`FAIL"), Ok(vec![]));
        assert_eq!(read(""), Ok(vec![]));
        for broken in ["`t1", "`t1,`SUCCESS", "`t1,`SUCCESS,`abc,`0,`0.00,`", "`t1,`REFUND,`0.00,`r1"] {
            assert_eq!(read(broken), Err(MALFORMED), "{broken}");
        }
    }

    #[test]
    fn yuan_become_fen_exactly() {
        for (text, amount) in [
            ("0.01", 1),
            ("0.1", 10),
            ("1", 100),
            ("80.00", 8000),
            ("19.99", 1999),
            ("0.070", 7),
            ("1234567.89", 123_456_789),
        ] {
            assert_eq!(fen(text), Some(amount), "{text}");
        }
        for text in ["", ".", "1.", ".5", "0.001", "-1.00", "+1", "1e2", "1,000", " 1", "一", "92233720368547758.08"] {
            assert_eq!(fen(text), None, "{text}");
        }
    }

    #[test]
    fn a_statement_is_what_was_promised() {
        let place = |kind: &str, hash: &str| Place {
            hash_type: kind.to_owned(),
            hash_value: hash.to_owned(),
            download_url: String::new(),
        };
        // FIPS 180, SHA-1 of "abc".
        let hash = "a9993e364706816aba3e25717850c26c9cd0d89d";
        assert!(place("SHA1", hash).holds(b"abc") && place("sha1", &hash.to_uppercase()).holds(b"abc"));
        assert!(!place("SHA1", hash).holds(b"abd") && !place("SHA256", hash).holds(b"abc"));
        assert!(read(b"\xff").is_err() && read(b"").is_err());
    }
}
