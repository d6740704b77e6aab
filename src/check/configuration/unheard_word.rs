//! Every word of a list counts.

#[cfg(test)]
use super::sample::*;
use super::{Configuration, ConfigurationRule, Fault, Severity, once, shown::is_word};
use crate::emit::{Found, Heard};

pub(super) const RULE: ConfigurationRule = ConfigurationRule {
    code: "unheard-word",
    severity: Severity::Warning,
    source: "openssl-ciphers(1) §CIPHER LIST FORMAT",
    meaning: "OpenSSL knows no cipher suite of this name in such a list, and leaves it out without a word: what it was to allow, or to forbid, is not",
    hint: "`openssl ciphers -s -v 'LIST'` shows what a list stands for; suites of TLS 1.3 stand in an option of their own",
    broken,
    #[cfg(test)]
    cases,
};

/// Longest word that is shown.
const SHOWN: &str = "_.-+!";

fn broken(configuration: &Configuration<'_>) -> Vec<Fault> {
    let manifest = &configuration.reading.server.manifest;
    let options = configuration.options().into_iter();
    let unheard = options.filter_map(|option| match manifest.heard(option)? {
        Heard::Without(words) => Some((option, words)),
        _ => None,
    });
    let fault = |(option, words): (&Found, Vec<String>)| {
        let is_shown = !configuration.is_foreign(option.position);
        let shown: Vec<_> = words
            .iter()
            .filter(|word| is_shown && is_word(word, SHOWN))
            .map(|word| format!("`{word}`"))
            .collect();
        let is_new = words.iter().all(|word| word.contains("TLS_"));
        let hint = match is_new {
            true => {
                "suites of TLS 1.3 stand in an option of their own, and others go by OpenSSL's names: `openssl ciphers -stdname`"
            }
            false => {
                "correct the name, or leave it out: `openssl ciphers -s -v 'LIST'` shows what a list stands for"
            }
        };
        let message = match shown.is_empty() {
            true => format!("`{}` holds words that OpenSSL leaves out", option.name),
            false => format!(
                "OpenSSL leaves {} out of `{}`",
                shown.join(", "),
                option.name
            ),
        };
        Fault::new(option, message, hint)
    };
    once(unheard.map(fault))
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    vec![
        good("known words", "suites = HIGH:!aNULL\n"),
        good(
            "nothing is left: that is a rule of its own",
            "suites = FOO\n",
        ),
        bad("a word that nothing has", "suites = HIGH:FOO\n", &[1]),
        bad(
            "suites of TLS 1.3",
            "suites = TLS_AES_128_GCM_SHA256:HIGH\n",
            &[1],
        ),
        bad("what cannot be shown", "suites = HIGH:===\n", &[1]),
    ]
}
