//! Filters of the templates that write a value in a language, so that it is read back as it was. Where a
//! language cannot say a value it is refused: nothing is ever left out or replaced.

use std::fmt::Write as _;

type Filter = fn(&str) -> Result<String, Refused>;
type Literal = fn(&str) -> String;

/// Those that may refuse a value, by the names that templates use.
pub(super) const FILTERS: [(&str, Filter); 12] = [
    ("blocks", blocks),
    ("columns", columns),
    ("comment", comment),
    ("conninfo", conninfo),
    ("erlang", erlang),
    ("hcl", hcl),
    ("hocon", hocon),
    ("pem", pem),
    ("settings", settings),
    ("shell", shell),
    ("systemd", systemd),
    ("word", word),
];

/// Those that can write everything.
pub(super) const LITERALS: [(&str, Literal); 8] = [
    ("container", container),
    ("java", java),
    ("properties", properties),
    ("ruby", ruby),
    ("rust", rust),
    ("string", string),
    ("uri", uri),
    ("yaml", yaml),
];

/// A value that a language cannot say.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{}` cannot be written: {reason}", visible(value))]
pub(in crate::emit) struct Refused {
    pub(in crate::emit) value: String,
    pub(in crate::emit) reason: String,
}

impl Refused {
    pub(in crate::emit) fn new(value: &str, reason: impl Into<String>) -> Self {
        Self {
            value: value.to_owned(),
            reason: reason.into(),
        }
    }
}

/// The first character that ends a line, or is not shown where it stands: controls (C0, DEL, C1), the
/// separators of Unicode, and what turns the direction of writing (Unicode UAX #9), with which a text
/// looks like another.
#[must_use]
pub fn unprintable(text: &str) -> Option<char> {
    text.chars().find(|&character| hides(character))
}

fn hides(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
            | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

/// A value as a message may show it.
pub(super) fn visible(text: &str) -> String {
    let escaped = |character: char| match hides(character) {
        true => character.escape_unicode().to_string(),
        false => character.to_string(),
    };
    text.chars().map(escaped).collect()
}

/// One word for a POSIX shell, whatever the text; it never leaves the line.
#[must_use]
pub fn shell_word(text: &str) -> String {
    if unprintable(text).is_none() {
        return quoted_for_shell(text);
    }
    let mut format = String::new();
    for octet in text.bytes() {
        match octet {
            b'-' if format.is_empty() => format.push_str("\\055"), // no option of printf
            b' '..=b'~' if !b"\\%'\"`$".contains(&octet) => format.push(char::from(octet)),
            _ => write!(format, "\\{octet:03o}").expect("a String takes all"),
        }
    }
    format!("\"$(printf '{format}')\"")
}

fn quoted_for_shell(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-./:=@%+,".contains(&byte);
    if !text.is_empty() && text.bytes().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// The text, unless something in it leaves the line or hides.
fn printable(text: &str) -> Result<&str, Refused> {
    match unprintable(text) {
        None => Ok(text),
        Some(character) => Err(Refused::new(
            text,
            format!(
                "it holds the control character U+{:04X}",
                u32::from(character)
            ),
        )),
    }
}

/// The text, unless it holds one of these, which mean something there that no quoting takes away.
pub(in crate::emit) fn without<'a>(text: &'a str, parts: &[String]) -> Result<&'a str, Refused> {
    let reason = "has a meaning of its own there, and there is no quoting";
    let parts: Vec<_> = parts.iter().map(|part| (part.as_str(), reason)).collect();
    lacks(text, &parts)
}

/// The text, unless it holds one of these, each with the reason why it must not.
fn lacks<'a>(text: &'a str, forbidden: &[(&str, &str)]) -> Result<&'a str, Refused> {
    match forbidden.iter().find(|(part, _)| text.contains(part)) {
        None => Ok(text),
        Some((part, reason)) => Err(Refused::new(
            text,
            format!("it holds `{part}`, which {reason}"),
        )),
    }
}

/// One word for a POSIX shell.
fn shell(text: &str) -> Result<String, Refused> {
    printable(text).map(quoted_for_shell)
}

/// One word for systemd's `ExecStart=` (systemd.service(5), "Command lines").
fn systemd(text: &str) -> Result<String, Refused> {
    let text = printable(text)?.replace('%', "%%").replace('$', "$$");
    Ok(double_quoted(&text))
}

/// One word of a configuration file, quoted where it needs it; no quotes take the meaning from `parts`.
pub(in crate::emit) fn quoted(text: &str, parts: &[String]) -> Result<String, Refused> {
    without(printable(text)?, parts).map(double_quoted)
}

