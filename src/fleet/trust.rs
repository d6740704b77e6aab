//! `[[trust]]`: who trusts a CA and is no entry.

use super::{Builder, TrustSpec, keys, reader::Table};
use crate::pki::entry_name::EntryName;

/// In which formats somebody has a trust bundle.
const FORMATS: [&str; 5] = ["pem", "jks", "pkcs12", "k8s-secret", "der"];

impl Builder<'_> {
    pub(super) fn trust(&mut self, table: &Table<'_>) {
        let mistakes = &mut self.mistakes;
        table.only(keys::TRUST, mistakes);
        let format = table.string("format", mistakes);
        let format = format.unwrap_or_else(|| String::from("pem"));
        if !FORMATS.contains(&format.as_str()) {
            let message = format!(
                "`format` is {format:?}, and takes one of {}",
                FORMATS.join(", ")
            );
            mistakes.add(table.position("format", &message));
        }
        let asked: Option<EntryName> = table.parsed("ca", mistakes);
        let Some(name) = table.required::<EntryName>("name", mistakes) else {
            return;
        };
        if self.fleet.trust.iter().any(|other| other.name == name) {
            let message = format!("`{name}` stands here twice");
            return mistakes.add(table.position("name", &message));
        }
        let root = self.fleet.authorities.iter().find(|ca| ca.parent.is_none());
        let Some(ca) = asked.or_else(|| root.map(|root| root.name.clone())) else {
            let message = format!("`{name}` says not which CA it trusts: give `ca`");
            return mistakes.add(table.position("name", &message));
        };
        if !self.has_authority(&ca) {
            let message = format!("there is no CA `{ca}`");
            self.issuers
                .push((ca.clone(), table.position("ca", &message)));
        }
        self.fleet.trust.push(TrustSpec { name, ca, format });
    }
}
