//! What is insecure about a snippet, or would keep it from working.
//!
//! What holds for every server is here; what is special to one is a rule in its manifest.

use minijinja::{Value, context};

use super::{Writing, emitted::Options};
use crate::emit::{
    error::{EmitError, Finding},
    manifest::{Format, Rule, listener::Listener},
    request::Emitted,
};
use crate::{
    explained::{Explained, Told},
    severity::Severity,
};

/// What can be found without a rule, sorted by code.
pub static GENERAL: [&Told; 8] = [
    &CLIENT_CA_UNSUPPORTED,
    &CLIENT_CA_UNUSED,
    &DISPUTED_OPTION,
    &INCOMPLETE_OPTIONS,
    &MISSING_CRL,
    &MISSING_EKU,
    &SECRET_IN_ARGUMENTS,
    &UNKNOWN_VERSION,
];

static CLIENT_CA_UNSUPPORTED: Told = Told::Here(Explained::new(
    "client-ca-unsupported",
    Severity::Error,
    "certctl-servers(7)",
    "The server cannot ask for client certificates in the version that is written for, so that anybody is let in",
    "use the version that the finding names, or a later one",
));

static CLIENT_CA_UNUSED: Told = Told::Here(Explained::new(
    "client-ca-unused",
    Severity::Warning,
    "certctl-servers(7)",
    "`--client-ca` was given, and no listener that is written asks for client certificates",
    "name a listener that does: `certctl config --list` shows them",
));

static DISPUTED_OPTION: Told = Told::Here(Explained::new(
    "disputed-option",
    Severity::Error,
    "certctl-servers(7)",
    "Two listeners want an option to have different values, and the server has it once: one of them would not work",
    "use one entry for these listeners",
));

static INCOMPLETE_OPTIONS: Told = Told::Alike {
    code: "incomplete-options",
    severity: Severity::Error,
    source: "certctl-servers(7)",
    rule: "incomplete-options",
};

static MISSING_CRL: Told = Told::Here(Explained::new(
    "missing-crl",
    Severity::Warning,
    "RFC 5280 §6.3.3",
    "A certificate was revoked, and not every CA below the root has a CRL: OpenSSL would refuse whomever a CA \
     without one has signed, so that none is named, and the revoked are let in",
    "make them all: `certctl crl --all`",
));

static MISSING_EKU: Told = Told::Alike {
    code: "missing-eku",
    severity: Severity::Error,
    source: "RFC 5280 §4.2.1.12",
    rule: "missing-eku",
};

static SECRET_IN_ARGUMENTS: Told = Told::Here(Explained::new(
    "secret-in-arguments",
    Severity::Error,
    "certctl-servers(7)",
    "A secret would stand among the arguments of a process, where every user of the machine can read it",
    "keep it in a configuration file: `--as conf`",
));

static UNKNOWN_VERSION: Told = Told::Here(Explained::new(
    "unknown-version",
    Severity::Warning,
    "certctl-servers(7)",
    "The server's version is older than all that is known of it, so that what is written may not fit",
    "use the version that the finding names, or a later one",
));

/// Findings that need no rule.
pub(in crate::emit) fn general(
    writing: &Writing<'_>,
    format: &Format,
    options: &Options,
) -> Vec<Finding> {
    let emitted = &options.emitted;
    let mut findings: Vec<_> = [unknown_version(writing), unused_client_ca(writing, format)]
        .into_iter()
        .flatten()
        .collect();
    findings.extend(missing_usages(writing));
    findings.extend(missing_crls(writing));
    findings.extend(
        emitted
            .iter()
            .filter_map(|option| visible(writing, format, option)),
    );
    findings.extend(
        emitted
            .iter()
            .flat_map(|option| incomplete(writing, option, emitted)),
    );
    findings.extend(options.disputed.iter().map(disputed));
    findings
}

/// Findings of the manifest's rules; a rule without formats is meant for `all` of them.
pub(super) fn ruled(
    writing: &Writing<'_>,
    writer: &str,
    all: bool,
    context: &Value,
) -> Result<Vec<Finding>, Vec<EmitError>> {
    let mut findings = Vec::new();
    for rule in &writing.manifest().rules {
        let named = rule.formats.iter().any(|name| name.get_ref() == writer);
        let meant = named || all && rule.formats.is_empty();
        if !meant || rule.file.as_ref().is_some_and(|file| file.only) {
            continue;
        }
        writing.used.add(writing.engine.parameters(&rule.when));
        for context in contexts(rule, context) {
            let found = judge(writing, rule, &context);
            let found = found.map_err(|error| vec![error])?;
            findings.extend(found.filter(|found| !findings.contains(found)));
        }
    }
    Ok(findings)
}

/// What a rule is asked about: all listeners together, or each as `it`.
pub(in crate::emit) fn contexts(rule: &Rule, context: &Value) -> Vec<Value> {
    if !rule.each {
        return vec![context.clone()];
    }
    let listeners = context
        .get_attr("listeners")
        .and_then(|listeners| listeners.try_iter());
    let listeners = listeners.into_iter().flatten();
    listeners
        .map(|it| context! { it, ..context.clone() })
        .collect()
}

fn judge(
    writing: &Writing<'_>,
    rule: &Rule,
    context: &Value,
) -> Result<Option<Finding>, EmitError> {
    if !writing.engine.holds(&rule.when, context)? {
        return Ok(None);
    }
    let text = |source| writing.engine.inline(source, context);
    Ok(Some(Finding {
        code: rule.code.clone(),
        severity: rule.severity,
        message: text(&rule.message)?,
        hint: rule
            .hint
            .as_ref()
            .map(text)
            .transpose()?
            .unwrap_or_default(),
    }))
}

