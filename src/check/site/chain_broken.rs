//! The chain holds.

#[cfg(test)]
use super::sample::prelude::*;
use super::{Fault, Severity, SiteRule};
use crate::check::{
    Terms,
    facts::{Part, Site},
};
use crate::pki::{chain::Rule, signature::SignatureError};

pub(super) const RULE: SiteRule = SiteRule {
    code: "chain-broken",
    severity: Severity::Error,
    source: "RFC 5280 §6.1",
    meaning: "The certificate and those that it was issued by do not make a chain: peers refuse it",
    hint: "issue it again by the CA that is in use",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(site: &Site, terms: &Terms) -> Vec<Fault> {
    let Some(Err(failure)) = site.path(terms) else {
        return Vec::new();
    };
    // What is wrong with one certificate by itself, and what is missing, are rules of their own.
    let own_rule = |rule: &Rule| {
        matches!(
            rule,
            Rule::IssuerUnknown { .. }
                | Rule::SelfSigned
                | Rule::Signature {
                    fault: SignatureError::Weak(_),
                    ..
                }
                | Rule::UnknownCriticalExtension(_)
                | Rule::Expired(_)
                | Rule::NotYetValid(_)
                | Rule::Form(_)
        )
    };
    let Some(item) = site.item(Part::Certificate) else {
        return Vec::new();
    };
    let faults = failure.faults.iter().filter(|fault| !own_rule(&fault.rule));
    faults
        .map(|fault| Fault::new(item, fault.to_string()))
        .collect()
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    let trust = |all: &[&Made]| entry().with_content(Part::Trust, &certificates(all));
    let late = || Terms {
        now: NOW + Duration::days(3650),
        ..terms()
    };
    vec![
        good("an entry", entry()),
        good("a root", root()),
        good("it has expired", entry()).by(late()),
        good("no root", trust(&[&KIT.old_root])),
        bad("a root of the same name", trust(&[&KIT.impostor])),
    ]
}
