//! What several facts must keep together.

use contract::catalogue::{Bundle, Limit, Rule, TimeUnit};
use contract::problem::{Fault, FaultRule};
use contract::value::Value;

use crate::answer::hundredths;
use crate::date::Date;
use crate::form::{Filling, Form};
use crate::identity;

/// The fault of a broken rule. A rule speaks only where all its facts are asked and answered.
#[must_use]
pub fn broken(bundle: &Bundle, rule: &Rule, form: &Form, filling: &Filling) -> Option<Fault> {
    let value = |fact: &str| form.answer(filling, form.place(fact)?);
    let day = |fact: &str| span(value(fact)?.text());
    let between = |field: &str, other: &str, rule| Fault { at: field.to_owned(), rule, other: Some(other.to_owned()) };
    match rule {
        // Of days known in part, only what is certain is held against anyone.
        Rule::NotBefore { field, other } => {
            (day(field)?.1 < day(other)?.0).then(|| between(field, other, FaultRule::TooEarly))
        }
        Rule::Past { field } => (day(field)?.0 > filling.today()).then(|| Fault::new(field.clone(), FaultRule::Future)),
        Rule::Within { field, item } => {
            let limit = bundle.items.iter().find(|one| one.id == *item)?.apply_within.as_ref()?;
            let last = last_day(day(field)?.1, limit)?;
            (filling.today() > last).then(|| Fault::new(field.clone(), FaultRule::Late))
        }
        Rule::Whole { of } => {
            let sum = of.iter().map(|part| share(part, &value)).sum::<Option<i64>>()?;
            let at = of.first()?.split('.').next().unwrap_or_default();
            (sum != 10_000).then(|| Fault::new(at, FaultRule::Whole))
        }
        Rule::Paper { field, kind } => {
            let fits = identity::fits_paper(value(kind)?.text(), value(field)?.text());
            (!fits).then(|| Fault::new(field.clone(), FaultRule::Document))
        }
        Rule::Differ { field, other } => {
            (value(field)? == value(other)?).then(|| between(field, other, FaultRule::Same))
        }
    }
}

/// Whether a rule only tells, and bars nothing: a missed deadline is for the department to judge.
#[must_use]
pub fn is_advice(rule: FaultRule) -> bool {
    rule == FaultRule::Late
}

/// Fields a rule looks at; where its fault stands comes first.
#[must_use]
pub fn fields(rule: &Rule) -> Vec<&str> {
    match rule {
        Rule::NotBefore { field, other } | Rule::Differ { field, other } | Rule::Paper { field, kind: other } => {
            vec![field, other]
        }
        Rule::Past { field } | Rule::Within { field, .. } => vec![field],
        Rule::Whole { of } => of.iter().map(|part| part.split('.').next().unwrap_or_default()).collect(),
    }
}

/// The first and the last day a date, a time, a month or a year may mean.
fn span(text: &str) -> Option<(Date, Date)> {
    let day = text.get(..10).unwrap_or(text);
    if let Some(day) = Date::parse(day) {
        return Some((day, day));
    }
    let (first, months) = match text.len() {
        4 => (Date::parse(&format!("{text}-01-01"))?, 12),
        7 => (Date::parse(&format!("{text}-01"))?, 1),
        _ => return None,
    };
    Some((first, first.plus_months(months).plus_days(-1)))
}

/// The last day of an applicant's own deadline. Working days are left to the region's calendar.
fn last_day(from: Date, limit: &Limit) -> Option<Date> {
    match limit.unit {
        TimeUnit::Days => Some(from.plus_days(i64::from(limit.value))),
        TimeUnit::Months => Some(from.plus_months(i32::try_from(limit.value).ok()?)),
        TimeUnit::AtOnce | TimeUnit::Hours | TimeUnit::WorkingDays => None,
    }
}

