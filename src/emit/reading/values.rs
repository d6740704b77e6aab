//! What stands in a section, for the expressions of a manifest.

use std::{
    collections::{BTreeSet, HashMap},
    iter,
    sync::{Arc, atomic::Ordering},
};

use minijinja::{Value, context, value::Object};

use super::{Blocks, Missed, Reading, SharedWords};
use crate::emit::{
    manifest::{kind::Kind, option::OptionSpec},
    syntax::{Found, Position, Section, pattern::fits},
};

/// How far up a block is looked for.
const MAX_DEPTH: usize = 16;

/// The options of a section, for expressions.
#[derive(Debug)]
struct Options {
    values: HashMap<String, Value>,
    missed: Missed,
}

impl Object for Options {
    fn get_value(self: &Arc<Self>, name: &Value) -> Option<Value> {
        let value = self.values.get(name.as_str()?)?;
        if value.is_none() || value.len() == Some(0) {
            self.missed.store(true, Ordering::Relaxed);
        }
        Some(value.clone())
    }
}

/// The options of another section, or outside of all, for expressions.
#[derive(Debug)]
struct Elsewhere {
    values: Arc<HashMap<String, String>>,
    missed: Missed,
}

impl Object for Elsewhere {
    fn get_value(self: &Arc<Self>, name: &Value) -> Option<Value> {
        let value = self.values.get(name.as_str()?);
        if value.is_none() {
            self.missed.store(true, Ordering::Relaxed);
        }
        Some(Value::from(value.map(String::as_str)))
    }
}

/// A listener that a file does not have, or whose certificate could not be read: it is false, and so is all that a
/// rule may ask of it, so that no rule stumbles over what is not there.
#[derive(Debug)]
struct Absent;

impl Object for Absent {
    fn get_value(self: &Arc<Self>, _: &Value) -> Option<Value> {
        Some(Value::from(Vec::<String>::new()))
    }

    fn is_true(self: &Arc<Self>) -> bool {
        false
    }
}

/// What stands for a listener that is not there.
pub(in crate::emit) fn absent() -> Value {
    Value::from_object(Absent)
}

/// The values of an option as it stands there: a list holds several of one that repeats.
fn all_of(found: &Found, spec: &OptionSpec) -> Vec<String> {
    match spec.repeat && !found.items.is_empty() {
        true => found.items.clone(),
        false => vec![found.value.clone()],
    }
}

