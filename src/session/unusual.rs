//! Names of new certificates that not everybody takes.

use super::Context;
use crate::pki::san;

/// So many names are told; of more there is only the number.
const TOLD: usize = 5;

/// DNS names with underscores, as `check` finds them later by the code `san-underscore`.
#[derive(Debug, Default)]
pub(crate) struct Unusual {
    told: Vec<String>,
    more: usize,
}

impl Unusual {
    /// Looks at the typed names of one certificate.
    pub(crate) fn note(&mut self, names: &[String]) {
        let dns = names.iter().filter_map(|name| name.strip_prefix("DNS:"));
        for name in dns.filter(|name| san::is_unusual(name)) {
            let shown = format!("`{name}`");
            match self.told.len() < TOLD {
                _ if self.told.contains(&shown) => {}
                true => self.told.push(shown),
                false => self.more += 1,
            }
        }
    }

    /// Warns once of all.
    pub(crate) fn tell(&self, context: &Context) {
        let (have, are) = match self.told.len() {
            0 => return,
            1 => ("has an underscore and is no host name", "it"),
            _ => ("have underscores and are no host names", "them"),
        };
        let more = match self.more {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        context.ui.warning(format!(
            "san-underscore: {}{more} {have} (RFC 1123); OpenSSL, Go and Java take {are}, other programs may not",
            self.told.join(", ")
        ));
    }
}
