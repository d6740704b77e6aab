//! How a configuration file that somebody wrote is understood by its server's manifest.

use std::cell::LazyCell;
use std::{collections::HashMap, sync::Arc};

use minijinja::Value;
use toml::Spanned;

use super::{Blocks, Missed, Named, Reading, SharedWords, names::Names};
use crate::emit::{
    error::EmitError,
    manifest::{
        Format, Manifest,
        endpoint::{Depth, Endpoint, Switch},
        kind::Kind,
    },
    server::Server,
    syntax::{Blunder, Document, Found, Section, Shape, Source, Syntax, Terms},
    version::Version,
    writing::engine::Engine,
};

impl Server {
    /// Reads a file of this server, and what it includes; left out, the version is the newest.
    ///
    /// # Errors
    ///
    /// The first mistake in the manifest.
    pub fn read<'a>(
        &'a self,
        format: &'a Format,
        version: Option<&Version>,
        document: Document<'_>,
    ) -> Result<Reading<'a>, EmitError> {
        let terms = self.terms(format);
        let mut source = Source::new(document, Terms { version, ..terms });
        let mut sections = self.sections(format, &mut source);
        let doubts = source.doubts();
        let (files, obstacles, mut blunders, is_whole) = source.finish();
        let options = &self.manifest.options;
        let has_value = |name: &str| {
            let renamed = format.renamed(name);
            let name = renamed.as_deref().unwrap_or(name);
            Some(options.get(name)?.kind != Kind::Flag)
        };
        let misread = format.command.as_ref();
        let misread = misread.map(|command| command.misread(document.text, has_value));
        let misread = misread.unwrap_or_default();
        blunders.extend(misread.blunders);
        blunders.extend(format.unread(&sections));
        for section in &mut sections {
            let is_unread = |it: &Found| misread.unread.contains(&it.position.line);
            section.options.retain(|option| !is_unread(option));
        }
        let mut reading = Reading {
            server: self,
            format,
            version: version.unwrap_or(self.manifest.newest()).clone(),
            is_assumed: version.is_none(),
            files,
            runs_as: None,
            obstacles,
            blunders,
            doubts,
            is_whole,
            sections,
            endpoints: Vec::new(),
            besides: Vec::new(),
            is_usual: false,
            strange: Vec::new(),
            cut: Vec::new(),
            scopes: Vec::new(),
            shared: SharedWords::new(),
            outermost: Arc::default(),
            merged: Vec::new(),
            blocks: Blocks::new(),
        };
        let names = Names::new(self, format);
        reading.understand(&names);
        reading.inherit(&names);
        reading.shared = reading.shared_words();
        reading.outermost = reading.outside_of_all();
        reading.merged = reading.in_merged();
        reading.blocks = reading.gather();
        reading.find_endpoints()?;
        let start = reading.find_files(document);
        reading.find_besides(start.as_deref())?;
        reading.runs_as = reading.account(document);
        Ok(reading)
    }
}

impl<'a> Reading<'a> {
    /// Spells names as the manifest does, and takes off what the server does not read.
    fn understand(&mut self, names: &Names<'_>) {
        let format = self.format;
        for section in &mut self.sections {
            let manifest = &self.server.manifest;
            if format.syntax == Some(Syntax::Keywords) {
                self.strange
                    .extend(manifest.understand_line(section, names));
            }
            for option in &mut section.options {
                if let Some(known) = names.get(&option.name) {
                    known.clone_into(&mut option.name);
                    if let Some(arity) = manifest.arity(known).filter(|arity| arity.first) {
                        option.value = arity.read(&option.value).to_owned();
                    }
                    let is_empty = option.shape == Shape::Empty;
                    let spelt = manifest.spelt(known, &option.value);
                    if let Some(word) = spelt.filter(|_| !is_empty) {
                        option.value = word.into_owned();
                    }
                }
                let Some(end) = option.value.find(|it| format.forbidden.contains(it)) else {
                    continue;
                };
                let (value, _comment) = option.value.split_at(end);
                if !value.ends_with(char::is_whitespace) {
                    self.cut.push(option.clone());
                }
                option.value = value.trim_end().to_owned();
            }
            for undone in &manifest.undone {
                undone.leave(&mut section.options);
            }
        }
    }

