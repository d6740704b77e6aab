//! Which of the options and parameters that were given a text has asked for: one that it has not is left out of it.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use minijinja::{Value, value::Object};

use super::{engine::value, settings::Settings};
use crate::emit::{
    manifest::{Manifest, kind::Kind},
    request::Emitted,
};

/// The names that were asked for so far.
#[derive(Clone, Debug, Default)]
pub(in crate::emit) struct Used(Arc<Mutex<BTreeSet<String>>>);

/// Values by name.
#[derive(Debug)]
struct Named {
    values: HashMap<String, Value>,
    used: Used,
}

impl Object for Named {
    fn get_value(self: &Arc<Self>, name: &Value) -> Option<Value> {
        let name = name.as_str()?;
        let value = self.values.get(name)?;
        self.used.names().insert(name.to_owned());
        Some(value.clone())
    }
}

/// An option in the list of all that are written: its name alone says nothing of it.
#[derive(Debug)]
struct Listed {
    name: String,
    option: Value,
    used: Used,
}

impl Object for Listed {
    fn get_value(self: &Arc<Self>, field: &Value) -> Option<Value> {
        if matches!(field.as_str(), Some("value" | "words")) {
            self.used.names().insert(self.name.clone());
        }
        let found = self.option.get_item(field).ok()?;
        (!found.is_undefined()).then_some(found)
    }
}

impl Used {
    /// Values that templates ask for by name.
    pub(in crate::emit) fn named(
        &self,
        values: impl IntoIterator<Item = (String, Value)>,
    ) -> Value {
        Value::from_object(Named {
            values: values.into_iter().collect(),
            used: self.clone(),
        })
    }

    /// Options that templates go through.
    pub(in crate::emit) fn listed(&self, options: &[Emitted]) -> Value {
        let options = options.iter().map(|option| {
            Value::from_object(Listed {
                name: option.name.clone(),
                option: value(option),
                used: self.clone(),
            })
        });
        options.collect()
    }

    /// Adds names that are asked for in another way.
    pub(in crate::emit) fn add(&self, names: Vec<String>) {
        self.names().extend(names);
    }

    /// What was set and nobody has asked for; a flag that is off is left out wherever it belongs.
    pub(super) fn unused(&self, settings: &Settings, manifest: &Manifest) -> Vec<String> {
        let used = self.names();
        let is_off = |name: &str, values: &[String]| {
            let is_flag = manifest
                .spec(name)
                .is_some_and(|spec| spec.kind == Kind::Flag);
            is_flag && values.iter().all(|value| value != "true")
        };
        let left = settings
            .iter()
            .filter(|(name, values)| !used.contains(*name) && !is_off(name, values));
        left.map(|(name, _)| name.clone()).collect()
    }

    fn names(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
