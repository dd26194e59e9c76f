//! Conditions over facts, with a third answer for what is not known yet.

use contract::catalogue::{Op, Test};
use contract::value::{Facts, Value};

use crate::answer::hundredths;

/// Whether something holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Truth {
    /// It does not.
    No,
    /// The answer that decides it is missing.
    Unknown,
    /// It does.
    Yes,
}

impl Truth {
    /// Both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        self.min(other)
    }

    /// Either.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        self.max(other)
    }
}

impl From<bool> for Truth {
    fn from(holds: bool) -> Self {
        if holds { Self::Yes } else { Self::No }
    }
}

/// Whether all tests hold. No tests always hold.
#[must_use]
pub fn all(tests: &[Test], facts: &Facts) -> Truth {
    tests.iter().fold(Truth::Yes, |truth, test| truth.and(one(test, facts.get(&test.0))))
}

/// Whether one test holds for a value.
#[must_use]
pub fn one(Test(_, op, expected): &Test, value: Option<&Value>) -> Truth {
    holds(*op, expected, value)
}

/// Whether a comparison holds for a value.
#[must_use]
pub fn holds(op: Op, expected: &str, value: Option<&Value>) -> Truth {
    let Some(value) = value.filter(|value| !value.is_blank()) else {
        return Truth::Unknown;
    };
    match (op, value) {
        (Op::Is, Value::Text(text)) => (text == expected).into(),
        (Op::Not, Value::Text(text)) => (text != expected).into(),
        (Op::In, Value::Text(text)) => expected.split('|').any(|one| one == text).into(),
        (Op::Has, Value::Many(many)) => many.iter().any(|one| one == expected).into(),
        (Op::Lacks, Value::Many(many)) => (!many.iter().any(|one| one == expected)).into(),
        (Op::Lt | Op::Le | Op::Gt | Op::Ge, Value::Text(text)) => compare(op, text, expected),
        _ => Truth::No,
    }
}

fn compare(op: Op, text: &str, expected: &str) -> Truth {
    // Days compare as their ISO text, numbers as numbers.
    let order = match (hundredths(text.trim()), hundredths(expected)) {
        (Some(left), Some(right)) => left.cmp(&right),
        _ => text.trim().cmp(expected),
    };
    match op {
        Op::Lt => order.is_lt(),
        Op::Le => order.is_le(),
        Op::Gt => order.is_gt(),
        _ => order.is_ge(),
    }
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn test(fact: &str, op: Op, value: &str) -> Test {
        Test(fact.into(), op, value.into())
    }

    #[test]
    fn what_was_not_answered_is_unknown() {
        let facts = Facts::from([("a".into(), "x".into()), ("blank".into(), " ".into())]);
        assert_eq!(all(&[test("a", Op::Is, "x"), test("b", Op::Is, "x")], &facts), Truth::Unknown);
        assert_eq!(all(&[test("a", Op::Is, "y"), test("b", Op::Is, "x")], &facts), Truth::No);
        assert_eq!(all(&[test("blank", Op::Not, "x")], &facts), Truth::Unknown);
        assert_eq!(all(&[], &facts), Truth::Yes);
    }

    #[test]
    fn every_comparison() {
        let facts = Facts::from([
            ("n".into(), "90".into()),
            ("d".into(), "2026-02-01".into()),
            ("m".into(), Value::Many(vec!["a".into(), "b".into()])),
        ]);
        for (fact, op, value, truth) in [
            ("n", Op::Gt, "100", Truth::No),
            ("n", Op::Lt, "100", Truth::Yes),
            ("n", Op::Ge, "90", Truth::Yes),
            ("n", Op::Le, "89.5", Truth::No),
            ("d", Op::Lt, "2026-10-01", Truth::Yes),
            ("m", Op::Has, "a", Truth::Yes),
            ("m", Op::Lacks, "a", Truth::No),
            ("m", Op::Lacks, "c", Truth::Yes),
            ("n", Op::In, "80|90", Truth::Yes),
            ("m", Op::Is, "a", Truth::No),
        ] {
            assert_eq!(all(&[test(fact, op, value)], &facts), truth, "{fact} {op:?} {value}");
        }
    }
}
