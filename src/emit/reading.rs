//! A configuration file that somebody wrote, as its server's manifest understands it.

use std::collections::{BTreeMap, BTreeSet};

use minijinja::{Value, context};

use super::{
    endpoint::{Endpoint, FileRule},
    engine::{Engine, value},
    error::{EmitError, SourceError},
    facts::fingerprints,
    findings,
    kind::Kind,
    manifest::{Format, Rule},
    request::{Authority, Entry, Layout},
    server::Server,
    syntax::{Found, Section, Syntax},
    version::Version,
};
use crate::{
    pki::{certificate::Certificate, name},
    severity::Severity,
};

/// A file, with all that its options say.
#[derive(Debug)]
pub struct Reading<'a> {
    /// Whose it is
    pub server: &'a Server,
    /// Which of the server's formats it has
    pub format: &'a Format,
    /// The version that it is judged by
    pub version: Version,
    /// Options that are meant together; one section where the format knows none
    pub sections: Vec<Section>,
    /// What they say of TLS
    pub endpoints: Vec<Named<'a>>,
    /// Options whose value a comment ends, without a blank before it
    pub cut: Vec<Found>,
}

/// The files that one section names for one endpoint.
#[derive(Debug)]
pub struct Named<'a> {
    /// Which options name them
    pub endpoint: &'a Endpoint,
    /// In which section
    pub section: usize,
    /// The certificate and what is between it and its root
    pub certificate: Option<Found>,
    /// The private key
    pub key: Option<Found>,
    /// Roots, among them that of the own certificate
    pub trust: Option<Found>,
    /// Roots of those who connect
    pub clients: Option<Found>,
    /// What was revoked
    pub crl: Option<Found>,
}

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
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Judged {
    /// Stable name of the rule
    pub code: String,
    /// How bad it is
    pub severity: Severity,
    /// Where, from 1
    pub line: usize,
    /// What is wrong
    pub message: String,
    /// What mends it
    pub hint: String,
}

impl Server {
    /// Reads a file of this server; left out, the version is the newest.
    ///
    /// # Errors
    ///
    /// The first mistake in the manifest.
    pub fn read<'a>(
        &'a self,
        format: &'a Format,
        version: Option<&Version>,
        text: &str,
    ) -> Result<Reading<'a>, EmitError> {
        let mut reading = Reading {
            server: self,
            format,
            version: version.unwrap_or(self.manifest.newest()).clone(),
            sections: format.sections(text),
            endpoints: Vec::new(),
            cut: Vec::new(),
        };
        reading.understand();
        reading.find_endpoints()?;
        Ok(reading)
    }

    /// What a format's files say about TLS.
    pub(super) fn endpoints(&self, format: &Format) -> impl Iterator<Item = &Endpoint> {
        let endpoints = self.manifest.endpoints.iter();
        endpoints.filter(|endpoint| endpoint.is_in(&format.name))
    }

    /// All names that may stand in a format's files, as far as they are known.
    pub fn names<'a>(&'a self, format: &'a Format) -> impl Iterator<Item = &'a str> {
        let options = self.manifest.options.keys().map(String::as_str);
        let others = self.manifest.others.iter().map(String::as_str);
        options
            .chain(format.directives(self.manifest.newest()))
            .chain(others)
    }

    /// Whether the server has no options but those that are known.
    pub(super) fn knows_all(&self) -> bool {
        self.manifest.complete.iter().any(String::is_empty)
    }

    /// A name as the manifest spells it.
    pub(super) fn known<'a>(&'a self, format: &'a Format, name: &str) -> Option<&'a str> {
        let is_same = |known: &&str| match self.manifest.ignores_case {
            true => known.eq_ignore_ascii_case(name),
            false => *known == name,
        };
        self.names(format).find(is_same)
    }
}

impl Format {
    /// Reads the sections out of a text.
    pub(super) fn sections(&self, text: &str) -> Vec<Section> {
        let mut sections = self.syntax.map(|it| it.sections(text)).unwrap_or_default();
        let options = sections.iter_mut().flat_map(|section| &mut section.options);
        for option in options.filter(|_| self.joined) {
            if let Some((name, value)) = option.name.clone().split_once('=') {
                name.clone_into(&mut option.name);
                value.clone_into(&mut option.value);
            }
        }
        sections
    }
}