    fn find_endpoints(&mut self) -> Result<(), EmitError> {
        let engine = self.engine();
        let mut endpoints: Vec<Named<'a>> = Vec::new();
        let mut known = HashMap::new();
        let mut is_usual = false;
        for (index, section) in self.scopes() {
            let context = LazyCell::new(|| self.options(section, &Missed::default()));
            for (number, endpoint) in self.server.endpoints(self.format).enumerate() {
                let all = files(endpoint, section);
                let switch = endpoint.switch.as_ref();
                if let Some(switch) = switch.filter(|_| endpoint.usual && all.is_empty()) {
                    is_usual |= engine.holds(&switch.on, &context)?;
                }
                let is_there = match &endpoint.when {
                    _ if all.is_empty() => false,
                    Some(when) => engine.holds(when, &context)?,
                    None => true,
                };
                if !is_there {
                    continue;
                }
                let pins = endpoint.pins.as_ref();
                let pins = pins.map_or(Ok(false), |pins| engine.holds(pins, &context))?;
                let is_on = endpoint.switch.as_ref();
                let is_on = is_on.map_or(Ok(None), |it| it.position(&engine, &context))?;
                let depth = match &endpoint.depth {
                    Some(depth) if engine.holds(&depth.when, &context)? => depth.found(section),
                    _ => None,
                };
                for files in all {
                    let named = *known.entry((number, files)).or_insert_with(|| {
                        endpoints.push(Named::new(endpoint, files));
                        endpoints.len() - 1
                    });
                    let named = &mut endpoints[named];
                    named.sections.push(index);
                    named.pins |= pins;
                    let depths = named.depth.take().into_iter().chain(depth.clone());
                    named.depth = depths.min_by_key(|(depth, _)| *depth);
                    named.unlock = named.unlock.take().or_else(|| endpoint.unlocked(section));
                    named.is_on = named.is_on.max(is_on);
                }
            }
        }
        self.endpoints = endpoints;
        self.is_usual = is_usual;
        Ok(())
    }
}

impl Format {
    /// Sections of names that nobody looks for.
    fn unread(&self, sections: &[Section]) -> Vec<Blunder> {
        let is_known = |section: &Section| self.sections.contains(&section.name);
        let strange = sections.iter().filter(|it| !is_known(it));
        let blunder = |section: &Section| Blunder {
            position: section.position,
            message: "no section of this name is read",
        };
        match self.sections.is_empty() {
            true => Vec::new(),
            false => strange.map(blunder).collect(),
        }
    }
}

impl Manifest {
    /// The lines that begin with a word, where they are known.
    fn line(&self, name: &str) -> Option<usize> {
        let mut lines = self.lines.iter();
        lines.position(|line| line.names.iter().any(|it| it == name))
    }

    /// Tells the options of a line from its values; hands back what is neither.
    pub(super) fn understand_line(
        &self,
        section: &mut Section,
        names: &Names<'_>,
    ) -> Vec<(usize, Found)> {
        let options = &mut section.options;
        match self.line(&section.name) {
            Some(line) => {
                let strange = self.lines[line].understand(options).into_iter();
                strange.map(|option| (line, option)).collect()
            }
            // The others may be values.
            None if self.lines.is_empty() => {
                let mut first = true;
                let is_known = |option: &Found| names.contains(&option.name);
                options.retain(|option| std::mem::take(&mut first) || is_known(option));
                Vec::new()
            }
            None => {
                options.truncate(1);
                Vec::new()
            }
        }
    }
}

impl Endpoint {
    /// What opens the key in a section.
    fn unlocked(&self, section: &Section) -> Option<Found> {
        let unlock = self.unlock.as_ref()?;
        let found = section.get(unlock.option.get_ref())?;
        (!found.value.is_empty() && found.value.starts_with(&unlock.begins)).then(|| found.clone())
    }
}

impl Depth {
    /// How deep a section has chains verified, and the option that says so.
    fn found(&self, section: &Section) -> Option<(usize, Found)> {
        if let Some(option) = section.get(self.option.get_ref()) {
            return Some((option.value.parse().ok()?, option.clone()));
        }
        let at = self.at.iter().find_map(|at| section.get(at.get_ref()));
        Some((self.default, at?.clone()))
    }
}

impl Switch {
    /// Whether TLS is on in a section; nothing where that does not tell.
    fn position(&self, engine: &Engine, context: &Value) -> Result<Option<bool>, EmitError> {
        let tells = self.place.as_ref();
        let tells = tells.map_or(Ok(true), |place| engine.holds(place, context))?;
        let is_on = engine.holds(&self.on, context)?;
        Ok((is_on || tells).then_some(is_on))
    }
}

