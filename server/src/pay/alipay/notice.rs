//! What Alipay tells unasked: a form, signed over its decoded values («异步通知验签»). It comes again for about a
//! day until it hears `success`.

use contract::payment::{AttemptId, RefundId, TradeResult};
use jiff::Timestamp;

use super::sign::{self, Parameters};
use super::{answer, forms};
use crate::pay::keys::VerifyingKey;
use crate::pay::{Notice, RefundReport, Rejected, Report, Said};

/// Oldest notification, in seconds: Alipay repeats one for a good day. Within it the same one changes nothing,
/// because each is taken once, by its id.
const OLDEST: i64 = 25 * 60 * 60;

/// How far Alipay's clock may be ahead of ours, in seconds.
const AHEAD: i64 = 10 * 60;

/// Whom notifications must be for.
pub(super) struct Recipient<'a> {
    /// Our application.
    pub(super) app: &'a str,
    /// Our account.
    pub(super) seller: &'a str,
}

/// Reads a notification, and believes it only if all of it is right.
pub(super) fn read(
    body: &[u8],
    key: &VerifyingKey,
    recipient: &Recipient<'_>,
    now: Timestamp,
) -> Result<Notice, Rejected> {
    let fields = Fields(signed(body, key)?);
    if fields.get("app_id") != Some(recipient.app) || fields.get("seller_id") != Some(recipient.seller) {
        return Err(Rejected::Merchant);
    }
    let sent = fields.get("notify_time").and_then(forms::instant).ok_or(Rejected::Malformed)?;
    if !(-AHEAD..=OLDEST).contains(&(now.as_second() - sent.as_second())) {
        return Err(Rejected::Time);
    }
    let id = fields.get("notify_id").ok_or(Rejected::Malformed)?.to_owned();
    Ok(Notice { id, says: said(&fields)? })
}

/// The parameters a notification's signature is over: all but `sign` and `sign_type`. An empty value is signed
/// like any other.
fn signed(body: &[u8], key: &VerifyingKey) -> Result<Parameters, Rejected> {
    let mut fields = Parameters::new();
    for (name, value) in form_urlencoded::parse(body) {
        if fields.insert(name.into_owned(), value.into_owned()).is_some() {
            return Err(Rejected::Malformed);
        }
    }
    let sign = fields.remove("sign").ok_or(Rejected::Signature)?;
    let known = fields.remove("sign_type").is_none_or(|kind| kind == "RSA2");
    if known && key.verifies(sign::text(&fields).as_bytes(), &sign) { Ok(fields) } else { Err(Rejected::Signature) }
}

struct Fields(Parameters);

impl Fields {
    /// A value that is there and not empty.
    fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }
}

fn said(fields: &Fields) -> Result<Said, Rejected> {
    let Some(trade) = fields.get("out_trade_no").map(|number| AttemptId(number.to_owned())) else {
        return Ok(Said::Nothing);
    };
    let refund = fields.get("out_biz_no").or_else(|| fields.get("out_request_no"));
    if let (Some(refund), Some(_), Some(_)) = (refund, fields.get("refund_fee"), fields.get("gmt_refund")) {
        return Ok(Said::Refund(trade, RefundId(refund.to_owned()), RefundReport::Done));
    }
    let paid = fields.get("gmt_payment").is_some();
    let Some(result) = fields.get("trade_status").and_then(|status| answer::result(status, paid)) else {
        return Ok(Said::Nothing);
    };
    let amount = match result {
        TradeResult::Paid => Some(fields.get("total_amount").and_then(forms::fen).ok_or(Rejected::Malformed)?),
        _ => None,
    };
    Ok(Said::Trade(trade, Report { result, amount, number: fields.get("trade_no").map(str::to_owned) }))
}

#[cfg(test)]
mod tests {
    use super::super::vectors;
    use super::*;

    const OURS: Recipient<'_> = Recipient { app: "2021", seller: "2088" };

    fn at(text: &str) -> Timestamp {
        forms::instant(text).unwrap()
    }

    fn form(pairs: &[(&str, &str)]) -> String {
        form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
    }

    /// A form with what every notification has, as Alipay would sign it.
    fn notification(more: &[(&str, &str)]) -> String {
        let common = [
            ("app_id", "2021"),
            ("seller_id", "2088"),
            ("notify_id", "n1"),
            ("notify_time", "2026-11-22 10:00:00"),
            ("out_trade_no", "a1"),
            ("trade_no", "2026"),
            ("passback_params", ""),
        ];
        let mut fields = Parameters::new();
        for (name, value) in common.iter().chain(more) {
            fields.insert((*name).to_owned(), (*value).to_owned());
        }
        let sign = vectors::signing().sign(sign::text(&fields).as_bytes()).unwrap();
        fields.insert("sign".to_owned(), sign);
        fields.insert("sign_type".to_owned(), "RSA2".to_owned());
        sign::form(&fields)
    }

