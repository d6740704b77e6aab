//! What OpenSSL takes in the texts that servers hand on to it.

use std::collections::BTreeSet;

use serde::Deserialize;
use toml::Spanned;

mod names;

/// Options whose value OpenSSL reads.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Handed {
    /// The options
    pub options: Vec<Spanned<String>>,
    /// What OpenSSL reads in it
    #[serde(rename = "as")]
    pub language: Language,
    /// Words of the server's own
    #[serde(default)]
    pub words: Vec<String>,
    /// Words that may stand before it, and what is read behind them
    #[serde(default)]
    pub behind: Vec<Behind>,
    /// Of two words the first is one of those
    #[serde(default)]
    pub closed: bool,
    /// A colon stands between a command and its value
    #[serde(default)]
    pub colon: bool,
    /// It may be empty
    #[serde(default)]
    pub empty: bool,
}

/// A word before a value that has it read as something else.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Behind {
    /// The word, in upper or lower case
    pub word: String,
    /// What is read behind it
    #[serde(rename = "as")]
    pub language: Language,
}

/// What OpenSSL reads in a text.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// Cipher suites up to TLS 1.2 (openssl-ciphers(1))
    Ciphers,
    /// Cipher suites of TLS 1.3, between colons
    Ciphersuites,
    /// A command of `SSL_CONF_cmd` and its value
    Command,
    /// One curve, as objects(3) calls it
    Curve,
    /// Groups for key exchange, between colons
    Groups,
}

/// What comes of a text.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Heard {
    /// It is taken
    Whole,
    /// It is taken, but for these words, of which OpenSSL says nothing
    Without(Vec<String>),
    /// It is not taken, for this reason
    Refused(&'static str),
}

impl Handed {
    /// What OpenSSL makes of a value.
    pub(in crate::emit) fn heard(&self, value: &str) -> Heard {
        let is_own = self.words.iter().any(|word| word == value);
        if is_own || self.empty && value.is_empty() {
            return Heard::Whole;
        }
        let (first, rest) = halves(value);
        let mut behind = self.behind.iter();
        let behind = behind.find(|it| it.word.eq_ignore_ascii_case(first) && !rest.is_empty());
        match behind {
            Some(behind) => behind.language.heard(rest),
            None if self.colon => self.language.heard(&value.replacen(':', " ", 1)),
            None => self.language.heard(value),
        }
    }

    /// Whether a value begins with one of the words that may stand before it.
    pub(in crate::emit) fn begins(&self, value: &str) -> bool {
        let (first, _) = halves(value);
        let mut behind = self.behind.iter();
        behind.any(|it| it.word.eq_ignore_ascii_case(first))
    }
}

impl Language {
    fn heard(self, text: &str) -> Heard {
        match self {
            Self::Ciphers => ciphers(text),
            Self::Ciphersuites => suites(text),
            Self::Command => command(text),
            Self::Curve if is_in(text, names::CURVES) => Heard::Whole,
            Self::Curve => Heard::Refused("OpenSSL knows no curve of this name"),
            Self::Groups => groups(text),
        }
    }
}

fn is_in(word: &str, list: &str) -> bool {
    list.split_ascii_whitespace().any(|known| known == word)
}

fn is_in_any_case(word: &str, list: &str) -> bool {
    let mut list = list.split_ascii_whitespace();
    list.any(|known| known.eq_ignore_ascii_case(word))
}

