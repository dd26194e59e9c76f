//! What the orders of a case should be: its fees by its facts, less what is paid for them and what
//! a department gave back, and without what nobody will do any more.

use std::collections::BTreeMap;

use contract::catalogue::{Bundle, DepartmentId, Fee, ItemId};
use contract::payment::{OrderId, OrderLine, RefundWhy};
use engine::payment::{Change, is_open};

use super::{Account, OrderDetail};
use crate::case::Case;
use crate::{App, random};

/// Prices the orders of a case by its facts. While an attempt is under way nothing changes: it was
/// begun for the old price, and when it ends everything is priced again.
///
/// What costs more by now is ordered on top. Where less is owed than was paid, the whole goes back,
/// because a receipt is for a whole order, and the new price is due. What a department has named,
/// and what it did not do although it was paid, are the department's to give back.
pub(super) fn price(app: &App, case: &Case, account: &mut Account) -> Vec<Change> {
    let Some(bundle) = app.catalogue.bundle(&case.bundle) else { return Vec::new() };
    if account.till.attempts.iter().any(|one| is_open(one.state)) {
        return Vec::new();
    }
    let facts = digest(case);
    let corrected = account.priced != facts;
    account.priced = facts;
    let changes = if corrected { by_facts(case, bundle, account) } else { Vec::new() };
    drop_hopeless(case, bundle, account);
    changes
}

/// What the orders of a case are priced by.
pub(super) fn digest(case: &Case) -> String {
    random::hash(&serde_json::to_string(&case.facts).unwrap_or_default())
}

fn by_facts(case: &Case, bundle: &Bundle, account: &mut Account) -> Vec<Change> {
    let waived = given_back(account);
    let mut wanted: BTreeMap<DepartmentId, Vec<OrderLine>> = BTreeMap::new();
    for order in engine::fee::basket(bundle, &case.plan(bundle), &case.facts).orders {
        let lines = order.lines.into_iter().filter(|line| !waived.contains(&line.fee));
        wanted.insert(order.payee, lines.collect());
    }
    for detail in account.orders.values().filter(|detail| !is_named(case, detail)) {
        wanted.entry(detail.payee.clone()).or_default();
    }
    let mut changes = Vec::new();
    for (payee, lines) in wanted {
        changes.extend(of_payee(case, account, &payee, lines));
    }
    changes
}

/// Fees a department gave back: it wants nothing for them any more.
fn given_back(account: &Account) -> Vec<String> {
    let orders = account.till.orders.iter().filter(|due| due.returned && !account.is_corrected(due));
    orders
        .filter_map(|due| account.orders.get(&due.id))
        .flat_map(|detail| detail.lines.iter().map(|line| line.fee.clone()))
        .collect()
}

fn of_payee(case: &Case, account: &mut Account, payee: &DepartmentId, wanted: Vec<OrderLine>) -> Vec<Change> {
    let own = |account: &Account, paid: bool| -> Vec<OrderId> {
        let due = account.till.orders.iter().filter(|due| due.paid_by.is_some() == paid && !due.returned);
        due.filter(|due| {
            account.orders.get(&due.id).is_some_and(|detail| detail.payee == *payee && !is_named(case, detail))
        })
        .map(|due| due.id.clone())
        .collect()
    };
    let mut paid = lines_of(account, &own(account, true));
    let less = |(fee, was): (&String, &OrderLine)| {
        wanted.iter().find(|line| line.fee == *fee).map_or(0, |line| line.amount) < was.amount
    };
    let mut changes = Vec::new();
    if paid.iter().any(less) {
        for id in own(account, true) {
            changes.extend(account.till.returned(&id, RefundWhy::Corrected).flatten());
        }
        paid.clear();
    }
    let still: Vec<OrderLine> = wanted.into_iter().filter_map(|line| rest(line, &paid)).collect();
    let unpaid = own(account, false);
    match unpaid.split_first() {
        Some((first, others)) => {
            relabel(account, first, still);
            for other in others {
                relabel(account, other, Vec::new());
            }
        }
        None if still.is_empty() => {}
        None => account.owe(payee.clone(), still),
    }
    changes
}

fn is_named(case: &Case, detail: &OrderDetail) -> bool {
    detail.lines.iter().any(|line| case.assessed.contains_key(&line.fee))
}

/// The lines of orders, those of one fee put together.
fn lines_of(account: &Account, orders: &[OrderId]) -> BTreeMap<String, OrderLine> {
    let mut all: BTreeMap<String, OrderLine> = BTreeMap::new();
    for line in orders.iter().filter_map(|id| account.orders.get(id)).flat_map(|detail| &detail.lines) {
        let sum = |before: &mut OrderLine| {
            before.times += line.times;
            before.amount += line.amount;
        };
        all.entry(line.fee.clone()).and_modify(sum).or_insert_with(|| line.clone());
    }
    all
}

/// What of a line is not paid yet.
fn rest(line: OrderLine, paid: &BTreeMap<String, OrderLine>) -> Option<OrderLine> {
    let Some(before) = paid.get(&line.fee) else { return Some(line) };
    let amount = line.amount - before.amount;
    let by_count = line.each == before.each && line.each * (line.times - before.times) == amount;
    let (each, times) = if by_count { (line.each, line.times - before.times) } else { (amount, 1) };
    (amount > 0).then_some(OrderLine { each, times, amount, reduced: None, ..line })
}

/// An unpaid order for something else; of nothing, where its fees fell away.
fn relabel(account: &mut Account, id: &OrderId, lines: Vec<OrderLine>) {
    if account.till.reprice(id, lines.iter().map(|line| line.amount).sum())
        && let Some(detail) = account.orders.get_mut(id)
    {
        detail.lines = lines;
    }
}

/// What is not paid falls away with the parts it was for.
fn drop_hopeless(case: &Case, bundle: &Bundle, account: &mut Account) {
    let unpaid: Vec<OrderId> =
        account.till.orders.iter().filter(|due| due.paid_by.is_none()).map(|due| due.id.clone()).collect();
    for id in unpaid {
        let Some(detail) = account.orders.get(&id) else { continue };
        let still = detail.lines.iter().filter(|line| !is_hopeless(case, bundle, &line.fee));
        let still: Vec<OrderLine> = still.cloned().collect();
        if still.len() < detail.lines.len() {
            relabel(account, &id, still);
        }
    }
}

/// Whether nothing a fee is for will be done: its lanes were refused or ended, or can never begin.
fn is_hopeless(case: &Case, bundle: &Bundle, fee: &str) -> bool {
    let Some(fee) = bundle.fees.iter().find(|one| one.id == fee) else { return false };
    let of = |fee: &Fee, item: &ItemId| fee.items.iter().any(|one| *one == item.0 || one == "*");
    let mut lanes = case.lanes.iter().filter(|lane| of(fee, &lane.item)).peekable();
    lanes.peek().is_some() && lanes.all(|lane| case.is_over(bundle, &lane.item))
}
