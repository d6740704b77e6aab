//! Rules for what lies in one directory, and for how it goes together.

use std::path::PathBuf;

use super::{
    Finding, Mend, Severity, Terms,
    facts::{FileKind, Found, Item, Part, Site, SiteKind},
};
use crate::{
    emit::shell_word,
    explained::explained_by_parts,
    newer::{Knowledge, Newer},
    pki::revocation_list::RevocationList,
};

mod archive_missing;
mod authority_files_differ;
mod authority_key_absent;
mod bundle_expired;
mod bundle_not_root;
mod chain_broken;
mod chain_incomplete;
mod chain_order;
mod chain_repeated;
mod chain_root;
mod chain_stray;
mod crl_ahead_incomplete;
mod crl_expired;
mod crl_expiring;
mod crl_incomplete;
mod crl_issuer;
mod crl_newer_than_ledger;
mod directory_missing;
mod directory_mode;
mod directory_writable;
mod file_missing;
mod file_writable;
mod interrupted;
mod issuer_replaced;
mod issuer_revoked;
mod key_encrypted;
mod key_mismatch;
mod key_missing;
mod key_mode;
mod key_not_compared;
mod key_passphrase;
mod key_shared;
mod key_symlink;
mod key_twice;
mod ledger_differs;
mod ledger_missing;
mod ledger_mode;
mod ledger_older;
mod malformed;
mod not_a_file;
mod outlives_issuer;
mod owner;
mod parent_writable;
mod request_waiting;
#[cfg(test)]
pub(super) mod sample;
mod stray_file;
mod symlink;
mod trust_bundle;
mod trust_chain_differs;
mod trust_outdated;
mod unreadable;
mod unrecognised;
mod unrecorded;
mod weak_parameters;

/// Every rule, sorted by code.
pub static RULES: &[SiteRule] = &[
    archive_missing::RULE,
    authority_files_differ::RULE,
    authority_key_absent::RULE,
    bundle_expired::RULE,
    bundle_not_root::RULE,
    chain_broken::RULE,
    chain_incomplete::RULE,
    chain_order::RULE,
    chain_repeated::RULE,
    chain_root::RULE,
    chain_stray::RULE,
    crl_ahead_incomplete::RULE,
    crl_expired::RULE,
    crl_expiring::RULE,
    crl_incomplete::RULE,
    crl_issuer::RULE,
    crl_newer_than_ledger::RULE,
    directory_missing::RULE,
    directory_mode::RULE,
    directory_writable::RULE,
    file_missing::RULE,
    file_writable::RULE,
    interrupted::RULE,
    issuer_replaced::RULE,
    issuer_revoked::RULE,
    key_encrypted::RULE,
    key_mismatch::RULE,
    key_missing::RULE,
    key_mode::RULE,
    key_not_compared::RULE,
    key_passphrase::RULE,
    key_shared::RULE,
    key_symlink::RULE,
    key_twice::RULE,
    ledger_differs::RULE,
    ledger_missing::RULE,
    ledger_mode::RULE,
    ledger_older::RULE,
    malformed::RULE,
    not_a_file::RULE,
    outlives_issuer::RULE,
    owner::RULE,
    parent_writable::RULE,
    request_waiting::RULE,
    stray_file::RULE,
    symlink::RULE,
    trust_bundle::RULE,
    trust_chain_differs::RULE,
    trust_outdated::RULE,
    unreadable::RULE,
    unrecognised::RULE,
    unrecorded::RULE,
    weak_parameters::RULE,
];

/// One thing that must, or should, hold in a directory.
#[derive(Debug)]
pub struct SiteRule {
    /// Stable name in kebab-case
    pub code: &'static str,
    /// How bad it is to break it
    pub severity: Severity,
    /// Where it is written
    pub source: &'static str,
    /// What comes of breaking it, without final stop
    pub meaning: &'static str,
    /// What mends it; `{path}`, `{name}` and `{mode}` stand for those of the fault
    pub hint: &'static str,
    /// All that is wrong; nothing where the rule holds or says nothing
    broken: fn(&Site, &Terms) -> Vec<Fault>,
    /// Sites that break the rule, and sites that do not
    #[cfg(test)]
    cases: fn() -> Vec<sample::Case>,
}

explained_by_parts!(SiteRule);

/// One breach of a rule.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Fault {
    path: PathBuf,
    message: String,
    /// Where what mends it is not what the rule says
    hint: Option<&'static str>,
    mend: Option<Mend>,
}

impl Fault {
    fn new(item: &Item, message: impl Into<String>) -> Self {
        Self {
            path: item.path.clone(),
            message: message.into(),
            hint: None,
            mend: None,
        }
    }

    /// A mode that is wrong, and the right one.
    fn mode(item: &Item, from: u32, to: u32, message: &str) -> Self {
        Self {
            path: item.path.clone(),
            message: format!("mode {from:04o} {message}"),
            hint: None,
            mend: Some(Mend { from, to }),
        }
    }
}

/// Directories in which keys lie.
fn directories(site: &Site) -> impl Iterator<Item = (&Item, &Found)> {
    site.found()
        .filter(|(item, found)| item.part == Part::Directory && found.kind == FileKind::Directory)
}

