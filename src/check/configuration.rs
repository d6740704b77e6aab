//! Rules for a server's configuration file, and for what lies where it says.
//!
//! What holds for every server is here; what is special to one is a rule in its manifest.

use std::{borrow::Cow, collections::HashSet, path::PathBuf};

use super::{
    Finding, Inspector, Place, Severity,
    facts::{Part, Site},
};
use crate::emit::{EmitError, Found, Material, Named, OptionSpec, Reading};

mod bad_value;
mod forbidden_character;
mod incomplete_options;
mod missing_eku;
mod no_tls;
mod not_in_version;
mod relative_path;
#[cfg(test)]
mod sample;
mod unknown_option;

/// Every rule, sorted by code.
pub static RULES: &[ConfigurationRule] = &[
    bad_value::RULE,
    forbidden_character::RULE,
    incomplete_options::RULE,
    missing_eku::RULE,
    no_tls::RULE,
    not_in_version::RULE,
    relative_path::RULE,
    unknown_option::RULE,
];

/// A configuration file, with what lies where it says.
#[derive(Debug)]
pub struct Configuration<'a> {
    /// Where the file is
    pub path: PathBuf,
    /// What stands in it
    pub reading: Reading<'a>,
    /// The files that its endpoints name, in the endpoints' order
    pub sites: Vec<Site>,
}

/// One thing that must hold in a configuration file.
#[derive(Debug)]
pub struct ConfigurationRule {
    /// Stable name in kebab-case
    pub code: &'static str,
    /// How bad it is to break it
    pub severity: Severity,
    /// All that is wrong; nothing where the rule holds or says nothing
    broken: fn(&Configuration<'_>) -> Vec<Fault>,
    /// Files that break the rule, and files that do not
    #[cfg(test)]
    cases: fn() -> Vec<sample::Case>,
}

/// One breach of a rule.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Fault {
    line: usize,
    message: String,
    hint: String,
}

impl Fault {
    fn new(option: &Found, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            line: option.line,
            message: message.into(),
            hint: hint.into(),
        }
    }
}

impl Configuration<'_> {
    /// Every option that stands in the file, once.
    fn options(&self) -> Vec<&Found> {
        let mut known = HashSet::new();
        let sections = self.reading.sections.iter();
        let options = sections.flat_map(|section| &section.options);
        options.filter(|option| known.insert(*option)).collect()
    }

    /// Every option that the manifest knows well, once.
    fn specified(&self) -> impl Iterator<Item = (&Found, &OptionSpec)> {
        let specs = &self.reading.server.manifest.options;
        let options = self.options().into_iter();
        options.filter_map(|option| Some((option, specs.get(&option.name)?)))
    }

    fn endpoints(&self) -> impl Iterator<Item = (&Named<'_>, &Site)> {
        self.reading.endpoints.iter().zip(&self.sites)
    }

    /// Everything that is wrong, in the order of its lines.
    ///
    /// # Errors
    ///
    /// The first mistake in the server's manifest.
    pub fn findings(&self, inspector: &mut Inspector) -> Result<Vec<Finding>, EmitError> {
        let mut findings: Vec<Finding> = Vec::new();
        for rule in RULES {
            let faults = (rule.broken)(self).into_iter();
            let code = Cow::Borrowed(rule.code);
            findings.extend(faults.map(|fault| self.finding(code.clone(), rule.severity, fault)));
        }
        for judged in self.reading.judged(&self.materials())? {
            let fault = Fault {
                line: judged.line,
                message: judged.message,
                hint: judged.hint,
            };
            findings.push(self.finding(Cow::Owned(judged.code), judged.severity, fault));
        }
        for (named, site) in self.endpoints() {
            for mut finding in inspector.inspect(site) {
                finding.place = self.named_at(named, site, &finding);
                // Files that stand in several places are told of once.
                if !findings.iter().any(|known| same(known, &finding)) {
                    findings.push(finding);
                }
            }
        }
        findings.sort_by_key(|finding| finding.place.as_ref().map(|place| place.line));
        Ok(findings)
    }

    fn finding(&self, code: Cow<'static, str>, severity: Severity, fault: Fault) -> Finding {
        Finding {
            code,
            severity,
            path: self.path.clone(),
            place: Some(self.place(fault.line)),
            message: fault.message,
            hint: fault.hint,
            mend: None,
        }
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

    fn place(&self, line: usize) -> Place {
        Place {
            path: self.path.clone(),
            line,
        }
    }

    /// The line that names a file; of a directory above, the first line that names a file below.
    fn named_at(&self, named: &Named<'_>, site: &Site, finding: &Finding) -> Option<Place> {
        let part = site.items.iter().find(|item| item.path == finding.path);
        let option = match part.map(|item| item.part) {
            Some(Part::Key) => named.key.as_ref().or(named.certificate.as_ref()),
            Some(Part::Trust) => named.trust.as_ref(),
            Some(Part::Bundle) => named.clients.as_ref(),
            Some(Part::Crl) => named.crl.as_ref(),
            _ => None,
        };
        let option = option.or_else(|| named.files().next())?;
        Some(self.place(option.line))
    }
}

fn same(one: &Finding, other: &Finding) -> bool {
    (&one.code, &one.path, &one.message) == (&other.code, &other.path, &other.message)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::check::{certificate, site};

    #[test]
    fn rules_are_sorted_and_named() {
        let codes: Vec<_> = RULES.iter().map(|rule| rule.code).collect();
        assert!(codes.is_sorted_by(|one, next| one < next), "{codes:?}");
        let others = (certificate::RULES.iter().map(|rule| rule.code))
            .chain(site::RULES.iter().map(|rule| rule.code));
        let others: HashSet<_> = others.collect();
        assert!(codes.iter().all(|code| !others.contains(code)), "{codes:?}");
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
                let lines: Vec<_> = faults.iter().map(|fault| fault.line).collect();
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
