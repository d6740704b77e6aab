//! Quoting for the languages that snippets are written in; each is a filter of the templates.

/// One word for a POSIX shell.
pub(super) fn shell(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-./:=@%+,".contains(&byte);
    if !text.is_empty() && text.bytes().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// One word for systemd's `ExecStart=` (systemd.service(5), "Command lines").
pub(super) fn systemd(text: &str) -> String {
    let text = text.replace('%', "%%").replace('$', "$$");
    quoted(&text)
}

/// One word, in double quotes and with backslashes where it needs them.
pub(super) fn quoted(text: &str) -> String {
    let plain = |character: char| character.is_alphanumeric() || "_-./:=@%+,*$".contains(character);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    string(text)
}

/// A string literal in double quotes: JSON, YAML, HOCON, and all that take JSON's escapes.
pub(super) fn string(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// The last part of a path.
pub(super) fn basename(text: &str) -> String {
    text.rsplit('/').next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoting() {
        type Filter = fn(&str) -> String;
        for (filter, text, expected) in [
            (shell as Filter, "/etc/a.pem", "/etc/a.pem"),
            (shell, "it's", r"'it'\''s'"),
            (shell, "", "''"),
            (systemd, "/a b/100%", "\"/a b/100%%\""),
            (systemd, "$HOME", "$$HOME"),
            (quoted, "/a\"b", r#""/a\"b""#),
            (quoted, "#", "\"#\""),
            (string, "a\\b", r#""a\\b""#),
            (basename, "/a/b", "b"),
        ] {
            assert_eq!(filter(text), expected);
        }
    }
}
