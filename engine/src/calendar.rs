//! Working days of a region.

use std::collections::BTreeSet;

use contract::catalogue::{Limit, TimeUnit};

use crate::date::Date;

/// Which days are worked: Monday to Friday, less holidays, plus days made up for them.
#[derive(Clone, Debug, Default)]
pub struct Calendar {
    holidays: BTreeSet<Date>,
    made_up: BTreeSet<Date>,
}

impl Calendar {
    /// A calendar with these public holidays and made-up working days.
    #[must_use]
    pub fn new(holidays: impl IntoIterator<Item = Date>, made_up: impl IntoIterator<Item = Date>) -> Self {
        Self { holidays: holidays.into_iter().collect(), made_up: made_up.into_iter().collect() }
    }

    /// Whether offices work that day.
    #[must_use]
    pub fn is_working(&self, day: Date) -> bool {
        self.made_up.contains(&day) || (day.weekday() < 5 && !self.holidays.contains(&day))
    }

    /// The `count`-th working day after `start`; the day of receipt does not count.
    #[must_use]
    pub fn add_working_days(&self, start: Date, count: u32) -> Date {
        let mut day = start;
        let mut left = count;
        while left > 0 {
            let next = day.plus_days(1);
            if next == day {
                return day;
            }
            day = next;
            left -= u32::from(self.is_working(day));
        }
        day
    }

    /// The last day of a limit that runs from `start`.
    #[must_use]
    pub fn due(&self, start: Date, limit: &Limit) -> Date {
        match limit.unit {
            TimeUnit::AtOnce | TimeUnit::Hours => start,
            TimeUnit::WorkingDays => self.add_working_days(start, limit.value),
            TimeUnit::Days => start.plus_days(limit.value.into()),
            TimeUnit::Months => start.plus_months(i32::try_from(limit.value).unwrap_or(0)),
        }
    }

    /// Working days after `from` up to and including `to`; negative when `to` is past.
    #[must_use]
    pub fn working_days_between(&self, from: Date, to: Date) -> i64 {
        let (early, late, sign) = if from <= to { (from, to, 1) } else { (to, from, -1) };
        let days = (late.ordinal() - early.ordinal()).min(4000);
        let worked = (1..=days).filter(|&n| self.is_working(early.plus_days(n))).count();
        sign * i64::try_from(worked).unwrap_or(i64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(text: &str) -> Date {
        Date::parse(text).unwrap()
    }

    #[test]
    fn holidays_and_made_up_days_count() {
        let calendar = Calendar::new([day("2026-10-01"), day("2026-10-02")], [day("2026-10-10")]);
        assert_eq!(calendar.add_working_days(day("2026-09-30"), 1), day("2026-10-05"));
        assert_eq!(calendar.add_working_days(day("2026-10-09"), 1), day("2026-10-10"));
        assert_eq!(calendar.add_working_days(day("2026-10-09"), 0), day("2026-10-09"));
    }

    proptest! {
        #[test]
        fn adding_and_counting_agree(start in 730_000_i64..745_000, count in 0_u32..60) {
            let calendar = Calendar::default();
            let start = Date::from_ordinal(start).unwrap();
            let end = calendar.add_working_days(start, count);
            prop_assert_eq!(calendar.working_days_between(start, end), i64::from(count));
            prop_assert_eq!(calendar.working_days_between(end, start) <= 0, true);
        }
    }
}
