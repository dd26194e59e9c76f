//! What it is for: an order for each payee, with its lines, where it stands, and its receipt.

use contract::application::ApplicationId;
use contract::payment::{Order, OrderLine, OrderState, Payment, PaymentState, Receipt, Refund, RefundWhy};
use leptos::prelude::*;

use crate::client;
use crate::locale::{self, texts as t};
use crate::router::Route;
use crate::site::site;

/// The one amount: what is to pay, or what is just being paid.
pub(super) fn amount(payment: &Payment) -> AnyView {
    let fen = match (payment.state, &payment.attempt) {
        (PaymentState::Settled, _) => return ().into_any(),
        (PaymentState::Checking, Some(attempt)) => attempt.amount,
        _ => payment.due,
    };
    view! { <p class="amount">{locale::amount(fen)}</p> }.into_any()
}

/// The orders, what is free, and what is still to be worked out.
pub(super) fn orders(payment: &Payment, own: Option<&ApplicationId>) -> AnyView {
    let several = payment.orders.len() > 1;
    let orders: Vec<AnyView> = payment.orders.iter().map(|order| self::order(order, several, own)).collect();
    let verify = site().router.href(&Route::Receipts);
    let receipts = own.is_some() && payment.orders.iter().any(|order| order.receipt.is_some());
    view! {
        {orders}
        {(!payment.free.is_empty()).then(|| view! { <p class="quiet">{t::pay_free(&locale::list(&payment.free))}</p> })}
        {(!payment.later.is_empty()).then(|| view! { <p class="quiet">{t::pay_later(&locale::list(&payment.later))}</p> })}
        {receipts.then(|| view! { <p><a href=verify>{t::receipt_verify()}</a></p> })}
    }
    .into_any()
}

fn order(order: &Order, several: bool, own: Option<&ApplicationId>) -> AnyView {
    let lines: Vec<AnyView> = order.lines.iter().map(line).collect();
    let word = state(order.state).map(|word| view! { <span class="badge">{word}</span> });
    let sum = several.then(|| view! { <p class="strong">{t::pay_sum(&locale::amount(order.amount))}</p> });
    let receipt = order.receipt.as_ref().map(|receipt| self::receipt(order, receipt, own));
    view! {
        <section class="part" data-order=order.id.0.clone()>
            <h2>{t::pay_payee(&order.payee)}{word}</h2>
            <ul class="facts">{lines}</ul>
            {sum}
            {receipt}
        </section>
    }
    .into_any()
}

/// Where an order stands, in a word; one to be paid needs none.
fn state(state: OrderState) -> Option<&'static str> {
    match state {
        // What is said above of the attempt is said once.
        OrderState::Open | OrderState::Checking => None,
        OrderState::Registering => Some(t::pay_state_registering()),
        OrderState::Paid => Some(t::pay_paid()),
        OrderState::Refunding => Some(t::pay_state_refunding()),
        OrderState::Refunded => Some(t::pay_state_refunded()),
    }
}

fn line(line: &OrderLine) -> AnyView {
    let many = (line.times > 1).then(|| {
        view! { <span class="quiet">{t::pay_times(&locale::amount(line.each), &line.times.to_string())}</span> }
    });
    let basis = line.basis_document.clone().map(|document| {
        view! { <span class="quiet">{t::guide_fee_basis()}<span lang="zh-CN">{document}</span></span> }
    });
    let reduced = line.reduced.as_ref().map(|reduced| {
        let document = reduced.basis_document.as_ref();
        let document = document.map(|document| view! { <span lang="zh-CN">{format!("（{document}）")}</span> });
        view! { <span class="quiet">{t::pay_reduced(&locale::amount(reduced.less), &reduced.name)}{document}</span> }
    });
    view! {
        <li>
            <span class="strong spread"><span>{line.name.clone()}</span><span>{locale::amount(line.amount)}</span></span>
            {many}
            {reduced}
            {basis}
            {line.sample.then(|| view! { <span class="badge">{t::common_sample()}</span> })}
        </li>
    }
    .into_any()
}

fn receipt(order: &Order, receipt: &Receipt, own: Option<&ApplicationId>) -> AnyView {
    let numbers = [
        (t::receipt_code(), &receipt.code),
        (t::receipt_number(), &receipt.number),
        (t::receipt_check(), &receipt.check),
    ];
    let numbers =
        numbers.map(|(label, value)| view! { <div><dt>{label}</dt><dd>{value.clone()}</dd></div> }.into_any());
    let file = own.map(|id| {
        let address = client::address(&format!("/applications/{id}/receipts/{}", order.id));
        let name = format!("{}-{}.pdf", receipt.code, receipt.number);
        view! { <p><a class="button" href=address download=name>{t::receipt_download(&receipt.number)}</a></p> }
    });
    view! {
        <dl class="answers">
            {numbers}
            <div><dt>{t::receipt_words()}</dt><dd lang="zh-CN">{receipt.words.clone()}</dd></div>
            <div><dt>{t::receipt_issued()}</dt><dd>{locale::moment(&receipt.issued_at)}</dd></div>
        </dl>
        {file}
    }
    .into_any()
}

/// What goes or went back.
pub(super) fn refunds(payment: &Payment) -> Option<AnyView> {
    let line = |refund: &Refund| {
        let reason = refund.reason.as_ref().map(|reason| view! { <span>{t::pay_refund_reason(reason)}</span> });
        view! {
            <li>
                <span class="strong">{refund_said(refund)}</span>
                <span>{refund_why(refund.why)}</span>
                {reason}
                <span class="quiet">{locale::moment(&refund.at)}</span>
            </li>
        }
        .into_any()
    };
    let lines: Vec<AnyView> = payment.refunds.iter().map(line).collect();
    (!lines.is_empty()).then(|| {
        view! { <section class="part" id="refunds"><h2>{t::pay_refunds()}</h2><ul class="facts">{lines}</ul></section> }
            .into_any()
    })
}

/// Where a refund stands, in a sentence.
pub(super) fn refund_said(refund: &Refund) -> String {
    let amount = locale::amount(refund.amount);
    if refund.done { t::pay_refund_done(&amount) } else { t::pay_refund_going(&amount) }
}

/// Why it goes back, in a sentence.
pub(super) fn refund_why(why: RefundWhy) -> &'static str {
    match why {
        RefundWhy::Twice => t::pay_refund_twice(),
        RefundWhy::WrongAmount => t::pay_refund_amount(),
        RefundWhy::NotRegistered => t::pay_refund_unregistered(),
        RefundWhy::Department => t::pay_refund_department(),
        RefundWhy::Corrected => t::pay_refund_corrected(),
    }
}
