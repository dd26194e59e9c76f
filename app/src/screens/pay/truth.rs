//! What is true now: one state, one calm block, one thing to do. Never "failed" while it is not known, and never
//! "paid" before the backend says so.

use contract::payment::{Attempt, AttemptState, Channel, Handoff, OrderState, Payment, PaymentState, TradeResult};
use leptos::prelude::*;

use super::{Till, basket, channels};
use crate::components::html::Html;
use crate::components::notice;
use crate::components::qr::qr;
use crate::locale::{self, texts as t};
use crate::screens::steps;

/// The truth in words. The place stays where it is and only its words change, so that each change is read out once.
pub(super) fn said(payment: &Payment, guest: bool) -> AnyView {
    let (mood, lines) = words(payment, guest);
    let mut html = Html::default();
    if !lines.is_empty() {
        html.raw("<div").attr("class", mood).raw(">");
        for (index, line) in lines.iter().enumerate() {
            html.raw(if index == 0 { "<p class=strong>" } else { "<p>" }).text(line).raw("</p>");
        }
        html.raw("</div>");
    }
    view! { <div role="status" id="truth" tabindex="-1" inner_html=html.finish()></div> }.into_any()
}

/// A mood and sentences, the first the one that counts.
fn words(payment: &Payment, guest: bool) -> (&'static str, Vec<String>) {
    let attempt = payment.attempt.as_ref();
    let last = attempt.map(|attempt| attempt.state);
    let some = |state: OrderState| payment.orders.iter().any(|order| order.state == state);
    let (mut mood, mut lines) = ("notice", Vec::new());
    match payment.state {
        PaymentState::Checking => {
            let waits = |attempt: &Attempt| is_taken_elsewhere(attempt) || has_nothing_yet(attempt);
            let here =
                payable(payment).is_some_and(|attempt| waits(attempt) && channels::fits(payment, attempt.channel));
            lines.push(if here { t::pay_waiting() } else { t::pay_checking() }.to_owned());
            if let Some(attempt) = attempt.filter(|attempt| has_nothing_yet(attempt)) {
                // A code says nothing; the bank does.
                let who = attempt.channel;
                let who = if who == Channel::PayCode { t::pay_the_bank() } else { channels::name(who) };
                lines.push(t::pay_not_yet(who));
            }
            lines.push(if guest { t::pay_guest_hint() } else { t::pay_checking_hint() }.to_owned());
            return (mood, lines);
        }
        PaymentState::Due => match last {
            Some(AttemptState::Failed) => {
                mood = "notice bad";
                lines.push(t::pay_failed().to_owned());
            }
            Some(AttemptState::Closed) => lines.push(t::pay_closed().to_owned()),
            _ => {}
        },
        PaymentState::Settled => {
            if some(OrderState::Registering) {
                mood = "notice good";
                lines.push(t::pay_registering().to_owned());
            } else if some(OrderState::Paid) {
                mood = "notice good";
                lines.push(if guest { t::pay_guest_paid() } else { t::pay_paid() }.to_owned());
            }
        }
    }
    // Nothing of the last attempt is kept: charged in excess, not registered, or given back.
    if let Some(attempt) = attempt
        && matches!(attempt.state, AttemptState::Refunding | AttemptState::Refunded)
        && let Some(refund) = payment.refunds.iter().rfind(|refund| refund.attempt == attempt.id)
    {
        lines.push(basket::refund_said(refund));
        lines.push(basket::refund_why(refund.why).to_owned());
    }
    if lines.is_empty() && payment.state == PaymentState::Settled {
        lines.push(t::review_no_fees().to_owned());
    }
    (mood, lines)
}

/// The attempt that is open, where paying it still helps: where nothing else is due, only its end is not known, and
/// nobody is led to pay that.
fn payable(payment: &Payment) -> Option<&Attempt> {
    payment.attempt.as_ref().filter(|_| payment.due > 0)
}

