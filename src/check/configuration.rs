//! Rules for a server's configuration file, and for what lies where it says.
//!
//! What holds for every server is here; what is special to one is a rule in its manifest.

use std::{borrow::Cow, collections::HashSet, hash::Hash, rc::Rc};

use super::{
    Finding, Inspector, Place, Severity,
    access::{Account, Way},
    facts::{Part, Site},
};
use crate::{
    emit::{EmitError, Found, Material, Named, Obstacle, OptionSpec, Position, Reading},
    explained::explained_by_parts,
};

mod bad_line;
mod bad_value;
mod empty_folder;
mod forbidden_character;
mod include_cycle;
mod include_limit;
mod include_missing;
mod include_unread;
mod incomplete_options;
mod misplaced_option;
mod missing_eku;
mod no_tls;
mod not_checked;
mod not_in_version;
mod relative_path;
#[cfg(test)]
mod sample;
mod security_level;
mod short_depth;
mod shown;
mod tls_switched_off;
mod unheard_word;
mod unknown_option;
mod unopened;
mod unreadable_to_server;

/// Every rule, sorted by code.
pub static RULES: &[ConfigurationRule] = &[
    bad_line::RULE,
    bad_value::RULE,
    empty_folder::RULE,
    forbidden_character::RULE,
    include_cycle::RULE,
    include_limit::RULE,
    include_missing::RULE,
    include_unread::RULE,
    incomplete_options::RULE,
    misplaced_option::RULE,
    missing_eku::RULE,
    no_tls::RULE,
    not_checked::RULE,
    not_in_version::RULE,
    relative_path::RULE,
    security_level::RULE,
    short_depth::RULE,
    tls_switched_off::RULE,
    unheard_word::RULE,
    unknown_option::RULE,
    unreadable_to_server::RULE,
];

/// A configuration file, with what lies where it says.
#[derive(Debug)]
pub struct Configuration<'a> {
    /// What stands in it
    pub reading: Reading<'a>,
    /// Who owns each of the reading's files, in their order; `None` where nobody knows
    pub owners: Vec<Option<u32>>,
    /// The user that the server runs as, where that is one of this machine
    pub account: Option<Account>,
    /// The way to each file that it names, in their order; empty where nobody sees it, or nobody asks
    pub ways: Vec<Way>,
    /// The files that its endpoints name, in the endpoints' order
    pub sites: Vec<Rc<Site>>,
    /// The files that it names besides, in their order
    pub besides: Vec<Site>,
}

/// One thing that must hold in a configuration file.
#[derive(Debug)]
pub struct ConfigurationRule {
    /// Stable name in kebab-case
    pub code: &'static str,
    /// How bad it is to break it
    pub severity: Severity,
    /// Where it is written
    pub source: &'static str,
    /// What comes of breaking it, without final stop
    pub meaning: &'static str,
    /// What mends it; a fault says it more closely
    pub hint: &'static str,
    /// All that is wrong; nothing where the rule holds or says nothing
    broken: fn(&Configuration<'_>) -> Vec<Fault>,
    /// Files that break the rule, and files that do not
    #[cfg(test)]
    cases: fn() -> Vec<sample::Case>,
}

explained_by_parts!(ConfigurationRule);

/// One breach of a rule.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
struct Fault {
    position: Position,
    message: String,
    hint: String,
    /// How bad it is, where that is not as the rule says
    severity: Option<Severity>,
}

impl Fault {
    fn new(option: &Found, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::at(option.position, message, hint)
    }

    fn at(position: Position, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            position,
            message: message.into(),
            hint: hint.into(),
            severity: None,
        }
    }
}

/// A finding, and where it stands in the configuration.
type Placed = (Option<Position>, Finding);

