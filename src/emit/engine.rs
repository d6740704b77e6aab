//! Templates and expressions: strict about names, with the place of every mistake.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::IpAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use minijinja::{
    AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior,
    syntax::SyntaxConfig,
    value::{Serde, Value},
};
use serde::Serialize;
use toml::Spanned;

use super::{
    catalogue::Files, error::SourceError, manifest::at, quote, request::Outside, version::Version,
};

/// The templates of one server, and what they may call.
#[derive(Debug)]
pub(super) struct Engine {
    environment: Environment<'static>,
    files: Arc<Files>,
    manifest: String,
    secret: Arc<AtomicBool>,
    /// Roots whose CRLs were asked for
    crls: Arc<Mutex<BTreeSet<String>>>,
}

impl Engine {
    /// An engine for the server whose manifest has this path.
    pub(super) fn new(files: Arc<Files>, manifest: String) -> Self {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_auto_escape_callback(|_| AutoEscape::None);
        environment.set_syntax(syntax());
        environment.set_debug(true); // errors carry the range
        environment.set_path_join_callback(|name, parent| match parent.rsplit_once('/') {
            Some((folder, _)) if !name.contains('/') => format!("{folder}/{name}").into(),
            _ => name.into(),
        });
        let templates = Arc::clone(&files);
        environment.set_loader(move |name| {
            Ok(templates
                .get(name)
                .map(|file| file.text.clone().into_owned()))
        });
        for (name, filter) in quote::FILTERS {
            environment.add_filter(name, filter);
        }
        environment.add_function("covers", |sans: Vec<String>, host: &str| {
            covers(&sans, host)
        });
        environment.add_function("is_ip", |host: &str| host.parse::<IpAddr>().is_ok());
        environment.add_function("shares", |left: Vec<String>, right: Vec<String>| {
            left.iter().any(|item| right.contains(item))
        });
        Self {
            environment,
            files,
            manifest,
            secret: Arc::default(),
            crls: Arc::default(),
        }
    }

    /// Adds what depends on the server's version.
    pub(super) fn suppose(&mut self, version: Version) {
        let since = version.clone();
        let environment = &mut self.environment;
        environment.add_function("since", move |text: &str| compare(text, &since, true));
        environment.add_function("before", move |text: &str| compare(text, &version, false));
    }

    /// Adds what only text that is written may ask for.
    pub(super) fn serve(&mut self, outside: Arc<dyn Outside>) {
        let environment = &mut self.environment;
        let (used, source) = (Arc::clone(&self.secret), Arc::clone(&outside));
        environment.add_function("secret", move |label: &str| {
            used.store(true, Ordering::Relaxed);
            source.secret(label)
        });
        let used = Arc::clone(&self.secret);
        environment.add_function("contents", move |area: &str, name: &str, file: &str| {
            used.fetch_or(file == "key.pem", Ordering::Relaxed);
            let invalid = |message| Error::new(ErrorKind::InvalidOperation, message);
            outside.contents(area, name, file).map_err(invalid)
        });
    }

    /// Adds `crl(root)`: the file with the CRLs of all CAs below a root, or nothing.
    pub(super) fn serve_crls(&mut self, files: BTreeMap<String, String>) {
        let asked = Arc::clone(&self.crls);
        self.environment.add_function("crl", move |root: &str| {
            let mut asked = asked.lock().unwrap_or_else(PoisonError::into_inner);
            asked.insert(root.to_owned());
            files.get(root).cloned().unwrap_or_default()
        });
    }

    /// Whether anything that was rendered wants to refuse what was revoked below a root.
    pub(super) fn wants_crls(&self, root: &str) -> bool {
        let asked = self.crls.lock().unwrap_or_else(PoisonError::into_inner);
        asked.contains(root)
    }

    /// Whether a secret went into anything that was rendered.
    pub(super) fn used_secret(&self) -> bool {
        self.secret.load(Ordering::Relaxed)
    }

    /// Checks a template without rendering it.
    ///
    /// `named` is where the manifest names it: the place of the mistake if there is no such file.
    pub(super) fn compile(&self, path: &str, named: &Spanned<String>) -> Result<(), SourceError> {
        let template = self.environment.get_template(path);
        let inline = (!self.files.contains_key(path)).then_some(named);
        template
            .map(|_| ())
            .map_err(|error| self.locate(&error, inline))
    }

    /// Checks a template within the manifest without rendering it.
    pub(super) fn compile_inline(&self, source: &Spanned<String>) -> Result<(), SourceError> {
        let template = self.environment.template_from_str(source.get_ref());
        template
            .map(|_| ())
            .map_err(|error| self.locate(&error, Some(source)))
    }

