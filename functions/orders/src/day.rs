//! UTC days, the buckets of the index that lists orders.

use std::fmt;
use std::str::FromStr;
use std::time::SystemTime;

use schemars::{Schema, json_schema};
use time::format_description::FormatItem;
use time::macros::format_description;
use time::{Date, OffsetDateTime};

const FORMAT: &[FormatItem] = format_description!("[year]-[month]-[day]");

/// A UTC day, written `2025-11-21`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(Date);

/// The text is not a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a day such as 2025-11-21")]
pub struct NotADay;

impl Day {
    /// What a day looks like.
    #[must_use]
    pub fn schema() -> Schema {
        json_schema!({"type": "string", "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"})
    }

    #[must_use]
    pub fn of(at: SystemTime) -> Self {
        Self(OffsetDateTime::from(at).date())
    }

    /// This day and those before it, down to `floor`.
    pub fn down_to(self, floor: Self) -> impl Iterator<Item = Self> {
        std::iter::successors(Some(self), |day| day.0.previous_day().map(Self)).take_while(move |day| *day >= floor)
    }

    /// The day `days` days earlier.
    #[must_use]
    pub fn back(self, days: u16) -> Self {
        Self(self.0.saturating_sub(time::Duration::days(i64::from(days))))
    }

    /// Days since the beginning of the Julian calendar's count, for a compact form.
    #[must_use]
    pub fn number(self) -> i32 {
        self.0.to_julian_day()
    }

    #[must_use]
    pub fn from_number(number: i32) -> Option<Self> {
        Date::from_julian_day(number).ok().map(Self)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.pad(&self.0.format(FORMAT).map_err(|_| fmt::Error)?)
    }
}

impl FromStr for Day {
    type Err = NotADay;

    fn from_str(text: &str) -> Result<Self, NotADay> {
        // The parser also takes a signed year.
        Date::parse(text, FORMAT).map(Self).ok().filter(|day| day.to_string() == text).ok_or(NotADay)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().expect("a day")
    }

    #[test]
    fn days_are_walked_backwards_to_the_floor() {
        let days: Vec<_> = day("2024-03-01").down_to(day("2024-02-28")).map(|day| day.to_string()).collect();
        assert_eq!(days, ["2024-03-01", "2024-02-29", "2024-02-28"]);
        assert_eq!(day("2024-03-01").down_to(day("2024-03-02")).count(), 0);
        assert_eq!(day("2024-03-01").back(2), day("2024-02-28"));
    }

    #[test]
    fn only_calendar_days_are_days() {
        for text in ["", "2025-02-29", "2025-1-1", "2025-11-21T00:00:00Z", "+2025-11-21", "20251121", "-025-11-21"] {
            assert_eq!(text.parse::<Day>(), Err(NotADay), "{text}");
        }
        assert_eq!(Day::from_number(day("2025-11-21").number()), Some(day("2025-11-21")));
    }
}
