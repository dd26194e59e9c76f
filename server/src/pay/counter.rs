//! The simulated counter: a gateway for rehearsals that speaks a protocol of its own, for UnionPay's page and
//! pay codes (缴款码). Both sides sign with one secret, HMAC-SHA256: requests over time, method, path and body,
//! answers and notifications over time and body.

use std::path::{Path, PathBuf};

use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use contract::Fen;
use contract::payment::{AttemptId, Channel, Handoff, RefundId, TradeResult};
use engine::date::Date;
use futures_util::future::BoxFuture;
use hmac::{Hmac, Mac};
use jiff::Timestamp;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::{Request, Url};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use sha2::Sha256;

use super::wire::{Reply, Wire};
use super::{
    Failure, GiveBack, Notice, PaymentGateway, RefundReport, Rejected, Report, Said, StatementKind, StatementLine,
    Trade,
};

/// Where a signature stands: `t=<seconds>,v1=<hexadecimal>`.
const SIGNATURE: &str = "counter-signature";

/// How far a signature's time may be off, in seconds.
const FRESH: u64 = 300;

/// What an operator says about the counter. Paths begin where the file lies.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CounterConfig {
    /// What its addresses begin with.
    pub base: String,
    /// File of the secret: 64 hexadecimal digits.
    pub key: PathBuf,
}

/// The counter.
pub struct Counter {
    base: String,
    key: Vec<u8>,
    wire: Wire,
}

impl Counter {
    /// Reads the secret.
    ///
    /// # Errors
    /// That its file cannot be used; never what it holds.
    pub fn new(config: &CounterConfig, folder: &Path, wire: Wire) -> Result<Self, String> {
        let path = folder.join(&config.key);
        let text = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        let key = hex::decode(text.trim()).ok().filter(|key| key.len() == 32);
        let key = key.ok_or_else(|| format!("{}: not 64 hexadecimal digits", path.display()))?;
        Ok(Self { base: config.base.trim_end_matches('/').to_owned(), key, wire })
    }

    /// Sends a signed request; gives the verified answer.
    async fn call(&self, method: Method, path: &str, body: &str) -> Result<Reply, Failure> {
        let request = request(&self.base, &self.key, method, path, body, Timestamp::now());
        let reply = self.wire.send(request.ok_or(Failure::Unsure("no request"))?).await?;
        verify(&self.key, &reply.headers, &reply.body, Timestamp::now()).map_err(|_| Failure::Unsure("unverified"))?;
        Ok(reply)
    }

    async fn open(&self, trade: &Trade) -> Result<Handoff, Failure> {
        let channel = match trade.channel {
            Channel::Unionpay => "unionpay",
            Channel::PayCode => "pay_code",
            _ => return Err(Failure::Refused("CHANNEL_UNKNOWN".to_owned())),
        };
        let body = json!({
            "id": trade.id,
            "amount": trade.amount,
            "subject": trade.subject,
            "channel": channel,
            "return_url": trade.return_url,
            "notify_url": trade.notify_url,
            "expires_at": trade.expires_at.to_string(),
        });
        let reply = self.call(Method::POST, "/trades", &body.to_string()).await?;
        opened(reply.status, &reply.body, trade.channel)
    }

    async fn give_back(&self, refund: &GiveBack) -> Result<RefundReport, Failure> {
        let body = json!({
            "id": refund.id,
            "amount": refund.amount,
            "reason": refund.reason,
            "notify_url": refund.notify_url,
        });
        let path = format!("/trades/{}/refunds", encoded(refund.trade.as_str()));
        let reply = self.call(Method::POST, &path, &body.to_string()).await?;
        refunded(reply.status, &reply.body, &refund.id)
    }

    async fn find_refund(&self, refund: &GiveBack) -> Result<Option<RefundReport>, Failure> {
        let path = format!("/refunds/{}", encoded(refund.id.as_str()));
        let reply = self.call(Method::GET, &path, "").await?;
        if reply.status == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        refunded(reply.status, &reply.body, &refund.id).map(Some)
    }
}

