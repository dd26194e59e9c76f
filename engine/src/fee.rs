//! What an errand costs one person.

use contract::catalogue::Bundle;
use contract::payment::OrderLine;
use contract::value::Facts;

use crate::plan::Plan;

/// The fees of an errand for one person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Basket {
    /// What is to pay now, nothing free among it.
    pub lines: Vec<OrderLine>,
    /// Names of what is free.
    pub free: Vec<String>,
    /// Names of what the department computes later.
    pub unknown: Vec<String>,
}

impl Basket {
    /// The sum in fen.
    #[must_use]
    pub fn amount(&self) -> i64 {
        self.lines.iter().map(|line| line.amount).sum()
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
            (None, _) => basket.unknown.push(fee.name.clone()),
            (Some(each), Some(times @ 1..=9999)) => basket.lines.push(OrderLine {
                name: fee.name.clone(),
                basis_document: fee.basis_document.clone(),
                each,
                times,
                amount: each * times,
            }),
            (Some(_), _) => {}
        }
    }
    basket
}

/// The items that start only when the order is paid.
#[must_use]
pub fn paid_items(bundle: &Bundle, plan: &Plan) -> Vec<String> {
    plan.active_fees(bundle)
        .filter(|fee| fee.amount.is_some_and(|amount| amount > 0) && fee.times.is_none())
        .flat_map(|fee| fee.items.clone())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::tests::sample;

    #[test]
    fn free_unknown_and_counted_fees_are_told_apart() {
        let bundle = sample();
        let basket = |facts: &Facts| basket(&bundle, &Plan::of(&bundle, facts, crate::date::Date::FIRST), facts);
        let none = basket(&Facts::from([("married".into(), "no".into())]));
        assert_eq!((none.amount(), none.free.len(), none.unknown.len()), (0, 1, 0));
        let two = basket(&Facts::from([("married".into(), "yes".into()), ("copies".into(), "2".into())]));
        assert_eq!((two.amount(), two.lines.len(), two.unknown.len()), (2000, 1, 1));
        for nonsense in ["", "-3", "x", "99999999999999999999"] {
            let basket = basket(&Facts::from([("married".into(), "yes".into()), ("copies".into(), nonsense.into())]));
            assert_eq!(basket.amount(), 0, "{nonsense}");
        }
    }
}