/// Its cashier is not a page: the person pays while looking at this one, or later at a bank.
fn is_taken_elsewhere(attempt: &Attempt) -> bool {
    matches!(attempt.handoff, Some(Handoff::Qr { .. } | Handoff::PayCode { .. }))
}

/// The gateway says that no money has come so far.
fn has_nothing_yet(attempt: &Attempt) -> bool {
    engine::payment::is_open(attempt.state) && matches!(attempt.said, Some(TradeResult::Pending | TradeResult::Absent))
}

/// Where it can still be paid: at the same cashier, which charges once whatever happens, or in another way.
pub(super) fn cashier(till: Till, payment: &Payment) -> AnyView {
    let attempt = payable(payment);
    let open = attempt.is_some_and(has_nothing_yet);
    let here = attempt.filter(|attempt| channels::fits(payment, attempt.channel));
    let place = here.and_then(|attempt| place(till, attempt, open));
    let (offered, due) = (payment.channels.clone(), payment.due);
    let other = move || {
        if till.other.get() {
            return view! { <p>{t::pay_other_hint()}</p>{channels::choice(till, &offered, due)} }.into_any();
        }
        let change = move |_| {
            till.other.set(true);
            request_animation_frame(|| steps::focus("how"));
        };
        view! {
            {notice::alert(till.failed)}
            {open.then(|| view! { <p><button type="button" class="link" id="other" on:click=change>{t::pay_other()}</button></p> })}
        }
        .into_any()
    };
    view! { {place}{other} }.into_any()
}

fn place(till: Till, attempt: &Attempt, open: bool) -> Option<AnyView> {
    let until = t::pay_until(&locale::moment(&attempt.until));
    let mut html = Html::default();
    let place = match attempt.handoff.as_ref()? {
        Handoff::Qr { path, size } => {
            let scan = match attempt.channel {
                Channel::WechatQr => t::pay_scan_wechat(),
                Channel::AlipayQr => t::pay_scan_alipay(),
                _ => t::pay_scan(),
            };
            qr(&mut html, path, *size, scan);
            html.raw("<p>").text(scan).raw("</p><p class=quiet>").text(&until).raw("</p>");
            view! { <div class="panel code" inner_html=html.finish()></div> }.into_any()
        }
        Handoff::PayCode { code: number, url } => {
            html.raw("<p>").text(t::pay_code()).raw("</p><p class=digits id=pay-code>");
            digits(&mut html, number);
            html.raw("</p><p>").text(t::pay_code_where()).raw("</p><p class=quiet>").text(&until).raw("</p>");
            if let Some(url) = url {
                html.raw("<p><a class=button referrerpolicy=origin").attr("href", url).raw(">");
                html.text(t::pay_code_online()).raw("</a></p>");
            }
            view! { <div class="panel code" inner_html=html.finish()></div> }.into_any()
        }
        _ if !open => return None,
        // Never opened by itself: only by a press.
        Handoff::Address { url } => view! {
            <div class="action"><a class="button" class:primary=move || !till.other.get() href=url.clone() referrerpolicy="origin">{t::pay_go_on()}</a></div>
            <p class="quiet">{until}</p>
        }
        .into_any(),
        Handoff::Jsapi { .. } | Handoff::TradePay { .. } => view! {
            <div class="action"><button type="button" class="button" class:primary=move || !till.other.get() aria-disabled=move || till.busy.get().then_some("true") on:click=move |_| channels::go_on(till)>{t::pay_go_on()}</button></div>
            <p class="quiet">{until}</p>
        }
        .into_any(),
    };
    Some(place)
}

/// Digits in groups of four; copied, they are one number.
fn digits(html: &mut Html, number: &str) {
    let digits: Vec<char> = number.chars().collect();
    for group in digits.chunks(4) {
        html.raw("<span>").text(&group.iter().collect::<String>()).raw("</span><wbr>");
    }
}
