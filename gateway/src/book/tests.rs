//! The book keeps what was decided, and gives back no more than it took.

use jiff::SignedDuration;

use super::*;

fn order(id: &str, amount: i64) -> Order {
    Order {
        protocol: Protocol::Wechat,
        id: id.to_owned(),
        amount,
        subject: "Exam fee".to_owned(),
        channel: Channel::H5,
        payer: None,
        return_url: None,
        notify_url: None,
        expires_at: None,
    }
}

fn refund(id: &str, amount: i64) -> RefundOrder {
    RefundOrder { id: id.to_owned(), amount, reason: String::new(), notify_url: None }
}

#[test]
fn the_same_order_is_the_same_trade() {
    let book = Book::default();
    let (first, new) = book.open(order("t", 100)).unwrap();
    let (again, newer) = book.open(order("t", 100)).unwrap();
    assert!(new && !newer && first.key == again.key);
    assert_eq!(book.open(order("t", 101)).err(), Some(Differs));
    let elsewhere = Order { protocol: Protocol::Alipay, ..order("t", 101) };
    assert!(book.open(elsewhere).unwrap().1, "another gateway counts for itself");
    assert_eq!(book.trades().len(), 2);
}

#[test]
fn a_trade_is_found_by_what_a_payer_brings() {
    let book = Book::default();
    let (trade, _) = book.open(Order { channel: Channel::PayCode, ..order("t", 100) }).unwrap();
    for name in [&trade.key, &trade.prepay, &trade.number] {
        assert_eq!(book.lookup(name).unwrap().key, trade.key);
    }
    assert!(book.lookup("t").is_none(), "the merchant's number opens no cashier");
    let code = trade.pay_code.unwrap();
    assert_eq!(code.len(), 20);
    assert_eq!(book.by_pay_code(&code).unwrap().key, trade.key);
}

#[test]
fn a_decided_trade_stays() {
    let book = Book::default();
    let (paid, _) = book.open(order("paid", 100)).unwrap();
    assert_eq!(book.pay(&paid, 0).unwrap().result, TradeResult::Paid);
    assert!(book.pay(&paid, 0).is_none() && book.end(&paid, TradeResult::Closed).is_none());
    let (closed, _) = book.open(order("closed", 100)).unwrap();
    assert_eq!(book.end(&closed, TradeResult::Closed).unwrap().result, TradeResult::Closed);
    assert!(book.pay(&closed, 0).is_none());
    let results: Vec<_> = book.trades().into_iter().map(|trade| trade.result).collect();
    assert_eq!(results, [TradeResult::Paid, TradeResult::Closed]);
}

#[test]
fn an_expired_trade_cannot_be_paid() {
    let book = Book::default();
    let now = clock::now();
    let late = Order { expires_at: Some(now - SignedDuration::from_secs(1)), ..order("late", 100) };
    let (trade, _) = book.open(late).unwrap();
    assert!(book.pay(&trade, 0).is_none());
    assert_eq!(trade.result_at(now), TradeResult::Pending, "WeChat Pay waits to be told");
    let late = Order { protocol: Protocol::Alipay, ..trade.order };
    let (trade, _) = book.open(late).unwrap();
    assert_eq!(trade.result_at(now), TradeResult::Closed);
    let soon = Order { expires_at: Some(now + SignedDuration::from_secs(60)), ..order("soon", 100) };
    let (trade, _) = book.open(soon).unwrap();
    assert!(book.pay(&trade, 0).is_some());
}

#[test]
fn refunds_never_exceed_what_was_paid() {
    let book = Book::default();
    let (trade, _) = book.open(order("t", 100)).unwrap();
    let ask = |id: &str, amount| book.refund(Protocol::Wechat, "t", refund(id, amount)).map(|(_, _, new)| new);
    assert_eq!(ask("r0", 1), Err(NoRefund::Unpaid));
    book.pay(&trade, 0).unwrap();
    assert_eq!(ask("r1", 60), Ok(true));
    assert_eq!(ask("r1", 60), Ok(false), "the same refund twice is one");
    assert_eq!(ask("r1", 50), Err(NoRefund::Differs));
    assert_eq!(ask("r2", 41), Err(NoRefund::TooMuch));
    assert_eq!(ask("r2", 0), Err(NoRefund::TooMuch));
    assert_eq!(ask("r2", -5), Err(NoRefund::TooMuch));
    assert_eq!(ask("r2", 40), Ok(true));
    assert_eq!(ask("r3", 1), Err(NoRefund::TooMuch));
    assert_eq!(book.refund(Protocol::Wechat, "x", refund("r4", 1)).err(), Some(NoRefund::Unknown));
    assert_eq!(book.trades()[0].refunded, 100);
}

#[test]
fn what_was_charged_too_much_can_go_back() {
    let book = Book::default();
    let (trade, _) = book.open(order("t", 100)).unwrap();
    assert_eq!(book.pay(&trade, 7).unwrap().sum(), 107);
    assert!(book.refund(Protocol::Wechat, "t", refund("r", 107)).is_ok());
}

#[test]
fn a_day_has_its_payments_and_the_refunds_that_arrived() {
    let book = Book::default();
    let (trade, _) = book.open(order("t", 100)).unwrap();
    book.open(order("unpaid", 100)).unwrap();
    book.pay(&trade, 0).unwrap();
    book.refund(Protocol::Wechat, "t", refund("r", 30)).unwrap();
    let today = clock::day(clock::now());
    assert_eq!(book.lines(Protocol::Wechat, today).len(), 1, "the refund is on its way");
    book.settle(Protocol::Wechat, "r").unwrap();
    let lines = book.lines(Protocol::Wechat, today);
    assert_eq!(lines.iter().map(|line| line.refund.is_some()).collect::<Vec<_>>(), [false, true]);
    assert!(book.lines(Protocol::Alipay, today).is_empty());
    assert!(book.lines(Protocol::Wechat, today.tomorrow().unwrap()).is_empty());
    assert!(book.find_refund(Protocol::Wechat, "r").unwrap().1.done_at.is_some());
}