/// The first word, and what follows.
fn halves(text: &str) -> (&str, &str) {
    let (first, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    (first, rest.trim())
}

/// No cipher suite is left of a list.
const NONE_LEFT: Heard = Heard::Refused("no cipher suite is left of the list");

/// `SSL_CTX_set_cipher_list`: what it does not know it leaves out, and it fails where nothing is left.
fn ciphers(text: &str) -> Heard {
    let mut unheard = Vec::new();
    let mut added: BTreeSet<&str> = BTreeSet::new();
    let mut is_killed = false;
    let rules = text.split([':', ',', ';', ' ']).filter(|it| !it.is_empty());
    for (index, rule) in rules.enumerate() {
        let (sign, word) = match rule.split_at_checked(1) {
            Some((sign @ ("!" | "-" | "+" | "@"), word)) => (sign, word),
            _ => ("", rule),
        };
        let is_sign = |it: char| it.is_ascii_alphanumeric() || "-.=_+".contains(it);
        if word.is_empty() || !word.chars().all(is_sign) {
            return Heard::Refused("a sign stands in it that OpenSSL does not read there");
        }
        let parts = || word.split('+').filter(|part| !part.is_empty());
        let is_first = index == 0 && sign.is_empty();
        let is_known = |part: &str| {
            [names::SUITES, names::CLASSES, names::EMPTY]
                .iter()
                .any(|list| is_in(part, list))
        };
        match sign {
            "@" if is_directive(word) => {}
            "@" => return Heard::Refused("what follows `@` is `STRENGTH` or `SECLEVEL=0` to `5`"),
            // Red Hat's builds read it from the system's policy.
            "" if is_first && (is_in(word, names::FIRST) || word.starts_with("PROFILE=")) => {
                added.insert(word);
            }
            _ if !parts().all(is_known) => unheard.push(rule.to_owned()),
            "!" | "-" if word == "ALL" => {
                added.clear();
                is_killed |= sign == "!";
            }
            "!" | "-" => {
                added.remove(word);
            }
            "+" => {}
            _ if is_killed || parts().any(|part| is_in(part, names::EMPTY)) => {}
            _ => {
                added.insert(word);
            }
        }
    }
    match () {
        () if added.is_empty() => NONE_LEFT,
        () if unheard.is_empty() => Heard::Whole,
        () => Heard::Without(unheard),
    }
}

/// What may follow `@`.
fn is_directive(word: &str) -> bool {
    let level = word.strip_prefix("SECLEVEL=");
    word == "STRENGTH"
        || level.is_some_and(|level| ("0"..="5").contains(&level) && level.len() == 1)
}

/// `SSL_CTX_set_ciphersuites`: without any, TLS 1.3 is off.
fn suites(text: &str) -> Heard {
    let words = text.split(':').map(str::trim);
    let words = words.filter(|word| !word.is_empty());
    let (known, unheard): (Vec<_>, Vec<_>) = words.partition(|word| is_in(word, names::SUITES_13));
    match () {
        () if known.is_empty() && !unheard.is_empty() => NONE_LEFT,
        () if unheard.is_empty() => Heard::Whole,
        () => Heard::Without(unheard.into_iter().map(str::to_owned).collect()),
    }
}

/// `SSL_CTX_set1_groups_list`: what it does not know makes it fail, unless it is marked as optional (since 3.3).
fn groups(text: &str) -> Heard {
    let is_known = |word: &str| {
        let bare = word.trim_start_matches(['*', '-']);
        let is_optional = bare.starts_with('?');
        let lists = [names::CURVES, names::GROUPS];
        let is_group = lists.iter().any(|list| is_in_any_case(bare, list));
        is_optional || is_group || bare.eq_ignore_ascii_case("DEFAULT")
    };
    match text.split([':', '/']).map(str::trim).all(is_known) {
        true => Heard::Whole,
        false => Heard::Refused("OpenSSL knows no group of one of these names"),
    }
}

/// A command and its value.
fn command(text: &str) -> Heard {
    let (name, value) = halves(text);
    let is = |command: &str| name.eq_ignore_ascii_case(command);
    let listed = |list: &str| {
        let signs = |word: &str| is_in_any_case(word.trim_start_matches(['+', '-']), list);
        match value.split(',').map(str::trim).all(signs) {
            true => Heard::Whole,
            false => Heard::Refused("the command does not take this value"),
        }
    };
    match () {
        () if !is_in_any_case(name, names::COMMANDS) => {
            Heard::Refused("OpenSSL has no command of this name")
        }
        () if is("CipherString") => ciphers(value),
        () if is("Ciphersuites") => suites(value),
        () if is("Curves") || is("Groups") => groups(value),
        () if is("MinProtocol") || is("MaxProtocol") => match is_in(value, names::PROTOCOLS) {
            true => Heard::Whole,
            false => Heard::Refused("the command does not take this protocol"),
        },
        () if is("ECDHParameters") => {
            match is_in_any_case(value, "auto Automatic +auto +Automatic") {
                true => Heard::Whole,
                false => groups(value),
            }
        }
        () if is("Protocol") => listed(names::ALL_PROTOCOLS),
        () if is("SignatureAlgorithms") || is("ClientSignatureAlgorithms") => signatures(value),
        () if is("Options") => listed(names::OPTIONS),
        () if is("VerifyMode") => listed(names::MODES),
        () => Heard::Whole,
    }
}

/// Algorithms between colons: names of TLS 1.3, or key and hash.
fn signatures(text: &str) -> Heard {
    let is_pair = |word: &str| {
        let (key, hash) = word.split_once('+').unwrap_or_default();
        is_in(key, "RSA RSA-PSS PSS DSA ECDSA") && is_in_any_case(hash, names::HASHES)
    };
    let is_known = |word: &str| {
        // Optional ones, and those of tomorrow: nobody says which release it is.
        let is_name = word.contains('_') || word.starts_with(['?', 'e', 'm']);
        is_name || is_pair(word)
    };
    match text.split(':').all(is_known) {
        true => Heard::Whole,
        false => Heard::Refused("it takes names such as `rsa_pss_rsae_sha256`, or `RSA+SHA256`"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_openssl_takes() {
        use Language::*;
        let without =
            |words: &[&str]| Heard::Without(words.iter().map(|&word| word.to_owned()).collect());
        for (language, text, expected) in [
            (Ciphers, "HIGH:!aNULL", Some(Heard::Whole)),
            (Ciphers, "DEFAULT", Some(Heard::Whole)),
            (Ciphers, "DEFAULT:!RC4:@STRENGTH", Some(Heard::Whole)),
            (Ciphers, "ECDHE+AESGCM, DHE+AESGCM", Some(Heard::Whole)),
            (Ciphers, "HIGH:@SECLEVEL=1", Some(Heard::Whole)),
            (Ciphers, "ECDHE-RSA-AES128-GCM-SHA256", Some(Heard::Whole)),
            (Ciphers, "PROFILE=SYSTEM", Some(Heard::Whole)),
            (Ciphers, "HIGH:FOO", Some(without(&["FOO"]))),
            (Ciphers, "HIGH:DEFAULT", Some(without(&["DEFAULT"]))),
            (Ciphers, "HIGH:!FOO", Some(without(&["!FOO"]))),
            (Ciphers, "HIGH:ECDHE+FOO", Some(without(&["ECDHE+FOO"]))),
            (Ciphers, "high:HIGH", Some(without(&["high"]))),
            (
                Ciphers,
                "TLS_AES_128_GCM_SHA256:HIGH",
                Some(without(&["TLS_AES_128_GCM_SHA256"])),
            ),
            (Ciphers, "FOO", None),
            (Ciphers, "", None),
            (Ciphers, "!aNULL", None),
            (Ciphers, "EXP:LOW", None),
            (Ciphers, "HIGH:!ALL", None),
            (Ciphers, "!ALL:HIGH", None),
            (Ciphers, "-ALL:HIGH", Some(Heard::Whole)),
            (Ciphers, "AES128-SHA:!AES128-SHA", None),
            (Ciphers, "HIGH:@FOO", None),
            (Ciphers, "HIGH:@SECLEVEL=6", None),
            (Ciphers, "HIGH:a?b", None),
            (Ciphersuites, "TLS_AES_128_GCM_SHA256", Some(Heard::Whole)),
            (Ciphersuites, "", Some(Heard::Whole)),
            (Ciphersuites, "FOO", None),
            (
                Ciphersuites,
                "TLS_AES_128_GCM_SHA256:FOO",
                Some(without(&["FOO"])),
            ),
            (Curve, "prime256v1", Some(Heard::Whole)),
            (Curve, "P-256", None),
            (Groups, "X25519:p-256:secp384r1", Some(Heard::Whole)),
            (Groups, "?new:X25519", Some(Heard::Whole)),
            (Groups, "X25519:foo", None),
            (Groups, "", None),
            (Command, "MinProtocol TLSv1.2", Some(Heard::Whole)),
            (Command, "minprotocol TLSv1.2", Some(Heard::Whole)),
            (Command, "MinProtocol TLSv1.9", None),
            (Command, "Foo bar", None),
            (Command, "-ciphersuites x", None),
            (
                Command,
                "Options -SessionTicket,ServerPreference",
                Some(Heard::Whole),
            ),
            (Command, "Options Foo", None),
            (Command, "CipherString HIGH:FOO", Some(without(&["FOO"]))),
            (Command, "Groups foo", None),
            (Command, "VerifyMode Peer", Some(Heard::Whole)),
            (Command, "ECDHParameters Automatic", Some(Heard::Whole)),
            (Command, "ECDHParameters foo", None),
            (Command, "Protocol -ALL,TLSv1.2", Some(Heard::Whole)),
            (Command, "Protocol FOO", None),
            (
                Command,
                "SignatureAlgorithms RSA+SHA256:ed25519:rsa_pss_rsae_sha256",
                Some(Heard::Whole),
            ),
            (Command, "SignatureAlgorithms FOO", None),
        ] {
            let heard = language.heard(text);
            match expected {
                Some(expected) => assert_eq!(heard, expected, "{text}"),
                None => assert!(matches!(heard, Heard::Refused(_)), "{text}: {heard:?}"),
            }
        }
    }

    #[test]
    fn words_before_and_of_the_servers_own() {
        let handed: Handed = toml::from_str(
            "options = ['c']\nas = 'ciphers'\nwords = ['auto']\n\
             behind = [{ word = 'SSL', as = 'ciphers' }, { word = 'TLSv1.3', as = 'ciphersuites' }]",
        )
        .expect("it is whole");
        for (value, is_taken) in [
            ("auto", true),
            ("HIGH", true),
            ("SSL HIGH", true),
            ("tlsv1.3 TLS_AES_128_GCM_SHA256", true),
            ("TLSv1.3 HIGH", false),
            ("", false),
        ] {
            let heard = handed.heard(value);
            assert_eq!(heard == Heard::Whole, is_taken, "{value}: {heard:?}");
        }
    }
}
