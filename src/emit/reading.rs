//! A configuration file that somebody wrote, as its server's manifest understands it.

use std::{
    cell::LazyCell,
    collections::{BTreeMap, HashMap, HashSet},
    path::PathBuf,
    rc::Rc,
};

use super::{
    endpoint::Endpoint,
    error::EmitError,
    judging::Missed,
    manifest::Format,
    names::Names,
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
    /// `clients` holds certificates that are accepted themselves
    pub pins: bool,
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
        let names = Names::new(self, format);
        reading.understand(&names);
        reading.inherit(&names);
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
    fn understand(&mut self, names: &Names<'_>) {
        let format = self.format;
        for section in &mut self.sections {
            if format.syntax == Some(Syntax::Keywords) {
                // The others are values.
                let mut first = true;
                let is_known = |option: &Found| names.contains(&option.name);
                section
                    .options
                    .retain(|option| std::mem::take(&mut first) || is_known(option));
            }
            for option in &mut section.options {
                if let Some(known) = names.get(&option.name) {
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
    fn inherit(&mut self, names: &Names<'_>) {
        let mut handed: HashMap<usize, Rc<[Rc<Found>]>> = HashMap::new();
        let mut silent = HashSet::new();
        for index in 0..self.sections.len() {
            let outer = self.sections[index].outer;
            if let Some(outer) = outer {
                let around = handed.entry(outer);
                let around = around.or_insert_with(|| handed_on(&self.sections[outer], names));
                self.sections[index].around = Rc::clone(around);
            }
            let section = &self.sections[index];
            let speaks = section
                .options
                .iter()
                .any(|option| names.contains(&option.name));
            // Those that say nothing themselves are the same wherever they hear the same.
            let heard = outer.map(|_| Rc::as_ptr(&section.around).cast::<()>());
            if !section.has_others && (speaks || silent.insert(heard)) {
                self.scopes.push(index);
            }
        }
    }

    fn find_endpoints(&mut self) -> Result<(), EmitError> {
        let engine = self.engine();
        let mut endpoints: Vec<Named<'a>> = Vec::new();
        let mut known = HashMap::new();
        for (index, section) in self.scopes() {
            let context = LazyCell::new(|| self.options(section, &Missed::default()));
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
                    let pins = endpoint.pins.as_ref();
                    let pins = pins.map_or(Ok(false), |pins| engine.holds(pins, &context))?;
                    let named = *known.entry((number, files)).or_insert_with(|| {
                        endpoints.push(Named::new(endpoint, files));
                        endpoints.len() - 1
                    });
                    endpoints[named].sections.push(index);
                    endpoints[named].pins |= pins;
                }
            }
        }
        self.endpoints = endpoints;
        Ok(())
    }
}

/// What a section tells those inside.
fn handed_on(section: &Section, names: &Names<'_>) -> Rc<[Rc<Found>]> {
    let own = section.options.iter();
    let own = own.filter(|option| names.contains(&option.name));
    let own: BTreeMap<&str, &Found> = own.map(|option| (&*option.name, option)).collect();
    if own.is_empty() {
        return Rc::clone(&section.around);
    }
    let around = section.around.iter();
    let around = around.filter(|option| !own.contains_key(&*option.name));
    let own = own.values().map(|&option| Rc::new(option.clone()));
    around.cloned().chain(own).collect()
}

impl<'a> Named<'a> {
    fn new(endpoint: &'a Endpoint, files: [Option<&Found>; 5]) -> Self {
        let [certificate, key, trust, clients, crl] = files.map(Option::<&Found>::cloned);
        Self {
            endpoint,
            sections: Vec::new(),
            pins: false,
            certificate,
            key,
            trust,
            clients,
            crl,
        }
    }

    /// All files that are named.
    pub fn files(&self) -> impl Iterator<Item = &Found> {
        self.parts().into_iter().flatten()
    }

    /// Certificate, key, trust, clients and CRLs.
    #[must_use]
    pub fn parts(&self) -> [Option<&Found>; 5] {
        [
            self.certificate.as_ref(),
            self.key.as_ref(),
            self.trust.as_ref(),
            self.clients.as_ref(),
            self.crl.as_ref(),
        ]
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

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
