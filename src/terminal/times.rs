//! Times as the texts of several commands tell them.

use time::{OffsetDateTime, UtcOffset};

use crate::pki::duration;

/// The day of a time (RFC 3339 full-date), for tables.
pub(crate) fn date(time: OffsetDateTime) -> String {
    time.to_offset(UtcOffset::UTC).date().to_string()
}

/// How long something is still valid, in words.
pub(crate) fn remaining(not_after: OffsetDateTime, now: OffsetDateTime) -> String {
    match not_after - now {
        left if left.is_negative() => String::from("expired"),
        left => format!("{} left", duration::display(left)),
    }
}