    /// Checks an expression within the manifest without evaluating it.
    pub(super) fn compile_expression(&self, source: &Spanned<String>) -> Result<(), SourceError> {
        let expression = self.environment.compile_expression(source.get_ref());
        expression
            .map(|_| ())
            .map_err(|error| self.locate(&error, Some(source)))
    }

    /// Renders a template file.
    pub(super) fn file(&self, path: &str, context: &Value) -> Result<String, SourceError> {
        let template = self.environment.get_template(path);
        let text = template.and_then(|template| template.render(context.clone()));
        text.map_err(|error| self.locate(&error, None))
    }

    /// Renders a template within the manifest.
    pub(super) fn inline(
        &self,
        source: &Spanned<String>,
        context: &Value,
    ) -> Result<String, SourceError> {
        let text = self
            .environment
            .render_str(source.get_ref(), context.clone());
        text.map_err(|error| self.locate(&error, Some(source)))
    }

    /// Evaluates a condition within the manifest.
    pub(super) fn holds(
        &self,
        source: &Spanned<String>,
        context: &Value,
    ) -> Result<bool, SourceError> {
        let expression = self.environment.compile_expression(source.get_ref());
        let value = expression.and_then(|expression| expression.eval(context.clone()));
        match value {
            Ok(value) => Ok(value.is_true()),
            Err(error) => Err(self.locate(&error, Some(source))),
        }
    }

    /// Finds the place of a mistake: in the manifest for inline templates, else in a file.
    fn locate(&self, error: &Error, inline: Option<&Spanned<String>>) -> SourceError {
        let detail = error
            .detail()
            .map(|detail| format!(": {detail}"))
            .unwrap_or_default();
        let message = format!("{}{detail}", error.kind());
        let range = error.range().unwrap_or_default();
        let named = error.name().and_then(|name| self.files.get(name));
        if let (Some(file), None) = (named, inline) {
            return at(&file.origin, &file.text, range, message);
        }
        let file = &self.files[&self.manifest];
        let span = inline.map(Spanned::span).unwrap_or_default();
        let start = span.start + opening(&file.text[span.clone()]) + range.start;
        at(
            &file.origin,
            &file.text,
            start.min(span.end)..span.end,
            message,
        )
    }
}

/// Lines that hold a block alone leave nothing behind; all other whitespace stays.
fn syntax() -> SyntaxConfig {
    let mut builder = SyntaxConfig::builder();
    builder
        .trim_blocks(true)
        .lstrip_blocks(true)
        .keep_trailing_newline(true);
    builder.build().expect("the delimiters are the usual ones")
}

/// A value for templates.
pub(super) fn value(data: impl Serialize) -> Value {
    Value::from(Serde(data))
}

/// Octets of a TOML string before its text.
fn opening(literal: &str) -> usize {
    let long = ["\"\"\"", "'''"]
        .iter()
        .any(|quote| literal.starts_with(quote));
    match long {
        true if literal[3..].starts_with('\n') => 4,
        true => 3,
        false => 1,
    }
}

fn compare(text: &str, version: &Version, since: bool) -> Result<bool, Error> {
    let bound: Version = text
        .parse()
        .map_err(|error: super::version::VersionError| {
            Error::new(ErrorKind::InvalidOperation, error.to_string())
        })?;
    Ok((*version >= bound) == since)
}

/// Whether typed SANs name a host, as TLS clients compare (RFC 9525 §6.3).
pub(super) fn covers(sans: &[String], host: &str) -> bool {
    if let Ok(address) = host.parse::<IpAddr>() {
        let ips = sans.iter().filter_map(|san| san.strip_prefix("IP:"));
        return ips
            .filter_map(|ip| ip.parse().ok())
            .any(|ip: IpAddr| ip == address);
    }
    let matches = |name: &str| match name.strip_prefix("*.") {
        Some(parent) => host
            .split_once('.')
            .is_some_and(|(label, rest)| !label.is_empty() && rest.eq_ignore_ascii_case(parent)),
        None => name.eq_ignore_ascii_case(host),
    };
    sans.iter()
        .filter_map(|san| san.strip_prefix("DNS:"))
        .any(matches)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let sans = ["DNS:node1", "DNS:*.db.internal", "IP:10.0.0.1", "IP:::1"].map(str::to_owned);
        for (host, expected) in [
            ("node1", true),
            ("NODE1", true),
            ("a.db.internal", true),
            ("a.b.db.internal", false),
            ("db.internal", false),
            (".db.internal", false),
            ("10.0.0.1", true),
            ("10.0.0.2", false),
            ("0:0::1", true),
        ] {
            assert_eq!(covers(&sans, host), expected, "{host}");
        }
    }
}
