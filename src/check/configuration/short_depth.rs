//! A verification depth is no shorter than the chains that the file itself names.

use std::{
    collections::{HashMap, HashSet},
    rc::Rc,
};

#[cfg(test)]
use super::sample::*;
use super::{Configuration, ConfigurationRule, Fault, Severity, once};
use crate::{
    check::facts::{Part, Site},
    emit::{DepthCounts, Named},
    pki::{certificate::Certificate, octets::Name},
};

pub(super) const RULE: ConfigurationRule = ConfigurationRule {
    code: "short-depth",
    severity: Severity::Warning,
    source: "certctl-servers(7)",
    meaning: "The verification depth is shorter than the chains below the roots that the file names; who has such a chain is refused",
    hint: "set the depth to the number of CAs between the leaf and the root, or more, as the server counts them",
    broken,
    #[cfg(test)]
    cases,
};

/// Longest chain that is followed.
const MAX_CHAIN: usize = 32;

fn broken(configuration: &Configuration<'_>) -> Vec<Fault> {
    let tops = tops(&configuration.sites);
    let fault = |(named, site): (&Named<'_>, &Rc<Site>)| {
        let spec = named.endpoint.depth.as_ref()?;
        let (depth, option) = named.depth.as_ref()?;
        let bundle = match site.certificates(Part::Bundle) {
            [] => site.certificates(Part::Trust),
            bundle => bundle,
        };
        let between = longest(bundle, &tops)?;
        let needed = match spec.counts {
            DepthCounts::Authorities => between + 1,
            DepthCounts::Intermediates => between,
        };
        let name = spec.option.get_ref();
        let message = format!(
            "chains of {} below the roots that are named here are refused at depth {depth}",
            count(between)
        );
        (needed > *depth)
            .then(|| Fault::new(option, message, format!("set `{name}` to {needed} or more")))
    };
    once(configuration.endpoints().filter_map(fault))
}

fn count(between: usize) -> String {
    match between {
        1 => String::from("one intermediate"),
        count => format!("{count} intermediates"),
    }
}

/// By the name of the first issuer that is not beside it: how many CAs stand beside a certificate that
/// the file names.
type Tops = HashMap<Name, usize>;

fn tops(sites: &[Rc<Site>]) -> Tops {
    let mut tops = Tops::new();
    for site in sites {
        let Some(own) = site.own().filter(|own| !own.is_self_signed()) else {
            continue;
        };
        let (issuer, count) = climb(own, site.certificates(Part::Certificate));
        let most = tops.entry(issuer).or_default();
        *most = count.max(*most);
    }
    tops
}

/// How many CAs are between the roots of a bundle and the leaves that the file names below them, or that
/// the bundle's own intermediates sign.
fn longest(bundle: &[Certificate], tops: &Tops) -> Option<usize> {
    let roots = bundle.iter().filter(|it| it.is_self_signed());
    let roots: HashSet<Name> = roots.map(Certificate::subject).collect();
    let below = |it: &Certificate| {
        if it.is_self_signed() {
            return tops.get(&it.subject()).copied();
        }
        let (issuer, count) = climb(it, bundle);
        let more = tops.get(&it.subject()).copied().unwrap_or_default();
        roots.contains(&issuer).then_some(count + 1 + more)
    };
    bundle.iter().filter_map(below).max()
}

/// The first issuer above a certificate that is no intermediate among others, and how many of them are
/// in between.
fn climb(from: &Certificate, others: &[Certificate]) -> (Name, usize) {
    let mut current = from;
    let mut count = 0;
    while count < MAX_CHAIN {
        let name = current.issuer();
        let is_issuer = |it: &&Certificate| it.subject() == name && !it.is_self_signed();
        let Some(issuer) = others.iter().find(is_issuer) else {
            break;
        };
        (current, count) = (issuer, count + 1);
    }
    (current.issuer(), count)
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    let below = |case: Case| case.with(&KIT.leaf).below(&KIT.root, &KIT.issuing);
    let text = |depth: &'static str| below(good("deep enough", depth));
    vec![
        good("no chain is named", "verify = yes\ntls-ca = /a\n"),
        text("verify = yes\ndepth = 1\ntls-ca = /a\ntls-cert = /b\ntls-key = /c\n"),
        text("verify = no\ndepth = 0\ntls-ca = /a\ntls-cert = /b\ntls-key = /c\n"),
        below(bad(
            "the default",
            "tls-ca = /a\nverify = yes\ntls-cert = /b\n",
            &[2],
        )),
        below(bad(
            "too short",
            "tls-ca = /a\nverify = yes\ndepth = 0\ntls-cert = /b\n",
            &[3],
        )),
        good("below another root", "tls-ca = /a\nverify = yes\n")
            .with(&KIT.leaf)
            .below(&KIT.old_root, &KIT.issuing),
    ]
}
