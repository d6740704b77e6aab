//! The options of a snippet, as its listeners and the user ask for them.

use crate::emit::{
    manifest::{kind::Kind, option::OptionSpec},
    request::Emitted,
};

/// The options of a snippet, and the values that would not fit.
#[derive(Debug, Default)]
pub(in crate::emit) struct Options {
    /// Options of different listeners do not collide
    sections: bool,
    pub(in crate::emit) emitted: Vec<Emitted>,
    /// Option, value that is written, value that another listener wants
    pub(super) disputed: Vec<(String, String, String)>,
}

impl Options {
    pub(in crate::emit) fn new(sections: bool) -> Self {
        Self {
            sections,
            ..Self::default()
        }
    }

    /// Adds an option, unless it is there and can have one value only.
    pub(in crate::emit) fn add(
        &mut self,
        name: &str,
        spec: Option<&OptionSpec>,
        values: Option<Vec<String>>,
        listener: Option<&str>,
    ) {
        let Some(values) = values else { return };
        let collides = |it: &&Emitted| {
            it.name == name
                && (!self.sections || listener.is_none() || it.listener.as_deref() == listener)
        };
        if let Some(known) = self.emitted.iter().find(collides) {
            if let (Some(known), false) = (&known.value, spec.is_some_and(|spec| spec.repeat)) {
                let other = values.into_iter().find(|value| value != known);
                let dispute = other.map(|other| (name.to_owned(), known.clone(), other));
                self.disputed.extend(dispute);
            }
            return;
        }
        let flag = spec.is_some_and(|spec| spec.kind == Kind::Flag);
        let wanted = values.into_iter().filter(|value| !flag || value == "true");
        self.emitted.extend(wanted.map(|value| Emitted {
            name: name.to_owned(),
            words: words(spec, &value),
            value: (!flag).then_some(value),
            listener: listener.map(str::to_owned),
            above: spec.is_some_and(|spec| spec.above),
        }));
    }
}

/// What a server is to read as words of their own.
fn words(spec: Option<&OptionSpec>, value: &str) -> Vec<String> {
    match spec {
        Some(spec) if spec.splits => value.split_whitespace().map(str::to_owned).collect(),
        Some(spec) if spec.kind == Kind::Flag => vec![],
        _ => vec![value.to_owned()],
    }
}