impl PaymentGateway for Counter {
    fn name(&self) -> &'static str {
        "counter"
    }

    fn channels(&self) -> &'static [Channel] {
        &[Channel::Unionpay, Channel::PayCode]
    }

    fn create<'a>(&'a self, trade: &'a Trade) -> BoxFuture<'a, Result<Handoff, Failure>> {
        Box::pin(self.open(trade))
    }

    fn query<'a>(&'a self, trade: &'a AttemptId) -> BoxFuture<'a, Result<Report, Failure>> {
        Box::pin(async move {
            let path = format!("/trades/{}", encoded(trade.as_str()));
            let reply = self.call(Method::GET, &path, "").await?;
            report(reply.status, &reply.body, trade)
        })
    }

    fn close<'a>(&'a self, trade: &'a AttemptId) -> BoxFuture<'a, Result<(), Failure>> {
        Box::pin(async move {
            let path = format!("/trades/{}/close", encoded(trade.as_str()));
            let reply = self.call(Method::POST, &path, "{}").await?;
            closed(reply.status, &reply.body)
        })
    }

    fn refund<'a>(&'a self, refund: &'a GiveBack) -> BoxFuture<'a, Result<RefundReport, Failure>> {
        Box::pin(self.give_back(refund))
    }

    fn query_refund<'a>(&'a self, refund: &'a GiveBack) -> BoxFuture<'a, Result<Option<RefundReport>, Failure>> {
        Box::pin(self.find_refund(refund))
    }

    fn statement<'a>(&'a self, day: Date) -> BoxFuture<'a, Result<Vec<StatementLine>, Failure>> {
        Box::pin(async move {
            let reply = self.call(Method::GET, &format!("/statements/{day}"), "").await?;
            lines(reply.status, &reply.body)
        })
    }

    fn notice<'a>(&'a self, headers: &'a HeaderMap, body: &'a [u8]) -> BoxFuture<'a, Result<Notice, Rejected>> {
        Box::pin(async move {
            verify(&self.key, headers, body, Timestamp::now())?;
            told(body)
        })
    }

    fn reply(&self, taken: bool) -> Response {
        let status = if taken { StatusCode::NO_CONTENT } else { StatusCode::INTERNAL_SERVER_ERROR };
        status.into_response()
    }
}

fn encoded(id: &str) -> String {
    utf8_percent_encode(id, NON_ALPHANUMERIC).to_string()
}

/// The signature's text is its pieces with a point between each two, time first.
fn mac(key: &[u8], time: &str, pieces: &[&[u8]]) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    mac.update(time.as_bytes());
    for piece in pieces {
        mac.update(b".");
        mac.update(piece);
    }
    Some(mac)
}

fn signature(key: &[u8], now: Timestamp, pieces: &[&[u8]]) -> Option<String> {
    let time = now.as_second().to_string();
    let mac = mac(key, &time, pieces)?;
    Some(format!("t={time},v1={}", hex::encode(mac.finalize().into_bytes())))
}

/// Whether an answer or a notification comes from the counter, and now.
fn verify(key: &[u8], headers: &HeaderMap, body: &[u8], now: Timestamp) -> Result<(), Rejected> {
    let signature = headers.get(SIGNATURE).and_then(|value| value.to_str().ok()).ok_or(Rejected::Signature)?;
    let parts = signature.strip_prefix("t=").and_then(|rest| rest.split_once(",v1="));
    let (time, code) = parts.ok_or(Rejected::Signature)?;
    let seconds: i64 = time.parse().map_err(|_| Rejected::Signature)?;
    let code = hex::decode(code).map_err(|_| Rejected::Signature)?;
    let mac = mac(key, time, &[body]).ok_or(Rejected::Signature)?;
    mac.verify_slice(&code).map_err(|_| Rejected::Signature)?;
    if now.as_second().abs_diff(seconds) > FRESH { Err(Rejected::Time) } else { Ok(()) }
}

fn request(base: &str, key: &[u8], method: Method, path: &str, body: &str, now: Timestamp) -> Option<Request> {
    let url = Url::parse(&format!("{base}{path}")).ok()?;
    let target = url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()));
    let signature = signature(key, now, &[method.as_str().as_bytes(), target.as_bytes(), body.as_bytes()])?;
    let mut request = Request::new(method, url);
    request.headers_mut().insert(SIGNATURE, HeaderValue::from_str(&signature).ok()?);
    request.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    *request.body_mut() = (!body.is_empty()).then(|| body.to_owned().into());
    Some(request)
}