impl Reading<'_> {
    /// Spells names as the manifest does, and takes off what the server does not read.
    fn understand(&mut self) {
        let (server, format) = (self.server, self.format);
        for section in &mut self.sections {
            if format.syntax == Some(Syntax::Keywords) {
                // The others are values.
                let mut first = true;
                let is_known = |option: &Found| server.known(format, &option.name).is_some();
                section
                    .options
                    .retain(|option| std::mem::take(&mut first) || is_known(option));
            }
            for option in &mut section.options {
                if let Some(known) = server.known(format, &option.name) {
                    known.clone_into(&mut option.name);
                }
                let Some(end) = option.value.find(|it| format.forbidden.contains(it)) else {
                    continue;
                };
                let (value, _comment) = option.value.split_at(end);
                if !value.ends_with(char::is_whitespace) && !self.cut.contains(option) {
                    self.cut.push(option.clone());
                }
                option.value = value.trim_end().to_owned();
            }
        }
    }

    fn find_endpoints(&mut self) -> Result<(), SourceError> {
        let engine = self.engine();
        for (index, section) in self.sections.iter().enumerate() {
            let context = self.options(section);
            let file = |name: &Option<toml::Spanned<String>>| {
                let found = section.get(name.as_ref()?.get_ref())?;
                (!found.value.is_empty()).then(|| found.clone())
            };
            for endpoint in self.server.endpoints(self.format) {
                let named = Named {
                    endpoint,
                    section: index,
                    certificate: file(&endpoint.certificate),
                    key: file(&endpoint.key),
                    trust: file(&endpoint.trust),
                    clients: file(&endpoint.clients),
                    crl: file(&endpoint.crl),
                };
                let is_there = match &endpoint.when {
                    Some(when) => engine.holds(when, &context)?,
                    None => true,
                };
                if is_there && named.files().next().is_some() {
                    self.endpoints.push(named);
                }
            }
        }
        Ok(())
    }

    /// What the file breaks of the manifest's rules; `materials` are those of the endpoints, in their order.
    ///
    /// # Errors
    ///
    /// The first mistake in the manifest.
    pub fn judged(&self, materials: &[Material<'_>]) -> Result<Vec<Judged>, EmitError> {
        let engine = self.engine();
        let mut all: Vec<Judged> = Vec::new();
        for (index, section) in self.sections.iter().enumerate() {
            let here = self.endpoints.iter().zip(materials);
            let here: Vec<_> = here.filter(|(named, _)| named.section == index).collect();
            let context = self.facts(section, &here);
            for (rule, file) in self.rules() {
                for context in findings::contexts(rule, &context) {
                    if !engine.holds(&rule.when, &context)? {
                        continue;
                    }
                    let judged = Judged {
                        code: rule.code.clone(),
                        severity: rule.severity,
                        line: line(file, section, &here),
                        message: engine.inline(&rule.message, &context)?,
                        hint: engine.inline(&file.mend, &context)?,
                    };
                    if !all.contains(&judged) {
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

    fn engine(&self) -> Engine {
        let mut engine = self.server.engine();
        engine.suppose(self.version.clone());
        engine
    }

    /// What rules may ask of the options alone.
    fn options(&self, section: &Section) -> Value {
        let manifest = &self.server.manifest;
        let of = |name: &str| {
            let Some(spec) = manifest.options.get(name) else {
                let found = section.get(name);
                return Value::from(found.map(|found| found.value.clone()));
            };
            let found = section.options.iter().filter(|option| option.name == name);
            let mut values: Vec<_> = found.map(|found| found.value.clone()).collect();
            if !spec.repeat {
                values = values.pop().into_iter().collect();
            }
            if spec.kind == Kind::Flag {
                let on = |value: String| (value != "false").to_string();
                values = values.into_iter().map(on).collect();
            }
            spec.value(&values)
        };
        let names: BTreeSet<_> = self.server.names(self.format).collect();
        let options = Value::from_pairs(names.into_iter().map(|name| (name.to_owned(), of(name))));
        let nothing = |name: &String| (name.clone(), Value::from(()));
        context! {
            set => options.clone(),
            option => options,
            param => Value::from_pairs(manifest.parameters.keys().map(nothing)),
            listener => Value::from_pairs(manifest.listeners.iter().map(|it| nothing(&it.name))),
            listeners => Vec::<Value>::new(),
            client_ca => (),
            server_ca => (),
        }
    }

    /// What rules may ask besides: the certificates that the options name.
    fn facts(&self, section: &Section, here: &[(&Named<'_>, &Material<'_>)]) -> Value {
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
            (name.clone(), view.unwrap_or(Value::from(())))
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
            listener => Value::from_pairs(all.map(|listener| of(&listener.name))),
            listeners => listeners.into_values().collect::<Vec<_>>(),
            client_ca => client_ca,
            ..self.options(section)
        }
    }
}

/// The line that a rule is about: that of its option, or else of the first file.
fn line(file: &FileRule, section: &Section, here: &[(&Named<'_>, &Material<'_>)]) -> usize {
    let at = file.at.iter().find_map(|at| section.get(at.get_ref()));
    let files = here.iter().flat_map(|(named, _)| named.files());
    let found = at.or_else(|| files.min_by_key(|found| found.line));
    found.map_or(section.line, |found| found.line)
}

impl Named<'_> {
    /// All files that are named.
    pub fn files(&self) -> impl Iterator<Item = &Found> {
        [
            &self.certificate,
            &self.key,
            &self.trust,
            &self.clients,
            &self.crl,
        ]
        .into_iter()
        .flatten()
    }
}