/// One word, in double quotes with backslashes where it needs them.
fn double_quoted(text: &str) -> String {
    let plain = |character: char| character.is_alphanumeric() || "_-./:=@%+,*$".contains(character);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// A string literal in double quotes: JSON, YAML, Python, JavaScript, TypeScript, Go.
fn string(text: &str) -> String {
    let json = serde_json::Value::from(text).to_string();
    escaped(&json, hides)
}

/// Characters of a literal as `\uXXXX`; those beyond the first plane as two of them.
fn escaped(literal: &str, wanted: impl Fn(char) -> bool) -> String {
    let mut written = String::new();
    for character in literal.chars() {
        if !wanted(character) {
            written.push(character);
            continue;
        }
        for unit in character.encode_utf16(&mut [0; 2]) {
            write!(written, "\\u{unit:04x}").expect("a String takes all");
        }
    }
    written
}

/// The same for YAML in which Compose and Kubernetes replace what begins with `$`.
fn container(text: &str) -> String {
    string(&text.replace('$', "$$"))
}

/// A scalar or a key in YAML: plain where it is a word that no version of YAML takes for something else.
fn yaml(text: &str) -> String {
    const MEANT: [&str; 9] = ["false", "n", "no", "null", "off", "on", "true", "y", "yes"];
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    let is_plain = text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.bytes().all(plain)
        && !MEANT.contains(&&*text.to_ascii_lowercase());
    match is_plain {
        true => text.to_owned(),
        false => string(text),
    }
}

/// A value in HOCON: bare where it is a word or a number, else a string.
fn hocon(text: &str) -> Result<String, Refused> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    match !text.is_empty() && text.bytes().all(plain) {
        true => Ok(text.to_owned()),
        false => printable(text).map(string),
    }
}

/// A string literal in Java, whatever encoding its file is read in.
fn java(text: &str) -> String {
    escaped(&string(text), |character| !character.is_ascii())
}

/// A value of `java.util.Properties`, whatever encoding its file is read in.
fn properties(text: &str) -> String {
    let is_hidden = |it: char| !it.is_ascii() || it.is_ascii_control();
    let text = escaped(&text.replace('\\', "\\\\"), is_hidden);
    match text.starts_with(' ') {
        true => format!("\\{text}"),
        false => text,
    }
}

/// A string literal in Ruby, where `#` may begin code.
fn ruby(text: &str) -> String {
    string(text).replace('#', "\\#")
}

/// A string literal in Rust.
fn rust(text: &str) -> String {
    let mut literal = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => literal.extend(['\\', character]),
            _ if hides(character) => {
                write!(literal, "\\u{{{:x}}}", u32::from(character)).expect("a String takes all");
            }
            _ => literal.push(character),
        }
    }
    literal.push('"');
    literal
}

/// A part of a URI (RFC 3986 §2.1); `/` stays, as it means nothing in a query (§3.4).
fn uri(text: &str) -> String {
    let mut part = String::new();
    for octet in text.bytes() {
        match octet {
            _ if octet.is_ascii_alphanumeric() || b"-._~/".contains(&octet) => {
                part.push(char::from(octet));
            }
            _ => write!(part, "%{octet:02X}").expect("a String takes all"),
        }
    }
    part
}

/// A string in Erlang, whatever encoding its file is read in.
fn erlang(text: &str) -> Result<String, Refused> {
    let mut literal = String::from("\"");
    for character in printable(text)?.chars() {
        match character {
            '"' | '\\' => literal.extend(['\\', character]),
            ' '..='~' => literal.push(character),
            _ => write!(literal, "\\x{{{:x}}}", u32::from(character)).expect("a String takes all"),
        }
    }
    literal.push('"');
    Ok(literal)
}

/// The rest of a line in a file that knows no quotes, in which these may not stand.
pub(in crate::emit) fn line(text: &str, forbidden: &[String]) -> Result<String, Refused> {
    let text = printable(text)?;
    if text.is_empty() || text.trim() != text {
        let reason = "blanks around it are lost, and there is no quoting";
        return Err(Refused::new(text, reason));
    }
    without(text, forbidden).map(str::to_owned)
}

/// A bare word that means itself in every configuration: a name, a number, an address.
fn word(text: &str) -> Result<String, Refused> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._:-[]".contains(&byte);
    match !text.is_empty() && !text.starts_with('-') && text.bytes().all(plain) {
        true => Ok(text.to_owned()),
        false => Err(Refused::new(
            text,
            "a name or an address has to stand there",
        )),
    }
}

/// A value that a program is given in a place where it may look for options, which begin with `dash`.
pub(in crate::emit) fn argument(text: &str, dash: &str) -> Result<String, Refused> {
    match text.starts_with(dash) {
        true => Err(Refused::new(
            text,
            "the program would take it for an option",
        )),
        false => Ok(text.to_owned()),
    }
}

/// A value in blocks, in double quotes, so that it is neither a number nor a variable.
fn blocks(text: &str) -> Result<String, Refused> {
    let text = printable(text)?.replace('\\', "\\\\");
    Ok(format!("\"{}\"", text.replace('"', "\\\"")))
}

/// A text in HCL, in which `${` would begin what has to end.
fn hcl(text: &str) -> Result<String, Refused> {
    blocks(lacks(text, &[("${", "begins an expression there")])?)
}

