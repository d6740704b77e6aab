//! JUnit's XML, as CI systems read it: a test case for each thing that was looked at, which fails where the command
//! does. Nobody owns the format; written is what Jenkins, GitLab, GitHub's actions and Azure have in common.

use std::{fmt::Write as _, path::Path};

use super::{Account, message, shown};
use crate::{
    check::Finding,
    pki::{name::visible, validity::rfc3339},
};

pub(super) fn write(account: &Account) -> String {
    let cases = account.cases();
    let fails = |(_, found): &&(&Path, Vec<&Finding>)| found.iter().any(|it| account.fails(it));
    let (tests, failures) = (cases.len(), cases.iter().filter(fails).count());
    let counts = format!("tests=\"{tests}\" failures=\"{failures}\" errors=\"0\"");
    let suite = format!("certctl {}", account.teller);
    let at = rfc3339(account.now);
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <testsuites name=\"certctl\" {counts} time=\"0\">\n  \
         <testsuite name=\"{suite}\" {counts} skipped=\"0\" time=\"0\" timestamp=\"{}\">\n",
        at.trim_end_matches('Z')
    );
    for (path, found) in &cases {
        text += &case(path, found, account);
    }
    text + "  </testsuite>\n</testsuites>\n"
}

/// Readers show one failure of a case, so all that make it fail stand in one; the others are only told.
fn case(path: &Path, found: &[&Finding], account: &Account) -> String {
    let class = format!("certctl.{}", account.teller);
    let mut text = format!(
        "    <testcase classname=\"{class}\" name=\"{}\" time=\"0\"",
        escaped(&shown(path))
    );
    if found.is_empty() {
        return text + "/>\n";
    }
    text += ">\n";
    let (failing, others): (Vec<&Finding>, Vec<_>) =
        found.iter().partition(|finding| account.fails(finding));
    if let Some(worst) = failing.iter().rev().max_by_key(|it| it.severity) {
        let _ = writeln!(
            text,
            "      <failure type=\"{}\" message=\"{}\">{}</failure>",
            escaped(&worst.code),
            escaped(&message(worst)),
            told(&failing)
        );
    }
    if !others.is_empty() {
        let _ = writeln!(text, "      <system-out>{}</system-out>", told(&others));
    }
    text + "    </testcase>\n"
}

/// Two lines for each.
fn told(findings: &[&Finding]) -> String {
    let told = findings.iter().map(|it| {
        let place = match &it.place {
            Some(place) => visible(&place.to_string()).into_owned(),
            None => shown(&it.path),
        };
        let (severity, code, message) = (it.severity, &it.code, message(it));
        let hint = match it.hint.is_empty() {
            true => String::new(),
            false => format!("\n  hint: {}", visible(&it.hint)),
        };
        escaped(&format!("{place}: {severity}: {code}: {message}{hint}"))
    });
    told.collect::<Vec<_>>().join("\n")
}

/// Text that stands anywhere; what no XML may hold was made visible before (XML 1.0 §2.2).
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped += "&amp;",
            '<' => escaped += "&lt;",
            '>' => escaped += "&gt;",
            '"' => escaped += "&quot;",
            '\'' => escaped += "&apos;",
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        formats::tests::{HOSTILE, account, finding},
        severity::Severity,
    };

    #[test]
    fn nothing_breaks_out() {
        for (text, expected) in [
            ("plain", "plain"),
            ("]]>", "]]&gt;"),
            (
                "<a b='c' d=\"e\">&amp;",
                "&lt;a b=&apos;c&apos; d=&quot;e&quot;&gt;&amp;amp;",
            ),
        ] {
            assert_eq!(escaped(text), expected);
        }
        let text = write(&account(
            &[HOSTILE],
            vec![finding(HOSTILE, Severity::Error)],
        ));
        let may_stand =
            |c: char| c == '\n' || !c.is_control() && c != '\u{fffe}' && c != '\u{202e}';
        assert!(text.chars().all(may_stand), "{text}");
        assert_eq!(text.matches('<').count(), text.matches('>').count());
        assert!(!text.contains("]]>") && !text.contains("<c>"), "{text}");
    }

    #[test]
    fn cases_fail_where_the_command_does() {
        let findings = vec![
            finding("a", Severity::Info),
            finding("b", Severity::Warning),
            finding("b", Severity::Error),
        ];
        let mut account = account(&["a", "b", "c"], findings);
        for (fails_from, failures, told) in [
            (Severity::Info, 2, 0),
            (Severity::Warning, 1, 1),
            (Severity::Error, 1, 2),
        ] {
            account.fails_from = fails_from;
            let text = write(&account);
            let counts = format!("tests=\"3\" failures=\"{failures}\"");
            assert_eq!(text.matches(&counts).count(), 2, "{text}");
            assert_eq!(text.matches("<failure ").count(), failures, "{text}");
            assert_eq!(text.matches("<system-out>").count(), told, "{text}");
        }
    }
}
