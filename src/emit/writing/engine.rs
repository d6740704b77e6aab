//! Templates and expressions: strict about names, with the place of every mistake.

use std::{
    collections::{BTreeMap, BTreeSet},
    error::Error as _,
    iter,
    net::IpAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use minijinja::{
    AutoEscape, Environment, Error, ErrorKind, Output, State, UndefinedBehavior,
    syntax::SyntaxConfig,
    value::{Serde, Value, ValueKind},
};
use serde::Serialize;
use toml::Spanned;
use zeroize::Zeroizing;

use super::{
    filters, output, parts,
    quote::{self, Refused},
};
use crate::emit::{
    error::{EmitError, SourceError},
    facts::of_types,
    files::Files,
    manifest::likeness::Written,
    request::Outside,
    version::Version,
};
use crate::pki::{chain::Host, san};

/// Steps of one rendering; the longest template takes a hundredth of it.
const MAX_STEPS: u64 = 1_000_000;
/// Templates within templates, each of which counts ten; a thread's stack has room for more.
const MAX_DEPTH: usize = 100;
/// What minijinja calls a template that is no file.
const INLINE: &str = "<string>";

/// The templates of one server, and what they may call.
#[derive(Debug)]
pub(in crate::emit) struct Engine {
    environment: Environment<'static>,
    files: Arc<Files>,
    manifest: Written,
    secret: Arc<AtomicBool>,
    /// Roots whose CRLs were asked for
    crls: Arc<Mutex<BTreeSet<String>>>,
}

impl Engine {
    /// An engine for the server of this manifest.
    pub(in crate::emit) fn new(files: Arc<Files>, manifest: Written) -> Self {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        // Text that a macro or a block has made was written by `write`, and needs no filter any more.
        environment.set_auto_escape_callback(|_| AutoEscape::Custom("quoted".into()));
        environment.set_formatter(write);
        environment.set_fuel(Some(MAX_STEPS));
        environment.set_recursion_limit(MAX_DEPTH);
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
        filters::add(&mut environment);
        environment.add_function("covers", |sans: Vec<String>, host: &str| {
            covers(&sans, host)
        });
        environment.add_function("uncovered", |sans: Vec<String>, values: Vec<String>| {
            let names = values.iter().flat_map(|value| value.split_whitespace());
            let names = names
                .filter_map(parts::called)
                .filter(|it| !covers(&sans, it));
            names.map(str::to_owned).collect::<Vec<_>>()
        });
        environment.add_function("any_word", |values: Vec<String>, words: Vec<String>| {
            let is_meant = |word| words.iter().any(|it| it == word);
            let mut values = values.iter().flat_map(|value| value.split_whitespace());
            values.any(is_meant)
        });
        environment.add_function("lacking", |values: Vec<String>, words: Vec<String>| {
            let lacks = |value: &String| {
                let mut found = value.split_whitespace();
                !found.any(|word| words.iter().any(|it| it == word))
            };
            values.into_iter().filter(lacks).collect::<Vec<_>>()
        });
        environment.add_function("of_types", |attributes: Vec<String>, types: Vec<String>| {
            of_types(&attributes, &types)
        });
        environment.add_function("is_like_any", |text: &str, patterns: Vec<String>| {
            parts::is_like_any(text, &patterns)
        });
        environment.add_test("like", |text: &str, patterns: Vec<String>| {
            parts::is_like_any(text, &patterns)
        });
        environment.add_function("is_ip", |host: &str| host.parse::<IpAddr>().is_ok());
        environment.add_function("is_loopback", |hosts: Vec<String>| {
            parts::is_loopback(&hosts)
        });
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
    pub(in crate::emit) fn suppose(&mut self, version: Version) {
        let since = version.clone();
        let environment = &mut self.environment;
        environment.add_function("since", move |text: &str| compare(text, &since, true));
        environment.add_function("before", move |text: &str| compare(text, &version, false));
    }

    /// Adds what only text that is written may ask for. Private keys are among it where the manifest says
    /// of what is written that it holds a secret.
    pub(super) fn serve(&mut self, outside: Arc<dyn Outside>, keys: bool) {
        let environment = &mut self.environment;
        let invalid = |message| Error::new(ErrorKind::InvalidOperation, message);
        let (used, source) = (Arc::clone(&self.secret), Arc::clone(&outside));
        environment.add_function("secret", move |label: &str| {
            used.store(true, Ordering::Relaxed);
            let secret = source.secret(label).map_err(invalid)?;
            Ok::<_, Error>(Value::from(secret.as_str()))
        });
        let used = Arc::clone(&self.secret);
        environment.add_function("contents", move |area: &str, name: &str, file: &str| {
            let text = outside.contents(area, name, file).map_err(invalid)?;
            if text.contains("PRIVATE KEY") {
                if !keys {
                    let reason =
                        "it holds a private key, and what is written here is not declared a secret";
                    return Err(invalid(format!("{area}/{name}/{file}: {reason}")));
                }
                used.store(true, Ordering::Relaxed);
            }
            Ok(Value::from(text.as_str()))
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
    pub(in crate::emit) fn compile(
        &self,
        path: &str,
        named: &Spanned<String>,
    ) -> Result<(), SourceError> {
        let template = self.environment.get_template(path);
        let inline = (!self.files.contains_key(path)).then_some(named);
        template
            .map(|_| ())
            .map_err(|error| self.locate(&error, path, inline))
    }

    /// Checks a template within the manifest without rendering it.
    pub(in crate::emit) fn compile_inline(
        &self,
        source: &Spanned<String>,
    ) -> Result<(), SourceError> {
        let template = self.environment.template_from_str(source.get_ref());
        template
            .map(|_| ())
            .map_err(|error| self.locate(&error, "", Some(source)))
    }

    /// Checks an expression within the manifest without evaluating it.
    pub(in crate::emit) fn compile_expression(
        &self,
        source: &Spanned<String>,
    ) -> Result<(), SourceError> {
        let expression = self.environment.compile_expression(source.get_ref());
        expression
            .map(|_| ())
            .map_err(|error| self.locate(&error, "", Some(source)))
    }

    /// Renders a template file.
    pub(in crate::emit) fn file(
        &self,
        path: &str,
        context: &Value,
    ) -> Result<Zeroizing<String>, EmitError> {
        let failed = |error: Error| self.fault(&error, path, None);
        let template = self.environment.get_template(path).map_err(failed)?;
        let render = |mut free: &mut [u8]| {
            let rendered = template.render_captured_to(context, &mut free);
            (rendered.map(drop), free.len())
        };
        let text = output::text(render).map_err(failed)?;
        text.ok_or_else(|| failed(ErrorKind::BadSerialization.into()))
    }

    /// Renders a template within the manifest.
    pub(in crate::emit) fn inline(
        &self,
        source: &Spanned<String>,
        context: &Value,
    ) -> Result<String, EmitError> {
        let text = self
            .environment
            .render_str(source.get_ref(), context.clone());
        text.map_err(|error| self.fault(&error, "", Some(source)))
    }

    /// Evaluates a condition within the manifest.
    pub(in crate::emit) fn holds(
        &self,
        source: &Spanned<String>,
        context: &Value,
    ) -> Result<bool, EmitError> {
        let expression = self.environment.compile_expression(source.get_ref());
        let value = expression.and_then(|expression| expression.eval(context.clone()));
        match value {
            Ok(value) => Ok(value.is_true()),
            Err(error) => Err(self.fault(&error, "", Some(source))),
        }
    }

    /// The parameters that a condition within the manifest asks for, wherever it may stop.
    pub(in crate::emit) fn parameters(&self, source: &Spanned<String>) -> Vec<String> {
        let expression = self.environment.compile_expression(source.get_ref());
        let asked = expression.map(|expression| expression.undeclared_variables(true));
        let names = asked.unwrap_or_default().into_iter();
        let names = names.filter_map(|name| Some(name.strip_prefix("param.")?.to_owned()));
        names.collect()
    }

    /// A value that cannot be written, or a mistake in the template.
    fn fault(&self, error: &Error, path: &str, inline: Option<&Spanned<String>>) -> EmitError {
        // Where a template includes another, the mistake is in the innermost.
        let mut causes = iter::successors(error.source(), |&cause| cause.source());
        let inner = causes.clone().filter_map(|cause| cause.downcast_ref());
        let place = self.locate(inner.last().unwrap_or(error), path, inline);
        match causes.find_map(|cause| cause.downcast_ref::<Refused>()) {
            Some(refused) => EmitError::Unquotable {
                value: quote::visible(&refused.value),
                reason: refused.reason.clone(),
                place: format!("{}:{}", place.file, place.line),
            },
            None => EmitError::Source(place),
        }
    }

    /// Finds the place of a mistake: in the manifest for inline templates, else in a file.
    fn locate(&self, error: &Error, path: &str, inline: Option<&Spanned<String>>) -> SourceError {
        let message = words(error);
        let range = error.range().unwrap_or_default();
        let named = error.name().and_then(|name| self.files.get(name));
        if let (Some(file), None) = (named.or_else(|| self.files.get(path)), inline) {
            return SourceError::at(&file.origin, &file.text, range, message);
        }
        let span = inline.map(Spanned::span).unwrap_or_default();
        let start = span.start + opening(self.manifest.text(span.clone())) + range.start;
        let place = start.min(span.end)..span.end;
        self.manifest.error(place, message)
    }
}

/// What went wrong, in words.
fn words(error: &Error) -> String {
    match (error.kind(), error.detail(), error.source()) {
        (ErrorKind::OutOfFuel, ..) => format!("it takes more than {MAX_STEPS} steps"),
        (ErrorKind::WriteFailure, ..) => {
            format!("it makes more than {} octets", output::MAX_OCTETS)
        }
        (kind, Some(detail), _) => format!("{kind}: {detail}"),
        (kind, None, _) => kind.to_string(),
    }
}

/// Writes what stands in `{{ }}`. A text in a file must have gone through the filter of its language;
/// within the manifest it becomes a value, or words for a person.
fn write(out: &mut Output<'_>, state: &mut State<'_, '_>, value: &Value) -> Result<(), Error> {
    let means_itself = matches!(
        value.kind(),
        ValueKind::Bool | ValueKind::Number | ValueKind::Undefined
    );
    if !means_itself && !value.is_safe() && state.name() != INLINE {
        let detail =
            "a value is written as it is; it needs a filter for its language, as in `| shell`";
        return Err(Error::new(ErrorKind::InvalidOperation, detail));
    }
    write!(out, "{value}").map_err(|_| ErrorKind::WriteFailure.into())
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
pub(in crate::emit) fn value(data: impl Serialize) -> Value {
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
        .map_err(|error: crate::emit::version::VersionError| {
            Error::new(ErrorKind::InvalidOperation, error.to_string())
        })?;
    Ok((*version >= bound) == since)
}

/// Whether typed SANs name a host, as `verify` compares (RFC 9525 §6).
fn covers(sans: &[String], host: &str) -> bool {
    let names: Vec<_> = sans.iter().filter_map(|san| san::parse(san).ok()).collect();
    Host::parse(host).is_ok_and(|host| host.is_named_by(&names))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let sans = [
            "DNS:node1",
            "DNS:*.db.internal",
            "DNS:*.test",
            "IP:10.0.0.1",
            "IP:::1",
        ];
        let sans = sans.map(str::to_owned);
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
            ("a.test", false),
        ] {
            assert_eq!(covers(&sans, host), expected, "{host}");
        }
    }
}
