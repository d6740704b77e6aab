//! Filters of the templates: quoting for the languages that snippets are written in, and parts of values.

type Filter = fn(&str) -> String;

/// All of them, by the names that templates use.
pub(super) const FILTERS: [(&str, Filter); 10] = [
    ("basename", basename),
    ("container", container),
    ("host", host),
    ("label", label),
    ("port", port),
    ("quoted", quoted),
    ("shell", shell),
    ("string", string),
    ("systemd", systemd),
    ("trailing_number", trailing_number),
];

/// One word for a POSIX shell.
#[must_use]
pub fn shell(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-./:=@%+,".contains(&byte);
    if !text.is_empty() && text.bytes().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// One word for systemd's `ExecStart=` (systemd.service(5), "Command lines").
fn systemd(text: &str) -> String {
    let text = text.replace('%', "%%").replace('$', "$$");
    quoted(&text)
}

/// One word, in double quotes and with backslashes where it needs them.
fn quoted(text: &str) -> String {
    let plain = |character: char| character.is_alphanumeric() || "_-./:=@%+,*$".contains(character);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    string(text)
}

/// A string literal in double quotes: JSON, YAML, HOCON, and all that take JSON's escapes.
fn string(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// The same for YAML in which Compose and Kubernetes replace what begins with `$`.
fn container(text: &str) -> String {
    string(&text.replace('$', "$$"))
}

/// The host of `HOST:PORT`, without the brackets of an IPv6 address.
fn host(text: &str) -> String {
    let host = text.rsplit_once(':').map_or(text, |(host, _)| host);
    host.trim_matches(['[', ']']).to_owned()
}

/// The nearest DNS label that begins with a letter (RFC 1035), as names in Kubernetes have to be; not cut.
fn label(text: &str) -> String {
    let letter = |c: char| {
        if c.is_ascii_alphanumeric() {
            c.to_ascii_lowercase()
        } else {
            '-'
        }
    };
    let label: String = text.chars().map(letter).collect();
    let label = label.trim_matches('-');
    match label.starts_with(|c: char| c.is_ascii_alphabetic()) {
        true => label.to_owned(),
        false => format!("node-{label}"),
    }
}

/// The port of `HOST:PORT`.
fn port(text: &str) -> String {
    let port = text.rsplit_once(':').map_or("", |(_, port)| port);
    port.to_owned()
}

/// The digits at the end; 0 where there are none.
fn trailing_number(text: &str) -> String {
    let start = text.trim_end_matches(|it: char| it.is_ascii_digit()).len();
    let digits = text[start..].trim_start_matches('0');
    if digits.is_empty() { "0" } else { digits }.to_owned()
}

/// The last part of a path.
fn basename(text: &str) -> String {
    text.rsplit('/').next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoting() {
        for (filter, text, expected) in [
            (shell as Filter, "/etc/a.pem", "/etc/a.pem"),
            (shell, "it's", r"'it'\''s'"),
            (shell, "", "''"),
            (systemd, "/a b/100%", "\"/a b/100%%\""),
            (systemd, "$HOME", "$$HOME"),
            (quoted, "/a\"b", r#""/a\"b""#),
            (quoted, "#", "\"#\""),
            (string, "a\\b", r#""a\\b""#),
            (container, "${HOME}", "\"$${HOME}\""),
            (basename, "/a/b", "b"),
            (host, "[::1]:443", "::1"),
            (label, "Node_1.db_", "node-1-db"),
            (label, "10.0.0.1", "node-10-0-0-1"),
            (port, "node1:443", "443"),
            (trailing_number, "node-012", "12"),
            (trailing_number, "node", "0"),
        ] {
            assert_eq!(filter(text), expected);
        }
    }
}
