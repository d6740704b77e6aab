//! Files that options name besides the certificates, keys and CRLs of an endpoint.

use serde::Deserialize;
use toml::Spanned;

use super::paths::Target;
use crate::emit::syntax::Found;

/// Options that name a file each, and what the server finds in it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileOption {
    /// The options
    pub options: Vec<Spanned<String>>,
    /// What the server reads there
    pub holds: Holds,
    /// Formats in which they stand; empty for all
    #[serde(default)]
    pub formats: Vec<Spanned<String>>,
    /// The option that says where relative paths begin
    pub base: Option<Spanned<String>>,
    /// An expression; where it is not true the server does not look there
    pub when: Option<Spanned<String>>,
    /// Words before the path, in upper and lower case; what begins with others names no file
    #[serde(default)]
    pub behind: Vec<String>,
    /// Beginnings of values that name no file
    #[serde(default)]
    pub except: Vec<String>,
    /// Relative paths begin somewhere else than those of other options, and are not looked at
    #[serde(default)]
    pub absolute: bool,
    /// Only the first word is the path
    #[serde(default)]
    pub first: bool,
    /// The server makes the file: what has to be there is its folder
    #[serde(default)]
    pub made: bool,
    /// The server goes to what each line names, not to that of the last alone
    #[serde(default)]
    pub each: bool,
}

/// What a server reads in a file.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum Holds {
    /// Certificates of others, roots or not
    Certificates,
    /// CRLs
    Crls,
    /// It is a folder
    Folder,
    /// Identities, each with a key that both sides know
    Identities,
    /// A private key
    Key,
    /// Parameters of a Diffie-Hellman exchange
    Parameters,
    /// It is a program
    Program,
    /// An OCSP response
    Response,
    /// What nobody else may know, in a form of the server's own
    Secret,
    /// Anything
    Text,
    /// The key of session tickets: 48 or 80 octets
    TicketKey,
    /// Keys of session tickets, in base64, one a line
    TicketKeys,
}

/// A file that an option names, and where that leads.
#[derive(Clone, Debug)]
pub struct Beside {
    /// The option; its value is the path
    pub option: Found,
    /// What the server reads there
    pub holds: Holds,
    /// Where it leads
    pub target: Target,
}

impl FileOption {
    pub(in crate::emit) fn is_in(&self, format: &str) -> bool {
        self.formats.is_empty() || self.formats.iter().any(|name| name.get_ref() == format)
    }

    /// What of an option's value is the path; nothing where it names no file.
    pub(in crate::emit) fn path<'v>(&self, value: &'v str) -> Option<&'v str> {
        let path = match self.behind.is_empty() {
            true => value,
            false => {
                let mut behind = self.behind.iter();
                behind.find_map(|word| {
                    let (first, rest) = value.split_at_checked(word.len())?;
                    first.eq_ignore_ascii_case(word).then(|| rest.trim_start())
                })?
            }
        };
        // What follows a program are its arguments.
        let path = match self.first || self.holds == Holds::Program {
            true => path.split_whitespace().next().unwrap_or_default(),
            false => path,
        };
        // Where what a server makes begins is not where its configuration does.
        let is_elsewhere =
            (self.absolute || self.made && self.base.is_none()) && !path.starts_with('/');
        let is_file = !is_elsewhere && !self.except.iter().any(|begin| path.starts_with(begin));
        let path = match self.made {
            true => path
                .rsplit_once('/')
                .map_or("", |(folder, _)| match folder {
                    "" => "/",
                    folder => folder,
                }),
            false => path,
        };
        (is_file && !path.is_empty()).then_some(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_of_a_value_is_the_path() {
        for (behind, holds, value, expected) in [
            ("[]", "text", "/a b", Some("/a b")),
            ("[]", "text", "", None),
            ("['exec:']", "program", "EXEC:/a b", Some("/a")),
            ("['exec:']", "program", "builtin", None),
            ("['exec:', '|']", "program", "|/a", Some("/a")),
            (
                "['DHParameters']",
                "parameters",
                "dhparameters /a",
                Some("/a"),
            ),
            ("['DHParameters']", "parameters", "Groups a", None),
            ("['ä']", "text", "aaa", None),
        ] {
            let text = format!("options = ['o']\nholds = '{holds}'\nbehind = {behind}");
            let file: FileOption = toml::from_str(&text).expect("it is whole");
            assert_eq!(file.path(value), expected, "{behind} {value}");
        }
    }

    #[test]
    fn what_the_server_makes_needs_a_folder() {
        for (value, expected) in [
            ("/var/log/a.log", Some("/var/log")),
            ("/a.log info", Some("/")),
            ("logs/a.log", None),
            ("a.log", None),
            ("syslog:server=/dev/log", None),
        ] {
            let text = "options = ['o']\nholds = 'folder'\nmade = true\nfirst = true\nexcept = ['syslog:']";
            let file: FileOption = toml::from_str(text).expect("it is whole");
            assert_eq!(file.path(value), expected, "{value}");
        }
    }
}