/// One column of a line of columns: in double quotes, so that no word of the language is meant.
fn columns(text: &str) -> Result<String, Refused> {
    match text.is_empty() {
        true => Err(Refused::new(text, "a name has to stand there")),
        false => Ok(format!("\"{}\"", printable(text)?.replace('"', "\"\""))),
    }
}

/// A value of `settings`, in single quotes.
fn settings(text: &str) -> Result<String, Refused> {
    let text = printable(text)?.replace('\\', "\\\\");
    Ok(format!("'{}'", text.replace('\'', "''")))
}

/// A value of libpq's connection strings (PostgreSQL, libpq §Keyword/Value Connection Strings).
fn conninfo(text: &str) -> Result<String, Refused> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-./:@%+,".contains(&byte);
    if !text.is_empty() && text.bytes().all(plain) {
        return Ok(text.to_owned());
    }
    let text = printable(text)?.replace('\\', "\\\\");
    Ok(format!("'{}'", text.replace('\'', "\\'")))
}

/// Text in a comment, of whatever kind.
fn comment(text: &str) -> Result<String, Refused> {
    let ends = ["\\", "*/", "\"\"\"", "'''", "-->"].map(|end| (end, "may end a comment"));
    lacks(printable(text)?, &ends).map(str::to_owned)
}

/// Certificates, keys and the like (RFC 7468), indented or not.
fn pem(text: &str) -> Result<String, Refused> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"+/= -\n".contains(&byte);
    match text.bytes().all(plain) {
        true => Ok(text.to_owned()),
        false => Err(Refused::new("…", "it is not PEM")),
    }
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
            (erlang, "a\"\\é", "\"a\\\"\\\\\\x{e9}\""),
            (hocon, "tlsv1", "tlsv1"),
            (hocon, "a, b = c", "\"a, b = c\""),
            (word, "[::1]:1", "[::1]:1"),
            (blocks, "$a\"\\", "\"$a\\\"\\\\\""),
            (hcl, "$a\"{\\", "\"$a\\\"{\\\\\""),
            (columns, "a\"b", "\"a\"\"b\""),
            (settings, r"it's \", r"'it''s \\'"),
            (conninfo, "/a", "/a"),
            (conninfo, r"it's \", r"'it\'s \\'"),
            (comment, "/a b", "/a b"),
            (
                pem,
                "-----BEGIN X-----\n a+/=\n",
                "-----BEGIN X-----\n a+/=\n",
            ),
        ] {
            assert_eq!(filter(text).as_deref(), Ok(expected));
        }
        for (literal, text, expected) in [
            (
                string as fn(&str) -> String,
                "a\\b\u{85}\u{202e}",
                r#""a\\b\u0085\u202e""#,
            ),
            (container, "${HOME}", "\"$${HOME}\""),
            (container, "a\u{2028}", "\"a\\u2028\""),
            (java, "é\\u0022", "\"\\u00e9\\\\u0022\""),
            (java, "😀", "\"\\ud83d\\ude00\""),
            (properties, " a\\b=#\té", "\\ a\\\\b=#\\u0009\\u00e9"),
            (ruby, "#{x}", "\"\\#{x}\""),
            (yaml, "node-1", "node-1"),
            (yaml, "No", "\"No\""),
            (yaml, "1", "\"1\""),
        ] {
            assert_eq!(literal(text), expected);
        }
        for (text, expected) in [("/a\"\\b", r#""/a\"\\b""#), ("#", "\"#\""), ("$x", "$x")] {
            assert_eq!(quoted(text, &[]).as_deref(), Ok(expected));
        }
        assert_eq!(argument("-x", "--").as_deref(), Ok("-x"));
    }

    #[test]
    fn refused() {
        let hash = ["#".to_owned()];
        for (result, part) in [
            (shell("a\nb"), "U+000A"),
            (systemd("\u{7f}"), "U+007F"),
            (quoted("\u{2028}", &[]), "U+2028"),
            (quoted("#", &hash), "`#`"),
            (shell("\u{85}"), "U+0085"),
            (erlang("\r"), "U+000D"),
            (hocon("a \u{202e}"), "U+202E"),
            (hcl("${a"), "`${`"),
            (word("a b"), "name"),
            (word("-a"), "name"),
            (word(""), "name"),
            (comment("*/"), "`*/`"),
            (comment("a\\"), "`\\`"),
            (pem("a$"), "PEM"),
            (line("a#", &hash), "`#`"),
            (line("a ", &[]), "blanks"),
            (line("", &[]), "blanks"),
            (argument("-x", "-"), "option"),
        ] {
            let refused = result.expect_err(part);
            assert!(refused.to_string().contains(part), "{refused}");
        }
    }

    #[test]
    fn words_of_hints_stay_on_their_line() {
        for (text, expected) in [
            ("/a b", "'/a b'"),
            ("a\n'%$", "\"$(printf 'a\\012\\047\\045\\044')\""),
            ("\u{202e}", "\"$(printf '\\342\\200\\256')\""),
        ] {
            assert_eq!(shell_word(text), expected);
        }
    }
}
