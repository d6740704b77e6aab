//! What the layers promise (`src/lib.rs`): each part names those on its line of the map, the pure ones do no
//! I/O, and only the Ui prints.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// Modules that take values and give values.
const PURE: [&str; 12] = [
    "severity",
    "nearest",
    "diagnostic",
    "explained",
    "pki",
    "newer",
    "extfile",
    "fleet",
    "import",
    "export",
    "emit",
    "check",
];

/// What a pure module must not name: files, terminal, clock.
const IMPURE: [&str; 5] = ["std::fs", "std::env", "std::io", "now_utc", "SystemTime"];

/// Printing belongs to the Ui.
const PRINTING: [&str; 5] = ["print!(", "println!(", "eprint!(", "eprintln!(", "dbg!("];

/// Starting programs belongs to the surroundings, which hide the variables with secrets.
const STARTING: [&str; 3] = ["process::Command", "std::Command", "std::process::Command"];

/// The network belongs to the one file that bounds what comes from it.
const NETWORK: [&str; 6] = [
    "TcpStream",
    "TcpListener",
    "UdpSocket",
    "UnixStream",
    "UnixListener",
    "ToSocketAddrs",
];

/// What looks at servers knows neither files nor the day, nor who called it.
const NOT_ON_THE_WIRE: [&str; 7] = [
    "std::fs",
    "std::env",
    "now_utc",
    "SystemTime",
    "crate::cli",
    "crate::issuance",
    "crate::store",
];

/// Longest file that a reader keeps in mind.
const MAX_LINES: usize = 400;

#[test]
fn parts_name_what_the_map_says() {
    let map = map();
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (path, text) in sources() {
        let of = part(&path);
        let code = without_comments(without_tests(&text));
        let named = spelled_out_imports(&code).into_iter();
        let named = named.filter_map(|import| Some(import.strip_prefix("crate::")?.to_owned()));
        let inline = code
            .split("crate::")
            .skip(1)
            .map(|rest| words(rest).next().unwrap_or_default().to_owned());
        let parts = named.chain(inline).filter(|it| map.contains_key(it));
        let others = parts.filter(|it| *it != of);
        found.entry(of.clone()).or_default().extend(others);
    }
    let is_cli = |part: &str| ["bin", "cli", "lib", "main"].contains(&part);
    found.retain(|part, _| !is_cli(part));
    let expected = map.into_iter().filter(|(part, _)| !is_cli(part));
    assert_eq!(found, expected.collect());
}

/// Below every file there is only what can be understood without it; a file and those in its folder are one.
#[test]
fn files_name_each_other_in_no_circle() {
    let sources = sources();
    let inside = |path: &str| path["src/".len()..path.len() - ".rs".len()].replace('/', "::");
    let files: BTreeSet<_> = sources.iter().map(|(path, _)| inside(path)).collect();
    let mut above: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (path, text) in &sources {
        let file = inside(path);
        let code = without_comments(without_tests(text));
        let named = imports(&code).into_iter();
        let named = named.filter_map(|import| named_file(&file, &import, &files));
        let others = named.filter(|it| {
            let is_inside = |a: &str, b: &str| format!("{a}::").starts_with(&format!("{b}::"));
            !is_inside(&file, it) && !is_inside(it, &file)
        });
        above.insert(file.clone(), others.collect());
    }
    // What names nobody who is left, or is named by nobody, is in no circle.
    loop {
        let before = above.len();
        let left: BTreeSet<_> = above.keys().cloned().collect();
        above.retain(|_, named| {
            named.retain(|it| left.contains(it));
            !named.is_empty()
        });
        let named: BTreeSet<_> = above.values().flatten().cloned().collect();
        above.retain(|file, _| named.contains(file));
        if above.len() == before {
            break;
        }
    }
    assert!(above.is_empty(), "in circles: {above:#?}");
}

/// The file that an import within another leads to.
fn named_file(file: &str, import: &str, files: &BTreeSet<String>) -> Option<String> {
    let mut path: Vec<&str> = file.split("::").collect();
    for word in import.split("::") {
        match word {
            "crate" => path.clear(),
            "self" => {}
            "super" => drop(path.pop()),
            word => path.push(word),
        }
    }
    while !path.is_empty() {
        let name = path.join("::");
        if files.contains(&name) {
            return Some(name);
        }
        path.pop();
    }
    None
}

