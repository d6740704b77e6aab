//! What stands in blocks, and the options that come of it.

use std::collections::HashMap;

use super::super::{Found, Position, Shape, Type, found};

/// Longest name that may be an option's, with those of the blocks around it, and longest value that variables bring.
const MAX_NAME: usize = 1024;

/// A value, as far as it matters here.
pub(super) enum Value {
    Scalar(String, Type),
    Block(Vec<Member>),
    List(Vec<Value>),
}

/// A key with its value.
pub(super) struct Member {
    pub(super) name: String,
    pub(super) position: Position,
    pub(super) value: Value,
}

/// What stands in one block.
#[derive(Default)]
pub(super) struct Scope {
    pub(super) members: Vec<Member>,
    indices: HashMap<String, usize>,
}

impl Scope {
    /// Adds a member; of several of one name the last counts, or all.
    pub(super) fn add(&mut self, member: Member, all_count: bool) {
        let known = self.indices.get(&member.name).filter(|_| !all_count);
        match known {
            Some(&index) => self.members[index] = member,
            None => {
                let index = self.members.len();
                self.indices.insert(member.name.clone(), index);
                self.members.push(member);
            }
        }
    }

    /// What a variable of this name stands for, where that is short.
    pub(super) fn scalar(&self, name: &str) -> Option<(&str, Type)> {
        match &self.members[*self.indices.get(name)?].value {
            Value::Scalar(text, kind) if text.len() <= MAX_NAME => Some((text, *kind)),
            _ => None,
        }
    }
}

/// The options of members, as they are called outside of their blocks.
pub(super) fn flatten(members: &[Member], outer: &str, options: &mut Vec<Found>) {
    for member in members {
        let name = format!("{outer}{}", member.name);
        if name.len() <= MAX_NAME {
            add(&member.value, &name, member.position, options);
        }
    }
}

fn add(value: &Value, name: &str, position: Position, options: &mut Vec<Found>) {
    let (text, kind) = match value {
        Value::Scalar(text, kind) => (text.clone(), *kind),
        Value::Block(_) => (String::new(), Type::Block),
        Value::List(items) => (words(items), Type::List),
    };
    options.push(Found {
        value: text,
        shape: Shape::Is(kind),
        literal: kind != Type::Variable,
        conditional: false,
        ..found(position, name, "")
    });
    let blocks: &[Value] = match value {
        Value::List(items) => items,
        other => std::slice::from_ref(other),
    };
    for block in blocks {
        match block {
            Value::Block(members) => flatten(members, &format!("{name}."), options),
            Value::List(_) if matches!(value, Value::List(_)) => {
                add(block, name, position, options);
            }
            Value::List(_) | Value::Scalar(..) => {}
        }
    }
}

/// The words of a list.
fn words(items: &[Value]) -> String {
    let words = items.iter().filter_map(|item| match item {
        Value::Scalar(text, _) => Some(text.as_str()),
        Value::Block(_) | Value::List(_) => None,
    });
    words.collect::<Vec<_>>().join(" ")
}
