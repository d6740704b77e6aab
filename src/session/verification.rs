//! What `verify` was asked: whether chains hold, by what is given and by what the PKI directory knows.

use std::{collections::HashMap, path::PathBuf};

use serde::Serialize;
use time::OffsetDateTime;

use super::{
    Context, Report, bounded::Kind, looks::Look, own::Own, report::Outcome, subjects::Subject,
};
use crate::{
    check::Finding,
    documents::verify::{Document, LaterDocument, RevocationDocument},
    formats::{self, Account, SubjectKind},
    pki::{
        certificate::Certificate,
        chain::{
            Answer, Chain, Failure, Fault, Host, Policy, Purpose, Request, Stack, unlisted, verify,
            with_records,
        },
        name,
        revocation_list::RevocationList,
        validity::rfc3339,
    },
    rulebook::{Entry, Teller, entries},
    severity::Severity,
};

/// What all chains are held to.
pub(crate) struct Verification {
    pub(crate) trust: Vec<Certificate>,
    /// The PKI directory, where its own roots are trusted
    pub(crate) own: Option<Own>,
    pub(crate) untrusted: Vec<Certificate>,
    pub(crate) crls: Vec<RevocationList>,
    pub(crate) purpose: Purpose,
    pub(crate) policy: Policy,
    /// Whose answer is asked for
    pub(crate) like: Option<Stack>,
    pub(crate) at: OffsetDateTime,
    pub(crate) host: Option<Host>,
    /// Whether a dot ends it, as it does the names of DNS
    pub(crate) is_absolute: bool,
}

/// What was found of one chain.
pub(crate) struct Seen {
    name: String,
    /// The certificate in question, of those that were given
    leaf: Certificate,
    /// Where it was; `None` where it came on standard input
    file: Option<PathBuf>,
    document: Document,
    failure: Option<Failure>,
    /// Stacks that take it all the same
    takers: Vec<Stack>,
}

impl Look for Verification {
    type Seen = Seen;

    fn look(&self, subject: &Subject, context: &Context) -> Result<Seen, Report> {
        let input = subject.read(Kind::Certificates, context)?;
        let certificates = input.certificates()?;
        let (leaf, rest) = certificates
            .split_first()
            .ok_or_else(|| Report::failed("content", "there is no certificate in it"))?;
        let request = Request {
            leaf,
            untrusted: &[rest, &self.untrusted].concat(),
            trust: &self.trust,
            crls: &self.crls,
            purpose: self.purpose,
            host: self.host.as_ref(),
            at: self.at,
            policy: self.policy,
        };
        let Answer { found, passed_over } = match self.like {
            Some(stack) => stack.verify(&request),
            None => Answer {
                found: verify(&request),
                passed_over: Vec::new(),
            },
        };
        let (found, revocation) = looked_up(&request, self.own.as_ref(), found)?;
        let takers = match (&found, self.like, self.policy) {
            (Err(_), None, Policy::Strict) => self.takers(&request)?,
            _ => Vec::new(),
        };
        let mut document = Document::new(&request, &found, revocation);
        document.tell_unused(rest);
        if let Some(stack) = self.like {
            document.tell_stack(stack, &passed_over);
        }
        if self.is_absolute {
            document.tell_absolute();
        }
        Ok(Seen {
            name: input.name,
            leaf: leaf.clone(),
            file: subject.file(context),
            document,
            failure: found.err(),
            takers,
        })
    }

    fn account(&self, seen: &[&Seen], context: &Context) -> Option<Account> {
        Some(account(seen, context))
    }

    fn document(seen: &Seen) -> &impl Serialize {
        &seen.document
    }

    fn text(seen: &Seen, _: &Context) -> String {
        seen.document.text(&seen.name)
    }

    fn is_wrong(seen: &Seen) -> bool {
        seen.failure.is_some()
    }

    fn end(&self, seen: &Seen, context: &Context) -> Result<Outcome, Report> {
        let Some(failure) = &seen.failure else {
            let name = &seen.name;
            for passed in seen.document.passed_over() {
                context.ui.warning(passed);
            }
            for (who, reason) in seen.document.refusals() {
                context
                    .ui
                    .warning(format!("{who} would refuse {name}: {reason}"));
            }
            return Ok(Outcome::Unchanged);
        };
        let lost = match &self.own {
            Some(own) if !failure.anchored => own.lost_issuer(&failure.chain)?,
            _ => None,
        };
        if let Some(lost) = lost {
            context.ui.needed(lost);
        } else if let Some(hint) = hint(failure) {
            context.ui.hint(hint);
        }
        if !seen.takers.is_empty() {
            let names: Vec<_> = seen.takers.iter().map(|stack| stack.name()).collect();
            context.ui.hint(format!(
                "these take it all the same, and pass over that: {}; `--like openssl` answers as most servers do",
                names.join(", ")
            ));
        }
        Ok(Outcome::Found)
    }
}

