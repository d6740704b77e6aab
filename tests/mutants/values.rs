//! Which values an option takes: each option whose values are bounded in the manifest gets the words of all others, and
//! some that no program takes everywhere; each that names a file gets files that are no use; and each whose value
//! OpenSSL reads gets what that takes, and what it does not.

use std::collections::BTreeSet;

use certctl::emit::{Catalogue, Kind, Language, Manifest};

/// What is tried besides the manifest's own words.
const WORDS: [&str; 14] = [
    "yes",
    "no",
    "on",
    "off",
    "all",
    "none",
    "optional",
    "-1",
    "0",
    "6",
    "70000",
    "4294967296",
    "x",
    "SSLv2",
];

/// Options that the test needs as they are: where the program listens and logs, and that it stays in the foreground; and
/// one of RabbitMQ's other file.
const OWN: [&str; 8] = [
    "accept",
    "checkIP",
    "client",
    "daemonize",
    "foreground",
    "log_dest",
    "mode",
    "use_longname",
];

/// So many of the options that OpenSSL reads.
const SPOKEN: usize = 2;

/// So many words of a list are given to the other options.
const WORTH: usize = 8;

/// So many options of a list are tried.
const EACH: usize = 4;

/// What OpenSSL is tried with.
const HANDED: [&str; 12] = [
    "HIGH",
    "HIGH:FOO",
    "FOO",
    "HIGH:!ALL",
    "HIGH:@FOO",
    "DEFAULT:@SECLEVEL=4",
    "TLS_AES_128_GCM_SHA256",
    "TLS_AES_128_GCM_SHA256:FOO",
    "prime256v1",
    "P-256",
    "X25519:secp384r1",
    "X25519:foo",
];

/// Commands that it is tried with.
const COMMANDS: [&str; 8] = [
    "Foo bar",
    "Options -SessionTicket",
    "Options Foo",
    "MinProtocol TLSv1.2",
    "MinProtocol TLSv1.9",
    "CipherString FOO",
    "Groups X25519",
    "Groups foo",
];

/// How a program's options are written.
#[derive(Clone, Copy)]
pub(crate) struct Writing {
    /// What the line begins with that a new option is written below, or, where it is one of the words of a line, what
    /// that line begins with
    pub(crate) below: &'static str,
    /// What stands between option and value
    pub(crate) between: &'static str,
    /// What ends the line
    pub(crate) end: &'static str,
    /// What the names of those begin with that are tried
    pub(crate) begin: &'static str,
    pub(crate) place: Place,
}

/// Where its options stand.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(crate) enum Place {
    /// Each has a line
    Line,
    /// Each has a line inside of a block, whose name it has not
    Block,
    /// They are words of one line
    Word,
    /// They are parts of the value that ends such a line, and have not its name
    Value,
}

impl Writing {
    /// What an option is called where it stands.
    fn name<'a>(&self, option: &'a str) -> &'a str {
        match self.place {
            Place::Line | Place::Word => option,
            Place::Block | Place::Value => option.strip_prefix(self.begin).unwrap_or(option),
        }
    }
}

/// Each option and value that is tried, and the file with it; `files` are files that are no use everywhere.
pub(crate) fn all(
    server: &str,
    base: &str,
    writing: Writing,
    files: &[String],
) -> Vec<(String, String)> {
    let catalogue = Catalogue::embedded();
    let manifest = &catalogue.server(server).expect("it is known").manifest;
    let words: BTreeSet<String> = words(manifest);
    let options = options(manifest, writing);
    let pairs = options
        .iter()
        .flat_map(|option| words.iter().map(move |word| (option.clone(), word.clone())));
    let pairs = pairs.chain(named(manifest, files)).chain(handed(manifest));
    let pairs = pairs.filter(|(option, _)| option.starts_with(writing.begin));
    let written = pairs.map(|(option, word)| {
        let text = with(base, &option, &word, writing);
        (format!("{option}{}{word}", writing.between), text)
    });
    written.collect()
}

/// Options that name files besides those of endpoints, with each file.
fn named(manifest: &Manifest, files: &[String]) -> Vec<(String, String)> {
    // What a program makes it takes for its own: nginx gives it to its user, whatever it is.
    let read = manifest.files.iter().filter(|spec| !spec.made);
    let options = read.flat_map(|spec| {
        let names = spec.options.iter().take(SPOKEN);
        names.map(move |name| (name.get_ref(), spec.behind.first()))
    });
    let pairs = options.flat_map(|(name, behind)| {
        let behind = behind.map_or("", String::as_str);
        let values = files.iter().map(move |file| format!("{behind}{file}"));
        values.map(move |value| (name.clone(), value))
    });
    let is_own = |name: &str| OWN.contains(&name);
    pairs.filter(|(name, _)| !is_own(name)).collect()
}