/// All that is imported, each with its whole path.
fn imports(code: &str) -> Vec<String> {
    let statements = code.split(';').filter_map(|it| it.rsplit_once("use "));
    let mut found = Vec::new();
    for (_, tree) in statements {
        spell_out("", tree, &mut found);
    }
    found
}

/// `a::b` and `a::c::d` for `a::{b, c::{d}}`.
fn spell_out(before: &str, tree: &str, found: &mut Vec<String>) {
    let tree = tree.trim();
    let Some((root, rest)) = tree.split_once('{') else {
        let name = tree.split(" as ").next().unwrap_or_default();
        found.push(format!("{before}{name}"));
        return;
    };
    let before = format!("{before}{root}");
    let branches = branches(rest.strip_suffix('}').unwrap_or(rest));
    for branch in branches.filter(|it| !it.trim().is_empty()) {
        spell_out(&before, branch, found);
    }
}

/// Each part of the map in lib.rs, with those that it names; they all stand above it, so that no circle can be.
fn map() -> BTreeMap<String, BTreeSet<String>> {
    let text = sources()
        .into_iter()
        .find(|(path, _)| path == "src/lib.rs")
        .expect("lib.rs")
        .1;
    let mut map: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let rows = text.lines().filter_map(|line| line.strip_prefix("//! | "));
    for row in rows.skip(1) {
        let mut cells = row.split('|').map(str::trim);
        let part = cells.next().expect("a part").to_owned();
        let named = words(cells.nth(1).expect("what it names"));
        let named: BTreeSet<_> = named
            .filter(|it| !it.is_empty() && *it != "everything")
            .map(str::to_owned)
            .collect();
        for below in &named {
            assert!(map.contains_key(below), "{part} names {below} above itself");
        }
        map.insert(part, named);
    }
    assert!(map.len() > PURE.len(), "the map was found");
    map
}

/// The part that a file belongs to.
fn part(path: &str) -> String {
    let inside = path.trim_start_matches("src/");
    words(inside).next().unwrap_or_default().to_owned()
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_')
}

#[test]
fn pure_modules_do_no_io() {
    let pure = |path: &str| PURE.contains(&part(path).as_str());
    let found = offences(&IMPURE, |path| pure(path));
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn only_the_ui_prints() {
    let found = offences(&PRINTING, |path| path != "src/terminal/ui.rs");
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn only_the_surroundings_start_programs() {
    let found = offences(&STARTING, |path| path != "src/host/surroundings.rs");
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn only_one_file_touches_the_network() {
    // An agent is at the other end of a socket, and its program another than certctl.
    let agent = "src/bin/ssh_agent/agent.rs";
    let found = offences(&NETWORK, |path| {
        !["src/wire/dial.rs", agent].contains(&path)
    });
    assert!(found.is_empty(), "{}", found.join("\n"));
    let wire = |path: &str| path.starts_with("src/wire");
    let found = offences(&NOT_ON_THE_WIRE, wire);
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn files_are_short() {
    for (path, text) in sources() {
        // What stands in its test module need not be kept in mind.
        let length = without_tests(&text).lines().count();
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

/// A file without its test module.
fn without_tests(text: &str) -> &str {
    let module = "\n#[cfg(test)]\nmod tests {";
    text.split(module).next().unwrap_or_default()
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
            let modules = outermost(rest);
            found.extend(modules.iter().map(|module| format!("{root}::{module}")));
        }
    }
    found
}

/// The first words of a list, those in braces left out.
fn outermost(list: &str) -> Vec<&str> {
    let words = branches(list).filter_map(|part| words(part.trim()).next());
    words.filter(|word| !word.is_empty()).collect()
}

/// The parts of a list, those in braces left together.
fn branches(list: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0;
    list.split(move |c: char| {
        depth += i32::from(c == '{') - i32::from(c == '}');
        depth == 0 && c == ','
    })
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
