//! The rules of a manifest, asked of a file that somebody wrote.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::atomic::Ordering,
};

use minijinja::{Value, context};
use toml::Spanned;

use super::{Missed, Named, Reading, values::absent};
use crate::emit::{
    error::EmitError,
    facts::fingerprints,
    manifest::{Rule, endpoint::FileRule},
    request::{Authority, Entry, Layout},
    syntax::{Found, Position, Section},
    writing::{
        engine::{Engine, value},
        findings,
    },
};
use crate::{
    pki::{certificate::Certificate, name},
    severity::Severity,
};

/// What lies where an endpoint says.
#[derive(Clone, Copy, Debug, Default)]
pub struct Material<'m> {
    /// The own certificate
    pub own: Option<&'m Certificate>,
    /// Roots, among them that of the own certificate
    pub trust: &'m [Certificate],
    /// Roots of those who connect
    pub clients: &'m [Certificate],
}

/// A rule of the manifest that a file breaks.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Judged {
    /// Stable name of the rule
    pub code: String,
    /// How bad it is
    pub severity: Severity,
    /// Where
    pub position: Position,
    /// What is wrong
    pub message: String,
    /// What mends it
    pub hint: String,
}

impl Reading<'_> {
    /// What the file breaks of the manifest's rules; `materials` are those of the endpoints, in their order.
    ///
    /// # Errors
    ///
    /// The first mistake in the manifest.
    pub fn judged(&self, materials: &[Material<'_>]) -> Result<Vec<Judged>, EmitError> {
        let engine = self.engine();
        let mut all: Vec<Judged> = Vec::new();
        let mut known = HashSet::new();
        let mut endpoints: HashMap<usize, Vec<(&Named<'_>, &Material<'_>)>> = HashMap::new();
        for (named, material) in self.endpoints.iter().zip(materials) {
            for &index in &named.sections {
                endpoints.entry(index).or_default().push((named, material));
            }
        }
        let mut after = false;
        for (index, section) in self.scopes() {
            let here = endpoints.remove(&index).unwrap_or_default();
            let missed = Missed::default();
            let context = context! { after, ..self.facts(section, &here, &missed) };
            if let Some(ends) = &self.format.after {
                after |= engine.holds(ends, &context)?;
            }
            for (rule, file) in self.rules() {
                for context in findings::contexts(rule, &context) {
                    missed.store(false, Ordering::Relaxed);
                    let holds = engine.holds(&rule.when, &context)?;
                    // What is missed may stand in what could not be read.
                    if !holds || !self.is_whole && missed.load(Ordering::Relaxed) {
                        continue;
                    }
                    let judged = Judged {
                        code: rule.code.clone(),
                        severity: rule.severity,
                        position: self.position(file, section, &here),
                        message: engine.inline(&rule.message, &context)?,
                        hint: engine.inline(&file.mend, &context)?,
                    };
                    if known.insert(judged.clone()) {
                        all.push(judged);
                    }
                }
            }
        }
        Ok(all)
    }

    /// The rules that hold for files of this format.
    fn rules(&self) -> impl Iterator<Item = (&Rule, &FileRule)> {
        let rules = self.server.manifest.rules.iter();
        rules.filter_map(|rule| {
            let mut formats = rule.formats.iter();
            let is_named = formats.any(|name| *name.get_ref() == self.format.name);
            let file = rule.file.as_ref();
            Some((rule, file.filter(|_| rule.formats.is_empty() || is_named)?))
        })
    }

    pub(in crate::emit) fn engine(&self) -> Engine {
        let mut engine = self.server.engine();
        engine.suppose(self.version.clone());
        engine
    }

    /// What rules may ask besides: the certificates that the options name.
    fn facts(
        &self,
        section: &Section,
        here: &[(&Named<'_>, &Material<'_>)],
        missed: &Missed,
    ) -> Value {
        let layout = Layout {
            target_dir: None,
            mount: None,
            several: false,
        };
        let listeners: BTreeMap<_, _> = (here.iter())
            .filter_map(|(named, material)| {
                let name = named.endpoint.listener.as_ref()?.get_ref();
                let own = material.own.map(|own| {
                    let file = named.certificate.as_ref().map(|found| &*found.value);
                    Entry::of(file.unwrap_or_default(), own)
                });
                let entry = Entry {
                    roots: fingerprints(material.trust),
                    ..own.unwrap_or_default()
                };
                Some((name.clone(), value(entry.view(layout))))
            })
            .collect();
        let of = |name: &String| {
            let view = listeners.get(name).cloned();
            (name.clone(), view.unwrap_or_else(absent))
        };
        let all = self.server.manifest.listeners.iter();
        let client_ca = (here.iter())
            .find(|(_, material)| !material.clients.is_empty())
            .map(|(_, material)| {
                let name = name::display(&material.clients[0].subject());
                let authority = Authority {
                    root: name.clone(),
                    name,
                    bundle: String::new(),
                    roots: fingerprints(material.clients),
                };
                value(authority.view(layout, ""))
            });
        context! {
            title => &self.server.manifest.title,
            listener => Value::from_pairs(all.map(|listener| of(&listener.name))),
            listeners => listeners.into_values().collect::<Vec<_>>(),
            client_ca => client_ca,
            ..self.options(section, missed)
        }
    }

    /// What a rule is about: its option, or else the first file.
    fn position(
        &self,
        file: &FileRule,
        section: &Section,
        here: &[(&Named<'_>, &Material<'_>)],
    ) -> Position {
        let place = match file.outermost {
            true => self.sections.first().unwrap_or(section),
            false => section,
        };
        let is_wrong =
            |found: &&Found| file.values.is_empty() || file.values.contains(&found.value);
        let last = |at: &Spanned<String>| place.each(at.get_ref()).into_iter().rfind(is_wrong);
        let at = file.at.iter().find_map(last);
        let files = here.iter().flat_map(|(named, _)| named.files());
        let found = at.or_else(|| files.min_by_key(|found| found.position));
        found.map_or(section.position, |found| found.position)
    }
}
