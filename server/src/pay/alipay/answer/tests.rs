//! What is made of the gateway's answers.

use super::super::{sign, vectors};
use super::*;
use contract::payment::RefundId;

const QUERY: &str = "alipay.trade.query";

fn answer(name: &str, node: &str) -> String {
    let sign = vectors::signing().sign(node.as_bytes()).unwrap();
    format!(r#"{{"{name}":{node},"sign":"{sign}"}}"#)
}

fn queried(node: &str) -> Result<String, Failure> {
    verified(answer("alipay_trade_query_response", node).as_bytes(), QUERY, &vectors::verifying())
}

fn trade() -> AttemptId {
    AttemptId("a1".to_owned())
}

fn give_back() -> GiveBack {
    GiveBack {
        id: RefundId("r1".to_owned()),
        trade: trade(),
        amount: 1_233,
        total: 10_000,
        reason: String::new(),
        notify_url: String::new(),
    }
}

#[test]
fn a_published_answer_is_verified_and_a_changed_one_is_not() {
    let (method, key) = ("alipay.open.file.upload", sign::public_key(vectors::SANDBOX).unwrap());
    let node = verified(vectors::ANSWER.as_bytes(), method, &key).unwrap();
    assert_eq!(node, r#"{"code":"10000","msg":"Success","file_id":"CAxAToWB1JsAAAAAAAAAAAAADgSLAQBr"}"#);
    let spaced = vectors::ANSWER.replace("\":{", "\" :\n {").replace("},\"sign\"", "} , \"sign\" ");
    assert_eq!(verified(spaced.as_bytes(), method, &key), Ok(node));
    for (what, with) in [("Success", "Succes"), ("F+LDzp", "F+LDzq"), ("\"msg\":", "\"msg\": "), ("sign", "sing")] {
        let changed = vectors::ANSWER.replace(what, with);
        assert_eq!(verified(changed.as_bytes(), method, &key), Err(UNVERIFIED), "{what}");
    }
    assert_eq!(verified(vectors::ANSWER.as_bytes(), method, &vectors::verifying()), Err(UNVERIFIED));
    assert_eq!(verified(vectors::ANSWER.as_bytes(), QUERY, &key), Err(UNVERIFIED));
    for body in ["", "{}", "<html>", r#"{"alipay_open_file_upload_response":{"code":"10000"}}"#] {
        assert_eq!(verified(body.as_bytes(), method, &key), Err(UNVERIFIED), "{body}");
    }
}

#[test]
fn slashes_may_be_escaped_after_signing() {
    let sent = r#"{"code":"10000","qr_code":"https:\/\/qr.alipay.com\/x","out_trade_no":"a1"}"#;
    let name = "alipay_trade_precreate_response";
    let method = "alipay.trade.precreate";
    let sign = vectors::signing().sign(sent.replace("\\/", "/").as_bytes()).unwrap();
    for body in [answer(name, sent), format!(r#"{{"{name}":{sent},"sign":"{sign}"}}"#)] {
        let node = verified(body.as_bytes(), method, &vectors::verifying()).unwrap();
        assert_eq!(precreated(&node, &trade()), Ok("https://qr.alipay.com/x".to_owned()));
    }
}

#[test]
fn codes_are_a_definite_no_or_not_sure() {
    let refused = |code: &str| -> Result<String, Failure> { Err(Failure::Refused(code.to_owned())) };
    let unsure = |why: &'static str| -> Result<String, Failure> { Err(Failure::Unsure(why)) };
    for (node, expected) in [
        (r#"{"code":"40004","sub_code":"ACQ.TRADE_NOT_EXIST"}"#, refused("ACQ.TRADE_NOT_EXIST")),
        (r#"{"code":"40004","sub_code":"ACQ.SYSTEM_ERROR"}"#, unsure("system error")),
        (r#"{"code":"40004","sub_code":"aop.ACQ.SYSTEM_ERROR"}"#, unsure("system error")),
        (r#"{"code":"40004"}"#, refused("40004")),
        (r#"{"code":"40001","sub_code":"isv.missing-app-id"}"#, refused("isv.missing-app-id")),
        (r#"{"code":"40002","sub_code":"isv.invalid-signature"}"#, refused("isv.invalid-signature")),
        (r#"{"code":"40006","sub_code":"isv.insufficient-permissions"}"#, refused("isv.insufficient-permissions")),
        (r#"{"code":"20000","sub_code":"isp.unknow-error"}"#, unsure("not now")),
        (r#"{"code":"10003"}"#, unsure("not now")),
        (r#"{"code":10000}"#, unsure("unreadable")),
    ] {
        assert_eq!(queried(node), expected, "{node}");
    }
    let body = answer("error_response", r#"{"code":"40001","sub_code":"isv.missing-method"}"#);
    assert_eq!(verified(body.as_bytes(), QUERY, &vectors::verifying()), refused("isv.missing-method"));
}

#[test]
fn trades_are_reported_as_they_stand() {
    let node = |more: &str| format!(r#"{{"code":"10000","out_trade_no":"a1","trade_no":"2026",{more}}}"#);
    let said =
        |result, amount| -> Result<Report, Failure> { Ok(Report { result, amount, number: Some("2026".to_owned()) }) };
    for (more, expected) in [
        (r#""trade_status":"WAIT_BUYER_PAY","total_amount":"0.01""#, said(TradeResult::Pending, None)),
        (r#""trade_status":"TRADE_SUCCESS","total_amount":"100.00""#, said(TradeResult::Paid, Some(10_000))),
        (r#""trade_status":"TRADE_FINISHED","total_amount":19999999.99"#, said(TradeResult::Paid, Some(1_999_999_999))),
        (r#""trade_status":"TRADE_CLOSED","total_amount":"0.01""#, said(TradeResult::Closed, None)),
        (
            r#""trade_status":"TRADE_CLOSED","total_amount":"0.01","send_pay_date":"2026-11-22 10:00:00""#,
            said(TradeResult::Paid, Some(1)),
        ),
        (r#""trade_status":"TRADE_SUCCESS","total_amount":"1.005""#, Err(Failure::Unsure("no amount"))),
        (r#""trade_status":"TRADE_SUCCESS","total_amount":1e3"#, Err(Failure::Unsure("no amount"))),
        (r#""trade_status":"TRADE_SUCCESS","total_amount":"-1""#, Err(Failure::Unsure("no amount"))),
        (r#""trade_status":"TRADE_SUCCESS""#, Err(Failure::Unsure("no amount"))),
        (r#""trade_status":"SOMETHING_NEW""#, Err(Failure::Unsure("an unknown state"))),
    ] {
        assert_eq!(report(&node(more), &trade()), expected, "{more}");
    }
    let other = AttemptId("a2".to_owned());
    let node = node(r#""trade_status":"WAIT_BUYER_PAY""#);
    assert_eq!(report(&node, &other), Err(Failure::Unsure("another trade")));
    assert_eq!(created(&node, &trade()), Ok("2026".to_owned()));
    assert_eq!(created(&node, &other), Err(Failure::Unsure("another trade")));
}

#[test]
fn refunds_are_done_only_where_everything_fits() {
    let told = |more: &str| {
        let node = format!(r#"{{"code":"10000","out_trade_no":"a1","out_request_no":"r1"{more}}}"#);
        refund(&node, &give_back())
    };
    let done = Ok(Some(RefundReport::Done));
    assert_eq!(told(r#","refund_amount":"12.33","refund_status":"REFUND_SUCCESS""#), done);
    assert_eq!(told(r#","refund_amount":12.33,"refund_status":"REFUND_SUCCESS""#), done);
    assert_eq!(told(r#","refund_amount":"12.33","refund_status":"X""#), Ok(Some(RefundReport::Processing)));
    assert_eq!(told(""), Ok(None));
    assert_eq!(refund(r#"{"code":"10000","msg":"Success"}"#, &give_back()), Ok(None));
    let wrong = told(r#","refund_amount":"12.34","refund_status":"REFUND_SUCCESS""#);
    assert_eq!(wrong, Err(Failure::Unsure("another amount")));
    assert_eq!(told(r#","refund_status":"REFUND_SUCCESS""#), Err(Failure::Unsure("no amount")));
    let other = GiveBack { id: RefundId("r2".to_owned()), ..give_back() };
    let node = r#"{"out_trade_no":"a1","out_request_no":"r1","refund_amount":"12.33","refund_status":"X"}"#;
    assert_eq!(refund(node, &other), Err(Failure::Unsure("another refund")));
    assert_eq!(moved(r#"{"out_trade_no":"a1","fund_change":"Y"}"#, &trade()), Ok(true));
    assert_eq!(moved(r#"{"out_trade_no":"a1","fund_change":"N"}"#, &trade()), Ok(false));
    assert_eq!(moved(r#"{"out_trade_no":"a2","fund_change":"Y"}"#, &trade()), Err(Failure::Unsure("another trade")));
}