/// Hundredths of a per cent in a field, or in a column of all rows.
fn share<'v>(part: &str, value: &impl Fn(&str) -> Option<&'v Value>) -> Option<i64> {
    match part.split_once('.') {
        None => hundredths(value(part)?.text()),
        Some((list, column)) => match value(list)? {
            Value::Rows(rows) => rows.iter().map(|row| hundredths(row.get(column)?)).sum(),
            _ => None,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use contract::catalogue::{Basis, FieldKind, ItemId};
    use contract::value::{Facts, Row};

    fn bundle() -> Bundle {
        let mut bundle = crate::lint::tests::sample();
        for field in &mut bundle.fields {
            field.derive = None;
            field.items = vec!["*".into()];
            field.kind = FieldKind::Text;
        }
        bundle.items[0].apply_within =
            Some(Limit { value: 6, unit: TimeUnit::Months, place: None, note: None, basis: Basis::Seen });
        bundle
    }

    fn fault(rule: &Rule, pairs: &[(&str, Value)]) -> Option<FaultRule> {
        let bundle = bundle();
        let form = Form::of(&bundle);
        let facts: Facts = pairs.iter().map(|(id, value)| ((*id).to_owned(), value.clone())).collect();
        broken(&bundle, rule, &form, &form.fill(&facts, Date::new(2026, 11, 22).unwrap())).map(|fault| fault.rule)
    }

    #[test]
    fn days_in_their_order() {
        let rule = Rule::NotBefore { field: "id".into(), other: "born".into() };
        for (later, earlier, expected) in [
            ("2026-01-02", "2026-01-02", None),
            ("2026-01-01", "2026-01-02", Some(FaultRule::TooEarly)),
            ("2026", "2026-06-01", None),
            ("2025", "2026-06-01", Some(FaultRule::TooEarly)),
            ("2026-05", "2026-06-01", Some(FaultRule::TooEarly)),
            ("2026-06-01T08:00", "2026-06-01", None),
            ("", "2026-06-01", None),
            ("x", "2026-06-01", None),
        ] {
            assert_eq!(fault(&rule, &[("id", later.into()), ("born", earlier.into())]), expected, "{later} {earlier}");
        }
        let past = Rule::Past { field: "id".into() };
        assert_eq!(fault(&past, &[("id", "2026-11-22".into())]), None);
        assert_eq!(fault(&past, &[("id", "2026-11-23".into())]), Some(FaultRule::Future));
    }

    #[test]
    fn a_missed_deadline_is_told_and_bars_nothing() {
        let rule = Rule::Within { field: "id".into(), item: ItemId("a".into()) };
        assert_eq!(fault(&rule, &[("id", "2026-05-22".into())]), None);
        assert_eq!(fault(&rule, &[("id", "2026-05-21".into())]), Some(FaultRule::Late));
        assert!(is_advice(FaultRule::Late) && !is_advice(FaultRule::Future));
    }

    #[test]
    fn shares_make_a_whole() {
        let rule = Rule::Whole { of: vec!["id".into(), "born.share".into()] };
        let rows = |shares: &[&str]| {
            Value::Rows(shares.iter().map(|share| Row::from([("share".into(), (*share).into())])).collect())
        };
        assert_eq!(fault(&rule, &[("id", "50".into()), ("born", rows(&["25.5", "24.5"]))]), None);
        assert_eq!(fault(&rule, &[("id", "50".into()), ("born", rows(&["25", "24.99"]))]), Some(FaultRule::Whole));
        assert_eq!(fault(&rule, &[("id", "50".into()), ("born", rows(&["25", ""]))]), None, "not all are said yet");
        assert_eq!(fault(&rule, &[("id", "50".into())]), None);
    }

    #[test]
    fn papers_and_people() {
        let paper = Rule::Paper { field: "id".into(), kind: "book_number".into() };
        assert_eq!(fault(&paper, &[("id", "E12345678".into()), ("book_number", "passport".into())]), None);
        assert_eq!(
            fault(&paper, &[("id", "E1".into()), ("book_number", "passport".into())]),
            Some(FaultRule::Document)
        );
        let differ = Rule::Differ { field: "id".into(), other: "born".into() };
        assert_eq!(fault(&differ, &[("id", "1".into()), ("born", "1".into())]), Some(FaultRule::Same));
        assert_eq!(fault(&differ, &[("id", "1".into()), ("born", "2".into())]), None);
    }
}
