//! What is wrong with what was seen. Chain, name and certificates are judged by the rules of `verify` and `check`.

use std::{collections::HashSet, path::PathBuf};

use super::{Clients, End, Observation, Ready, Takes, codes};
use crate::{
    check::{
        Finding, Terms,
        facts::{Content, FileKind, Found, Item, Part, Site, SiteKind},
        site,
    },
    emit::BeforeTls,
    explained::Told,
    pki::{
        certificate::Certificate,
        chain::{self, Chain, Failure, Host, Purpose, Request, Rule, verify, with_records},
        name,
        revocation::Revocation,
        revocation_list::RevocationList,
        rules::{self, Policy, Role, View, breaches},
    },
    severity::Severity,
};

/// Rules of `check` for a file with a chain that hold for a chain on the wire.
const CHAIN_RULES: [&str; 4] = ["chain-order", "chain-repeated", "chain-root", "chain-stray"];

/// What should be seen.
#[derive(Clone, Copy)]
pub struct Expected<'a> {
    /// What is told of certificates, and the time that all is judged at
    pub terms: Terms,
    /// Certificates that are trusted; where there are none, whatever the server sent last is believed
    pub trust: &'a [Certificate],
    /// CAs that a server should send where its chain needs them
    pub known: &'a [Certificate],
    /// CRLs
    pub crls: &'a [RevocationList],
    /// Whom the certificate has to name
    pub name: Option<&'a Host>,
    /// The entry whose certificate should be served
    pub own: Option<&'a Ready>,
    /// What is spoken before TLS
    pub before: BeforeTls,
    /// Whether both ends are to prove who they are
    pub is_mutual: bool,
    /// What the server was shown where it asked
    pub shown: &'a [Certificate],
    /// How the server picks up a new certificate
    pub reload: Option<&'a str>,
    /// What a CA's own records say of a certificate
    pub revoked: &'a dyn Fn(&Certificate) -> Option<Revocation>,
}

/// Everything that is wrong with what was seen at `address`.
#[must_use]
pub fn findings(address: &str, seen: &Observation, expected: &Expected<'_>) -> Vec<Finding> {
    let mut judge = Judge {
        address,
        findings: Vec::new(),
    };
    match &seen.end {
        End::Unreachable(reason) => judge.tell(codes::UNREACHABLE, reason.clone()),
        End::Plain(what) => {
            judge.tell(codes::PLAINTEXT, format!("what answers is no TLS: {what}"));
        }
        End::Failed(reason) => judge.tell(codes::HANDSHAKE_FAILED, reason.clone()),
        End::Old(version) => {
            let message = format!(
                "it speaks nothing newer than {version}, so that its certificate was not looked at"
            );
            judge.tell(codes::OLD_PROTOCOL, message);
        }
        End::Met => {}
    }
    judge.malformed(&seen.session.malformed);
    if !seen.session.chain.is_empty() {
        judge.served(&seen.session.chain, expected);
        judge.chain(&seen.session.chain, expected);
    }
    if seen.is_met() {
        judge.clients(&seen.session.clients, expected);
        judge.protocols(&seen.takes);
    }
    judge
        .findings
        .sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    judge.findings
}

struct Judge<'a> {
    address: &'a str,
    findings: Vec<Finding>,
}

