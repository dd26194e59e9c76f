//! What WeChat Pay tells unasked (支付成功回调通知, 退款结果通知), once its signature was verified.

use contract::payment::{AttemptId, RefundId};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::answer::Transaction;
use super::seal::{ApiKey, Sealed};
use super::{Shop, refund};
use crate::pay::{Notice, Rejected, Said};

#[derive(Deserialize)]
struct Envelope {
    id: String,
    event_type: String,
    #[serde(default)]
    resource: Option<Sealed>,
}

#[derive(Deserialize)]
struct RefundTold {
    mchid: String,
    out_trade_no: AttemptId,
    out_refund_no: RefundId,
    refund_status: String,
}

/// Opens a notification and reads it.
pub(super) fn read(shop: &Shop, key: &ApiKey, body: &[u8]) -> Result<Notice, Rejected> {
    let Envelope { id, event_type, resource } = serde_json::from_slice(body).map_err(|_| Rejected::Malformed)?;
    let says = match event_type.split('.').next() {
        Some("TRANSACTION") => trade(shop, opened(key, resource)?)?,
        Some("REFUND") => given_back(shop, opened(key, resource)?)?,
        _ => Said::Nothing,
    };
    Ok(Notice { id, says })
}

fn opened<T: DeserializeOwned>(key: &ApiKey, sealed: Option<Sealed>) -> Result<T, Rejected> {
    let bytes = sealed.and_then(|sealed| key.open(&sealed)).ok_or(Rejected::Malformed)?;
    serde_json::from_slice(&bytes).map_err(|_| Rejected::Malformed)
}

fn trade(shop: &Shop, told: Transaction) -> Result<Said, Rejected> {
    if !told.is_of(shop) {
        return Err(Rejected::Merchant);
    }
    let id = told.out_trade_no.clone();
    told.report().map(|report| Said::Trade(id, report)).map_err(|_| Rejected::Malformed)
}

/// A refund does not say which application it belongs to, only which merchant.
fn given_back(shop: &Shop, told: RefundTold) -> Result<Said, Rejected> {
    if told.mchid != shop.merchant {
        return Err(Rejected::Merchant);
    }
    let how = refund::word(&told.refund_status).ok_or(Rejected::Malformed)?;
    Ok(Said::Refund(told.out_trade_no, told.out_refund_no, how))
}

#[cfg(test)]
mod tests {
    use contract::payment::TradeResult;
    use serde_json::{Value, json};

    use super::super::sign::Signed;
    use super::super::vectors;
    use super::*;
    use crate::pay::{RefundReport, Report};

    fn shop() -> Shop {
        Shop { app: "wx1".to_owned(), merchant: "19".to_owned() }
    }

    fn notice(event: &str, resource: &Value) -> Result<Notice, Rejected> {
        let body = json!({
            "id": "n1", "create_time": "2026-11-22T09:30:00+08:00", "resource_type": "encrypt-resource",
            "event_type": event, "summary": "支付成功", "resource": resource,
        });
        read(&shop(), &ApiKey::new(vectors::API_KEY), body.to_string().as_bytes())
    }

    fn sealed(told: &Value) -> Value {
        ApiKey::new(vectors::API_KEY).seal("transaction", told.to_string().as_bytes())
    }

    fn paid() -> Value {
        json!({
            "appid": "wx1", "mchid": "19", "out_trade_no": "t1", "transaction_id": "4200", "trade_state": "SUCCESS",
            "amount": { "total": 8000, "payer_total": 8000, "currency": "CNY", "payer_currency": "CNY" },
        })
    }

    fn returned() -> Value {
        json!({
            "mchid": "19", "transaction_id": "4200", "out_trade_no": "t1", "refund_id": "5000", "out_refund_no": "r1",
            "refund_status": "SUCCESS", "amount": { "total": 8000, "refund": 100 },
        })
    }

    /// A value with one field changed.
    fn with(mut value: Value, field: &str, to: &str) -> Value {
        value[field] = json!(to);
        value
    }

    #[test]
    fn a_paid_trade_is_told() {
        let report = Report { result: TradeResult::Paid, amount: Some(8000), number: Some("4200".to_owned()) };
        let says = Said::Trade(AttemptId("t1".to_owned()), report);
        assert_eq!(notice("TRANSACTION.SUCCESS", &sealed(&paid())), Ok(Notice { id: "n1".to_owned(), says }));
        for (field, to, why) in [
            ("appid", "wx2", Rejected::Merchant),
            ("mchid", "20", Rejected::Merchant),
            ("trade_state", "OTHER", Rejected::Malformed),
            ("amount", "8000", Rejected::Malformed),
        ] {
            let told = sealed(&with(paid(), field, to));
            assert_eq!(notice("TRANSACTION.SUCCESS", &told), Err(why), "{field}");
        }
    }

