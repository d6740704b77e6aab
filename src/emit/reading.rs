//! A configuration file that somebody wrote, as its server's manifest understands it.

use std::{
    cell::LazyCell,
    collections::{BTreeMap, HashMap, HashSet},
    path::PathBuf,
    rc::Rc,
};

use super::{
    endpoint::Endpoint,
    error::{EmitError, SourceError},
    manifest::Format,
    server::Server,
    syntax::{Document, Found, Obstacle, Section, Source, Syntax, Terms},
    version::Version,
};

/// A file and what it includes, with all that the options say.
#[derive(Debug)]
pub struct Reading<'a> {
    /// Whose it is
    pub server: &'a Server,
    /// Which of the server's formats it has
    pub format: &'a Format,
    /// The version that it is judged by
    pub version: Version,
    /// The file, and those that it includes
    pub files: Vec<PathBuf>,
    /// What came in the way of reading them
    pub obstacles: Vec<Obstacle>,
    /// Whether all that is to be read was read
    pub is_whole: bool,
    /// Options that are meant together, each section after the one around it
    pub sections: Vec<Section>,
    /// What they say of TLS
    pub endpoints: Vec<Named<'a>>,
    /// Options whose value a comment ends, without a blank before it
    pub cut: Vec<Found>,
    /// Sections with a meaning of their own
    scopes: Vec<usize>,
}

/// The files that are named for one endpoint.
#[derive(Debug)]
pub struct Named<'a> {
    /// Which options name them
    pub endpoint: &'a Endpoint,
    /// In which sections they hold
    pub sections: Vec<usize>,
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
        let mut source = Source::new(document, self.terms(format));
        let sections = format.sections(&mut source);
        let (files, obstacles, is_whole) = source.finish();
        let mut reading = Reading {
            server: self,
            format,
            version: version.unwrap_or(self.manifest.newest()).clone(),
            files,
            obstacles,
            is_whole,
            sections,
            endpoints: Vec::new(),
            cut: Vec::new(),
            scopes: Vec::new(),
        };
        reading.understand();
        reading.inherit();
        reading.find_endpoints()?;
        Ok(reading)
    }

    /// How the server includes files.
    pub(super) fn terms<'a>(&'a self, format: &'a Format) -> Terms<'a> {
        Terms {
            includes: &self.manifest.includes,
            format: &format.name,
            ignores_case: self.manifest.ignores_case,
            conditions: &self.manifest.conditions,
        }
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
            .chain(self.includes(format))
    }

    /// Options that include other files.
    fn includes<'a>(&'a self, format: &'a Format) -> impl Iterator<Item = &'a str> {
        let includes = self.manifest.includes.iter();
        let includes = includes.filter(|include| include.is_in(&format.name));
        includes.map(|include| include.option.get_ref().as_str())
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
    /// Reads the sections out of a text, and what it includes.
    pub(super) fn sections(&self, source: &mut Source<'_>) -> Vec<Section> {
        let sections = self.syntax.map(|it| it.sections(source));
        let mut sections = sections.unwrap_or_default();
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

impl<'a> Reading<'a> {
    /// Sections with a meaning of their own, and their numbers.
    pub fn scopes(&self) -> impl Iterator<Item = (usize, &Section)> {
        let scopes = self.scopes.iter();
        scopes.map(|&index| (index, &self.sections[index]))
    }

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
                if !value.ends_with(char::is_whitespace) {
                    self.cut.push(option.clone());
                }
                option.value = value.trim_end().to_owned();
            }
        }
    }

    /// Tells each section what those around it say. Of that only what the server knows, and of each option
    /// the one that counts: however long a text is, no more is handed on than there are names.
    fn inherit(&mut self) {
        let mut handed: HashMap<usize, Rc<[Rc<Found>]>> = HashMap::new();
        let mut silent = HashSet::new();
        for index in 0..self.sections.len() {
            let outer = self.sections[index].outer;
            if let Some(outer) = outer {
                let around = handed.entry(outer);
                let around = around.or_insert_with(|| self.handed(&self.sections[outer]));
                self.sections[index].around = Rc::clone(around);
            }
            let section = &self.sections[index];
            let speaks = section.options.iter().any(|option| self.is_known(option));
            // Those that say nothing themselves are all the same.
            if !section.has_others && (speaks || silent.insert(outer)) {
                self.scopes.push(index);
            }
        }
    }

    /// What a section tells those inside.
    fn handed(&self, section: &Section) -> Rc<[Rc<Found>]> {
        let own = section.options.iter();
        let own = own.filter(|option| self.is_known(option));
        let own: BTreeMap<&str, &Found> = own.map(|option| (&*option.name, option)).collect();
        if own.is_empty() {
            return Rc::clone(&section.around);
        }
        let around = section.around.iter();
        let around = around.filter(|option| !own.contains_key(&*option.name));
        let own = own.values().map(|&option| Rc::new(option.clone()));
        around.cloned().chain(own).collect()
    }

    fn is_known(&self, option: &Found) -> bool {
        self.server.known(self.format, &option.name).is_some()
    }

    fn find_endpoints(&mut self) -> Result<(), SourceError> {
        let engine = self.engine();
        let mut endpoints: Vec<Named<'a>> = Vec::new();
        let mut known = HashMap::new();
        for (index, section) in self.scopes() {
            let context = LazyCell::new(|| self.options(section));
            for (number, endpoint) in self.server.endpoints(self.format).enumerate() {
                let files = endpoint.parts().map(|name| {
                    let found = section.get(name?.get_ref())?;
                    (!found.value.is_empty()).then_some(found)
                });
                let is_there = match &endpoint.when {
                    _ if files.iter().all(Option::is_none) => false,
                    Some(when) => engine.holds(when, &context)?,
                    None => true,
                };
                if is_there {
                    let named = *known.entry((number, files)).or_insert_with(|| {
                        endpoints.push(Named::new(endpoint, files));
                        endpoints.len() - 1
                    });
                    endpoints[named].sections.push(index);
                }
            }
        }
        self.endpoints = endpoints;
        Ok(())
    }
}

impl<'a> Named<'a> {
    fn new(endpoint: &'a Endpoint, files: [Option<&Found>; 5]) -> Self {
        let [certificate, key, trust, clients, crl] = files.map(Option::<&Found>::cloned);
        Self {
            endpoint,
            sections: Vec::new(),
            certificate,
            key,
            trust,
            clients,
            crl,
        }
    }

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