    fn heard(body: &str, now: &str) -> Result<Notice, Rejected> {
        read(body.as_bytes(), &vectors::verifying(), &OURS, at(now))
    }

    fn says(more: &[(&str, &str)]) -> Result<Said, Rejected> {
        heard(&notification(more), "2026-11-22 10:00:05").map(|notice| notice.says)
    }

    #[test]
    fn a_published_notification_is_verified_and_a_changed_one_is_not() {
        let key = sign::public_key(vectors::NOTIFIER).unwrap();
        let ours = Recipient { app: "2019073166072302", seller: "2088531891668739" };
        let now = at("2019-08-15 15:57:00");
        let body = form(&vectors::NOTIFICATION);
        let report =
            Report { result: TradeResult::Paid, amount: Some(10), number: Some("2019081522001468450512505578".into()) };
        let says = Said::Trade(AttemptId("20190815155618536-564-57".into()), report);
        let notice = Notice { id: "2019081500222155624068450559358070".into(), says };
        assert_eq!(read(body.as_bytes(), &key, &ours, now), Ok(notice));
        for (what, with) in [
            ("total_amount=0.10", "total_amount=0.11"),
            ("TRADE_SUCCESS", "TRADE_FINISHED"),
            ("&version=1.0", ""),
            ("sign_type=RSA2", "sign_type=RSA"),
            ("&sign=", "&sing="),
        ] {
            let changed = body.replace(what, with);
            assert_eq!(read(changed.as_bytes(), &key, &ours, now), Err(Rejected::Signature), "{what}");
        }
        let twice = format!("{body}&trade_status=TRADE_SUCCESS");
        assert_eq!(read(twice.as_bytes(), &key, &ours, now), Err(Rejected::Malformed));
        assert_eq!(read(body.as_bytes(), &vectors::verifying(), &ours, now), Err(Rejected::Signature));
        assert_eq!(read(body.as_bytes(), &key, &OURS, now), Err(Rejected::Merchant));
        assert_eq!(read(b"", &key, &ours, now), Err(Rejected::Signature));
    }

    #[test]
    fn notifications_count_for_a_day_and_for_us_only() {
        let body = notification(&[("trade_status", "WAIT_BUYER_PAY")]);
        for now in ["2026-11-22 10:00:00", "2026-11-23 11:00:00", "2026-11-22 09:50:00"] {
            assert!(heard(&body, now).is_ok(), "{now}");
        }
        for now in ["2026-11-23 11:00:01", "2026-11-22 09:49:59", "2027-11-22 10:00:00"] {
            assert_eq!(heard(&body, now), Err(Rejected::Time), "{now}");
        }
        assert_eq!(says(&[("app_id", "2022")]), Err(Rejected::Merchant));
        assert_eq!(says(&[("seller_id", "2089")]), Err(Rejected::Merchant));
        assert_eq!(says(&[("seller_id", "")]), Err(Rejected::Merchant));
        assert_eq!(says(&[("notify_time", "yesterday")]), Err(Rejected::Malformed));
        assert_eq!(says(&[("notify_id", "")]), Err(Rejected::Malformed));
    }

    #[test]
    fn trades_and_refunds_are_told_apart() {
        let trade = |result, amount| -> Result<Said, Rejected> {
            let report = Report { result, amount, number: Some("2026".into()) };
            Ok(Said::Trade(AttemptId("a1".into()), report))
        };
        let paid = ("gmt_payment", "2026-11-22 10:00:00");
        let closed = ("trade_status", "TRADE_CLOSED");
        let amount = ("total_amount", "100.00");
        assert_eq!(says(&[("trade_status", "TRADE_FINISHED"), amount]), trade(TradeResult::Paid, Some(10_000)));
        assert_eq!(says(&[closed, amount]), trade(TradeResult::Closed, None));
        assert_eq!(says(&[closed, amount, paid]), trade(TradeResult::Paid, Some(10_000)));
        assert_eq!(says(&[("trade_status", "TRADE_SUCCESS"), ("total_amount", "1e3")]), Err(Rejected::Malformed));
        assert_eq!(says(&[("trade_status", "SOMETHING_NEW")]), Ok(Said::Nothing));
        assert_eq!(says(&[("out_trade_no", "")]), Ok(Said::Nothing));
        let back = [("refund_fee", "12.33"), ("gmt_refund", "2026-11-22 10:00:00.123"), closed, amount, paid];
        let done = Said::Refund(AttemptId("a1".into()), RefundId("r1".into()), RefundReport::Done);
        for number in ["out_biz_no", "out_request_no"] {
            let with: Vec<_> = back.into_iter().chain([(number, "r1")]).collect();
            assert_eq!(says(&with), Ok(done.clone()));
        }
        assert_eq!(says(&back), trade(TradeResult::Paid, Some(10_000)));
    }
}
