//! The gateway against a WeChat Pay of a few lines, which signs with a published test key.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Request, State};
use contract::payment::RefundId;
use serde_json::Value;

use super::*;

/// Under which path it lives: a base with a path is signed with the rest.
const UNDER: &str = "/sim";

#[derive(Default)]
struct Fake {
    /// Status and body by method and path; signed.
    answers: Mutex<HashMap<String, (u16, String)>>,
    /// What was asked.
    seen: Mutex<Vec<String>>,
    /// It leaves its answers unsigned.
    silent: Mutex<bool>,
}

impl Fake {
    fn says(&self, asked: &str, status: u16, body: &Value) {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.answers.lock().unwrap().insert(asked.to_owned(), (status, body));
    }
}

fn signer() -> Signer {
    Signer { merchant: "19".to_owned(), serial: "AB".to_owned(), key: vectors::merchant() }
}

/// Whether the merchant signed a request: the same key says the same of the same.
fn genuine(method: &str, path: &str, body: &str, said: &str) -> bool {
    let field = |name: &str| said.split(&format!("{name}=\"")).nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    let at = field("timestamp").parse().unwrap();
    signer().authorization(method, path, body, at, field("nonce_str")).unwrap() == said
}

async fn answer(State(fake): State<Arc<Fake>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    let body = std::str::from_utf8(&body).unwrap();
    let path = parts.uri.path_and_query().unwrap().as_str();
    let said = parts.headers["authorization"].to_str().unwrap();
    assert!(genuine(parts.method.as_str(), path, body, said), "{path}");
    let asked = format!("{} {}", parts.method, path.strip_prefix(UNDER).unwrap());
    fake.seen.lock().unwrap().push(format!("{asked} {body}").trim_end().to_owned());
    let (status, body) = fake.answers.lock().unwrap().get(&asked).cloned().unwrap_or((404, "{}".to_owned()));
    let headers = sign::headers(Timestamp::now().as_second(), body.as_bytes());
    let mut response = (StatusCode::from_u16(status).unwrap(), body).into_response();
    if !*fake.silent.lock().unwrap() {
        response.headers_mut().extend(headers);
    }
    response
}

fn api_key() -> ApiKey {
    ApiKey::new(vectors::API_KEY)
}

/// A gateway, and the WeChat Pay it talks to.
async fn both() -> (Wechat, Arc<Fake>) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let fake = Arc::new(Fake::default());
    let sealed = api_key().seal("certificate", vectors::CERTIFICATE.as_bytes());
    let list = json!({ "data": [{ "serial_no": vectors::SERIAL, "encrypt_certificate": sealed }] });
    fake.says("GET /v3/certificates", 200, &list);
    let router = Router::new().fallback(answer).with_state(fake.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}{UNDER}", listener.local_addr().unwrap()).parse().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    let (certificates, wire) = (Certificates::new(None), Wire::new(false).unwrap());
    let shop = Shop { app: "wx1".to_owned(), merchant: "19".to_owned() };
    (Wechat { shop, api: Api { base, signer: signer(), key: api_key(), certificates, wire } }, fake)
}

fn id() -> AttemptId {
    AttemptId("t1".to_owned())
}

fn trade() -> Trade {
    Trade {
        id: id(),
        amount: 8000,
        subject: "餐饮许可".to_owned(),
        channel: Channel::WechatQr,
        return_url: "https://city.example/".to_owned(),
        notify_url: "https://city.example/n".to_owned(),
        expires_at: "2026-11-22T01:30:00Z".parse().unwrap(),
        payer: None,
        client_ip: "192.0.2.1".to_owned(),
    }
}

const QUERY: &str = "GET /v3/pay/transactions/out-trade-no/t1?mchid=19";
const NATIVE: &str = "POST /v3/pay/transactions/native";

fn standing(state: &str) -> Value {
    json!({
        "appid": "wx1", "mchid": "19", "out_trade_no": "t1", "trade_state": state,
        "amount": { "total": 8000, "currency": "CNY" },
    })
}

