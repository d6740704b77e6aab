//! A trust bundle holds roots.

#[cfg(test)]
use super::sample::prelude::*;
use super::{Fault, Severity, SiteRule};
use crate::check::{
    Terms,
    facts::{Part, Site, SiteKind},
};
use crate::pki::{certificate::Certificate, name::display};

pub(super) const RULE: SiteRule = SiteRule {
    code: "bundle-not-root",
    severity: Severity::Warning,
    source: "certctl(1), FILES",
    meaning: "The trust bundle holds a certificate that is no root; some programs take it for an anchor, others refuse every chain that ends there",
    hint: "put the root there instead: RethinkDB, Redis and Erlang take no other certificate for an anchor",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(site: &Site, _: &Terms) -> Vec<Fault> {
    let part = [Part::Bundle, Part::Trust]
        .into_iter()
        .find(|&part| site.has(part));
    let Some(item) = part.and_then(|part| site.item(part)) else {
        return Vec::new();
    };
    // Beside a root others do no harm, and servers that send no chains need them there.
    let mut all = item.certificates().iter();
    if site.kind == SiteKind::Endpoint && all.any(Certificate::is_self_signed) {
        return Vec::new();
    }
    // A folder of roots may hold what is between them and others, too.
    if site.kind == SiteKind::Endpoint && item.is_hashed() {
        return Vec::new();
    }
    let others = item.certificates().iter().filter(|it| !it.is_self_signed());
    let fault = |it: &Certificate| {
        Fault::new(
            item,
            format!("it holds {}, which is no root", display(&it.subject())),
        )
    };
    others.map(fault).collect()
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    let both = certificates(&[&KIT.root, &KIT.issuing]);
    vec![
        good("a root", entry()),
        good("a root's own", root()),
        good(
            "beside a root, for peers that send no chain",
            endpoint().with_content(Part::Trust, &certificates(&[&KIT.root, &KIT.issuing])),
        ),
        bad(
            "named by a configuration, without its root",
            endpoint().with_content(Part::Trust, &certificates(&[&KIT.issuing])),
        ),
        bad("an intermediate", entry().with_content(Part::Trust, &both)),
        bad("in a root's", root().with_content(Part::Bundle, &both)),
    ]
}
