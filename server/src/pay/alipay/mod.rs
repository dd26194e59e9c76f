//! Alipay's open API (opendocs.alipay.com), signed with RSA2, in public-key mode: 手机网站支付, 小程序支付 and
//! 扫码支付. What travels and what is made of it is in the modules below; here it is sent.

mod answer;
mod forms;
mod notice;
mod order;
mod sign;
mod statement;
#[cfg(test)]
mod vectors;

use std::path::{Path, PathBuf};

use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use contract::payment::{AttemptId, Channel, Handoff, TradeResult};
use engine::date::Date;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use self::notice::Recipient;
use self::sign::Call;
use super::keys::{SigningKey, VerifyingKey};
use super::wire::Wire;
use super::{Failure, GiveBack, Notice, PaymentGateway, RefundReport, Rejected, Report, StatementLine, Trade};

/// How Alipay says that it knows no such trade.
const ABSENT: &str = "ACQ.TRADE_NOT_EXIST";

/// How it says that our account there holds too little to give money back.
const BROKE: &str = "ACQ.SELLER_BALANCE_NOT_ENOUGH";

/// What an operator says about Alipay. Paths begin where the file lies.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlipayConfig {
    /// Its gateway: `https://openapi.alipay.com/gateway.do`.
    pub gateway: String,
    /// The application (`app_id`).
    pub app: String,
    /// The account money goes to (`seller_id`, 2088…).
    pub seller: String,
    /// File of the application's private key (PEM).
    pub key: PathBuf,
    /// File of Alipay's public key for this application: PEM, or as the console shows it.
    pub public_key: PathBuf,
}

/// Alipay.
pub struct Alipay {
    gateway: String,
    app: String,
    seller: String,
    key: SigningKey,
    theirs: VerifyingKey,
    wire: Wire,
}

impl Alipay {
    /// Reads the keys.
    ///
    /// # Errors
    /// Which file cannot be used.
    pub fn new(config: &AlipayConfig, folder: &Path, wire: Wire) -> Result<Self, String> {
        let path = folder.join(&config.public_key);
        let text = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        let theirs = sign::public_key(&text).ok_or_else(|| format!("{}: not a public RSA key", path.display()))?;
        Ok(Self {
            gateway: config.gateway.clone(),
            app: config.app.clone(),
            seller: config.seller.clone(),
            key: SigningKey::read(&folder.join(&config.key))?,
            theirs,
            wire,
        })
    }

    /// Calls the gateway; gives the verified node of a successful answer.
    async fn call(&self, call: Call<'_>) -> Result<String, Failure> {
        let parameters = sign::signed(&self.app, &self.key, &call, Timestamp::now())?;
        let request = self
            .wire
            .client()
            .post(&self.gateway)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded;charset=utf-8")
            .body(sign::form(&parameters))
            .build()
            .map_err(|_| Failure::Unsure("no request"))?;
        let reply = self.wire.send(request).await?;
        answer::verified(&reply.body, call.method, &self.theirs)
    }

    /// Asks something that has neither notifications nor a way back.
    async fn ask(&self, method: &'static str, content: Value) -> Result<String, Failure> {
        self.call(Call { method, content, notify_url: "", return_url: "" }).await
    }

    /// The address of the cashier's page, with everything signed into it. Nothing is sent.
    fn cashier(&self, call: &Call<'_>) -> Result<String, Failure> {
        let parameters = sign::signed(&self.app, &self.key, call, Timestamp::now())?;
        Ok(format!("{}?{}", self.gateway, sign::form(&parameters)))
    }

    async fn open(&self, trade: &Trade) -> Result<Handoff, Failure> {
        let call = order::order(trade, &self.app, Timestamp::now())?;
        match trade.channel {
            Channel::AlipayWap => Ok(Handoff::Address { url: self.cashier(&call)? }),
            Channel::AlipayApp => {
                let trade_no = answer::created(&self.call(call).await?, &trade.id)?;
                Ok(Handoff::TradePay { trade_no })
            }
            _ => {
                let code = answer::precreated(&self.call(call).await?, &trade.id)?;
                crate::qr::handoff(&code).ok_or(Failure::Unsure("no code"))
            }
        }
    }

