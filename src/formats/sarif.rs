//! SARIF 2.1.0, which is read by code scanning, editors and dashboards.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    os::unix::ffi::OsStrExt as _,
    path::{Component, Path},
};

use serde_json::{Value, json};

use super::{Account, SubjectKind, message, shown};
use crate::{check::Finding, pki::name::visible, rulebook::Entry, severity::Severity};

pub(super) fn write(account: &Account) -> String {
    let rules = rules(account);
    let results = account
        .findings
        .iter()
        .map(|it| result(it, &rules, account));
    let looked_at = account.subjects();
    let files = looked_at.filter(|it| matches!(it.kind, SubjectKind::File));
    let document = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "certctl",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules.iter().map(|(code, entries)| rule(code, entries)).collect::<Vec<_>>(),
            }},
            "automationDetails": { "id": format!("certctl/{}/", account.teller) },
            "invocations": [{ "executionSuccessful": true }],
            "artifacts": files.map(|it| json!({ "location": location(&it.path) })).collect::<Vec<_>>(),
            "results": results.collect::<Vec<_>>(),
        }],
    });
    format!("{document:#}\n")
}

/// What the rule book says of a code; servers' own rules may share it.
type Rules<'a> = BTreeMap<&'a str, Vec<&'a Entry>>;

/// What the rule book says of the codes that were found.
fn rules(account: &Account) -> Rules<'_> {
    let rule = |finding: &'_ Finding| {
        let of_code = account.rules.iter();
        let of_code: Vec<_> = of_code
            .filter(|it| it.explained.code == finding.code)
            .collect();
        let told = |it: &&Entry| it.tellers.contains(&account.teller);
        match of_code.iter().copied().filter(told).collect::<Vec<_>>() {
            told if told.is_empty() => of_code,
            told => told,
        }
    };
    let rules = account.findings.iter();
    rules.map(|it| (&*it.code, rule(it))).collect()
}

fn rule(code: &str, entries: &[&Entry]) -> Value {
    let each = |words: fn(&Entry) -> &str| {
        let mut all: Vec<_> = Vec::new();
        for words in entries.iter().map(|it| words(it)) {
            if !all.contains(&words) {
                all.push(words);
            }
        }
        text(&(all.join("; or: ") + "."))
    };
    let worst = entries.iter().map(|it| it.explained.severity).max();
    json!({
        "id": code,
        "shortDescription": { "text": each(|it| &it.explained.meaning) },
        "help": { "text": each(|it| &it.explained.hint) },
        "defaultConfiguration": { "level": level(worst.unwrap_or(Severity::Error)) },
    })
}

fn result(finding: &Finding, rules: &Rules<'_>, account: &Account) -> Value {
    let mut said = message(finding).into_owned();
    if !finding.hint.is_empty() {
        let _ = write!(said, "; hint: {}", visible(&finding.hint));
    }
    json!({
        "ruleId": finding.code,
        "ruleIndex": rules.keys().position(|code| *code == finding.code),
        "level": level(finding.severity),
        "message": { "text": text(&said) },
        "locations": [place(finding, account)],
    })
}

fn place(finding: &Finding, account: &Account) -> Value {
    match &finding.place {
        Some(place) => json!({ "physicalLocation": {
            "artifactLocation": location(&place.path),
            "region": { "startLine": place.line.max(1) },
        }}),
        None if account.is_file(&finding.path) => {
            json!({ "physicalLocation": { "artifactLocation": location(&finding.path) } })
        }
        None => json!({ "logicalLocations": [
            { "fullyQualifiedName": shown(&finding.path), "kind": "resource" },
        ]}),
    }
}

const fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

/// Words without placeholders (SARIF §3.11.5) and links (§3.11.6).
fn text(words: &str) -> String {
    let doubled = words.replace('{', "{{").replace('}', "}}");
    doubled.replace("](", "] (")
}

fn location(path: &Path) -> Value {
    json!({ "uri": uri(path) })
}

/// A reference to a file (RFC 3986 §4.1, RFC 8089): relative as the path is, which code scanning asks for.
fn uri(path: &Path) -> String {
    let path: std::path::PathBuf = path
        .components()
        .filter(|it| *it != Component::CurDir)
        .collect();
    let scheme = if path.is_absolute() { "file://" } else { "" };
    let mut uri = String::from(scheme);
    for &octet in path.as_os_str().as_bytes() {
        match octet {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(octet.into());
            }
            _ => {
                let _ = write!(uri, "%{octet:02X}");
            }
        }
    }
    if uri.is_empty() {
        String::from(".")
    } else {
        uri
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::tests::{HOSTILE, account, finding};

    #[test]
    fn paths_become_references() {
        for (path, expected) in [
            ("./pki/certs/a", "pki/certs/a"),
            ("pki", "pki"),
            (".", "."),
            ("../a b", "../a%20b"),
            ("/etc/tls/ü.pem", "file:///etc/tls/%C3%BC.pem"),
            ("http://a", "http%3A/a"),
            ("a#b?c%d\n", "a%23b%3Fc%25d%0A"),
        ] {
            assert_eq!(uri(Path::new(path)), expected);
        }
    }

    #[test]
    fn words_are_no_links_and_have_no_placeholders() {
        let account = account(&["a"], vec![finding(HOSTILE, Severity::Info)]);
        let document: Value = serde_json::from_str(&write(&account)).expect("JSON");
        let result = &document["runs"][0]["results"][0];
        let said = result["message"]["text"].as_str().expect("text");
        assert!(said.contains("{{0}}[x] (http://e.test)"), "{said}");
        assert!(!said.chars().any(char::is_control), "{said}");
        assert_eq!(result["level"], "note");
        let rule = &document["runs"][0]["tool"]["driver"]["rules"][0];
        assert_eq!(rule["id"], "key-mode");
        assert_eq!(rule["defaultConfiguration"]["level"], "error");
    }
}