/// The files that a section names for an endpoint: of several certificates each with its key.
fn files<'s>(endpoint: &Endpoint, section: &'s Section) -> Vec<[Option<&'s Found>; 5]> {
    let there = |found: &&Found| !found.value.is_empty();
    let each = |name: Option<&Spanned<String>>| {
        let all = name.map(|name| section.each(name.get_ref()));
        let all = all.unwrap_or_default().into_iter();
        all.filter(there).collect::<Vec<_>>()
    };
    let last = |name: Option<&Spanned<String>>| section.get(name?.get_ref()).filter(there);
    let [certificate, key, others @ ..] = endpoint.parts();
    let (certificates, keys) = (each(certificate), each(key));
    let [trust, clients, crl] = others.map(last);
    let count = match endpoint.several {
        true => certificates.len().max(keys.len()).max(1),
        false => 1,
    };
    let files = (0..count).map(|index| match endpoint.several {
        true => {
            let (certificate, key) = (certificates.get(index), keys.get(index));
            [certificate.copied(), key.copied(), trust, clients, crl]
        }
        false => [last(certificate), last(key), trust, clients, crl],
    });
    let listed = last(endpoint.list.as_ref());
    let lists = listed.map(|found| [Some(found), None, trust, clients, crl]);
    let is_clients = |name: &&Spanned<String>| {
        let clients = endpoint.clients.as_ref();
        clients.is_some_and(|clients| clients.get_ref() == name.get_ref())
    };
    let hashed = endpoint.hashed.iter().filter(|name| !is_clients(name));
    let hashed = hashed.filter_map(|name| last(Some(name)));
    let hashed = hashed.map(|folder| [None, None, None, Some(folder), None]);
    let all = files.chain(lists).chain(hashed);
    all.filter(|files| files.iter().any(Option::is_some))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::{path::Path, rc::Rc};

    use super::*;
    use crate::emit::{Catalogue, NoFiles};

    /// A beginning, and what follows it again and again, become no more data than there is text.
    #[test]
    fn no_text_makes_much_of_itself() {
        const LONG: usize = 5 << 20;
        const SHORT: usize = LONG / 10;
        let half = |length: usize, line: &str| line.repeat(length / 2 / line.len());
        let nginx = Catalogue::embedded().server("nginx").expect("it is known");
        let all = nginx.names(&nginx.manifest.formats[0]);
        let all: String = all.map(|name| format!("{name} x;\n")).collect();
        for (length, server, beginning, again) in [
            (
                LONG,
                "nginx",
                half(LONG, "ssl_protocols TLSv1.2;\n"),
                "server{a 1;}\n",
            ),
            (SHORT, "nginx", half(SHORT, "a 1;\n"), "server{listen 1;}\n"),
            (SHORT, "nginx", all, "server{listen 1;location{}}\n"),
            (SHORT, "nginx", String::new(), "server{\n"),
            (
                SHORT,
                "nginx",
                String::new(),
                "server{location{}listen 1;\n",
            ),
            (SHORT, "apache", String::new(), "<Location>\nSSLEngine on\n"),
            (SHORT, "redis", String::new(), "tls-port 1\n"),
            (SHORT, "stunnel", half(SHORT, "debug = 1\n"), "[a]\nb=1\n"),
            (SHORT, "emqx", String::new(), "rpc{a=1,\n"),
        ] {
            let text = beginning.clone() + &again.repeat((length - beginning.len()) / again.len());
            let server = Catalogue::embedded().server(server).expect("it is known");
            let format = &server.manifest.formats[0];
            let document = Document {
                path: Path::new(""),
                text: &text,
                files: &NoFiles,
            };
            let reading = server.read(format, None, document);
            let sections = reading.expect("it can be read").sections;

            let own = sections.iter().flat_map(|section| &section.options);
            let own = own.map(|option| option.name.len() + option.value.len());
            assert!(own.sum::<usize>() < 10 * text.len(), "{again}");
            assert!(sections.len() < text.len() / 4, "{again}");
            // Sections that hear the same share it.
            let handed = sections.iter().map(|section| &section.around);
            let handed = handed.map(|around| (Rc::as_ptr(around).cast::<()>(), around.len()));
            let handed: HashMap<_, _> = handed.collect();
            let names = server.names(format).count();
            assert!(handed.values().all(|&length| length <= names), "{again}");
            assert!(handed.values().sum::<usize>() < 4 * text.len(), "{again}");
        }
    }
}
