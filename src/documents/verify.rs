//! `certctl/verify/v1`: what was found of one chain.

use std::fmt::{Display, Write as _};

use serde::Serialize;

use crate::{
    pki::{
        certificate::Certificate,
        chain::{Chain, Failure, Fault, Place, Policy, Request, Stack, rustls_accepts, verify},
        inspect::CertificateInfo,
        validity::rfc3339,
    },
    terminal::table::aligned,
};

/// `certctl/verify/v1`
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Document {
    pub(crate) schema: &'static str,
    /// Whether the chain holds
    pub(crate) ok: bool,
    /// The gravest fault
    pub(crate) reason: Option<String>,
    /// All of them
    pub(crate) faults: Vec<FaultDocument>,
    /// From the leaf upward; where it does not hold, as far as it could be built
    pub(crate) chain: Vec<LinkDocument>,
    /// Certificates of the file that are no part of it, by their subjects
    pub(crate) unused: Vec<String>,
    /// Whether somebody was asked what was revoked
    pub(crate) revocation: RevocationDocument,
    /// Where it holds, why OpenSSL with -x509_strict, and Python from 3.13 on, would refuse it nevertheless
    pub(crate) openssl: Option<String>,
    /// Why rustls would refuse it
    pub(crate) rustls: Option<String>,
    /// With `--like`, whose answer it is
    pub(crate) like: Option<LikeDocument>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct LikeDocument {
    /// The TLS stack
    pub(crate) stack: &'static str,
    /// What RFC 5280 minds, and the stack does not
    pub(crate) passed_over: Vec<FaultDocument>,
}

#[derive(Default, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct RevocationDocument {
    /// Of every certificate below the trust anchor it is known whether it was revoked
    pub(crate) checked: bool,
    /// Those of which it is not
    pub(crate) unchecked: Vec<String>,
    /// Those that were revoked after the time that was asked for
    pub(crate) later: Vec<LaterDocument>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct LaterDocument {
    /// Its subject
    pub(crate) certificate: String,
    /// Since when
    #[cfg_attr(test, schemars(extend("format" = "date-time")))]
    pub(crate) on: String,
    /// Word of RFC 5280 §5.3.1
    #[cfg_attr(test, schemars(extend("enum" = super::words::reasons())))]
    pub(crate) reason: &'static str,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct FaultDocument {
    /// Stable name of the rule, of certctl-findings(7)
    #[cfg_attr(test, schemars(extend("enum" = super::words::verify_codes())))]
    pub(crate) code: &'static str,
    /// What the certificate calls itself
    pub(crate) certificate: String,
    /// Where it stands in the chain: `leaf`, `intermediate 1` …, `trust anchor`
    #[cfg_attr(test, schemars(extend("pattern" = "^(leaf|intermediate [0-9]+|trust anchor)$")))]
    pub(crate) place: String,
    /// What is wrong
    pub(crate) message: String,
    /// Where the rule is written; null where it is our own
    pub(crate) section: Option<&'static str>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct LinkDocument {
    /// Where it stands in the chain: `leaf`, `intermediate 1` …, `trust anchor`
    #[cfg_attr(test, schemars(extend("pattern" = "^(leaf|intermediate [0-9]+|trust anchor)$")))]
    pub(crate) place: String,
    #[serde(flatten)]
    pub(crate) certificate: CertificateInfo,
}

impl FaultDocument {
    pub(crate) fn new(fault: &Fault) -> Self {
        Self {
            code: fault.rule.code(),
            certificate: fault.subject.clone(),
            place: fault.place.to_string(),
            message: fault.rule.to_string(),
            section: fault.rule.section(),
        }
    }
}

impl Document {
    pub(crate) fn new(
        request: &Request<'_>,
        found: &Result<Chain, Failure>,
        revocation: RevocationDocument,
    ) -> Self {
        let (chain, anchored, faults) = match found {
            Ok(chain) => (&chain.certificates, true, &[][..]),
            Err(failure) => (&failure.chain, failure.anchored, &failure.faults[..]),
        };
        let link = |(index, certificate)| LinkDocument {
            place: Place::at(index, chain.len(), anchored).to_string(),
            certificate: CertificateInfo::new(certificate),
        };
        Self {
            schema: "certctl/verify/v1",
            ok: found.is_ok(),
            reason: found.as_ref().err().map(ToString::to_string),
            faults: faults.iter().map(FaultDocument::new).collect(),
            chain: chain.iter().enumerate().map(link).collect(),
            unused: Vec::new(),
            revocation,
            openssl: found.as_ref().ok().and_then(|_| openssl_reason(request)),
            rustls: rustls_accepts(request).err().map(rustls_reason),
            like: None,
        }
    }

    /// Which of the certificates that stand in the file behind the first are no part of the chain.
    pub(crate) fn tell_unused(&mut self, rest: &[Certificate]) {
        let used: Vec<_> = (self.chain.iter())
            .map(|link| link.certificate.sha256.clone())
            .collect();
        let unused = rest.iter().map(CertificateInfo::new);
        let unused = unused.filter(|info| !used.contains(&info.sha256));
        self.unused = unused.map(|info| info.subject).collect();
    }

    /// Whose answer it is, and what that passes over.
    pub(crate) fn tell_stack(&mut self, stack: Stack, passed_over: &[Fault]) {
        self.like = Some(LikeDocument {
            stack: stack.name(),
            passed_over: passed_over.iter().map(FaultDocument::new).collect(),
        });
    }

    /// What the stack passes over, in words, as far as it is none of the refusals.
    pub(crate) fn passed_over(&self) -> impl Iterator<Item = String> {
        let is_told = move |fault: &FaultDocument| {
            let mut refusals = self.refusals();
            refusals.any(|(_, reason)| reason.contains(&fault.message))
        };
        let faults = self.like.iter().flat_map(move |like| {
            let faults = like.passed_over.iter();
            let faults = faults.filter(move |fault| !is_told(fault));
            faults.map(move |fault| (like.stack, fault))
        });
        faults.map(|(stack, fault)| {
            let FaultDocument {
                certificate,
                place,
                message,
                ..
            } = fault;
            format!("{stack} passes over, and others may not: certificate {certificate:?} ({place}): {message}")
        })
    }

    /// The host was asked for with a dot at its end: to RFC 9525, Go, Node.js, curl and rustls the same name, to
    /// OpenSSL another.
    pub(crate) fn tell_absolute(&mut self) {
        let reason = "it takes the dot at the end of the host for a part of the name";
        if self.ok {
            self.openssl.get_or_insert_with(|| reason.to_owned());
        }
    }

    /// Who would refuse it nevertheless, and why.
    pub(crate) fn refusals(&self) -> impl Iterator<Item = (&'static str, &String)> {
        let openssl = "OpenSSL with -x509_strict (and Python 3.13)";
        [(openssl, &self.openssl), ("rustls", &self.rustls)]
            .into_iter()
            .filter_map(|(who, reason)| Some((who, reason.as_ref()?)))
    }
}

/// What OpenSSL minds.
pub(crate) fn openssl_reason(request: &Request<'_>) -> Option<String> {
    let request = Request {
        policy: Policy::Openssl,
        ..*request
    };
    verify(&request).err().map(|failure| failure.to_string())
}

/// What webpki calls an error, without the octets of all the algorithms that it has.
pub(crate) fn rustls_reason(error: impl Display) -> String {
    let text = error.to_string();
    match text.split_once("Context(") {
        Some((name, _)) => name.to_owned(),
        None => text,
    }
}

impl Document {
    /// For a person, under the name that the user knows.
    pub(crate) fn text(&self, name: &str) -> String {
        let verdict = if self.ok { "holds" } else { "does not hold" };
        let mut text = format!("{name} {verdict}{}\n", unchecked(self));
        for later in &self.revocation.later {
            let LaterDocument {
                certificate,
                on,
                reason,
            } = later;
            let _ = writeln!(
                text,
                "  {certificate} was revoked later, on {on} ({reason})"
            );
        }
        for fault in &self.faults {
            let section = fault.section.map(|section| format!(" ({section})"));
            let _ = writeln!(
                text,
                "  {:?} ({}): {}{}",
                fault.certificate,
                fault.place,
                fault.message,
                section.unwrap_or_default()
            );
        }
        text += "\n";
        let rows = self.chain.iter().map(|link| {
            let until = format!("until {}", rfc3339(link.certificate.not_after));
            [
                format!("  {}", link.place),
                link.certificate.subject.clone(),
                until,
            ]
        });
        text + &aligned(rows) + &self.unused_in_words()
    }

    fn unused_in_words(&self) -> String {
        let shown: Vec<_> = self.unused.iter().take(MAX_UNUSED).cloned().collect();
        let more = self.unused.len() - shown.len();
        if shown.is_empty() {
            return String::new();
        }
        let more = match more {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let why = "the first certificate of the file is the one in question";
        format!("\n  not used: {}{more} ({why})\n", shown.join(", "))
    }
}

/// How many certificates that are not used are told by name.
const MAX_UNUSED: usize = 5;

/// Of which certificates nobody was asked whether they were revoked; said only of a chain that holds.
fn unchecked(document: &Document) -> String {
    let unchecked = &document.revocation.unchecked;
    match unchecked.len() {
        _ if !document.ok => String::new(),
        0 => String::new(),
        all if all + 1 == document.chain.len() => String::from("; revocation was not checked"),
        _ => format!("; revocation was not checked of {}", unchecked.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_of_rustls_are_short() {
        for (reason, expected) in [
            (
                "UnsupportedSignatureAlgorithmContext(Unsupported { id: [6, 8] })",
                "UnsupportedSignatureAlgorithm",
            ),
            ("CertExpired { time: 2 }", "CertExpired { time: 2 }"),
            ("UnknownIssuer", "UnknownIssuer"),
        ] {
            assert_eq!(rustls_reason(reason), expected);
        }
    }
}
