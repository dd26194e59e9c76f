//! What it is for: an order for each payee, with its lines, where it stands, and its receipt.

use contract::application::ApplicationId;
use contract::payment::{Order, OrderLine, OrderState, Payment, PaymentState, Receipt, Refund, RefundWhy};
use leptos::prelude::*;

use crate::client;
use crate::components::html::Html;
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

/// The orders, what is free, and what is still to be worked out. Nothing in it is pressed but links: it is written as text.
pub(super) fn orders(payment: &Payment, own: Option<&ApplicationId>) -> AnyView {
    let mut html = Html::default();
    for order in &payment.orders {
        self::order(&mut html, order, payment.orders.len() > 1, own);
    }
    if !payment.free.is_empty() {
        html.raw("<p class=quiet>").text(&t::pay_free(&locale::list(&payment.free))).raw("</p>");
    }
    if !payment.later.is_empty() {
        html.raw("<p class=quiet>").text(&t::pay_later(&locale::list(&payment.later))).raw("</p>");
    }
    if own.is_some() && payment.orders.iter().any(|order| order.receipt.is_some()) {
        let verify = site().router.href(&Route::Receipts);
        html.raw("<p><a").attr("href", &verify).raw(">").text(t::receipt_verify()).raw("</a></p>");
    }
    view! { <div class="part" inner_html=html.finish()></div> }.into_any()
}

fn order(html: &mut Html, order: &Order, several: bool, own: Option<&ApplicationId>) {
    html.raw("<section class=part").attr("data-order", &order.id.0).raw("><h2>").text(&t::pay_payee(&order.payee));
    if let Some(word) = state(order.state) {
        html.raw("<span class=badge>").text(word).raw("</span>");
    }
    html.raw("</h2><ul class=facts>");
    for line in &order.lines {
        self::line(html, line);
    }
    html.raw("</ul>");
    if several {
        html.raw("<p class=strong>").text(&t::pay_sum(&locale::amount(order.amount))).raw("</p>");
    }
    if let Some(receipt) = &order.receipt {
        self::receipt(html, order, receipt, own);
    }
    html.raw("</section>");
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

fn line(html: &mut Html, line: &OrderLine) {
    html.raw("<li><span class=\"strong spread\"><span>").text(&line.name).raw("</span><span>");
    html.text(&locale::amount(line.amount)).raw("</span></span>");
    if line.times > 1 {
        quiet(html, &t::pay_times(&locale::amount(line.each), &line.times.to_string()), None);
    }
    if let Some(reduced) = &line.reduced {
        let document = reduced.basis_document.as_ref().map(|document| format!("（{document}）"));
        quiet(html, &t::pay_reduced(&locale::amount(reduced.less), &reduced.name), document.as_deref());
    }
    if let Some(document) = &line.basis_document {
        quiet(html, t::guide_fee_basis(), Some(document));
    }
    if line.sample {
        html.raw("<span class=badge>").text(t::common_sample()).raw("</span>");
    }
    html.raw("</li>");
}

/// A remark, and the document it rests on, which is in Chinese.
fn quiet(html: &mut Html, words: &str, document: Option<&str>) {
    html.raw("<span class=quiet>").text(words);
    if let Some(document) = document {
        html.raw("<span lang=zh-CN>").text(document).raw("</span>");
    }
    html.raw("</span>");
}

fn receipt(html: &mut Html, order: &Order, receipt: &Receipt, own: Option<&ApplicationId>) {
    let issued = locale::moment(&receipt.issued_at);
    let facts = [
        (t::receipt_code(), "<dd>", &receipt.code),
        (t::receipt_number(), "<dd>", &receipt.number),
        (t::receipt_check(), "<dd>", &receipt.check),
        (t::receipt_words(), "<dd lang=zh-CN>", &receipt.words),
        (t::receipt_issued(), "<dd>", &issued),
    ];
    html.raw("<dl class=answers>");
    for (label, value, said) in facts {
        html.raw("<div><dt>").text(label).raw("</dt>").raw(value).text(said).raw("</dd></div>");
    }
    html.raw("</dl>");
    if let Some(id) = own {
        let address = client::address(&format!("/applications/{id}/receipts/{}", order.id));
        let name = format!("{}-{}.pdf", receipt.code, receipt.number);
        html.raw("<p><a class=button").attr("href", &address).attr("download", &name).raw(">");
        html.text(&t::receipt_download(&receipt.number)).raw("</a></p>");
    }
}

/// What goes or went back.
pub(super) fn refunds(payment: &Payment) -> Option<AnyView> {
    if payment.refunds.is_empty() {
        return None;
    }
    let mut html = Html::default();
    html.raw("<h2>").text(t::pay_refunds()).raw("</h2><ul class=facts>");
    for refund in &payment.refunds {
        html.raw("<li><span class=strong>").text(&refund_said(refund)).raw("</span>");
        html.raw("<span>").text(refund_why(refund.why)).raw("</span>");
        if let Some(reason) = &refund.reason {
            html.raw("<span>").text(&t::pay_refund_reason(reason)).raw("</span>");
        }
        html.raw("<span class=quiet>").text(&locale::moment(&refund.at)).raw("</span></li>");
    }
    html.raw("</ul>");
    Some(view! { <section class="part" id="refunds" inner_html=html.finish()></section> }.into_any())
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
