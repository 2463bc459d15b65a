//! Order ids: ULIDs, which sort by time as text.
//!
//! 26 characters of Crockford's base 32: 48 bits of milliseconds since 1970, then 80 random bits. Only the canonical form is
//! an id (upper case, no `I`, `L`, `O`, `U`), so one order has one address.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use ring::rand::{SecureRandom, SystemRandom};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};

use crate::day::Day;

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LENGTH: usize = 26;
const RANDOM_BITS: u32 = 80;
/// The last moment, in the year 9774, whose id does not begin with `7`: of those that do, some would be later than 9999.
const LAST_MILLISECOND: u64 = (7 << 45) - 1;

/// The id of an order. Its order is the order of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrderId(u128);

/// The text is not an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be an order id: 26 characters of 0-9 and A-Z without I, L, O and U")]
pub struct NotAnId;

impl JsonSchema for OrderId {
    fn schema_name() -> Cow<'static, str> {
        "OrderId".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        Self::schema()
    }
}

impl OrderId {
    /// What an id looks like.
    #[must_use]
    pub fn schema() -> Schema {
        json_schema!({
            "type": "string",
            "description": "A ULID in its canonical form. Newer orders have greater ids.",
            "pattern": "^[0-6][0-9A-HJKMNP-TV-Z]{25}$",
            "example": "01ARZ3NDEKTSV4RRFFQ69G5FAV",
        })
    }

    /// A new id for the moment `at`.
    ///
    /// # Errors
    /// When the operating system has no randomness to give.
    pub fn new(at: SystemTime) -> Result<Self, ring::error::Unspecified> {
        let mut random = [0; 16];
        SystemRandom::new().fill(&mut random[6..])?;
        Ok(Self::from_parts(at, u128::from_be_bytes(random)))
    }

    /// An id of given randomness, of which the low 80 bits count. Times before 1970 and after 9774 are taken to the nearer end.
    #[must_use]
    pub fn from_parts(at: SystemTime, random: u128) -> Self {
        let since = at.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
        let milliseconds = u64::try_from(since).unwrap_or(u64::MAX).min(LAST_MILLISECOND);
        Self(u128::from(milliseconds) << RANDOM_BITS | random & ((1 << RANDOM_BITS) - 1))
    }

    /// When the order was placed, to the millisecond.
    #[must_use]
    pub fn time(self) -> SystemTime {
        UNIX_EPOCH + Duration::from_millis(self.milliseconds())
    }

    /// The UTC day of [`OrderId::time`].
    #[must_use]
    pub fn day(self) -> Day {
        Day::of(self.time())
    }

    /// One of `shards` equally likely numbers, always the same for the same id.
    #[must_use]
    pub fn shard(self, shards: u8) -> u8 {
        let low = u8::try_from(self.0 & 0xff).expect("eight bits");
        low % shards.max(1)
    }

    #[must_use]
    pub fn to_bytes(self) -> [u8; 16] {
        self.0.to_be_bytes()
    }

    /// # Errors
    /// [`NotAnId`] when the time is later than any id has.
    pub fn from_bytes(bytes: [u8; 16]) -> Result<Self, NotAnId> {
        Self::checked(u128::from_be_bytes(bytes))
    }

    fn checked(bits: u128) -> Result<Self, NotAnId> {
        if Self(bits).milliseconds() > LAST_MILLISECOND { Err(NotAnId) } else { Ok(Self(bits)) }
    }

    fn milliseconds(self) -> u64 {
        u64::try_from(self.0 >> RANDOM_BITS).expect("48 bits fit into 64")
    }
}

impl fmt::Display for OrderId {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        let character = |place: usize| {
            let digit = self.0 >> (5 * (LENGTH - 1 - place)) & 31;
            char::from(ALPHABET[usize::try_from(digit).expect("five bits")])
        };
        formatter.pad(&(0..LENGTH).map(character).collect::<String>())
    }
}