impl Judge<'_> {
    fn tell(&mut self, told: &Told, message: String) {
        let hint = hint(told);
        self.tell_as(told, message, hint);
    }

    fn tell_as(&mut self, told: &Told, message: String, hint: String) {
        self.findings.push(Finding {
            code: told.code().to_owned().into(),
            severity: told.severity(),
            path: PathBuf::from(self.address),
            place: None,
            message,
            hint,
            mend: None,
        });
    }

    fn malformed(&mut self, reasons: &[String]) {
        let rule = site::RULES.iter().find(|rule| rule.code == "malformed");
        for (rule, reason) in rule
            .iter()
            .flat_map(|rule| reasons.iter().map(move |it| (rule, it)))
        {
            self.findings.push(Finding {
                code: rule.code.into(),
                severity: rule.severity,
                path: PathBuf::from(self.address),
                place: None,
                message: format!("what it sends as a certificate is none: {reason}"),
                hint: String::from("give the server another certificate"),
                mend: None,
            });
        }
    }

    /// Whether it is the certificate that lies ready.
    fn served(&mut self, chain: &[Certificate], expected: &Expected<'_>) {
        let (Some(own), Some(leaf)) = (expected.own, chain.first()) else {
            return;
        };
        if own.certificate == *leaf {
            return;
        }
        let serial = leaf.serial();
        let what = match own.former.contains(&serial) {
            true => format!("the one that `{}` had before", own.name),
            false => name::display(&leaf.subject()),
        };
        let message = format!(
            "it shows the certificate {serial}, {what}; in the files of `{}` is {}",
            own.name,
            own.certificate.serial()
        );
        let hint = match expected.reload {
            Some(reload) => reload.trim_end_matches('.').to_owned(),
            None => hint(codes::SERVED_DIFFERS),
        };
        self.tell_as(codes::SERVED_DIFFERS, message, hint);
    }

    fn chain(&mut self, chain: &[Certificate], expected: &Expected<'_>) {
        let failure = self.path(chain, expected);
        let mut told = HashSet::new();
        for fault in failure.iter().flat_map(|failure| &failure.faults) {
            let code = chain::told().find(|told| told.code() == fault.rule.code());
            told.insert(fault.rule.code());
            if let Some(code) = code {
                let (subject, place, rule) = (&fault.subject, fault.place, &fault.rule);
                self.tell(&code, format!("certificate {subject:?} ({place}): {rule}"));
            }
        }
        for (index, certificate) in chain.iter().enumerate() {
            self.certificate(index, certificate, expected.terms, &told);
        }
        self.order(chain, expected);
    }

    /// What is wrong with the path, and whether only what the server left out makes it fail.
    fn path(&mut self, chain: &[Certificate], expected: &Expected<'_>) -> Option<Failure> {
        let (leaf, rest) = chain.split_first()?;
        let trust = match (expected.trust, chain.last()) {
            ([], Some(last)) => std::slice::from_ref(last),
            (trust, _) => trust,
        };
        let request = Request {
            leaf,
            untrusted: rest,
            trust,
            crls: expected.crls,
            purpose: Purpose::Server,
            host: expected.name,
            at: expected.terms.now,
            policy: Policy::Openssl,
        };
        let found = |request: &Request<'_>| -> Result<Chain, Failure> {
            let with_lists = verify(request);
            // A CRL that is missing or old is no fault of the server's: `check` tells of it.
            let found = match &with_lists {
                Err(failure) if failure.faults.iter().any(|it| is_of_lists(&it.rule)) => {
                    verify(&Request {
                        crls: &[],
                        ..*request
                    })
                }
                _ => with_lists,
            };
            with_records(found, expected.revoked)
        };
        let failure = found(&request).err()?;
        if !failure
            .faults
            .iter()
            .any(|it| matches!(it.rule, Rule::IssuerUnknown { .. }))
        {
            return Some(failure);
        }
        let untrusted = [rest, expected.known].concat();
        let whole = found(&Request {
            untrusted: &untrusted,
            ..request
        });
        let used = match &whole {
            Ok(chain) => &chain.certificates,
            Err(failure) if failure.anchored => &failure.chain,
            Err(_) => return Some(failure),
        };
        let missing = used.iter().skip(1).filter(|it| expected.known.contains(it));
        let names: Vec<_> = missing
            .filter(|it| !chain.contains(it))
            .map(|it| name::display(&it.subject()))
            .collect();
        let message = format!("it does not send {}", names.join(", "));
        self.tell(codes::SERVED_CHAIN_INCOMPLETE, message);
        whole.err()
    }

    fn certificate(
        &mut self,
        index: usize,
        certificate: &Certificate,
        terms: Terms,
        told: &HashSet<&str>,
    ) {
        let role = if index == 0 { Role::Leaf } else { Role::Any };
        for breach in breaches(&View::new(certificate.parsed(), role), &terms.moment()) {
            if told.contains(breach.rule.code) {
                continue;
            }
            let subject = name::display(&certificate.subject());
            self.findings.push(Finding {
                code: breach.rule.code.into(),
                severity: breach.rule.severity,
                path: PathBuf::from(self.address),
                place: None,
                message: format!("{subject}: {}", breach.message),
                hint: breach.rule.hint.to_owned(),
                mend: None,
            });
        }
    }

    /// What the rules for a file say of the chain as it was sent.
    fn order(&mut self, chain: &[Certificate], expected: &Expected<'_>) {
        let item = |part, certificates: &[Certificate]| Item {
            part,
            path: PathBuf::from(self.address),
            found: Some(Found {
                kind: FileKind::File,
                mode: 0o600,
                owner: 0,
                group: 0,
                shared_with: None,
                link: None,
                holds_key: false,
                content: Content::Certificates(certificates.to_vec()),
            }),
        };
        let mut items = vec![item(Part::Certificate, chain)];
        if !expected.trust.is_empty() {
            items.push(item(Part::Trust, expected.trust));
        }
        let site = Site::new(SiteKind::Endpoint, items);
        let mut found = site::findings(&site, &expected.terms);
        found.retain(|finding| CHAIN_RULES.contains(&&*finding.code));
        self.findings.extend(found);
    }

    fn clients(&mut self, clients: &Clients, expected: &Expected<'_>) {
        let Some(hints) = &clients.asked else {
            if expected.is_mutual {
                let message = String::from("it asks nobody for a certificate");
                self.tell(codes::CLIENT_CERTIFICATE_NOT_ASKED, message);
            }
            return;
        };
        if let Some(Err(reason)) = &clients.taken {
            let shown = expected.shown.first();
            let shown = shown
                .map(|it| name::display(&it.subject()))
                .unwrap_or_default();
            let message = format!("it refuses the certificate of {shown}: {reason}");
            self.tell(codes::CLIENT_CERTIFICATE_REFUSED, message);
        }
        if clients.required == Some(false) && expected.before.login_decides() {
            let message =
                String::from("it asks for a certificate, and says at login who needs one");
            self.tell(codes::CLIENT_CERTIFICATE_LEFT_TO_LOGIN, message);
        } else if clients.required == Some(false) {
            let message = String::from("it asks for a certificate, and lets in who has none");
            self.tell(codes::CLIENT_CERTIFICATE_NOT_REQUIRED, message);
        }
        let is_hinted = |it: &Certificate| hints.contains(&it.issuer());
        if !hints.is_empty() && !expected.shown.is_empty() && !expected.shown.iter().any(is_hinted)
        {
            let names: Vec<_> = hints.iter().map(|it| name::display(it)).collect();
            let message = format!("it names only {} as issuers of clients", names.join("; "));
            self.tell(codes::CLIENT_CA_HINT_MISSING, message);
        }
    }

    fn protocols(&mut self, takes: &Takes) {
        let old = takes.old.as_deref().unwrap_or_default();
        if !old.is_empty() {
            let names: Vec<_> = old.iter().map(ToString::to_string).collect();
            self.tell(
                codes::OLD_PROTOCOL,
                format!("it takes {}", names.join(", ")),
            );
        }
    }
}

/// Whether a rule is about the CRLs that were at hand.
fn is_of_lists(rule: &Rule) -> bool {
    matches!(rule, Rule::CrlMissing { .. } | Rule::Crl(_))
}

/// How bad a code of chains or of the wire is, and what mends it.
#[must_use]
pub fn weight(code: &str) -> Option<(Severity, String)> {
    let mut all = codes::told().cloned().chain(chain::told());
    let told = all.find(|told| told.code() == code)?;
    Some((told.severity(), hint(&told)))
}

/// What mends it, in the words of whoever has some.
fn hint(told: &Told) -> String {
    let rule = match told {
        Told::Here(explained) => return explained.hint.to_string(),
        Told::Alike { rule, .. } => *rule,
    };
    let certificates = rules::RULES.iter().map(|it| (it.code, it.hint));
    let sites = site::RULES.iter().map(|it| (it.code, it.hint));
    let mut all = certificates.chain(sites);
    let found = all.find(|(code, _)| *code == rule);
    found.map(|(_, hint)| hint.to_owned()).unwrap_or_default()
}