    async fn give_back(&self, refund: &GiveBack) -> Result<RefundReport, Failure> {
        let content = json!({
            "out_trade_no": refund.trade,
            "out_request_no": refund.id,
            "refund_amount": forms::yuan(refund.amount),
            "refund_reason": refund.reason,
        });
        let node = match self.ask("alipay.trade.refund", content).await {
            Err(Failure::Refused(code)) if code == BROKE => return Ok(RefundReport::Failed),
            outcome => outcome?,
        };
        if answer::moved(&node, &refund.trade)? {
            return Ok(RefundReport::Done);
        }
        // Nothing moved now; it may have before.
        self.find_refund(refund).await?.ok_or(Failure::Unsure("nothing moved"))
    }

    async fn find_refund(&self, refund: &GiveBack) -> Result<Option<RefundReport>, Failure> {
        let content = json!({ "out_trade_no": refund.trade, "out_request_no": refund.id });
        match self.ask("alipay.trade.fastpay.refund.query", content).await {
            Err(Failure::Refused(code)) if code == ABSENT => Ok(None),
            outcome => answer::refund(&outcome?, refund),
        }
    }

    async fn download(&self, day: Date) -> Result<Vec<StatementLine>, Failure> {
        let content = json!({ "bill_type": "trade", "bill_date": day.to_string() });
        let node = match self.ask("alipay.data.dataservice.bill.downloadurl.query", content).await {
            Err(Failure::Refused(code)) if statement::NONE.contains(&code.as_str()) => return Ok(Vec::new()),
            outcome => outcome?,
        };
        let address = statement::address(&answer::statement(&node)?, &self.gateway)?;
        let request = self.wire.client().get(address).build().map_err(|_| Failure::Unsure("no request"))?;
        let reply = self.wire.send(request).await?;
        if reply.status != StatusCode::OK {
            return Err(Failure::Unsure("no statement"));
        }
        let reading = tokio::task::spawn_blocking(move || statement::read(&reply.body));
        reading.await.map_err(|_| Failure::Unsure("no statement"))?
    }
}

impl PaymentGateway for Alipay {
    fn name(&self) -> &'static str {
        "alipay"
    }

    fn channels(&self) -> &'static [Channel] {
        &[Channel::AlipayApp, Channel::AlipayWap, Channel::AlipayQr]
    }

    fn create<'a>(&'a self, trade: &'a Trade) -> BoxFuture<'a, Result<Handoff, Failure>> {
        Box::pin(self.open(trade))
    }

    fn query<'a>(&'a self, trade: &'a AttemptId) -> BoxFuture<'a, Result<Report, Failure>> {
        Box::pin(async move {
            match self.ask("alipay.trade.query", json!({ "out_trade_no": trade })).await {
                Err(Failure::Refused(code)) if code == ABSENT => {
                    Ok(Report { result: TradeResult::Absent, amount: None, number: None })
                }
                outcome => answer::report(&outcome?, trade),
            }
        })
    }

    fn close<'a>(&'a self, trade: &'a AttemptId) -> BoxFuture<'a, Result<(), Failure>> {
        Box::pin(async move {
            match self.ask("alipay.trade.close", json!({ "out_trade_no": trade })).await {
                Err(Failure::Refused(code)) if code == ABSENT => Ok(()),
                outcome => outcome.map(|_| ()),
            }
        })
    }

    fn refund<'a>(&'a self, refund: &'a GiveBack) -> BoxFuture<'a, Result<RefundReport, Failure>> {
        Box::pin(self.give_back(refund))
    }

    fn query_refund<'a>(&'a self, refund: &'a GiveBack) -> BoxFuture<'a, Result<Option<RefundReport>, Failure>> {
        Box::pin(self.find_refund(refund))
    }

    fn statement<'a>(&'a self, day: Date) -> BoxFuture<'a, Result<Vec<StatementLine>, Failure>> {
        Box::pin(self.download(day))
    }

    fn notice<'a>(&'a self, _headers: &'a HeaderMap, body: &'a [u8]) -> BoxFuture<'a, Result<Notice, Rejected>> {
        Box::pin(async move {
            let recipient = Recipient { app: &self.app, seller: &self.seller };
            notice::read(body, &self.theirs, &recipient, Timestamp::now())
        })
    }

    /// Alipay repeats what it heard anything but `success` of.
    fn reply(&self, taken: bool) -> Response {
        if taken {
            (StatusCode::OK, "success").into_response()
        } else {
            (StatusCode::INTERNAL_SERVER_ERROR, "fail").into_response()
        }
    }
}