fn finding(told: &Told, message: String, hint: impl Into<String>) -> Finding {
    Finding {
        code: told.code().to_owned(),
        severity: told.severity(),
        message,
        hint: hint.into(),
    }
}

fn unknown_version(writing: &Writing<'_>) -> Option<Finding> {
    let oldest = writing.manifest().versions.get_ref().first()?;
    (writing.version < *oldest).then(|| {
        let title = &writing.manifest().title;
        let message = format!(
            "{title} {} is older than what is known here",
            writing.version
        );
        finding(&UNKNOWN_VERSION, message, format!("use {oldest} or later"))
    })
}

fn unused_client_ca(writing: &Writing<'_>, format: &Format) -> Option<Finding> {
    let authority = writing.request.client_ca.as_ref()?;
    let name = &authority.name;
    let in_use = |listener: &&_| {
        let listener: &Listener = listener;
        writing
            .request
            .listeners
            .iter()
            .any(|(name, _)| *name == listener.name)
    };
    let takers = writing
        .server
        .listeners(format)
        .filter(|it| it.client_ca_since.is_some());
    let since = takers
        .filter(in_use)
        .filter_map(|it| it.client_ca_since.as_ref())
        .min();
    match since {
        None => Some(finding(
            &CLIENT_CA_UNUSED,
            format!(
                "none of these listeners asks for client certificates, so `{name}` is not used"
            ),
            "name a listener that does: `certctl config --list` shows them",
        )),
        Some(since) if writing.version < *since => Some(finding(
            &CLIENT_CA_UNSUPPORTED,
            format!(
                "version {} cannot ask for client certificates",
                writing.version
            ),
            format!("use {since} or later"),
        )),
        Some(_) => None,
    }
}

/// RFC 5280 §4.2.1.12: a certificate with the extension is good for what it lists only.
fn missing_usages(writing: &Writing<'_>) -> Vec<Finding> {
    let listeners = writing.manifest().listeners.iter();
    let asked = listeners.filter_map(|listener| {
        let mut asked = writing.request.listeners.iter();
        let (_, entry) = asked.find(|(name, _)| *name == listener.name)?;
        let missing = entry.lacks(&listener.eku);
        (!missing.is_empty()).then_some((listener, entry, missing))
    });
    asked
        .map(|(listener, entry, missing)| {
            let (name, missing) = (&entry.name, missing.join(", "));
            let message = format!(
                "the certificate of `{name}` lacks {missing}, which listener `{}` needs",
                listener.name
            );
            let profile = if listener.eku == ["serverAuth"] {
                "server"
            } else {
                "node"
            };
            let hint =
                format!("issue it again: `certctl issue {name} --profile {profile} --force`");
            finding(&MISSING_EKU, message, hint)
        })
        .collect()
}

/// OpenSSL refuses whomever a CA without a CRL has signed, so all CAs must have one, or none is used.
fn missing_crls(writing: &Writing<'_>) -> Vec<Finding> {
    let wanted = writing.request.revocations.iter();
    let wanted = wanted.filter(|it| !it.missing.is_empty() && writing.engine.wants_crls(&it.root));
    wanted
        .map(|it| {
            let message = format!(
                "revoked certificates are let in: there must be a CRL of every CA below `{}`, and there is none of {}",
                it.root,
                it.missing.join(", ")
            );
            finding(
                &MISSING_CRL,
                message,
                "make them all: `certctl crl --all`",
            )
        })
        .collect()
}

fn visible(writing: &Writing<'_>, format: &Format, option: &Emitted) -> Option<Finding> {
    let (spec, value) = (writing.spec(&option.name)?, option.value.as_deref()?);
    let public = spec.words(&writing.version).any(|word| word == value);
    (format.arguments && spec.secret && !public).then(|| {
        let message = format!(
            "every user of the machine can read `{}` among a process's arguments",
            option.name
        );
        let hint = format!(
            "keep it in the configuration file: `--as {}`",
            writing.manifest().formats[0].name
        );
        finding(&SECRET_IN_ARGUMENTS, message, hint)
    })
}

/// Whether it is told of an option that it does not work without others.
pub(super) fn is_incomplete(writing: &Writing<'_>, name: &str, emitted: &[Emitted]) -> bool {
    let mut options = emitted.iter().filter(|option| option.name == name);
    options.any(|option| !incomplete(writing, option, emitted).is_empty())
}

fn incomplete(writing: &Writing<'_>, option: &Emitted, emitted: &[Emitted]) -> Vec<Finding> {
    let needs = writing
        .spec(&option.name)
        .map_or(&[][..], |spec| &spec.needs);
    let is_there = |name: &str| emitted.iter().any(|it| it.name == name);
    let missing = needs.iter().filter(|need| !need.options().any(is_there));
    missing
        .map(|need| {
            let message = format!(
                "`{}` does not work without {}",
                option.name,
                need.described()
            );
            let hint = format!(
                "add `--set {}=…` or the listener that it belongs to",
                need.options().next().unwrap_or_default()
            );
            finding(&INCOMPLETE_OPTIONS, message, hint)
        })
        .collect()
}

fn disputed((name, known, other): &(String, String, String)) -> Finding {
    let message = format!(
        "`{name}` can have one value only; `{known}` is written, but another listener wants `{other}`"
    );
    let hint = "use one entry for these listeners";
    finding(&DISPUTED_OPTION, message, hint)
}