impl Configuration<'_> {
    /// Every option that was read, once, though its file may be included several times.
    fn options(&self) -> Vec<&Found> {
        let reading = &self.reading;
        let read = reading.sections.iter().filter(|it| !reading.is_unread(it));
        once(read.flat_map(|section| &section.options))
    }

    /// What came in the way of an include, where `told` finds words for it: what is wrong, and what mends it.
    fn obstacles(&self, told: impl Fn(&Obstacle) -> Option<(String, &str)>) -> Vec<Fault> {
        let obstacles = self.reading.obstacles.iter();
        let faults = obstacles.filter_map(|obstacle| {
            let (message, hint) = told(obstacle)?;
            Some(Fault::at(obstacle.position, message, hint))
        });
        once(faults)
    }

    /// Every option that the manifest knows well, once.
    fn specified(&self) -> impl Iterator<Item = (&Found, &OptionSpec)> {
        let specs = &self.reading.server.manifest.options;
        let options = self.options().into_iter();
        options.filter_map(|option| Some((option, specs.get(&option.name)?)))
    }

    fn endpoints(&self) -> impl Iterator<Item = (&Named<'_>, &Rc<Site>)> {
        self.reading.endpoints.iter().zip(&self.sites)
    }

    /// Everything that is wrong, in the order of its lines.
    ///
    /// # Errors
    ///
    /// The first mistake in the server's manifest.
    pub fn findings(&self, inspector: &mut Inspector) -> Result<Vec<Finding>, EmitError> {
        let mut findings = Vec::new();
        for rule in RULES {
            let faults = (rule.broken)(self).into_iter();
            let code = Cow::Borrowed(rule.code);
            findings.extend(faults.map(|fault| self.finding(code.clone(), rule.severity, fault)));
        }
        for judged in self.reading.judged(&self.materials())? {
            let fault = Fault::at(judged.position, judged.message, judged.hint);
            findings.push(self.finding(Cow::Owned(judged.code), judged.severity, fault));
        }
        let (mut known, mut inspected) = (HashSet::new(), HashSet::new());
        for (named, site) in self.endpoints() {
            if !inspected.insert(Rc::as_ptr(site)) {
                continue;
            }
            for mut finding in inspector.inspect(site) {
                // Files that stand in several places are told of once.
                let (code, path) = (finding.code.clone(), finding.path.clone());
                if known.insert((code, path, finding.message.clone())) {
                    let position = named_at(named, site, &finding);
                    finding.place = position.map(|position| self.place(position));
                    findings.push((position, finding));
                }
            }
        }
        for (beside, site) in self.reading.besides.iter().zip(&self.besides) {
            for mut finding in inspector.inspect(site) {
                let (code, path) = (finding.code.clone(), finding.path.clone());
                if known.insert((code, path, finding.message.clone())) {
                    let position = beside.option.position;
                    finding.place = Some(self.place(position));
                    findings.push((Some(position), finding));
                }
            }
        }
        findings.extend(self.unopened(&findings));
        findings.sort_by_key(|(position, _)| *position);
        Ok(findings.into_iter().map(|(_, finding)| finding).collect())
    }

    /// The files that were not opened, but for those in lines of which something worse is told.
    fn unopened(&self, findings: &[Placed]) -> Vec<Placed> {
        let worse = findings.iter().filter(|it| it.1.severity > Severity::Info);
        let told: HashSet<_> = worse.map(|(position, _)| *position).collect();
        let faults = unopened::faults(self).into_iter();
        let faults = faults.filter(|fault| !told.contains(&Some(fault.position)));
        let rule = &not_checked::RULE;
        faults
            .map(|fault| self.finding(Cow::Borrowed(rule.code), rule.severity, fault))
            .collect()
    }

    fn finding(&self, code: Cow<'static, str>, severity: Severity, fault: Fault) -> Placed {
        let place = self.place(fault.position);
        let finding = Finding {
            code,
            severity: fault.severity.unwrap_or(severity),
            path: place.path.clone(),
            place: Some(place),
            message: fault.message,
            hint: fault.hint,
            mend: None,
        };
        (Some(fault.position), finding)
    }

    fn materials(&self) -> Vec<Material<'_>> {
        let mut materials = Vec::new();
        for site in &self.sites {
            materials.push(Material {
                own: site.own(),
                trust: site.certificates(Part::Trust),
                clients: site.certificates(Part::Bundle),
            });
        }
        materials
    }

    fn place(&self, position: Position) -> Place {
        Place {
            path: self.reading.files[position.file].clone(),
            line: position.line,
        }
    }
}

/// Where a file is named; of a directory above, where the first file below is.
fn named_at(named: &Named<'_>, site: &Site, finding: &Finding) -> Option<Position> {
    let part = site.items.iter().find(|item| item.path == finding.path);
    let option = match part.map(|item| item.part) {
        Some(Part::Key) => named.key.as_ref().or(named.certificate.as_ref()),
        Some(Part::Trust) => named.trust.as_ref(),
        Some(Part::Bundle | Part::Peers) => named.clients.as_ref(),
        Some(Part::Passphrase) => named.unlock.as_ref(),
        Some(Part::Crl) => named.crl.as_ref(),
        _ => None,
    };
    let option = option.or_else(|| named.files().next())?;
    Some(option.position)
}

/// Each of several things once, in their order.
fn once<T: Clone + Eq + Hash>(all: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut known = HashSet::new();
    let all = all.into_iter();
    all.filter(|one| known.insert(one.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explained::assert_well_worded;

    #[test]
    fn rules_are_sorted_named_and_sourced() {
        assert_well_worded(RULES.iter().map(ConfigurationRule::explained));
    }

    #[test]
    fn each_rule_tells_its_examples_apart() {
        for rule in RULES {
            let cases = (rule.cases)();
            for bad in [false, true] {
                let found = cases.iter().any(|case| case.lines.is_empty() != bad);
                assert!(found, "{}: no case with bad = {bad}", rule.code);
            }
            for case in cases {
                let faults = (rule.broken)(&case.configuration());
                let lines: Vec<_> = faults.iter().map(|fault| fault.position.line).collect();
                let name = format!("{}: {}: {faults:?}", rule.code, case.name);
                assert_eq!(lines, case.lines, "{name}");
                for fault in faults {
                    assert!(!fault.message.ends_with('.'), "{name}");
                    assert!(
                        !fault.hint.is_empty() && !fault.hint.ends_with('.'),
                        "{name}"
                    );
                }
            }
        }
    }
}
