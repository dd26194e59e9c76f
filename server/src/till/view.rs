//! A till as its owner sees it, and as whoever pays for somebody else does.

use contract::catalogue::{Bundle, Fee};
use contract::payment::{Attempt, Channel, Order, Payment, Receipt, Refund};

use super::{Account, StoredReceipt};
use crate::App;
use crate::case::Case;
use crate::http::Refusal;
use crate::http::extract::Language;

/// How long WeChat's H5 address opens, in seconds.
const H5: i64 = 300;

/// The money of a case; `None` where it costs nothing and never did.
///
/// # Errors
/// When its errand is not in the catalogue any more.
pub fn payment(
    app: &App,
    case: &Case,
    account: Option<&Account>,
    language: Language,
) -> Result<Option<Payment>, Refusal> {
    let text = app.catalogue.text(&case.bundle, language).ok_or(Refusal::Internal)?;
    let plan = case.plan(text);
    let unnamed = |fee: &&Fee| fee.amount.is_none() && !case.assessed.contains_key(&fee.id);
    let later: Vec<String> = plan.active_fees(text).filter(unnamed).map(|fee| fee.name.clone()).collect();
    let empty = Account::default();
    if account.is_none() && later.is_empty() {
        return Ok(None);
    }
    let account = account.unwrap_or(&empty);
    let orders = account.till.orders.iter().filter(|due| due.amount > 0);
    let latest = account.till.attempts.last();
    Ok(Some(Payment {
        state: account.till.state(),
        due: account.till.due(),
        orders: orders.filter_map(|due| order(app, text, account, due, language)).collect(),
        later,
        free: engine::fee::basket(text, &plan, &case.facts).free,
        attempt: latest.and_then(|one| attempt(app, account, one)),
        refunds: account.till.refunds.iter().filter_map(|one| refund(app, account, one)).collect(),
        channels: app.payments.gateways.channels(),
    }))
}

fn order(app: &App, text: &Bundle, account: &Account, due: &engine::payment::Due, language: Language) -> Option<Order> {
    let detail = account.orders.get(&due.id)?;
    let mut lines = detail.lines.clone();
    // Figures are the stored ones; names are in the reader's language where the catalogue still has the fee.
    for line in &mut lines {
        let Some(fee) = text.fees.iter().find(|fee| fee.id == line.fee) else { continue };
        line.name.clone_from(&fee.name);
        if let Some(reduced) = &mut line.reduced
            && let Some(reduction) = fee.reductions.iter().find(|one| one.id == reduced.id)
        {
            reduced.name.clone_from(&reduction.name);
        }
    }
    Some(Order {
        id: due.id.clone(),
        payee: app.catalogue.department(&detail.payee, language),
        lines,
        amount: due.amount,
        state: account.till.order_state(due),
        receipt: detail.receipt.as_ref().map(|receipt| self::receipt(app, receipt, due.amount)),
    })
}

/// A receipt as people read it.
#[must_use]
pub fn receipt(app: &App, stored: &StoredReceipt, amount: contract::Fen) -> Receipt {
    Receipt {
        code: stored.code.clone(),
        number: stored.number.clone(),
        check: stored.check.clone(),
        words: engine::words::amount(amount),
        issued_at: app.catalogue.zone.moment(&stored.at),
    }
}

fn attempt(app: &App, account: &Account, one: &engine::payment::Try) -> Option<Attempt> {
    let detail = account.attempts.get(&one.id)?;
    // WeChat opens an H5 cashier for five minutes only.
    let fresh = detail.channel != Channel::WechatH5 || crate::clock::seconds_until(&detail.at) > -H5;
    let payable = engine::payment::is_open(one.state) && crate::clock::seconds_until(&detail.until) > 0 && fresh;
    Some(Attempt {
        id: one.id.clone(),
        state: one.state,
        channel: detail.channel,
        amount: one.amount,
        at: app.catalogue.zone.moment(&detail.at),
        until: app.catalogue.zone.moment(&detail.until),
        said: one.said,
        handoff: detail.handoff.clone().filter(|_| payable),
    })
}

fn refund(app: &App, account: &Account, one: &engine::payment::Return) -> Option<Refund> {
    let detail = account.refunds.get(&one.id)?;
    let reason = one.order.as_ref().and_then(|order| account.orders.get(order)).and_then(|order| order.reason.clone());
    Some(Refund {
        id: one.id.clone(),
        attempt: one.attempt.clone(),
        amount: one.amount,
        why: one.why,
        reason: reason.filter(|_| one.why == contract::payment::RefundWhy::Department),
        done: one.done,
        at: app.catalogue.zone.moment(&detail.at),
    })
}

/// What somebody else sees who pays: no receipts, no reasons, and no channel that must know the payer.
#[must_use]
pub fn for_guest(mut payment: Payment) -> Payment {
    for order in &mut payment.orders {
        order.receipt = None;
    }
    for refund in &mut payment.refunds {
        refund.reason = None;
    }
    payment.channels.retain(|channel| !matches!(channel, Channel::WechatJsapi | Channel::AlipayApp));
    // A wallet's bridge takes its own user's orders only.
    if let Some(attempt) = &mut payment.attempt
        && matches!(attempt.channel, Channel::WechatJsapi | Channel::AlipayApp)
    {
        attempt.handoff = None;
    }
    payment
}
