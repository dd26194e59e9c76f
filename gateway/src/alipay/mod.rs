//! Alipay's open API, as an app sees it: one address, every method a parameter.

mod notices;
mod refunds;
mod sign;
mod statement;
mod trades;

use std::collections::BTreeMap;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::{Map, Value, json};

use crate::clock;
use crate::gateway::Shared;
use crate::trade::Channel;

pub(crate) use notices::notice;

/// The app.
pub(crate) const APP: &str = "2021000000000001";

/// The merchant behind it.
pub(crate) const SELLER: &str = "2088000000000001";

/// Whoever pays without having told the merchant who they are.
const SOMEBODY: &str = "2088000000009999";

/// What a caller sent.
type Params = BTreeMap<String, String>;

/// A verified call.
struct Call {
    params: Params,
    /// What `biz_content` says.
    content: Value,
}

/// Why a call brought nothing.
#[derive(Debug)]
struct Refused {
    code: &'static str,
    sub_code: &'static str,
    sub_msg: &'static str,
}

impl Refused {
    /// The call itself is wrong.
    const fn call(sub_code: &'static str, sub_msg: &'static str) -> Self {
        Self { code: "40002", sub_code, sub_msg }
    }

    /// The call is right, but cannot be done.
    const fn business(sub_code: &'static str, sub_msg: &'static str) -> Self {
        Self { code: "40004", sub_code, sub_msg }
    }

    const fn parameter() -> Self {
        Self::business("ACQ.INVALID_PARAMETER", "参数无效")
    }

    fn node(&self) -> Value {
        let msg = if self.code == "40004" { "Business Failed" } else { "Invalid Arguments" };
        json!({ "code": self.code, "msg": msg, "sub_code": self.sub_code, "sub_msg": self.sub_msg })
    }
}

impl Call {
    fn param(&self, name: &str) -> Option<&str> {
        self.params.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// A text of `biz_content`; numbers are taken as they are written.
    fn text(&self, name: &str) -> Option<String> {
        match self.content.get(name)? {
            Value::String(text) if !text.is_empty() => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    fn required(&self, name: &str) -> Result<String, Refused> {
        self.text(name).ok_or_else(Refused::parameter)
    }
}

/// Its addresses.
pub(crate) fn routes() -> Router<Shared> {
    Router::new().route("/gateway.do", get(called).post(called)).route(statement::FILE, get(statement::file))
}

/// Every call: parameters come in the address, in a form, or in both.
async fn called(State(gateway): State<Shared>, RawQuery(query): RawQuery, body: Bytes) -> Response {
    let params = read(query.unwrap_or_default().as_bytes(), &body);
    let method = params.get("method").cloned().unwrap_or_default();
    let call = match check(&gateway, params) {
        Ok(call) => call,
        Err(why) => return sign::answer(&gateway, &method, &why.node()),
    };
    let done = match method.as_str() {
        "alipay.trade.wap.pay" | "alipay.trade.page.pay" => match trades::begin(&gateway, &call, &method) {
            Ok(cashier) => return (StatusCode::FOUND, [(header::LOCATION, cashier)]).into_response(),
            Err(why) => Err(why),
        },
        "alipay.trade.create" => trades::create(&gateway, &call, Channel::Mini),
        "alipay.trade.precreate" => trades::create(&gateway, &call, Channel::Qr),
        "alipay.trade.query" => trades::query(&gateway, &call),
        "alipay.trade.close" => trades::close(&gateway, &call),
        "alipay.trade.refund" => refunds::ask(&gateway, &call),
        "alipay.trade.fastpay.refund.query" => refunds::query(&gateway, &call),
        "alipay.data.dataservice.bill.downloadurl.query" => statement::ask(&gateway, &call),
        _ => Err(Refused::call("isv.invalid-method", "不存在的方法名")),
    };
    sign::answer(&gateway, &method, &done.map_or_else(|why| why.node(), success))
}

/// Parameters by name; the first of a name counts.
fn read(query: &[u8], body: &[u8]) -> Params {
    let mut params = Params::new();
    for (name, value) in form_urlencoded::parse(query).chain(form_urlencoded::parse(body)) {
        params.entry(name.into_owned()).or_insert_with(|| value.into_owned());
    }
    params
}

/// Checks what every call has to bring.
fn check(gateway: &Shared, params: Params) -> Result<Call, Refused> {
    let is = |name: &str, value: &str| params.get(name).is_some_and(|given| given.eq_ignore_ascii_case(value));
    let checks = [
        (is("app_id", APP), Refused::call("isv.invalid-app-id", "无效的AppID参数")),
        (is("sign_type", "RSA2"), Refused::call("isv.invalid-signature-type", "无效的签名类型")),
        (is("charset", "utf-8"), Refused::call("isv.invalid-charset", "无效的字符集")),
        (is("version", "1.0"), Refused::call("isv.invalid-version", "无效的版本号")),
        (is("format", "JSON") || !params.contains_key("format"), Refused::call("isv.invalid-format", "无效的数据格式")),
        (
            params.get("timestamp").is_some_and(|at| clock::read_plain(at).is_some()),
            Refused::call("isv.invalid-timestamp", "非法的时间戳参数"),
        ),
        (sign::verifies(&gateway.keys, &params), Refused::call("isv.invalid-signature", "验签出错，请检查签名")),
    ];
    if let Some((_, why)) = checks.into_iter().find(|(fits, _)| !fits) {
        return Err(why);
    }
    let content = params.get("biz_content").map_or("{}", String::as_str);
    let content = serde_json::from_str(content).map_err(|_| Refused::parameter())?;
    Ok(Call { params, content })
}

/// What every success begins with.
fn success(said: Map<String, Value>) -> Value {
    let mut node = json!({ "code": "10000", "msg": "Success" });
    for (name, value) in said {
        node[name] = value;
    }
    node
}
