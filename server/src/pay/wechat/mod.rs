//! WeChat Pay (微信支付), API v3: JSAPI, H5 and Native, for a merchant of its own (直连商户).
//!
//! Written against the public manual at pay.weixin.qq.com/doc/v3/merchant; each file names its pages.

mod answer;
mod call;
mod certificates;
mod notice;
mod order;
mod refund;
mod seal;
mod sign;
mod statement;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod vectors;

use std::path::{Path, PathBuf};

use axum::Json;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use contract::payment::{AttemptId, Channel, Handoff, TradeResult};
use engine::date::Date;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use reqwest::Url;
use serde::Deserialize;
use serde_json::json;

use self::call::Api;
use self::certificates::{Certificates, Pinned};
use self::seal::ApiKey;
use self::sign::Signer;
use self::statement::Place;
use super::keys::SigningKey;
use super::wire::Wire;
use super::{Failure, GiveBack, Notice, PaymentGateway, RefundReport, Rejected, Report, StatementLine, Trade};

const REFUNDS: &str = "/v3/refund/domestic/refunds";

/// What an operator says of WeChat Pay. Secrets are in files of their own, never in here.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WechatConfig {
    /// Where it is: `https://api.mch.weixin.qq.com`.
    pub base: String,
    /// `appid` of the application people pay in, bound to the merchant.
    pub app: String,
    /// `mchid` (商户号).
    pub merchant: String,
    /// The number of the merchant's certificate (商户API证书序列号).
    pub serial: String,
    /// The file of the merchant's private key (`apiclient_key.pem`).
    pub key: PathBuf,
    /// The file of the API v3 key (APIv3密钥), 32 characters.
    pub api_key: PathBuf,
    /// The file of WeChat Pay's certificate, or of its public key (微信支付公钥), where the operator
    /// pins one. Merchants who were given a public key have to, since there is no certificate to
    /// fetch for them; others may, and then only what this one signs may bring another.
    #[serde(default)]
    pub platform: Option<PathBuf>,
}

/// Who we are there. What names somebody else is not ours.
struct Shop {
    app: String,
    merchant: String,
}

/// The gateway.
pub struct Wechat {
    shop: Shop,
    api: Api,
}

impl Wechat {
    /// Reads the keys. Paths are meant from `folder`. Nothing is sent yet.
    ///
    /// # Errors
    /// What is wrong with which file; never what it holds.
    pub fn new(config: &WechatConfig, folder: &Path, wire: Wire) -> Result<Self, String> {
        let base = Url::parse(&config.base).ok().filter(|url| url.has_host() && url.query().is_none());
        let base = base.ok_or_else(|| format!("wechat: `{}` is no address", config.base))?;
        let key = SigningKey::read(&folder.join(&config.key))?;
        let signer = Signer { merchant: config.merchant.clone(), serial: config.serial.clone(), key };
        let key = ApiKey::read(&folder.join(&config.api_key))?;
        let pinned = config.platform.as_ref().map(|path| Pinned::read(&folder.join(path))).transpose()?;
        let certificates = Certificates::new(pinned);
        let shop = Shop { app: config.app.clone(), merchant: config.merchant.clone() };
        Ok(Self { shop, api: Api { base, signer, key, certificates, wire } })
    }

    async fn ask(&self, trade: &AttemptId) -> Result<Report, Failure> {
        let merchant = order::part(&self.shop.merchant);
        let path = format!("{}?mchid={merchant}", trade_path(trade));
        answer::trade(&self.shop, trade, &self.api.get(&path).await?)
    }

    /// What it means that a trade was not taken.
    ///
    /// The same trade told twice is taken twice, and told with anything changed it is refused: as
    /// `OUT_TRADE_NO_USED`, but also as `INVALID_REQUEST` or `PARAM_ERROR`. So a refusal says
    /// nothing of an earlier call whose answer was lost; as long as somebody may pay or has paid
    /// under this number, nothing is sure.
    async fn not_taken(&self, trade: &AttemptId, code: String) -> Failure {
        match self.ask(trade).await {
            Ok(report) if matches!(report.result, TradeResult::Pending | TradeResult::Paid) => {
                Failure::Unsure("number in use")
            }
            Err(unsure @ Failure::Unsure(_)) => unsure,
            _ => Failure::Refused(code),
        }
    }
}

