//! The members of one JSON object.

use super::{Found, Position, Text, found};

pub(super) fn options(text: Text<'_>) -> Vec<Found> {
    let object: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(text.text).unwrap_or_default();
    let member = |(name, value): (String, serde_json::Value)| {
        found(Position::START, &name, &value.to_string())
    };
    object.into_iter().map(member).collect()
}
