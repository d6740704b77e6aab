//! What the layers promise (`src/lib.rs`): the pure modules do no I/O, and only the Ui prints.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Modules that take values and give values.
const PURE: [&str; 8] = [
    "pki",
    "extfile",
    "check",
    "emit",
    "explained",
    "export",
    "fleet",
    "rulebook",
];

/// What a pure module must not name: files, terminal, clock, and the layers above it.
const IMPURE: [&str; 8] = [
    "std::fs",
    "std::env",
    "std::io",
    "now_utc",
    "SystemTime",
    "crate::cli",
    "crate::issuance",
    "crate::store",
];

/// Printing belongs to the Ui.
const PRINTING: [&str; 5] = ["print!(", "println!(", "eprint!(", "eprintln!(", "dbg!("];

/// Starting programs belongs to the surroundings, which hide the variables with secrets.
const STARTING: [&str; 3] = ["process::Command", "std::Command", "std::process::Command"];

/// Longest file that a reader keeps in mind.
const MAX_LINES: usize = 400;

#[test]
fn pure_modules_do_no_io() {
    let pure = |path: &str| {
        let module = path.trim_start_matches("src/");
        PURE.iter()
            .any(|name| module == format!("{name}.rs") || module.starts_with(&format!("{name}/")))
    };
    let found = offences(&IMPURE, |path| pure(path));
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn only_the_ui_prints() {
    let found = offences(&PRINTING, |path| path != "src/cli/ui.rs");
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn only_the_surroundings_start_programs() {
    let found = offences(&STARTING, |path| path != "src/cli/surroundings.rs");
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn files_are_short() {
    for (path, text) in sources() {
        // What stands in its test module need not be kept in mind.
        let length = text
            .lines()
            .take_while(|line| *line != "#[cfg(test)]")
            .count();
        assert!(
            length <= MAX_LINES,
            "{path} has {length} lines: cut it in two"
        );
    }
}

/// Every place in the code that names one of `words`, in the files that `applies` to.
fn offences(words: &[&str], applies: impl Fn(&str) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    for (path, text) in sources().into_iter().filter(|(path, _)| applies(path)) {
        let code = without_comments(&text);
        let imports = spelled_out_imports(&code);
        let named = |word: &&&str| code.contains(**word) || imports.iter().any(|i| i == *word);
        found.extend(
            words
                .iter()
                .filter(named)
                .map(|word| format!("{path}: {word}")),
        );
    }
    found
}

fn without_comments(text: &str) -> String {
    let code = |line: &str| line.split("//").next().unwrap_or_default().to_owned() + "\n";
    text.lines().map(code).collect()
}

/// `std::fs` and `std::io` for `use std::{fs, io::Read}`.
fn spelled_out_imports(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    for statement in code.split("use ").skip(1) {
        let import = statement.split(';').next().unwrap_or_default();
        if let Some((root, rest)) = import.split_once("::{") {
            let modules = rest.split(|c: char| !c.is_alphanumeric() && c != '_');
            found.extend(modules.map(|module| format!("{root}::{module}")));
        }
    }
    found
}

/// Every file below src/, with its path from the package's root.
fn sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    let mut directories = vec![root.join("src")];
    while let Some(directory) = directories.pop() {
        for path in children(&directory) {
            if path.is_dir() {
                directories.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(root).expect("below it");
                let text = fs::read_to_string(&path).expect("Rust is text");
                found.push((name.to_string_lossy().into_owned(), text));
            }
        }
    }
    assert!(found.len() > PURE.len(), "src/ was found");
    found
}

fn children(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).expect("a directory of the package");
    entries
        .map(|entry| entry.expect("readable").path())
        .collect()
}
