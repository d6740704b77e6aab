//! The certificate is the one in the ledger.

use ring::digest;

#[cfg(test)]
use super::sample::prelude::*;
use super::{Fault, Severity, SiteRule};
use crate::check::{
    Terms,
    facts::{Part, Recorded, Site},
};

pub(super) const RULE: SiteRule = SiteRule {
    code: "ledger-differs",
    severity: Severity::Error,
    source: "certctl(1), FILES",
    meaning: "The certificate is not the one that the ledger knows as in use, so that revoking or renewing would be about another",
    hint: "put back the certificate that the ledger knows, from the archive or a backup, or issue it again",
    broken,
    #[cfg(test)]
    cases,
};

/// Where another machine may have replaced it.
const SHARED: &str = "where another machine has replaced it (`certctl log {name}`), take the directory away, and \
    `certctl pull {name}` fetches what is in use; `certctl renew {name} --force` makes one here";

fn broken(site: &Site, _: &Terms) -> Vec<Fault> {
    let (Recorded::As(row), Some(own)) = (&site.recorded, site.own()) else {
        return Vec::new();
    };
    let digest = digest::digest(&digest::SHA256, own.parsed().tbs_certificate.as_ref());
    let message = match own.serial() {
        serial if serial != row.serial => {
            format!(
                "its serial number is {serial}, the ledger has {}",
                row.serial
            )
        }
        _ if digest.as_ref() != row.digest => {
            String::from("it has the serial number of the ledger, and other contents")
        }
        _ => return Vec::new(),
    };
    let item = site.item(Part::Certificate).filter(|_| row.is_current);
    item.map(|item| Fault {
        hint: row.is_shared.then_some(SHARED),
        ..Fault::new(item, message)
    })
    .into_iter()
    .collect()
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    let other = Row {
        digest: [0; 32],
        ..row(&KIT.leaf)
    };
    let replaced = Row {
        is_current: false,
        ..row(&KIT.long_lived)
    };
    vec![
        good("an entry", entry()),
        good("no ledger at hand", copy()),
        good("another rule's", entry().recorded(Recorded::As(replaced))),
        bad(
            "another serial",
            entry().recorded(Recorded::As(row(&KIT.long_lived))),
        ),
        bad("the same serial", entry().recorded(Recorded::As(other))),
    ]
}