/// Options that OpenSSL reads, with what it takes somewhere.
fn handed(manifest: &Manifest) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    for handed in &manifest.handed {
        let values = match handed.language {
            Language::Command => &COMMANDS[..],
            _ => &HANDED[..],
        };
        // Those of protocols that are not spoken follow, and nobody reads them.
        for name in handed.options.iter().take(SPOKEN) {
            let value = |value: &&str| match handed.colon {
                true => value.replacen(' ', ":", 1),
                false => (*value).to_owned(),
            };
            let all = values.iter().map(value);
            pairs.extend(all.map(|value| (name.get_ref().clone(), value)));
        }
    }
    pairs
}

/// The options whose values are bounded.
fn options(manifest: &Manifest, writing: Writing) -> BTreeSet<String> {
    let is_bounded = |kind| matches!(kind, Kind::Choice | Kind::Number | Kind::Port);
    let specified = manifest
        .options
        .iter()
        .filter(|(_, spec)| is_bounded(spec.kind));
    let counted = manifest
        .arities
        .iter()
        .filter(|it| !it.values.is_empty() || it.number);
    // What is in one list takes the same.
    let counted = counted.flat_map(|it| it.options.iter().take(EACH));
    let all = specified.map(|(name, _)| name).chain(counted);
    // What stands inside of a value is no option of its own.
    let is_inside = |name: &str| {
        let mut inner = manifest.inner.iter();
        inner.any(|inner| name.starts_with(&format!("{}.", inner.option.get_ref())))
    };
    let is_meant = |name: &str| writing.place == Place::Value || !is_inside(name);
    all.filter(|name| !OWN.contains(&name.as_str()) && is_meant(name))
        .cloned()
        .collect()
}

/// The words that any of them takes.
fn words(manifest: &Manifest) -> BTreeSet<String> {
    let version = manifest.newest();
    let specified = manifest
        .options
        .values()
        .flat_map(|spec| spec.words(version));
    let counted = manifest
        .arities
        .iter()
        .flat_map(|it| it.values.iter().take(WORTH).map(String::as_str));
    let words: BTreeSet<_> = specified.chain(counted).chain(WORDS).collect();
    let upper = words.iter().map(|word| word.to_ascii_uppercase()).take(4);
    words
        .iter()
        .map(|&word| word.to_owned())
        .chain(upper)
        .collect()
}

/// A file in which an option has this value.
fn with(base: &str, option: &str, value: &str, writing: Writing) -> String {
    let Writing {
        below,
        between,
        end,
        place,
        ..
    } = writing;
    let name = writing.name(option);
    let new = format!("{name}{between}{value}{end}");
    let has_own = matches!(place, Place::Line | Place::Block);
    // Some are written without quotes.
    let own = format!("{name}{}", between.trim_end_matches(['"', '\'']));
    let is_own = |line: &str| line.trim_start().starts_with(&own);
    let mut lines = Vec::new();
    for line in base.lines() {
        let is_below = line.trim_start().starts_with(below);
        match place {
            Place::Value if is_below => lines.push(inside_of(line, name, value)),
            Place::Word if is_below => lines.push(in_one(line, name, value)),
            _ if has_own && is_own(line) => {}
            _ if has_own && is_below => lines.extend([line.to_owned(), new.clone()]),
            _ => lines.push(line.to_owned()),
        }
    }
    lines.join("\n") + "\n"
}

/// A line that ends with options and commas between them, and one more; a backslash may go on to the next line.
fn inside_of(line: &str, name: &str, value: &str) -> String {
    let (line, behind) = match line.strip_suffix(" \\") {
        Some(line) => (line, " \\"),
        None => (line, ""),
    };
    format!("{line},{name}={value}{behind}")
}

/// A line of options, in which one has this value.
fn in_one(line: &str, option: &str, value: &str) -> String {
    let mut words: Vec<_> = line.split_whitespace().collect();
    if let Some(index) = words.iter().position(|word| *word == option) {
        words.drain(index..=index + 1);
    }
    words.extend([option, value]);
    words.join(" ")
}