impl FromStr for OrderId {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, NotAnId> {
        // 26 characters hold 130 bits: of the first one's five, two are above an id's 128.
        if text.len() != LENGTH || text.as_bytes()[0] > b'6' {
            return Err(NotAnId);
        }
        let digit = |byte: &u8| ALPHABET.iter().position(|character| character == byte).ok_or(NotAnId);
        text.as_bytes().iter().try_fold(0, |id, byte| Ok(id << 5 | digit(byte)? as u128)).and_then(Self::checked)
    }
}

impl Serialize for OrderId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(milliseconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_millis(milliseconds)
    }

    fn ids() -> impl Strategy<Value = OrderId> {
        (0..=LAST_MILLISECOND, any::<u128>()).prop_map(|(time, random)| OrderId::from_parts(at(time), random))
    }

    proptest! {
        #[test]
        fn text_and_bytes_round_trip(id in ids()) {
            prop_assert_eq!(id.to_string().parse(), Ok(id));
            prop_assert_eq!(OrderId::from_bytes(id.to_bytes()), Ok(id));
        }

        #[test]
        fn text_sorts_as_time_does(a in 0..=LAST_MILLISECOND, b in 0..=LAST_MILLISECOND, x: u128, y: u128) {
            prop_assume!(a < b);
            let (earlier, later) = (OrderId::from_parts(at(a), x), OrderId::from_parts(at(b), y));
            prop_assert!(earlier < later);
            prop_assert!(earlier.to_string() < later.to_string());
            prop_assert_eq!(earlier.time(), at(a));
        }

        #[test]
        fn only_the_canonical_text_is_an_id(text in "\\PC{0,30}") {
            if let Ok(id) = text.parse::<OrderId>() {
                prop_assert_eq!(id.to_string(), text);
            }
        }

        #[test]
        fn one_changed_character_is_another_id_or_none(id in ids(), place in 0..LENGTH, character in "[0-9A-Za-z]") {
            let text = id.to_string();
            let mut changed = text.clone();
            changed.replace_range(place..=place, &character);
            prop_assume!(changed != text);
            prop_assert_ne!(changed.parse(), Ok(id));
        }

        #[test]
        fn any_bytes_are_an_id_with_a_day_or_none(bytes: [u8; 16]) {
            if let Ok(id) = OrderId::from_bytes(bytes) {
                prop_assert_eq!(id.day().to_string().len(), 10);
            }
        }

        #[test]
        fn shards_are_in_range(id in ids(), shards: u8) {
            prop_assert!(id.shard(shards) < shards.max(1));
        }
    }

    #[test]
    fn a_known_id_reads_as_the_specification_says() {
        let id: OrderId = "01ARZ3NDEKTSV4RRFFQ69G5FAV".parse().expect("the specification's example");
        assert_eq!(id.time(), at(1_469_922_850_259));
        assert_eq!(id.day().to_string(), "2016-07-30");
        assert_eq!(OrderId::from_parts(at(LAST_MILLISECOND), 0).day().to_string(), "9774-08-21");
    }

    #[test]
    fn malformed_texts_are_refused() {
        for text in [
            "",
            "01ARZ3NDEKTSV4RRFFQ69G5FA",
            "01ARZ3NDEKTSV4RRFFQ69G5FAVX",
            "70000000000000000000000000",
            "81ARZ3NDEKTSV4RRFFQ69G5FAV",
            "01arz3ndektsv4rrffq69g5fav",
            "01ARZ3NDEKTSV4RRFFQ69G5FAU",
            "01ARZ3NDEKTSV4RRFFQ69G5F\u{e9}",
        ] {
            assert_eq!(text.parse::<OrderId>(), Err(NotAnId), "{text}");
        }
    }

    #[test]
    fn ids_of_one_moment_differ() {
        let ids: std::collections::BTreeSet<_> = (0..1000).map(|_| OrderId::new(at(1)).expect("randomness")).collect();
        assert_eq!(ids.len(), 1000);
    }
}