impl Verification {
    /// Which stacks take what the letter refuses. Go alone reads no CRLs, and is no witness without OpenSSL.
    fn takers(&self, request: &Request<'_>) -> Result<Vec<Stack>, Report> {
        let mut takers = Vec::new();
        for stack in Stack::ALL {
            let found = stack.verify(request).found;
            let (found, _) = looked_up(request, self.own.as_ref(), found)?;
            takers.extend(found.is_ok().then_some(stack));
        }
        match takers.contains(&Stack::Openssl) {
            true => Ok(takers),
            false => Ok(Vec::new()),
        }
    }
}

/// Asks the ledger and the CRLs what was revoked, and says what they do not know.
fn looked_up(
    request: &Request<'_>,
    own: Option<&Own>,
    found: Result<Chain, Failure>,
) -> Result<(Result<Chain, Failure>, RevocationDocument), Report> {
    let chain = match &found {
        Ok(chain) => chain.certificates.clone(),
        Err(failure) => failure.chain.clone(),
    };
    let known = match own {
        Some(own) => own.revocations(request, &chain)?,
        None => Vec::new(),
    };
    let mut document = RevocationDocument::default();
    let mut revoked = HashMap::new();
    for (certificate, known) in chain.iter().zip(&known) {
        match &known.revocation {
            Some(found) if found.at > request.at => document.later.push(LaterDocument {
                certificate: name::display(&certificate.subject()),
                on: rfc3339(found.at),
                reason: found.reason.name(),
            }),
            Some(found) => drop(revoked.insert(certificate.der(), found.clone())),
            None => {}
        }
    }
    let lists = own.map_or(&[][..], Own::lists);
    let lists = [request.crls, lists].concat();
    let is_recorded = |certificate: &Certificate| {
        let mut known = chain.iter().zip(&known);
        known.any(|(it, known)| it == certificate && known.is_recorded)
    };
    let unlisted = unlisted(&chain, &lists, request.policy, request.at).into_iter();
    let unchecked = unlisted.filter(|certificate| !is_recorded(certificate));
    document.unchecked = unchecked
        .map(|certificate| name::display(&certificate.subject()))
        .collect();
    document.checked = document.unchecked.is_empty();
    let found = with_records(found, |it| revoked.get(it.der()).cloned());
    Ok((found, document))
}

/// What to try where the issuer is not at hand.
fn hint(failure: &Failure) -> Option<&'static str> {
    match failure.faults.first()?.rule.code() {
        "issuer-unknown" => Some(
            "give the certificates in between with `--untrusted FILE`, or trust its issuer with `--trust FILE`",
        ),
        "issuer-encoding" => Some(
            "issue it again by the CA as it is, or give the CA a certificate with the name as it was written before",
        ),
        "self-signed" => Some("trust it with `--trust FILE`, if you know that it is the right one"),
        "crl-missing" | "crl-expired" => Some("a new CRL comes from `certctl crl`"),
        _ => None,
    }
}

/// Every fault is an error, which fails the command.
fn account(seen: &[&Seen], context: &Context) -> Account {
    let mut rules = entries(&[]);
    rules.retain(|it| it.tellers.contains(&Teller::Verify));
    let findings = seen.iter().flat_map(|it| {
        let faults = it.failure.iter().flat_map(|failure| &failure.faults);
        faults.map(|fault| finding(fault, path(it), &rules))
    });
    Account {
        teller: Teller::Verify,
        now: context.now,
        fails_from: Severity::Error,
        findings: findings.collect(),
        subjects: seen.iter().map(|it| subject(it)).collect(),
        rules,
    }
}

fn subject(seen: &Seen) -> formats::Subject {
    let path = path(seen);
    formats::Subject {
        certificates: vec![(path.clone(), seen.leaf.clone())],
        kind: match seen.file {
            Some(_) => SubjectKind::File,
            None => SubjectKind::Stream,
        },
        path,
    }
}

fn path(seen: &Seen) -> PathBuf {
    seen.file.clone().unwrap_or_else(|| (&seen.name).into())
}

fn finding(fault: &Fault, path: PathBuf, rules: &[Entry]) -> Finding {
    let code = fault.rule.code();
    let known = rules.iter().find(|it| it.explained.code == code);
    let hint = known.map(|it| it.explained.hint.to_string());
    let section = fault.rule.section();
    let section = section.map_or_else(String::new, |it| format!(" ({it})"));
    Finding {
        code: code.into(),
        severity: Severity::Error,
        path,
        place: None,
        message: format!(
            "{:?} ({}): {}{section}",
            fault.subject, fault.place, fault.rule
        ),
        hint: hint.unwrap_or_default(),
        mend: None,
    }
}
