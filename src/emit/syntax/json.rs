//! The members of one JSON object.

use serde_json::{Map, Value};

use super::{Found, Position, found, source::Source};

pub(super) fn options(source: &mut Source<'_>) -> Vec<Found> {
    let text = source.text();
    let object: Map<String, Value> = match serde_json::from_str(text.text) {
        Ok(object) => object,
        Err(error) => {
            let position = Position {
                line: error.line().clamp(1, text.text.lines().count().max(1)),
                ..Position::START
            };
            source.blame(position, "it is no object of JSON");
            Map::new()
        }
    };
    let member = |(name, value): (String, Value)| match value {
        Value::String(value) => found(Position::START, &name, &value),
        value => found(Position::START, &name, &value.to_string()),
    };
    object.into_iter().map(member).collect()
}