    #[test]
    fn a_refund_is_told() {
        for (event, status, how) in [
            ("REFUND.SUCCESS", "SUCCESS", RefundReport::Done),
            ("REFUND.ABNORMAL", "ABNORMAL", RefundReport::Failed),
            ("REFUND.CLOSED", "CLOSED", RefundReport::Closed),
            ("REFUND.OTHER", "PROCESSING", RefundReport::Processing),
        ] {
            let says = Said::Refund(AttemptId("t1".to_owned()), RefundId("r1".to_owned()), how);
            let told = sealed(&with(returned(), "refund_status", status));
            assert_eq!(notice(event, &told), Ok(Notice { id: "n1".to_owned(), says }), "{event}");
        }
        let told = sealed(&with(returned(), "mchid", "20"));
        assert_eq!(notice("REFUND.SUCCESS", &told), Err(Rejected::Merchant));
        let told = sealed(&with(returned(), "refund_status", "OTHER"));
        assert_eq!(notice("REFUND.SUCCESS", &told), Err(Rejected::Malformed));
    }

    #[test]
    fn what_does_not_open_is_malformed() {
        for (field, to) in [("nonce", "fixed-nonce?"), ("associated_data", "refund"), ("ciphertext", "AAAA")] {
            let told = with(sealed(&paid()), field, to);
            assert_eq!(notice("TRANSACTION.SUCCESS", &told), Err(Rejected::Malformed), "{field}");
        }
        assert_eq!(notice("TRANSACTION.SUCCESS", &Value::Null), Err(Rejected::Malformed));
        let key = ApiKey::new(vectors::API_KEY);
        assert_eq!(read(&shop(), &key, b"{}"), Err(Rejected::Malformed));
        assert_eq!(read(&shop(), &key, b""), Err(Rejected::Malformed));
    }

    #[test]
    fn a_published_notification_is_verified_and_concerns_nobody_here() {
        // wechatpay-apiv3/wechatpay-go, core/notify/notify_test.go. Its key has 16 characters, so it is not opened.
        let body = r#"{"id":"3119dfba-e649-5eec-ab1e-3412bc4d2e17","create_time":"2021-06-24T16:37:26+08:00","resource_type":"encrypt-resource","event_type":"PAYSCORE.USER_OPEN_SERVICE","summary":"签约成功","resource":{"original_type":"payscore","algorithm":"AEAD_AES_256_GCM","ciphertext":"YDS3lKPaC4Y52Gf3uhft5qUBlIa8b428AWTtTauHQfQrRw+X1WpiuHIDy0vo1Vd6VEq67aVyqPdDYMkRVSDaZL3iZttevRMOoPKMifozg6XPWjIZumks/GpT48lI4NizyeaqLBokNebthah3o1H76qSlO9NkDjp9bzmKLEYYH9TEklFUpsvPqOTOcgSLgh21YJXYR7dEBXFgRLiNIKRgO5JdXh1hccRUAlyVWxE54PXpnQ==","associated_data":"payscore","nonce":"Kj7QIyUiYx1q"}}"#;
        let signature = "tJHIiIS9eB2hAYstmAmbbD3ZE5LiIm/Ug5tuL4fC0YOFRWIHV39UFIZXC0e9Wl6lBu6sKvkqDkzpqzBsVHyXFlbYZTOQrVdG4b6LfTnK4mikv9++ixJMd3vTf2yCqvBkh98zs3Ds5zsYQakzbcwhmw4fMJs4nPLws28H0UW9FjDR//rxELLwXvV1VEA1IBLX70xptjL8hrfUjEE8kkry6yNJTHZRU8CAc7qHli2Ng1V1qb9ARbK8A3ThmFmPQvRGrapI/jS2laKKgYUmfdEdkNO6B2Cke5e8VTxY406ArAmQ90GAihDwIcb16TQMnzCMBoutnwZKNiKRACrFmtxw2Q==";
        let mut headers = super::super::sign::headers(1_624_523_846, b"");
        headers.insert("wechatpay-nonce", "EcZ9Cmy4Xyx1i6RlJQzLcCyEqDa26NBz".parse().unwrap());
        headers.insert("wechatpay-signature", signature.parse().unwrap());
        let signed = Signed::read(&headers).unwrap();
        assert!(signed.timely(1_624_523_846) && signed.by(&vectors::certified(), body.as_bytes()));
        let taken = read(&shop(), &ApiKey::new(vectors::API_KEY), body.as_bytes()).unwrap();
        assert_eq!(taken.says, Said::Nothing);
        assert_eq!(taken.id, "3119dfba-e649-5eec-ab1e-3412bc4d2e17");
    }
}