/// Private keys, and what opens one or a session.
fn secrets(site: &Site) -> impl Iterator<Item = (&Item, &Found)> {
    let is_secret = |item: &Item, found: &Found| item.part.is_secret() || found.holds_key;
    site.found()
        .filter(move |(item, found)| is_secret(item, found) && found.kind == FileKind::File)
}

/// Symlinks where there should be none, among what a rule is about.
///
/// What a server is told to read may well lead on to another file.
fn links(site: &Site, terms: &Terms, concerns: fn(&Item, &Found) -> bool) -> Vec<Fault> {
    let fault = |(item, found): (&Item, &Found)| {
        let target = found.link.as_ref()?;
        let is_wrong = concerns(item, found) && !terms.policy.takes_link(target);
        is_wrong.then(|| Fault::new(item, format!("it is a symlink to {}", target.display())))
    };
    match site.kind {
        SiteKind::Endpoint => Vec::new(),
        _ => site.found().filter_map(fault).collect(),
    }
}

/// What knows more than the ledger, of some kinds.
fn newer(site: &Site, concerns: fn(&Knowledge) -> bool) -> Vec<Fault> {
    let newer = site.newer.iter().filter(|newer| concerns(&newer.what));
    let fault = |newer: &Newer| Fault {
        path: newer.path.clone(),
        message: newer.to_string(),
        hint: None,
        mend: None,
    };
    newer.map(fault).collect()
}

/// What is wrong with each CRL by itself.
fn of_each_crl(site: &Site, fault: impl Fn(&Item, &RevocationList) -> Option<Fault>) -> Vec<Fault> {
    let Some(item) = site.item(Part::Crl) else {
        return Vec::new();
    };
    let lists = item.revocation_lists().iter();
    lists.filter_map(|list| fault(item, list)).collect()
}

/// All that is wrong with a site.
pub(crate) fn findings(site: &Site, terms: &Terms) -> Vec<Finding> {
    let of_rule = |rule: &SiteRule| {
        let faults = (rule.broken)(site, terms).into_iter();
        let findings = faults.map(|fault| finding(rule, site, fault));
        findings.collect::<Vec<_>>()
    };
    RULES.iter().flat_map(of_rule).collect()
}

fn finding(rule: &SiteRule, site: &Site, fault: Fault) -> Finding {
    let mode = fault.mend.map(|mend| format!("{:04o}", mend.to));
    let hint = fault
        .hint
        .unwrap_or(rule.hint)
        .replace("{mode}", &mode.unwrap_or_default())
        .replace(
            "{name}",
            if site.name.is_empty() {
                "NAME"
            } else {
                &site.name
            },
        )
        .replace("{path}", &shell_word(&fault.path.display().to_string()));
    Finding {
        code: rule.code.into(),
        severity: rule.severity,
        path: fault.path,
        message: fault.message,
        hint,
        place: None,
        mend: fault.mend,
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*, sample::Index};

    use super::{sample::*, *};
    use crate::{
        check::{Inspector, facts::part_of},
        explained::assert_well_worded,
        pki::pem,
    };

    #[test]
    fn rules_are_sorted_named_and_sourced() {
        assert_well_worded(RULES.iter().map(SiteRule::explained));
    }

    #[test]
    fn each_rule_tells_its_examples_apart() {
        for rule in RULES {
            let cases = (rule.cases)();
            for bad in [false, true] {
                let found = cases.iter().any(|case| case.bad == bad);
                assert!(found, "{}: no case with bad = {bad}", rule.code);
            }
            for case in cases {
                let faults = (rule.broken)(&case.site, &case.terms);
                assert_eq!(
                    !faults.is_empty(),
                    case.bad,
                    "{}: {}: {faults:?}",
                    rule.code,
                    case.name
                );
                let stop = faults.iter().any(|fault| fault.message.ends_with('.'));
                assert!(!stop, "{}: {faults:?}", rule.code);
            }
        }
    }

    #[test]
    fn what_is_as_it_should_be_breaks_no_rule() {
        for site in [
            root(),
            authority(),
            entry(),
            copy(),
            endpoint(),
            archived(),
            lone(),
            pki(),
        ] {
            let found = Inspector::new(terms()).inspect(&site);
            assert!(found.is_empty(), "{:?}: {found:?}", site.kind);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// Damaged certificates and any other octets are judged, whatever they are.
        #[test]
        fn no_content_panics(
            damage in vec((any::<Index>(), any::<u8>()), 0..4),
            other in vec(any::<u8>(), 0..200),
        ) {
            let mut der = KIT.leaf.certificate.der().to_vec();
            for (index, octet) in damage {
                let index = index.index(der.len());
                der[index] = octet;
            }
            let whole = pem::encode("CERTIFICATE", &der);
            for octets in [whole.as_bytes(), &other] {
                let _ = part_of(octets);
                for part in [Part::Certificate, Part::Trust, Part::Key, Part::Crl] {
                    let site = entry().with_content(part, &Content::parse(part, octets));
                    Inspector::new(terms()).inspect(&site);
                }
            }
        }
    }
}