/// A trade, as the counter tells of it.
#[derive(Deserialize)]
struct TradeSaid {
    id: AttemptId,
    result: TradeResult,
    amount: Fen,
    number: Option<String>,
}

impl TradeSaid {
    fn report(self) -> Report {
        let amount = (self.result == TradeResult::Paid).then_some(self.amount);
        Report { result: self.result, amount, number: self.number }
    }
}

/// A refund, as the counter tells of it.
#[derive(Deserialize)]
struct RefundSaid {
    id: RefundId,
    state: RefundState,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum RefundState {
    Processing,
    Done,
}

impl From<RefundState> for RefundReport {
    fn from(state: RefundState) -> Self {
        match state {
            RefundState::Processing => Self::Processing,
            RefundState::Done => Self::Done,
        }
    }
}

fn opened(status: StatusCode, body: &[u8], channel: Channel) -> Result<Handoff, Failure> {
    #[derive(Deserialize)]
    struct Opened {
        url: String,
        code: Option<String>,
    }
    let Opened { url, code } = accepted(status, body)?;
    if channel != Channel::PayCode {
        return Ok(Handoff::Address { url });
    }
    let fits = |code: &String| (16..=20).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_digit());
    let code = code.filter(fits).ok_or(Failure::Unsure("no pay code"))?;
    Ok(Handoff::PayCode { code, url: Some(url) })
}

fn report(status: StatusCode, body: &[u8], trade: &AttemptId) -> Result<Report, Failure> {
    if status == StatusCode::NOT_FOUND {
        return Ok(Report { result: TradeResult::Absent, amount: None, number: None });
    }
    let said: TradeSaid = accepted(status, body)?;
    if said.id == *trade { Ok(said.report()) } else { Err(Failure::Unsure("another trade")) }
}

fn closed(status: StatusCode, body: &[u8]) -> Result<(), Failure> {
    let done = status.is_success() || status == StatusCode::NOT_FOUND;
    if done { Ok(()) } else { Err(refusal(status, body)) }
}

fn refunded(status: StatusCode, body: &[u8], refund: &RefundId) -> Result<RefundReport, Failure> {
    let said: RefundSaid = accepted(status, body)?;
    if said.id == *refund { Ok(said.state.into()) } else { Err(Failure::Unsure("another refund")) }
}

fn lines(status: StatusCode, body: &[u8]) -> Result<Vec<StatementLine>, Failure> {
    #[derive(Deserialize)]
    struct Statement {
        lines: Vec<Line>,
    }
    #[derive(Deserialize)]
    struct Line {
        trade: AttemptId,
        refund: Option<RefundId>,
        amount: Fen,
    }
    let statement: Statement = accepted(status, body)?;
    let line = |line: Line| {
        let what = line.refund.map_or(StatementKind::Charged, StatementKind::GivenBack);
        StatementLine { trade: line.trade, what, amount: line.amount }
    };
    Ok(statement.lines.into_iter().map(line).collect())
}

/// What a verified notification says.
fn told(body: &[u8]) -> Result<Notice, Rejected> {
    #[derive(Deserialize)]
    struct Told {
        id: String,
        trade: Option<TradeSaid>,
        refund: Option<RefundTold>,
    }
    #[derive(Deserialize)]
    struct RefundTold {
        trade: AttemptId,
        #[serde(flatten)]
        refund: RefundSaid,
    }
    let told: Told = serde_json::from_slice(body).map_err(|_| Rejected::Malformed)?;
    let says = match (told.trade, told.refund) {
        (Some(trade), None) => Said::Trade(trade.id.clone(), trade.report()),
        (None, Some(told)) => Said::Refund(told.trade, told.refund.id, told.refund.state.into()),
        (None, None) => Said::Nothing,
        (Some(_), Some(_)) => return Err(Rejected::Malformed),
    };
    Ok(Notice { id: told.id, says })
}

/// A verified answer that says yes.
fn accepted<T: DeserializeOwned>(status: StatusCode, body: &[u8]) -> Result<T, Failure> {
    if !status.is_success() {
        return Err(refusal(status, body));
    }
    serde_json::from_slice(body).map_err(|_| Failure::Unsure("unreadable"))
}

