//! The server's clock: the only one that decides.

use engine::date::Date;
use jiff::{Timestamp, ToSpan, tz};

/// Now, as stored: UTC with a fixed width, so that texts sort like times.
#[must_use]
pub fn stored_now() -> String {
    stored(Timestamp::now())
}

/// A time as stored.
#[must_use]
pub fn stored(at: Timestamp) -> String {
    format!("{at:.3}")
}

/// So many seconds from now, as stored.
#[must_use]
pub fn stored_in(seconds: i64) -> String {
    stored(Timestamp::now().checked_add(seconds.seconds()).unwrap_or(Timestamp::MAX))
}

/// Seconds from now until a stored time; negative when it is past.
#[must_use]
pub fn seconds_until(stored: &str) -> i64 {
    stored.parse::<Timestamp>().map_or(0, |at| at.as_second() - Timestamp::now().as_second())
}

/// A region's place in the day.
#[derive(Clone, Copy, Debug)]
pub struct Zone(tz::Offset);

impl Zone {
    /// Reads `+08:00`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (hours, minutes) = text.split_once(':')?;
        let hours: i32 = hours.parse().ok()?;
        let minutes: i32 = minutes.parse().ok()?;
        tz::Offset::from_seconds((hours * 60 + minutes * hours.signum()) * 60).ok().map(Self)
    }

    /// A stored time with the region's offset, for people and the wire.
    #[must_use]
    pub fn moment(self, stored: &str) -> String {
        match stored.parse::<Timestamp>() {
            Ok(at) => format!("{:.0}", at.display_with_offset(self.0)),
            Err(_) => stored.to_owned(),
        }
    }

    /// Now, with the region's offset.
    #[must_use]
    pub fn now(self) -> String {
        self.moment(&stored_now())
    }

    /// The day it is in the region.
    #[must_use]
    pub fn today(self) -> Date {
        self.day(&stored_now())
    }

    /// The region's day of a stored or wire time.
    #[must_use]
    pub fn day(self, at: &str) -> Date {
        let at = at.parse::<Timestamp>().unwrap_or_else(|_| Timestamp::now());
        let civil = self.0.to_datetime(at);
        Date::new(civil.year().into(), civil.month().unsigned_abs(), civil.day().unsigned_abs())
            .unwrap_or_else(|| unreachable!("a timestamp of this era has a day"))
    }
}
