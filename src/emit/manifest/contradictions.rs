//! What a manifest says of itself that cannot be.

use std::ops::Range;

use toml::Spanned;

use super::{Manifest, option::words};

impl Manifest {
    /// Every mistake, with its place.
    pub(super) fn contradictions(&self) -> Vec<(Range<usize>, String)> {
        let mut errors = Vec::new();
        let versions = self.versions.get_ref();
        if versions.is_empty() || !versions.is_sorted_by(|left, right| left < right) {
            let message = "versions must be given, oldest first, each once";
            errors.push((self.versions.span(), message.to_owned()));
        }
        let option = |name: &str| self.options.contains_key(name);
        let listener = |name: &str| self.listeners.iter().any(|it| it.name == name);
        let any = |name: &str| self.spec(name).is_some();
        let in_lines = |name: &str| {
            self.lines
                .iter()
                .any(|line| line.options().any(|it| it == name))
        };
        let exists = |name: &str| {
            self.is_written(name) || in_lines(name) || self.others.iter().any(|it| it == name)
        };
        let writer = |name: &str| self.writers().any(|writer| writer == name);
        for (name, _) in self.listeners.iter().flat_map(|listener| &listener.set) {
            errors.extend(unknown("option", [name], option));
        }
        for spec in self.options.values() {
            for need in &spec.needs {
                let unknown = need.options().filter(|name| !option(name));
                errors
                    .extend(unknown.map(|name| (need.span(), format!("unknown option `{name}`"))));
            }
        }
        for format in &self.formats {
            errors.extend(unknown(
                "listener",
                format.listeners.iter().flatten(),
                listener,
            ));
            errors.extend(unknown("option", &format.requires, any));
        }
        for client in &self.clients {
            errors.extend(unknown("listener", [&client.listener], listener));
            errors.extend(unknown("option", &client.requires, any));
        }
        errors.extend(unknown("option", self.setup.options(), any));
        let format = |name: &str| self.formats.iter().any(|format| format.name == name);
        errors.extend(unknown("format", self.setup.formats(), format));
        for rule in &self.rules {
            errors.extend(unknown("format", &rule.formats, writer));
            let at = rule.file.iter().flat_map(|file| &file.at);
            errors.extend(unknown("option", at, exists));
        }
        for place in &self.places {
            errors.extend(unknown("option", &place.options, exists));
        }
        errors.extend(unknown("option", &self.repeated, exists));
        let inner = self.inner.iter().map(|inner| &inner.option);
        errors.extend(unknown("option", inner, exists));
        errors.extend(unknown("option", &self.paths.start, exists));
        errors.extend(unknown("option", &self.paths.root, exists));
        for group in &self.groups {
            errors.extend(unknown("option", &group.listed, exists));
        }
        for gathered in &self.gathered {
            errors.extend(unknown("option", &gathered.options, exists));
        }
        for shared in &self.shared {
            errors.extend(unknown("option", [&shared.option], |name| {
                self.is_written(name)
            }));
        }
        for undone in &self.undone {
            let names = undone.by.iter().chain([&undone.option]);
            errors.extend(unknown("option", names, exists));
        }
        for inherit in &self.inherits {
            let names = inherit.from.iter().chain([&inherit.line]);
            errors.extend(unknown("option", names, exists));
        }
        for include in &self.includes {
            errors.extend(unknown("format", &include.formats, writer));
        }
        let worded = self.existences.iter().filter(|it| !it.words.is_empty());
        errors.extend(unknown("option", worded.flat_map(|it| &it.options), exists));
        for handed in &self.handed {
            errors.extend(unknown("option", &handed.options, exists));
        }
        for file in &self.files {
            errors.extend(unknown("format", &file.formats, writer));
            errors.extend(unknown("option", &file.options, exists));
            errors.extend(unknown("option", &file.base, exists));
        }
        let account = self.account.iter().flat_map(|it| &it.option);
        errors.extend(unknown("option", account, exists));
        for endpoint in &self.endpoints {
            errors.extend(unknown("format", &endpoint.formats, writer));
            errors.extend(unknown("listener", &endpoint.listener, listener));
            let is_written = |name: &str| self.is_written(name);
            errors.extend(unknown("option", endpoint.options(), is_written));
            let at = endpoint.switch.iter().flat_map(|switch| &switch.at);
            errors.extend(unknown("option", at, is_written));
        }
        errors
    }

    /// Whether a name stands in some file of the server.
    fn is_written(&self, name: &str) -> bool {
        let mut formats = self.formats.iter();
        self.options.contains_key(name)
            || formats.any(|format| words(&format.directives, self.newest()).any(|it| it == name))
    }

    fn writers(&self) -> impl Iterator<Item = &str> {
        let formats = self.formats.iter().map(|format| format.name.as_str());
        formats.chain(self.clients.iter().map(|client| client.name.as_str()))
    }
}

fn unknown<'a>(
    what: &str,
    names: impl IntoIterator<Item = &'a Spanned<String>>,
    known: impl Fn(&str) -> bool,
) -> Vec<(Range<usize>, String)> {
    let unknown = names.into_iter().filter(|name| !known(name.get_ref()));
    unknown
        .map(|name| (name.span(), format!("unknown {what} `{}`", name.get_ref())))
        .collect()
}
