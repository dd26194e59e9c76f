//! How to pay: the ways that work where the page is, and the press that begins.

use contract::Fen;
use contract::payment::{Channel, Handoff, Payment, StartPayment};
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;

use super::Till;
use crate::client::{Failure, Terms, pay};
use crate::components::notice;
use crate::host;
use crate::locale::{self, texts as t};
use crate::screens::steps;

/// What people call a channel.
pub(super) fn name(channel: Channel) -> &'static str {
    match channel {
        Channel::WechatJsapi | Channel::WechatH5 | Channel::WechatQr => t::pay_wechat(),
        Channel::AlipayApp | Channel::AlipayWap | Channel::AlipayQr => t::pay_alipay(),
        Channel::Unionpay => t::pay_unionpay(),
        Channel::PayCode => t::pay_bank(),
    }
}

/// The choice, and one button.
pub(super) fn choice(till: Till, offered: &[Channel], due: Fen) -> AnyView {
    let fitting = engine::payment::channels(host::pay_host(), offered);
    let Some(first) = fitting.first().copied() else {
        return view! { <p class="notice">{t::pay_no_channel()}</p>{notice::alert(till.failed)} }.into_any();
    };
    if !till.chosen.get_untracked().is_some_and(|chosen| fitting.contains(&chosen)) {
        till.chosen.set(Some(first));
    }
    let how = if fitting.len() > 1 {
        let options: Vec<AnyView> = fitting.iter().map(|one| option(till, *one)).collect();
        view! { <fieldset class="plain"><legend class="name">{t::pay_how()}</legend>{options}</fieldset> }.into_any()
    } else {
        view! { <p>{name(first)}{explained(first)}</p> }.into_any()
    };
    view! {
        <div id="how" tabindex="-1">
            {how}
            {notice::alert(till.failed)}
            <div class="action"><button type="button" class="button primary" id="pay" aria-disabled=move || till.busy.get().then_some("true") on:click=move |_| start(till, due)>{t::pay_now(&locale::amount(due))}</button></div>
            <p class="quiet">{t::pay_demo()}</p>
        </div>
    }
    .into_any()
}

fn option(till: Till, one: Channel) -> AnyView {
    let pick = move |_| {
        till.chosen.set(Some(one));
        till.failed.set(None);
        // Another way is another attempt.
        till.terms.set_value(Terms::fresh());
    };
    view! { <label class="option"><input type="radio" name="channel" prop:checked=move || till.chosen.get() == Some(one) on:change=pick/><span>{name(one)}{explained(one)}</span></label> }.into_any()
}

/// Whether the cashier of an attempt opens where the page is: it may have begun elsewhere.
pub(super) fn fits(payment: &Payment, channel: Channel) -> bool {
    engine::payment::channels(host::pay_host(), &payment.channels).contains(&channel)
}

/// Not everybody knows what a pay code is.
fn explained(channel: Channel) -> Option<AnyView> {
    (channel == Channel::PayCode).then(|| view! { <span class="hint">{t::pay_code_what()}</span> }.into_any())
}

/// Begins an attempt in the way chosen, over what was shown as due.
fn start(till: Till, seen: Fen) {
    let Some(channel) = till.chosen.get_untracked().filter(|_| !till.busy.get_untracked()) else { return };
    till.busy.set(true);
    till.failed.set(None);
    spawn_local(async move {
        let body = StartPayment { channel, return_to: till.back.get_value(), seen };
        let body = serde_json::to_string(&body).unwrap_or_default();
        let started = till.ask("/attempts", &till.terms.get_value(), body).await;
        if till.is_gone() {
            return;
        }
        match started {
            Ok(payment) => {
                // Another press is another attempt.
                till.terms.set_value(Terms::fresh());
                till.other.set(false);
                let handoff = payment.attempt.as_ref().and_then(|attempt| attempt.handoff.clone());
                till.put(payment);
                hand_over(till, handoff).await;
            }
            Err(failure) => {
                till.failed.set(Some(sentence(&failure)));
                if failure == Failure::Network {
                    // Whether it began is not known: what is shown is kept, and the same key serves the next press.
                    till.wake();
                } else {
                    till.busy.set(false);
                    till.terms.set_value(Terms::fresh());
                    till.again();
                }
            }
        }
    });
}

/// Goes on at the cashier of the attempt that is open: the same trade, which is charged once at most.
pub(super) fn go_on(till: Till) {
    let handoff = till.look(|payment| payment.attempt.as_ref().map(|attempt| attempt.handoff.clone())).flatten();
    let Some(handoff) = handoff.filter(|_| !till.busy.get_untracked()) else { return };
    till.busy.set(true);
    till.failed.set(None);
    spawn_local(hand_over(till, handoff));
}

/// Leads to the cashier.
async fn hand_over(till: Till, handoff: Option<Handoff>) {
    match handoff {
        // Nothing can be pressed until the page is seen again.
        Some(Handoff::Address { url }) => return leave(&url),
        Some(Handoff::Jsapi { app_id, time_stamp, nonce, package, pay_sign }) => {
            let parameters = [
                ("appId", app_id.as_str()),
                ("timeStamp", time_stamp.as_str()),
                ("nonceStr", nonce.as_str()),
                ("package", package.as_str()),
                ("signType", "RSA"),
                ("paySign", pay_sign.as_str()),
            ];
            pay::jsapi(&parameters).await;
        }
        Some(Handoff::TradePay { trade_no }) => pay::trade_pay(&trade_no).await,
        Some(Handoff::Qr { .. } | Handoff::PayCode { .. }) | None => request_animation_frame(|| steps::focus("truth")),
    }
    // Whatever the wallet's own page said proves nothing: the backend is asked.
    if !till.is_gone() {
        till.wake();
    }
}

/// Opens the cashier in place of this page. It learns which site sent the person, because WeChat takes nobody
/// else, and never which screen: a link says so, a changed address could not.
fn leave(url: &str) {
    let Ok(link) = document().create_element("a") else { return };
    let _ = link.set_attribute("href", url);
    let _ = link.set_attribute("referrerpolicy", "origin");
    if let Some(body) = document().body() {
        let _ = body.append_child(&link);
    }
    link.unchecked_ref::<web_sys::HtmlElement>().click();
    link.remove();
}

/// What happened, and what it means for the money.
fn sentence(failure: &Failure) -> &'static str {
    match failure.kind() {
        "network" => t::pay_no_network(),
        "unavailable" => t::pay_unavailable(),
        "payment-unsure" => t::pay_unsure(),
        "too-many" => t::pay_too_many(),
        "conflict" => t::pay_changed(),
        _ => notice::sentence(failure),
    }
}
