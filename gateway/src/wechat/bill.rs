//! The daily statement, in the layout WeChat Pay documents for all trades.

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Json, Response};
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::{Value, json};
use sha1::{Digest, Sha1};

use super::{APP, MERCHANT, Refused, orders, payer};
use crate::book::Line;
use crate::clock;
use crate::gateway::Shared;
use crate::money::yuan;
use crate::trade::Protocol;

/// Where a statement is fetched.
pub(super) const FILE: &str = "/v3/billdownload/file";

const COLUMNS: &str = "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,\
交易状态,付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,\
退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注";

const SUMMARY: &str = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额";

#[derive(Deserialize)]
pub(super) struct Which {
    bill_date: String,
    bill_type: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Token {
    token: String,
}

/// `GET /v3/bill/tradebill`
pub(super) async fn ask(
    State(gateway): State<Shared>,
    which: Result<Query<Which>, QueryRejection>,
) -> Result<Json<Value>, Refused> {
    let Ok(Query(which)) = which else {
        return Err(Refused::parameter("bill_date is missing"));
    };
    let day = clock::read_day(&which.bill_date).ok_or_else(|| Refused::parameter("bill_date is no day"))?;
    if which.bill_type.as_deref().is_some_and(|kind| kind != "ALL") {
        return Err(Refused::parameter("only bill_type ALL is simulated"));
    }
    let bytes = statement(&gateway.book.lines(Protocol::Wechat, day)).map(String::into_bytes);
    let bytes = bytes.ok_or_else(|| none(day))?;
    let hash = hex::encode(Sha1::digest(&bytes));
    let token = gateway.statements.keep(bytes);
    let url = format!("{}{FILE}?token={token}", gateway.base);
    Ok(Json(json!({ "hash_type": "SHA1", "hash_value": hash, "download_url": url })))
}

/// `GET /v3/billdownload/file`
pub(super) async fn file(
    State(gateway): State<Shared>,
    token: Result<Query<Token>, QueryRejection>,
) -> Result<Response, Refused> {
    let bytes = token.ok().and_then(|Query(Token { token })| gateway.statements.fetch(&token));
    let bytes = bytes.ok_or_else(|| Refused::parameter("the token is unknown"))?;
    Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], bytes).into_response())
}

fn none(day: Date) -> Refused {
    Refused::new(StatusCode::BAD_REQUEST, "NO_STATEMENT_EXIST", format!("账单文件不存在: {day}"))
}

/// The statement of a day; `None` where nothing happened.
fn statement(lines: &[Line]) -> Option<String> {
    if lines.is_empty() {
        return None;
    }
    // Marked as UTF-8, as the real one.
    let mut text = format!("\u{feff}{COLUMNS}\r\n");
    for line in lines {
        text.push_str(&row(line));
    }
    text.push_str(SUMMARY);
    text.push_str("\r\n");
    text.push_str(&totals(lines));
    Some(text)
}

fn row(line: &Line) -> String {
    let (trade, refund) = (&line.trade, line.refund.as_ref());
    let charged = yuan(if refund.is_some() { 0 } else { trade.charged });
    let back = yuan(refund.map_or(0, |refund| refund.order.amount));
    let (refund_number, refund_id) =
        refund.map_or(("0", "0"), |refund| (refund.number.as_str(), refund.order.id.as_str()));
    let at = clock::plain(line.at);
    marked(&[
        &at,
        APP,
        MERCHANT,
        "0",
        "",
        &trade.number,
        &trade.order.id,
        payer(trade),
        orders::kind(trade),
        if refund.is_some() { "REFUND" } else { "SUCCESS" },
        "OTHERS",
        "CNY",
        &charged,
        "0.00",
        refund_number,
        refund_id,
        &back,
        "0.00",
        if refund.is_some() { "ORIGINAL" } else { "" },
        if refund.is_some() { "SUCCESS" } else { "" },
        &trade.order.subject,
        "",
        "0.00000",
        "0.00%",
        &charged,
        &back,
        "",
    ])
}

fn totals(lines: &[Line]) -> String {
    let charged = |line: &Line| if line.refund.is_some() { 0 } else { line.trade.charged };
    let charged = yuan(lines.iter().map(charged).sum());
    let back = yuan(lines.iter().filter_map(|line| line.refund.as_ref()).map(|refund| refund.order.amount).sum());
    marked(&[&lines.len().to_string(), &charged, &back, "0.00", "0.00000", &charged, &back])
}

/// A line of values, each behind the mark that keeps spreadsheets from taking it for a number.
fn marked(values: &[&str]) -> String {
    let values: Vec<String> = values.iter().map(|value| format!("`{}", value.replace(['\r', '\n'], " "))).collect();
    values.join(",") + "\r\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::book::Book;
    use crate::trade::{Channel, Order, RefundOrder};

    #[test]
    fn payments_and_refunds_have_a_line_each() {
        let book = Book::default();
        let order = Order {
            protocol: Protocol::Wechat,
            id: "ORDER-1".to_owned(),
            amount: 12_345,
            subject: "Exam,\nfee".to_owned(),
            channel: Channel::Jsapi,
            payer: Some("o1".to_owned()),
            return_url: None,
            notify_url: None,
            expires_at: None,
        };
        let (trade, _) = book.open(order).unwrap();
        book.pay(&trade, 0).unwrap();
        let back = RefundOrder { id: "R1".to_owned(), amount: 45, reason: String::new(), notify_url: None };
        book.refund(Protocol::Wechat, "ORDER-1", back).unwrap();
        book.settle(Protocol::Wechat, "R1").unwrap();

        let text = statement(&book.lines(Protocol::Wechat, clock::day(clock::now()))).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 5);
        assert_eq!(lines[0].trim_start_matches('\u{feff}').split(',').count(), 27);
        let cells =
            |line: &str| line.split(",`").map(|cell| cell.trim_start_matches('`').to_owned()).collect::<Vec<_>>();
        let (paid, refunded, totals) = (cells(lines[1]), cells(lines[2]), cells(lines[4]));
        assert_eq!((paid.len(), refunded.len()), (27, 27));
        assert_eq!((paid[6].as_str(), paid[9].as_str(), paid[24].as_str()), ("ORDER-1", "SUCCESS", "123.45"));
        assert_eq!(paid[20], "Exam, fee");
        assert_eq!((refunded[9].as_str(), refunded[15].as_str(), refunded[16].as_str()), ("REFUND", "R1", "0.45"));
        assert_eq!(totals, ["2", "123.45", "0.45", "0.00", "0.00000", "123.45", "0.45"]);
        assert_eq!(statement(&[]), None);
    }
}
