//! What an errand costs one person.

use contract::Fen;
use contract::catalogue::{Basis, Bundle, DepartmentId, Fee, Reduction};
use contract::payment::{OrderLine, Reduced};
use contract::value::Facts;

use crate::condition::{self, Truth};
use crate::plan::Plan;

/// The fees of an errand for one person: one basket, an order for each payee.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Basket {
    /// What is to pay now, by payee, nothing free among it.
    pub orders: Vec<PayeeOrder>,
    /// Names of what is free, and why where it is waived.
    pub free: Vec<String>,
    /// Names of what a department works out later.
    pub later: Vec<String>,
}

/// What one payee gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PayeeOrder {
    /// Who receives the money.
    pub payee: DepartmentId,
    /// What for.
    pub lines: Vec<OrderLine>,
}

impl PayeeOrder {
    /// The sum in fen.
    #[must_use]
    pub fn amount(&self) -> Fen {
        self.lines.iter().map(|line| line.amount).sum()
    }
}

impl Basket {
    /// The sum in fen.
    #[must_use]
    pub fn amount(&self) -> Fen {
        self.orders.iter().map(PayeeOrder::amount).sum()
    }

    /// Every line, whoever receives it.
    pub fn lines(&self) -> impl Iterator<Item = &OrderLine> {
        self.orders.iter().flat_map(|order| &order.lines)
    }

    /// Nothing is to pay now.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.orders.is_empty()
    }

    fn add(&mut self, payee: DepartmentId, line: OrderLine) {
        match self.orders.iter_mut().find(|order| order.payee == payee) {
            Some(order) => order.lines.push(line),
            None => self.orders.push(PayeeOrder { payee, lines: vec![line] }),
        }
    }
}

/// Collects the fees that are due. A fee counted by a field that says nothing or nonsense is not due.
#[must_use]
pub fn basket(bundle: &Bundle, plan: &Plan, facts: &Facts) -> Basket {
    let mut basket = Basket::default();
    for fee in plan.active_fees(bundle) {
        let times = fee
            .times
            .as_ref()
            .map_or(Some(1), |field| facts.get(field).and_then(|value| value.text().parse::<i64>().ok()));
        match (fee.amount, times) {
            (Some(0), _) => basket.free.push(fee.name.clone()),
            (None, _) => basket.later.push(fee.name.clone()),
            (Some(each), Some(times @ 1..=9999)) => {
                let line = priced(fee, each, times, reduction(fee, facts));
                match &line.reduced {
                    Some(reduced) if line.amount == 0 => basket.free.push(format!("{} – {}", fee.name, reduced.name)),
                    _ => basket.add(payee(bundle, fee), line),
                }
            }
            (Some(_), _) => {}
        }
    }
    basket
}

/// A fee as a line of an order.
#[must_use]
pub fn priced(fee: &Fee, each: Fen, times: i64, reduction: Option<&Reduction>) -> OrderLine {
    let whole = each.saturating_mul(times);
    // Part of a fen is nobody's: it falls to the person.
    let amount = reduction.map_or(whole, |reduction| whole.saturating_mul(i64::from(reduction.percent)) / 100);
    OrderLine {
        fee: fee.id.clone(),
        name: fee.name.clone(),
        basis_document: fee.basis_document.clone(),
        each,
        times,
        reduced: reduction.map(|reduction| Reduced {
            id: reduction.id.clone(),
            name: reduction.name.clone(),
            basis_document: reduction.basis_document.clone(),
            less: whole - amount,
        }),
        amount,
        sample: fee.basis == Basis::Memory || reduction.is_some_and(|reduction| reduction.basis == Basis::Memory),
    }
}

/// The first reduction of a fee that surely applies.
fn reduction<'f>(fee: &'f Fee, facts: &Facts) -> Option<&'f Reduction> {
    fee.reductions.iter().find(|reduction| condition::all(&reduction.when, facts) == Truth::Yes)
}

/// Who receives a fee: whom it names, or the department of its first item.
#[must_use]
pub fn payee(bundle: &Bundle, fee: &Fee) -> DepartmentId {
    let item = || bundle.items.iter().find(|item| fee.items.first() == Some(&item.id.0));
    fee.payee.clone().or_else(|| item().map(|item| item.department.clone())).unwrap_or_else(|| bundle.lead.clone())
}

/// Fees that must be paid before an item begins: its own, and those of the whole errand. What is
/// counted (copies, cards) is paid in the same order, but nothing waits for it.
pub fn first<'b>(bundle: &'b Bundle, plan: &'b Plan, item: &'b str) -> impl Iterator<Item = &'b Fee> {
    plan.active_fees(bundle)
        .filter(|fee| fee.amount.is_some_and(|amount| amount > 0) && fee.times.is_none())
        .filter(move |fee| fee.items.iter().any(|one| one == item || one == "*"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::tests::sample;
    use contract::catalogue::{Op, Test};

    fn basket_of(bundle: &Bundle, facts: &[(&str, &str)]) -> Basket {
        let facts: Facts = facts.iter().map(|(fact, value)| ((*fact).to_owned(), (*value).into())).collect();
        basket(bundle, &Plan::of(bundle, &facts, crate::date::Date::FIRST), &facts)
    }

    #[test]
    fn free_later_and_counted_fees_are_told_apart() {
        let bundle = sample();
        let none = basket_of(&bundle, &[("married", "no")]);
        assert_eq!((none.amount(), none.free.len(), none.later.len()), (0, 1, 0));
        let two = basket_of(&bundle, &[("married", "yes"), ("copies", "2")]);
        assert_eq!((two.amount(), two.lines().count(), two.later.len()), (2000, 1, 1));
        for nonsense in ["", "-3", "x", "99999999999999999999"] {
            assert_eq!(basket_of(&bundle, &[("married", "yes"), ("copies", nonsense)]).amount(), 0, "{nonsense}");
        }
    }

    #[test]
    fn each_payee_has_an_order() {
        let mut bundle = sample();
        bundle.fees[2].amount = Some(500);
        bundle.fees[2].payee = Some(DepartmentId("tax".into()));
        let basket = basket_of(&bundle, &[("married", "yes"), ("copies", "1")]);
        let payees: Vec<(&str, Fen)> =
            basket.orders.iter().map(|order| (order.payee.as_str(), order.amount())).collect();
        assert_eq!(payees, [("police", 1000), ("tax", 500)]);
    }

    #[test]
    fn a_reduction_is_named_and_a_waiver_is_free() {
        let mut bundle = sample();
        let reduction = |percent| Reduction {
            id: "half".into(),
            name: "减半".into(),
            when: vec![Test("married".into(), Op::Is, "yes".into())],
            percent,
            basis_document: None,
            basis: Basis::Seen,
        };
        bundle.fees[1].reductions = vec![reduction(50)];
        let half = basket_of(&bundle, &[("married", "yes"), ("copies", "3")]);
        let line = half.lines().next().unwrap();
        assert_eq!((line.amount, line.reduced.as_ref().unwrap().less, half.amount()), (1500, 1500, 1500));
        bundle.fees[1].reductions = vec![reduction(0)];
        let waived = basket_of(&bundle, &[("married", "yes"), ("copies", "3")]);
        assert!(waived.is_empty() && waived.free.iter().any(|name| name.contains("减半")), "{waived:?}");
    }
}