/// The address of a trade.
fn trade_path(trade: &AttemptId) -> String {
    format!("/v3/pay/transactions/out-trade-no/{}", order::part(trade.as_str()))
}

impl PaymentGateway for Wechat {
    fn name(&self) -> &'static str {
        "wechat"
    }

    fn channels(&self) -> &'static [Channel] {
        &[Channel::WechatJsapi, Channel::WechatH5, Channel::WechatQr]
    }

    fn create<'a>(&'a self, trade: &'a Trade) -> BoxFuture<'a, Result<Handoff, Failure>> {
        Box::pin(async move {
            let path = order::path(trade.channel).ok_or_else(|| Failure::Refused("NO_SUCH_CHANNEL".to_owned()))?;
            let answer = self.api.post(path, &order::told(&self.shop, trade)?).await?;
            match answer::said_yes(&answer) {
                Ok(()) => {
                    let now = Timestamp::now().as_second();
                    order::handoff(&self.shop, &self.api.signer, trade, &answer.body, now)
                }
                Err(Failure::Refused(code)) => Err(self.not_taken(&trade.id, code).await),
                Err(unsure) => Err(unsure),
            }
        })
    }

    fn query<'a>(&'a self, trade: &'a AttemptId) -> BoxFuture<'a, Result<Report, Failure>> {
        Box::pin(self.ask(trade))
    }

    fn close<'a>(&'a self, trade: &'a AttemptId) -> BoxFuture<'a, Result<(), Failure>> {
        Box::pin(async move {
            let body = json!({ "mchid": self.shop.merchant });
            answer::closed(&self.api.post(&format!("{}/close", trade_path(trade)), &body).await?)
        })
    }

    fn refund<'a>(&'a self, refund: &'a GiveBack) -> BoxFuture<'a, Result<RefundReport, Failure>> {
        Box::pin(async move { refund::report(refund, &self.api.post(REFUNDS, &refund::told(refund)).await?) })
    }

    fn query_refund<'a>(&'a self, refund: &'a GiveBack) -> BoxFuture<'a, Result<Option<RefundReport>, Failure>> {
        Box::pin(async move {
            let path = format!("{REFUNDS}/{}", order::part(refund.id.as_str()));
            refund::report_if_any(refund, &self.api.get(&path).await?)
        })
    }

    fn statement<'a>(&'a self, day: Date) -> BoxFuture<'a, Result<Vec<StatementLine>, Failure>> {
        Box::pin(async move {
            let answer = self.api.get(&format!("/v3/bill/tradebill?bill_date={day}&bill_type=ALL")).await?;
            let place: Place = match answer::read(&answer) {
                // A day on which nothing was charged or given back has none.
                Err(failure) if answer::refused_as(&failure, &["NO_STATEMENT_EXIST"]) => return Ok(Vec::new()),
                place => place?,
            };
            let bytes = self.api.download(&place.download_url).await?;
            if place.holds(&bytes) { statement::read(&bytes) } else { Err(Failure::Unsure("another file")) }
        })
    }

    fn notice<'a>(&'a self, headers: &'a HeaderMap, body: &'a [u8]) -> BoxFuture<'a, Result<Notice, Rejected>> {
        Box::pin(async move {
            self.api.verify(headers, body).await?;
            notice::read(&self.shop, &self.api.key, body)
        })
    }

    fn reply(&self, taken: bool) -> Response {
        if taken {
            return StatusCode::NO_CONTENT.into_response();
        }
        // Anything but 200 and 204 makes it come again, up to a day long.
        (StatusCode::INTERNAL_SERVER_ERROR, Json(json!({ "code": "FAIL", "message": "again" }))).into_response()
    }
}
