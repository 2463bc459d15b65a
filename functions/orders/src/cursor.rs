//! Where the next page of a list starts, as a text that callers pass back as it is.
//!
//! Version 1, in base 64 for URLs: the version (1 byte), the last order seen (16), the last day to look at (4), and a check
//! over these and the list they belong to (8). The check is no secret: a cursor gives no more than `day` and `limit` do. It
//! makes a changed cursor, or another list's, an error instead of a strange page.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};

use crate::day::Day;
use crate::id::OrderId;

const VERSION: u8 = 1;
const CHECKED: usize = 21;
const LENGTH: usize = CHECKED + 8;

/// A place in a list, newest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// Only orders older than this one follow.
    pub before: OrderId,
    /// The oldest day that belongs to the list. Fixed by the first page, so that midnight does not shorten the list.
    pub floor: Day,
}

/// The text is no cursor of this list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a `next` of an earlier page of the same list, unchanged")]
pub struct NotACursor;

impl Cursor {
    /// The text for a list; `list` names the table and the filters.
    #[must_use]
    pub fn seal(&self, list: &str) -> String {
        let mut bytes = [0; LENGTH];
        bytes[0] = VERSION;
        bytes[1..17].copy_from_slice(&self.before.to_bytes());
        bytes[17..CHECKED].copy_from_slice(&self.floor.number().to_be_bytes());
        let check = check(&bytes[..CHECKED], list);
        bytes[CHECKED..].copy_from_slice(&check);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// # Errors
    /// [`NotACursor`] when the text was not sealed for this very list.
    pub fn open(text: &str, list: &str) -> Result<Self, NotACursor> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| NotACursor)?;
        let bytes: [u8; LENGTH] = bytes.try_into().map_err(|_| NotACursor)?;
        if bytes[0] != VERSION || bytes[CHECKED..] != check(&bytes[..CHECKED], list) {
            return Err(NotACursor);
        }
        let before = bytes[1..17].try_into().expect("sixteen bytes");
        let floor = i32::from_be_bytes(bytes[17..CHECKED].try_into().expect("four bytes"));
        let before = OrderId::from_bytes(before).map_err(|_| NotACursor)?;
        Ok(Self { before, floor: Day::from_number(floor).ok_or(NotACursor)? })
    }
}

fn check(bytes: &[u8], list: &str) -> [u8; 8] {
    let hash = digest(&SHA256, &[bytes, list.as_bytes()].concat());
    hash.as_ref()[..8].try_into().expect("a hash has 32 bytes")
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use proptest::prelude::*;

    use super::*;

    fn cursors() -> impl Strategy<Value = Cursor> {
        (any::<u32>(), any::<u128>(), 2_440_588..5_373_485_i32).prop_map(|(seconds, random, floor)| Cursor {
            before: OrderId::from_parts(UNIX_EPOCH + Duration::from_secs(seconds.into()), random),
            floor: Day::from_number(floor).expect("1970 to 9999"),
        })
    }

    proptest! {
        #[test]
        fn a_sealed_cursor_opens(cursor in cursors(), list in "\\PC{0,40}") {
            prop_assert_eq!(Cursor::open(&cursor.seal(&list), &list), Ok(cursor));
        }

        #[test]
        fn a_changed_cursor_does_not(cursor in cursors(), place in 0..39_usize, character in "[A-Za-z0-9_-]") {
            let text = cursor.seal("orders");
            let mut changed = text.clone();
            changed.replace_range(place..=place, &character);
            prop_assume!(changed != text);
            prop_assert_eq!(Cursor::open(&changed, "orders"), Err(NotACursor));
        }

        #[test]
        fn another_lists_cursor_does_not(cursor in cursors(), list in "\\PC{1,40}") {
            prop_assert_eq!(Cursor::open(&cursor.seal(""), &list), Err(NotACursor));
        }

        #[test]
        fn any_other_text_does_not(text in "\\PC{0,60}") {
            prop_assert_eq!(Cursor::open(&text, "orders"), Err(NotACursor));
        }
    }

    #[test]
    fn cut_and_lengthened_cursors_do_not_open() {
        let cursor = Cursor { before: OrderId::from_parts(UNIX_EPOCH, 7), floor: "2025-11-21".parse().expect("a day") };
        let text = cursor.seal("orders");
        for end in 0..text.len() {
            assert_eq!(Cursor::open(&text[..end], "orders"), Err(NotACursor), "{end}");
        }
        assert_eq!(Cursor::open(&format!("{text}A"), "orders"), Err(NotACursor));
    }
}
