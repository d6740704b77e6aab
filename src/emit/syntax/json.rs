//! The members of one JSON object.

use super::{Found, found};

pub(super) fn options(text: &str) -> Vec<Found> {
    let object: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(text).unwrap_or_default();
    let member = |(name, value): (String, serde_json::Value)| found(1, &name, &value.to_string());
    object.into_iter().map(member).collect()
}
