//! Calendar days without a time zone.

use std::fmt;

/// A day of the Gregorian calendar, years 1 to 9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    year: i32,
    month: u8,
    day: u8,
}

impl Date {
    /// The first day of year 1.
    pub const FIRST: Self = Self { year: 1, month: 1, day: 1 };

    /// The day, if it exists.
    #[must_use]
    pub fn new(year: i32, month: u8, day: u8) -> Option<Self> {
        let fits = (1..=9999).contains(&year) && (1..=12).contains(&month) && day >= 1 && day <= days_in(year, month);
        fits.then_some(Self { year, month, day })
    }

    /// Reads `2026-11-22`; one-digit months and days, `/`, `.` and `年月日` are forgiven.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().trim_end_matches('日');
        let mut parts = text.split(['-', '/', '.', '年', '月']);
        let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() || year.len() != 4 {
            return None;
        }
        Self::new(digits(year)?, u8::try_from(digits(month)?).ok()?, u8::try_from(digits(day)?).ok()?)
    }

    /// Year, month, day.
    #[must_use]
    pub fn parts(self) -> (i32, u8, u8) {
        (self.year, self.month, self.day)
    }

    /// Days since 0000-03-01, so that differences count days.
    #[must_use]
    pub fn ordinal(self) -> i64 {
        let (mut year, month) = (i64::from(self.year), i64::from(self.month));
        if month <= 2 {
            year -= 1;
        }
        let era = year.div_euclid(400);
        let year_of_era = year.rem_euclid(400);
        let day_of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + i64::from(self.day) - 1;
        era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year
    }

    /// The day with this ordinal; `None` outside years 1 to 9999.
    #[must_use]
    pub fn from_ordinal(ordinal: i64) -> Option<Self> {
        let era = ordinal.div_euclid(146_097);
        let day_of_era = ordinal.rem_euclid(146_097);
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted = (5 * day_of_year + 2) / 153;
        let day = u8::try_from(day_of_year - (153 * shifted + 2) / 5 + 1).ok()?;
        let month = u8::try_from(if shifted < 10 { shifted + 3 } else { shifted - 9 }).ok()?;
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        Self::new(i32::try_from(year).ok()?, month, day)
    }

    /// So many days later, or earlier; the day itself where the calendar ends.
    #[must_use]
    pub fn plus_days(self, days: i64) -> Self {
        Self::from_ordinal(self.ordinal().saturating_add(days)).unwrap_or(self)
    }

    /// So many months later, on the last day of a shorter month.
    #[must_use]
    pub fn plus_months(self, months: i32) -> Self {
        let index = i64::from(self.year) * 12 + i64::from(self.month) - 1 + i64::from(months);
        let year = i32::try_from(index.div_euclid(12)).unwrap_or(self.year);
        let month = u8::try_from(index.rem_euclid(12) + 1).unwrap_or(self.month);
        Self::new(year, month, self.day.min(days_in(year, month))).unwrap_or(self)
    }

    /// 0 Monday … 6 Sunday.
    #[must_use]
    pub fn weekday(self) -> u8 {
        // 0000-03-01 was a Wednesday.
        u8::try_from((self.ordinal() + 2).rem_euclid(7)).unwrap_or(0)
    }

    /// Whole years between this day and a later one.
    #[must_use]
    pub fn years_until(self, later: Self) -> i32 {
        later.year - self.year - i32::from((later.month, later.day) < (self.month, self.day))
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

/// A number of one to four ASCII digits; `parse` alone would take a sign.
fn digits(text: &str) -> Option<i32> {
    let plain = (1..=4).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

fn days_in(year: i32, month: u8) -> u8 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn days_that_do_not_exist_are_refused() {
        for text in [
            "2025-02-29",
            "2026-13-01",
            "2026-00-10",
            "2026-04-31",
            "26-04-01",
            "2026-04",
            "2026-+4-01",
            "",
            "-",
            "年月日",
        ] {
            assert_eq!(Date::parse(text), None, "{text}");
        }
    }

    #[test]
    fn ways_of_writing_are_forgiven() {
        for text in ["2024-02-29", "2024/2/29", " 2024年2月29日 ", "2024.02.29"] {
            assert_eq!(Date::parse(text), Date::new(2024, 2, 29), "{text}");
        }
    }

    #[test]
    fn known_days() {
        let day = Date::new(2026, 11, 22).unwrap();
        assert_eq!(day.weekday(), 6, "a Sunday");
        assert_eq!(Date::new(2024, 1, 31).unwrap().plus_months(1).to_string(), "2024-02-29");
        assert_eq!(Date::new(2000, 6, 1).unwrap().years_until(day), 26);
        assert_eq!(Date::new(2000, 11, 23).unwrap().years_until(day), 25);
    }

    proptest! {
        #[test]
        fn ordinals_count_days(ordinal in 0_i64..3_600_000) {
            if let Some(day) = Date::from_ordinal(ordinal) {
                prop_assert_eq!(day.ordinal(), ordinal);
                prop_assert_eq!(Date::parse(&day.to_string()), Some(day));
            }
        }

        #[test]
        fn any_text_is_read_without_panic(text in "\\PC{0,20}") {
            let _ = Date::parse(&text);
        }
    }
}
