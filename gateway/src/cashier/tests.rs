//! What a payer sees, and what pressing does.

use std::sync::Arc;

use axum::body::to_bytes;

use super::*;
use crate::gateway::Gateway;
use crate::trade::Order;

fn gateway() -> Shared {
    Arc::new(Gateway::new(crate::keys::tests::keys(), String::new()))
}

fn open(gateway: &Shared, protocol: Protocol, return_url: Option<&str>) -> Trade {
    let order = Order {
        protocol,
        id: "t".to_owned(),
        amount: 12_345,
        subject: "<b>Exam & fee</b>".to_owned(),
        channel: Channel::PayCode,
        payer: None,
        return_url: return_url.map(str::to_owned),
        notify_url: None,
        expires_at: None,
    };
    gateway.book.open(order).unwrap().0
}

async fn text(answer: Response) -> String {
    String::from_utf8(to_bytes(answer.into_body(), usize::MAX).await.unwrap().to_vec()).unwrap()
}

async fn click(gateway: &Shared, trade: &Trade, action: Action, redirect_url: &str) -> Response {
    let form = Pressed { action, redirect_url: redirect_url.to_owned() };
    pressed(State(Arc::clone(gateway)), Language::En, Path(trade.key.clone()), Form(form)).await
}

fn location(answer: &Response) -> Option<&str> {
    answer.headers().get(header::LOCATION)?.to_str().ok()
}

#[tokio::test]
async fn the_page_says_what_it_is_and_escapes() {
    let gateway = gateway();
    let trade = open(&gateway, Protocol::Wechat, None);
    let back = Query(Back { redirect_url: "http://s/\"><script>".to_owned() });
    let answer = show(State(Arc::clone(&gateway)), Language::En, Path(trade.prepay.clone()), back).await;
    assert!(answer.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap().starts_with("default-src 'none'"));
    let page = text(answer).await;
    for part in ["simulated cashier", "WeChat Pay (simulated)", "123.45", "&lt;b&gt;Exam &amp; fee", "value=\"pay\""] {
        assert!(page.contains(part), "{part}");
    }
    assert!(!page.contains("<script>") && !page.contains("<b>") && !page.contains('{'));
    assert_eq!(page.matches("<h1>").count(), 1);
}

#[tokio::test]
async fn every_state_has_a_page_without_holes() {
    let gateway = gateway();
    let trade = open(&gateway, Protocol::Counter, None);
    for language in [Language::Zh, Language::En] {
        for state in ["open", "paid", "failed", "closed", "expired", "left"] {
            let page = text(page_of(&trade, state, "http://s/", language)).await;
            assert_eq!(page.matches("<h1>").count(), 1, "{state}");
            assert!(!page.contains('{') && page.contains("</html>"));
            assert_eq!(page.contains("<form"), state == "open", "{state}");
            assert_eq!(page.contains("<a class=\"back\""), state != "open", "{state}");
        }
    }
}

#[tokio::test]
async fn paying_leads_back_and_only_to_the_web() {
    let gateway = gateway();
    let trade = open(&gateway, Protocol::Alipay, Some("http://s/back"));
    let answer = click(&gateway, &trade, Action::Fail, "").await;
    assert_eq!(location(&answer), Some("http://s/back"));
    assert_eq!(gateway.book.trades()[0].result, TradeResult::Pending, "a failed try can be repeated");
    let answer = click(&gateway, &trade, Action::Pay, "http://s/other").await;
    assert_eq!((answer.status(), location(&answer)), (StatusCode::SEE_OTHER, Some("http://s/other")));
    assert_eq!(gateway.book.trades()[0].result, TradeResult::Paid);
    let answer = click(&gateway, &trade, Action::Cancel, "javascript:alert(1)").await;
    assert_eq!(location(&answer), None);
    assert!(text(answer).await.contains("<h1>Paid</h1>"));
}

#[tokio::test]
async fn the_counter_decides_and_who_stays_sees_it() {
    let gateway = gateway();
    let trade = open(&gateway, Protocol::Counter, None);
    let answer = click(&gateway, &trade, Action::Cancel, "").await;
    assert!(text(answer).await.contains("closed"));
    assert_eq!(gateway.press(&trade, Action::Pay).result, TradeResult::Closed);
    let trade = open(&gateway, Protocol::Wechat, Some("http://s/back"));
    let answer = click(&gateway, &trade, Action::PayStay, "").await;
    assert_eq!(location(&answer), None);
    assert!(text(answer).await.contains("You can close this window"));
}

#[tokio::test]
async fn a_pay_code_leads_to_its_cashier() {
    let gateway = gateway();
    let trade = open(&gateway, Protocol::Counter, None);
    let code = trade.pay_code.clone().unwrap();
    let typed = |code: String| pay_code(State(Arc::clone(&gateway)), Language::En, Query(Typed { code }));
    let spaced = format!("{} {}", &code[..10], &code[10..]);
    assert_eq!(location(&typed(spaced).await), Some(format!("/cashier/{}", trade.key).as_str()));
    let page = text(typed("12\"".to_owned()).await).await;
    assert!(page.contains("There is no such pay code") && page.contains("12&quot;") && !page.contains('{'));
    assert!(text(typed(String::new()).await).await.contains("<input"));
}