/// What a verified answer that says no means: a client's error is for good.
fn refusal(status: StatusCode, body: &[u8]) -> Failure {
    #[derive(Deserialize)]
    struct Problem {
        code: String,
    }
    if !status.is_client_error() {
        return Failure::Unsure("not now");
    }
    let problem = serde_json::from_slice::<Problem>(body).ok();
    Failure::Refused(problem.map_or_else(|| status.as_str().to_owned(), |problem| problem.code))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: [u8; 32] = *b"a secret only for rehearsals, 32";

    fn now() -> Timestamp {
        Timestamp::from_second(1_795_312_800).unwrap()
    }

    fn headers(signature: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(SIGNATURE, HeaderValue::from_str(signature).unwrap());
        headers
    }

    fn refused<T>(code: &str) -> Result<T, Failure> {
        Err(Failure::Refused(code.to_owned()))
    }

    #[test]
    fn requests_are_signed_with_their_method_path_and_body() {
        let sent = request("http://counter.example/v1", &KEY, Method::POST, "/trades?x=1", r#"{"id":"a1"}"#, now());
        let sent = sent.unwrap();
        assert_eq!(sent.url().as_str(), "http://counter.example/v1/trades?x=1");
        // openssl dgst -sha256 -mac HMAC, over `1795312800.POST./v1/trades?x=1.{"id":"a1"}`.
        let expected = "t=1795312800,v1=d47f2f727d74315338a7d6d1669a813416032e82c7d46f77710deeee2deb306a";
        assert_eq!(sent.headers()[SIGNATURE], expected);
        assert_eq!(sent.body().and_then(|body| body.as_bytes()), Some(&br#"{"id":"a1"}"#[..]));
        let asked = request("http://counter.example", &KEY, Method::GET, "/trades/a1", "", now()).unwrap();
        assert!(asked.body().is_none());
        assert!(request("nowhere", &KEY, Method::GET, "/", "", now()).is_none());
    }

    #[test]
    fn only_fresh_signed_bodies_count() {
        let body = br#"{"id":"n1"}"#;
        // openssl dgst -sha256 -mac HMAC, over `1795312800.{"id":"n1"}`.
        let good = "t=1795312800,v1=4ce0f08bb26b0306befed63477ab08d2f8af6b661c084922f3e259e4b2e4a731";
        assert_eq!(signature(&KEY, now(), &[body]).as_deref(), Some(good));
        let checked = |signature: &str, body: &[u8], later: i64| {
            let now = Timestamp::from_second(now().as_second() + later).unwrap();
            verify(&KEY, &headers(signature), body, now)
        };
        for later in [0, 300, -300] {
            assert_eq!(checked(good, body, later), Ok(()));
        }
        for later in [301, -301, 86_400] {
            assert_eq!(checked(good, body, later), Err(Rejected::Time));
        }
        assert_eq!(checked(good, br#"{"id":"n2"}"#, 0), Err(Rejected::Signature));
        assert_eq!(verify(&[0; 32], &headers(good), body, now()), Err(Rejected::Signature));
        assert_eq!(verify(&KEY, &HeaderMap::new(), body, now()), Err(Rejected::Signature));
        let moved = good.replace("1795312800", "1795312801");
        for bad in ["", "t=1795312800", "t=x,v1=00", "t=1795312800,v1=", "t=1795312800,v1=zz", &moved, &good[..40]] {
            assert_eq!(checked(bad, body, 0), Err(Rejected::Signature), "{bad}");
        }
    }

    #[test]
    fn cashiers_and_pay_codes_are_handed_on() {
        let open = |body: &str, channel| opened(StatusCode::CREATED, body.as_bytes(), channel);
        let url = "https://counter.example/a1".to_owned();
        let page = r#"{"url":"https://counter.example/a1"}"#;
        assert_eq!(open(page, Channel::Unionpay), Ok(Handoff::Address { url: url.clone() }));
        let coded = |code: &str| open(&format!(r#"{{"url":"{url}","code":"{code}"}}"#), Channel::PayCode);
        let code = "1234567890123456".to_owned();
        assert_eq!(coded(&code), Ok(Handoff::PayCode { code, url: Some(url.clone()) }));
        for bad in ["123456789012345", "123456789012345678901", "12345678901234５6", "123456789012345x"] {
            assert_eq!(coded(bad), Err(Failure::Unsure("no pay code")), "{bad}");
        }
        assert_eq!(open(page, Channel::PayCode), Err(Failure::Unsure("no pay code")));
        let no = opened(StatusCode::CONFLICT, br#"{"code":"AMOUNT"}"#, Channel::Unionpay);
        assert_eq!(no, refused("AMOUNT"));
    }

    #[test]
    fn trades_stand_as_the_counter_says() {
        let trade = AttemptId("a1".to_owned());
        let asked = |status, result: &str| {
            let body = format!(r#"{{"id":"a1","result":"{result}","amount":10000,"number":"c1"}}"#);
            report(status, body.as_bytes(), &trade)
        };
        let said = |result, amount| -> Result<Report, Failure> {
            Ok(Report { result, amount, number: Some("c1".to_owned()) })
        };
        assert_eq!(asked(StatusCode::OK, "pending"), said(TradeResult::Pending, None));
        assert_eq!(asked(StatusCode::OK, "paid"), said(TradeResult::Paid, Some(10_000)));
        assert_eq!(asked(StatusCode::OK, "closed"), said(TradeResult::Closed, None));
        assert_eq!(asked(StatusCode::OK, "stolen"), Err(Failure::Unsure("unreadable")));
        let absent = Report { result: TradeResult::Absent, amount: None, number: None };
        assert_eq!(report(StatusCode::NOT_FOUND, b"", &trade), Ok(absent));
        let other = br#"{"id":"a2","result":"paid","amount":1}"#;
        assert_eq!(report(StatusCode::OK, other, &trade), Err(Failure::Unsure("another trade")));
        assert_eq!(report(StatusCode::FOUND, b"", &trade), Err(Failure::Unsure("not now")));
        assert_eq!(closed(StatusCode::OK, b"{}"), Ok(()));
        assert_eq!(closed(StatusCode::NOT_FOUND, b""), Ok(()));
        assert_eq!(closed(StatusCode::CONFLICT, b""), refused("409"));
    }

    #[test]
    fn refunds_and_statements_are_read() {
        let refund = RefundId("r1".to_owned());
        let asked = |body: &str| refunded(StatusCode::OK, body.as_bytes(), &refund);
        assert_eq!(asked(r#"{"id":"r1","state":"done"}"#), Ok(RefundReport::Done));
        assert_eq!(asked(r#"{"id":"r1","state":"processing"}"#), Ok(RefundReport::Processing));
        assert_eq!(asked(r#"{"id":"r2","state":"done"}"#), Err(Failure::Unsure("another refund")));
        assert_eq!(refunded(StatusCode::CONFLICT, br#"{"code":"TOO_MUCH"}"#, &refund), refused("TOO_MUCH"));
        let body = br#"{"lines":[{"trade":"a1","amount":10000},{"trade":"a1","refund":"r1","amount":1}]}"#;
        let line = |what, amount| StatementLine { trade: AttemptId("a1".to_owned()), what, amount };
        let expected = vec![line(StatementKind::Charged, 10_000), line(StatementKind::GivenBack(refund.clone()), 1)];
        assert_eq!(lines(StatusCode::OK, body), Ok(expected));
        let float = br#"{"lines":[{"trade":"a1","amount":1.5}]}"#;
        assert_eq!(lines(StatusCode::OK, float), Err(Failure::Unsure("unreadable")));
    }

    #[test]
    fn notifications_are_about_a_trade_or_a_refund() {
        let trade = r#""trade":{"id":"a1","result":"paid","amount":10000,"number":"c1"}"#;
        let refund = r#""refund":{"id":"r1","trade":"a1","state":"done","amount":10000}"#;
        let heard = |body: &str| told(format!(r#"{{"id":"n1",{body}}}"#).as_bytes()).map(|notice| notice.says);
        let number = Some("c1".to_owned());
        let report = Report { result: TradeResult::Paid, amount: Some(10_000), number };
        let id = AttemptId("a1".to_owned());
        assert_eq!(heard(trade), Ok(Said::Trade(id.clone(), report)));
        assert_eq!(heard(refund), Ok(Said::Refund(id, RefundId("r1".to_owned()), RefundReport::Done)));
        assert_eq!(heard(r#""other":1"#), Ok(Said::Nothing));
        assert_eq!(heard(&format!("{trade},{refund}")), Err(Rejected::Malformed));
        for bad in ["", "[]", r#"{"trade":null}"#] {
            assert_eq!(told(bad.as_bytes()), Err(Rejected::Malformed), "{bad}");
        }
    }
}
