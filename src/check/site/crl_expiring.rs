//! The next CRL is not due soon.

#[cfg(test)]
use super::sample::prelude::*;
use super::{Fault, Severity, SiteRule, of_each_crl};
use crate::{
    check::{Terms, facts::Site},
    pki::{duration::in_words, validity::rfc3339},
};

pub(super) const RULE: SiteRule = SiteRule {
    code: "crl-expiring",
    severity: Severity::Warning,
    source: "RFC 5280 §5.1.2.5",
    meaning: "The next CRL is due within `--within`, by default where a third of this one's time is left, or 30 days if that is less",
    hint: "sign a new one with `certctl crl --ca {name}`, and have the servers load it",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(site: &Site, terms: &Terms) -> Vec<Fault> {
    of_each_crl(site, |item, list| {
        let (next, this) = (list.next_update()?, list.this_update());
        // A CRL lives for days: what `--within` says of years would always be soon.
        let life = next - this;
        let soon = terms.within.of(life).min(life / 3);
        let left = next - terms.now;
        (!left.is_negative() && left <= soon).then(|| {
            let (end, left) = (rfc3339(next), in_words(left));
            Fault::new(item, format!("the next one is due on {end}, in {left}"))
        })
    })
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    let made = |days| with_crl(&KIT.root, &[], NOW - Duration::days(days));
    vec![
        good("no CRL", root()),
        good("19 days old, of 30", made(19)),
        bad("20 days old", made(20)),
        bad("30 days old", made(30)),
        good("expired, which is another rule's", made(31)),
    ]
}