#[tokio::test]
async fn a_trade_is_told_asked_for_and_closed() {
    let (gateway, fake) = both().await;
    fake.says(NATIVE, 200, &json!({ "code_url": "weixin://wxpay/bizpayurl?pr=1" }));
    assert!(matches!(gateway.create(&trade()).await, Ok(Handoff::Qr { .. })));
    fake.says(QUERY, 200, &standing("SUCCESS"));
    let report = Report { result: TradeResult::Paid, amount: Some(8000), number: None };
    assert_eq!(gateway.query(&id()).await, Ok(report));
    fake.says("POST /v3/pay/transactions/out-trade-no/t1/close", 204, &Value::Null);
    assert_eq!(gateway.close(&id()).await, Ok(()));
    let seen = fake.seen.lock().unwrap();
    let told = order::told(&gateway.shop, &trade()).unwrap();
    assert_eq!(seen[0], format!("{NATIVE} {told}"), "the very bytes that were signed");
    assert_eq!(seen[1], "GET /v3/certificates", "asked once");
    assert_eq!(seen[2..], [QUERY, r#"POST /v3/pay/transactions/out-trade-no/t1/close {"mchid":"19"}"#]);
}

#[tokio::test]
async fn a_refusal_counts_only_where_nobody_can_pay() {
    let (gateway, fake) = both().await;
    fake.says(NATIVE, 403, &json!({ "code": "OUT_TRADE_NO_USED", "message": "x" }));
    for (state, failure) in [
        ("NOTPAY", Failure::Unsure("number in use")),
        ("SUCCESS", Failure::Unsure("number in use")),
        ("CLOSED", Failure::Refused("OUT_TRADE_NO_USED".to_owned())),
    ] {
        fake.says(QUERY, 200, &standing(state));
        assert_eq!(gateway.create(&trade()).await, Err(failure), "{state}");
    }
    fake.says(QUERY, 404, &json!({ "code": "ORDER_NOT_EXIST" }));
    assert_eq!(gateway.create(&trade()).await, Err(Failure::Refused("OUT_TRADE_NO_USED".to_owned())));
    fake.says(QUERY, 500, &Value::Null);
    assert_eq!(gateway.create(&trade()).await, Err(Failure::Unsure("not now")));
}

#[tokio::test]
async fn what_is_not_signed_is_not_believed() {
    let (gateway, fake) = both().await;
    fake.says(QUERY, 200, &standing("SUCCESS"));
    *fake.silent.lock().unwrap() = true;
    assert_eq!(gateway.query(&id()).await, Err(Failure::Unsure("unverified")));
    fake.says(QUERY, 404, &json!({ "code": "ORDER_NOT_EXIST" }));
    assert_eq!(gateway.query(&id()).await, Err(Failure::Unsure("unverified")));
    *fake.silent.lock().unwrap() = false;
    assert_eq!(gateway.query(&id()).await.unwrap().result, TradeResult::Absent);
}

#[tokio::test]
async fn money_goes_back() {
    let (gateway, fake) = both().await;
    let refund = GiveBack {
        id: RefundId("r1".to_owned()),
        trade: id(),
        amount: 100,
        total: 8000,
        reason: "x".to_owned(),
        notify_url: "https://city.example/n".to_owned(),
    };
    let said = json!({
        "out_trade_no": "t1", "out_refund_no": "r1", "status": "PROCESSING",
        "amount": { "refund": 100, "total": 8000 },
    });
    fake.says("POST /v3/refund/domestic/refunds", 200, &said);
    assert_eq!(gateway.refund(&refund).await, Ok(RefundReport::Processing));
    fake.says("GET /v3/refund/domestic/refunds/r1", 404, &json!({ "code": "RESOURCE_NOT_EXISTS" }));
    assert_eq!(gateway.query_refund(&refund).await, Ok(None));
}

#[tokio::test]
async fn a_statement_is_fetched_from_there_only() {
    let (gateway, fake) = both().await;
    let day = Date::new(2026, 11, 22).unwrap();
    let asked = "GET /v3/bill/tradebill?bill_date=2026-11-22&bill_type=ALL";
    fake.says(asked, 400, &json!({ "code": "NO_STATEMENT_EXIST" }));
    assert_eq!(gateway.statement(day).await, Ok(vec![]));
    // JSON of a text is the text in quotes, which is as good a file as any other.
    let file = json!("not a statement");
    fake.says("GET /v3/billdownload/file?token=x", 200, &file);
    let own = gateway.api.base.join("/sim/v3/billdownload/file?token=x").unwrap();
    let hash = |text: &str| hex::encode(<sha1::Sha1 as sha1::Digest>::digest(text));
    for (address, hash, failure) in [
        ("https://elsewhere.example/file", hash("x"), "elsewhere"),
        (own.as_str(), hash("x"), "another file"),
        (own.as_str(), hash(&file.to_string()), "malformed"),
    ] {
        let place = json!({ "hash_type": "SHA1", "hash_value": hash, "download_url": address });
        fake.says(asked, 200, &place);
        assert_eq!(gateway.statement(day).await, Err(Failure::Unsure(failure)));
    }
}

#[tokio::test]
async fn a_notification_is_verified_before_it_is_opened() {
    let (gateway, _fake) = both().await;
    let resource = api_key().seal("transaction", standing("SUCCESS").to_string().as_bytes());
    let body = json!({ "id": "n1", "event_type": "TRANSACTION.SUCCESS", "resource": resource }).to_string();
    let (body, now) = (body.as_bytes(), Timestamp::now().as_second());
    let taken = gateway.notice(&sign::headers(now, body), body).await.unwrap();
    assert!(matches!(taken.says, super::super::Said::Trade(trade, _) if trade == id()));
    let mut strange = sign::headers(now, body);
    strange.insert("wechatpay-serial", "AB".parse().unwrap());
    for (headers, why) in [
        (HeaderMap::new(), Rejected::Signature),
        (sign::headers(now - 400, body), Rejected::Time),
        (sign::headers(now + 400, body), Rejected::Time),
        (sign::headers(now, b"{}"), Rejected::Signature),
        (strange, Rejected::Signature),
    ] {
        assert_eq!(gateway.notice(&headers, body).await, Err(why));
    }
    assert_eq!(gateway.notice(&sign::headers(now, b"{}"), b"{}").await, Err(Rejected::Malformed));

    let (gateway, fake) = both().await;
    fake.says("GET /v3/certificates", 500, &Value::Null);
    assert_eq!(gateway.notice(&sign::headers(now, body), body).await, Err(Rejected::Unavailable));
    assert_eq!(gateway.reply(true).status(), StatusCode::NO_CONTENT);
    assert_eq!(gateway.reply(false).status(), StatusCode::INTERNAL_SERVER_ERROR);
}