impl Reading<'_> {
    /// What rules may ask of the options alone.
    pub(in crate::emit) fn options(&self, section: &Section, missed: &Missed) -> Value {
        let manifest = &self.server.manifest;
        let of = |name: &str| {
            let Some(spec) = manifest.options.get(name) else {
                let found = section.get(name);
                return Value::from(found.map(|found| found.value.clone()));
            };
            let found = section.all().filter(|option| option.name == name);
            let mut values: Vec<_> = found.flat_map(|found| all_of(found, spec)).collect();
            if !spec.repeat {
                values = values.pop().into_iter().collect();
            }
            if spec.kind == Kind::Flag {
                let on = |value: String| (value != "false").to_string();
                values = values.into_iter().map(on).collect();
            }
            spec.value(&values)
        };
        // Those of the other formats too: a rule that all share may ask for what stands in some.
        let formats = manifest.formats.iter();
        let names: BTreeSet<_> = formats.flat_map(|it| self.server.names(it)).collect();
        let values = names.into_iter().map(|name| (name.to_owned(), of(name)));
        let options = Value::from_object(Options {
            values: values.collect(),
            missed: Arc::clone(missed),
        });
        let nothing = |name: &String| (name.clone(), Value::from(()));
        let elsewhere = |values: &Arc<_>| {
            Value::from_object(Elsewhere {
                values: Arc::clone(values),
                missed: Arc::clone(missed),
            })
        };
        context! {
            set => options.clone(),
            option => options,
            outermost => elsewhere(&self.outermost),
            merged => Value::from_pairs(self.merged.iter().map(|(name, values)| (name, elsewhere(values)))),
            every => self.every(section),
            inside => self.inside(section),
            alike => self.alike(),
            param => Value::from_pairs(manifest.parameters.keys().map(nothing)),
            listener => Value::from_pairs(manifest.listeners.iter().map(|it| (it.name.clone(), absent()))),
            listeners => Vec::<Value>::new(),
            client_ca => (),
            server_ca => (),
            section => &section.name,
            after => false,
        }
    }

    /// What stands outside of all sections; nothing where there are none.
    pub(super) fn outside_of_all(&self) -> Arc<HashMap<String, String>> {
        let is_grouped = !self.server.manifest.groups.is_empty();
        let first = self.sections.first();
        let first = first.filter(|first| first.has_others || is_grouped);
        let options = first.into_iter().flat_map(|first| &first.options);
        let values = options.map(|option| (option.name.clone(), option.value.clone()));
        Arc::new(values.collect())
    }

    /// What stands in the sections that are read as if they were one, by the manifest's names for them.
    pub(super) fn in_merged(&self) -> Vec<(String, Arc<HashMap<String, String>>)> {
        let merges = self.format.merges.iter().map(|merge| &merge.name);
        let values = merges.map(|name| {
            let alike = self.sections.iter().filter(|it| it.name == *name);
            let options = alike.flat_map(|section| &section.options);
            let values = options.map(|option| (option.name.clone(), option.value.clone()));
            (name.clone(), Arc::new(values.collect()))
        });
        values.collect()
    }

    /// All values of the options that repeat, with the words that others of the same address have.
    fn every(&self, section: &Section) -> Value {
        let all = self.server.manifest.repeated.iter().map(|name| {
            let name = name.get_ref();
            let found = match self.server.manifest.added.contains(name) {
                true => section.all().filter(|it| fits(name, &it.name)).collect(),
                false => section.each(name),
            };
            let values = found.into_iter().map(|option| {
                let shared = self.shared.get(&(name.clone(), address(&option.value)));
                let shared = shared.into_iter().flatten().map(String::as_str);
                let words = option.value.split_whitespace().chain(shared);
                words.collect::<Vec<_>>().join(" ")
            });
            (name.clone(), values.collect::<Value>())
        });
        Value::from_pairs(all)
    }

    /// The names of the things alike that the file lists.
    fn alike(&self) -> Vec<String> {
        let groups = self.server.manifest.groups.iter();
        let all = groups.filter_map(|group| Some((group.of.first()?, group.listed.first()?)));
        let names = all.flat_map(|(of, tells)| {
            let listed = self.sections.iter().filter(|section| {
                let mut options = section.options.iter();
                options.any(|option| option.name == *tells.get_ref())
            });
            listed.filter_map(move |section| section.name.strip_prefix(of)?.strip_prefix('.'))
        });
        names.map(str::to_owned).collect()
    }

    /// What stands anywhere in the block that a section is, or is in.
    fn inside(&self, section: &Section) -> Value {
        let all = self.server.manifest.gathered.iter().flat_map(|gathered| {
            let block = self.block(section, &gathered.block);
            gathered.options.iter().map(move |option| {
                let option = option.get_ref();
                let values = block.and_then(|block| self.blocks.get(&(block, option.clone())));
                (
                    option.clone(),
                    Value::from(values.cloned().unwrap_or_default()),
                )
            })
        });
        Value::from_pairs(all)
    }

    /// What stands in each block.
    pub(in crate::emit) fn gather(&self) -> Blocks {
        let mut blocks = Blocks::new();
        for gathered in &self.server.manifest.gathered {
            for section in &self.sections {
                let options = section.options.iter();
                let meant = options.filter(|option| {
                    let mut names = gathered.options.iter();
                    names.any(|name| *name.get_ref() == option.name)
                });
                for option in meant {
                    if let Some(block) = self.block(section, &gathered.block) {
                        let values = blocks.entry((block, option.name.clone())).or_default();
                        values.push(option.value.clone());
                    }
                }
            }
        }
        blocks
    }

    /// Where the nearest block of this name begins that a section is, or is in.
    fn block(&self, section: &Section, name: &str) -> Option<Position> {
        let around = |section: &&Section| Some(&self.sections[section.outer?]);
        let mut all = iter::successors(Some(section), around).take(MAX_DEPTH);
        let block = all.find(|it| it.name.split_whitespace().next() == Some(name))?;
        Some(block.position)
    }

    /// What is said of each address, in all sections.
    pub(super) fn shared_words(&self) -> SharedWords {
        let mut all = SharedWords::new();
        for shared in &self.server.manifest.shared {
            let name = shared.option.get_ref();
            let options = self.sections.iter().flat_map(|section| &section.options);
            for option in options.filter(|option| option.name == *name) {
                let words = option.value.split_whitespace();
                for word in words.filter(|word| shared.words.iter().any(|it| it == word)) {
                    let key = (name.clone(), address(&option.value));
                    all.entry(key).or_default().insert(word.to_owned());
                }
            }
        }
        all
    }
}

/// The address that a value begins with, all spelt alike: `443`, `*:443` and `0.0.0.0:443` are one.
fn address(value: &str) -> String {
    let first = value.split_whitespace().next().unwrap_or_default();
    let is_port = first.bytes().all(|byte| byte.is_ascii_digit());
    match first.strip_prefix("0.0.0.0:").or(first.strip_prefix("*:")) {
        Some(port) => port.to_owned(),
        None if is_port || first.contains(':') => first.to_ascii_lowercase(),
        // A host alone is at the usual port.
        None => format!("{first}:80"),
    }
}
