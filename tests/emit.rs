//! Every server's snippets, findings and clients, compared with the files under `tests/golden/`.
//!
//! A server needs nothing here: its folder under `templates/` is found, and
//! `SNAPSHOTS=overwrite cargo test --test emit` writes what it emits. What should be found wrong
//! is asked by `tests/golden/<server>/cases.toml`.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use certctl::emit::{
    Authority, Catalogue, Dial, Entry, Finding, Format, Outside, Rendered, Request, Server, Version,
};
use serde::Deserialize;

#[derive(Debug)]
struct Fixture;

impl Outside for Fixture {
    fn secret(&self, label: &str) -> String {
        format!(
            "SecretOf{}",
            label.replace(|it: char| !it.is_alphanumeric(), "")
        )
    }

    fn secret_file(&self, path: &str) -> Result<String, String> {
        Ok(format!("ReadFrom{}", path.replace('/', "")))
    }

    fn contents(&self, entry: &str, file: &str) -> Result<String, String> {
        Ok(format!("-----BEGIN {file} of {entry}-----\n"))
    }
}

fn entry(name: &str) -> Entry {
    let sans = [
        "DNS:node1",
        "DNS:node1.db.internal",
        "DNS:localhost",
        "IP:10.0.0.1",
        "IP:127.0.0.1",
    ];
    let usages = ["serverAuth", "clientAuth"];
    Entry {
        name: name.to_owned(),
        directory: format!("/srv/pki/certs/{name}"),
        sans: sans.map(str::to_owned).to_vec(),
        eku: Some(usages.map(str::to_owned).to_vec()),
        key_type: "p256".to_owned(),
        roots: vec!["root".to_owned()],
        clients: Vec::new(),
    }
}

fn clients() -> Authority {
    Authority {
        name: "clients".to_owned(),
        root: "clients".to_owned(),
        bundle: "/srv/pki/ca/clients/bundle.pem".to_owned(),
        roots: vec!["clients".to_owned()],
    }
}

fn dial(mutual: bool) -> Dial {
    Dial {
        host: "node1.db.internal".to_owned(),
        port: None,
        trust: "/srv/pki/ca/root/bundle.pem".to_owned(),
        entry: mutual.then(|| entry("app")),
    }
}

/// A request for all listeners of a format and everything that it requires.
fn request(server: &Server, format: &Format, version: &Version) -> Request {
    let listeners = server.listeners(format);
    Request {
        name: "node1".to_owned(),
        version: Some(version.clone()),
        listeners: listeners
            .map(|it| (it.name.clone(), entry("node1")))
            .collect(),
        set: examples(server, &format.requires),
        ..Request::default()
    }
}

fn examples(server: &Server, names: &[toml::Spanned<String>]) -> Vec<(String, String)> {
    let example = |name: &str| server.manifest.spec(name).expect("known").example.clone();
    let names = names.iter().map(toml::Spanned::get_ref);
    names.map(|name| (name.clone(), example(name))).collect()
}

fn servers() -> Vec<Server> {
    Catalogue::embedded()
        .servers()
        .unwrap_or_else(|errors| panic!("{errors:#?}"))
}

/// Snippets by file name: each format and version, once plain and once with a client CA.
fn snippets(server: &Server) -> BTreeMap<String, (String, Option<&Format>)> {
    let mut files = BTreeMap::new();
    for format in &server.manifest.formats {
        for version in server.manifest.versions.get_ref() {
            let plain = request(server, format, version);
            let name = format!("{}-{version}", format.name);
            let rendered = render(server, format, &plain);
            files.insert(format!("{name}.txt"), (rendered.text, Some(format)));
            let mut listeners = server.listeners(format);
            if listeners.any(|it| {
                it.client_ca_since
                    .as_ref()
                    .is_some_and(|since| version >= since)
            }) {
                let target_dir = Some(format!("/etc/{}/tls", server.name));
                let mutual = Request {
                    client_ca: Some(clients()),
                    target_dir,
                    ..plain
                };
                let rendered = render(server, format, &mutual);
                files.insert(format!("{name}-mutual.txt"), (rendered.text, Some(format)));
            }
        }
    }
    for client in &server.manifest.clients {
        for (suffix, mutual) in [("", false), ("-mutual", true)] {
            let request = Request {
                dial: Some(dial(mutual)),
                set: examples(server, &client.requires),
                ..Request::default()
            };
            let rendered = server.render_client(client, &request, Arc::new(Fixture));
            let text = rendered
                .unwrap_or_else(|errors| panic!("{}: {errors:#?}", client.name))
                .text;
            files.insert(format!("client-{}{suffix}.txt", client.name), (text, None));
        }
    }
    files
}

fn render(server: &Server, format: &Format, request: &Request) -> Rendered {
    let rendered = server.render(format, request, Arc::new(Fixture));
    rendered.unwrap_or_else(|errors| panic!("{} {}: {errors:#?}", server.name, format.name))
}

/// What should be found wrong, and with what.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cases {
    case: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    /// File for the snippet, where it is worth keeping
    golden: Option<String>,
    format: Option<String>,
    client: Option<String>,
    version: Option<Version>,
    /// Left out for those of the format that are not optional
    #[serde(default)]
    listeners: Vec<String>,
    /// The root of the CA whose clients are let in
    client_ca: Option<String>,
    /// The CA itself, where it is not that root
    client_intermediate: Option<String>,
    target_dir: Option<String>,
    #[serde(default)]
    set: Vec<String>,
    /// Other facts about a listener's entry, or about that of a client
    #[serde(default)]
    entries: BTreeMap<String, Facts>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Facts {
    name: Option<String>,
    sans: Option<Vec<String>>,
    eku: Option<Vec<String>>,
    key_type: Option<String>,
    root: Option<String>,
    clients: Option<Vec<String>>,
}

impl Facts {
    fn entry(&self) -> Entry {
        let usual = entry(self.name.as_deref().unwrap_or("node1"));
        Entry {
            sans: self.sans.clone().unwrap_or(usual.sans),
            eku: self.eku.clone().or(usual.eku),
            key_type: self.key_type.clone().unwrap_or(usual.key_type),
            roots: self.root.clone().map_or(usual.roots, |root| vec![root]),
            clients: self.clients.clone().unwrap_or(usual.clients),
            ..usual
        }
    }
}

impl Case {
    fn render(&self, server: &Server) -> Rendered {
        let pair = |text: &String| {
            let (key, value) = text.split_once('=').expect("KEY=VALUE");
            (key.to_owned(), value.to_owned())
        };
        let client_ca = self.client_ca.as_ref().map(|root| Authority {
            name: self.client_intermediate.as_ref().unwrap_or(root).clone(),
            root: root.clone(),
            roots: vec![root.clone()],
            ..clients()
        });
        let mut request = Request {
            name: "node1".to_owned(),
            version: self.version.clone(),
            client_ca,
            target_dir: self.target_dir.clone(),
            set: self.set.iter().map(pair).collect(),
            ..Request::default()
        };
        let facts = |name: &str| self.entries.get(name).map(Facts::entry);
        let rendered = if let Some(name) = &self.client {
            let entry = facts(name);
            request.dial = Some(Dial {
                entry,
                ..dial(false)
            });
            let client = server.client(name).expect("the client exists");
            request.set.extend(examples(server, &client.requires));
            server.render_client(client, &request, Arc::new(Fixture))
        } else {
            let format = server
                .format(self.format.as_deref())
                .expect("the format exists");
            let chosen = server
                .chosen(format, &self.listeners)
                .expect("the listeners exist");
            let entry = |name: &str| facts(name).unwrap_or_else(|| entry("node1"));
            let listeners = chosen.iter().map(|it| (it.name.clone(), entry(&it.name)));
            request.listeners = listeners.collect();
            server.render(format, &request, Arc::new(Fixture))
        };
        rendered.unwrap_or_else(|errors| panic!("{}: {errors:#?}", self.name))
    }
}

/// Runs the cases of a server; returns their findings and golden snippets, and the codes seen.
fn findings(server: &Server) -> (BTreeMap<String, String>, BTreeSet<String>) {
    let path = golden(&server.name).join("cases.toml");
    let text =
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let cases: Cases =
        toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let (mut output, mut files, mut codes) = (String::new(), BTreeMap::new(), BTreeSet::new());
    for case in cases.case {
        writeln!(output, "# {}", case.name).expect("a String takes all");
        let rendered = case.render(server);
        for finding in rendered.findings {
            let Finding {
                code,
                severity,
                message,
                hint,
            } = finding;
            writeln!(output, "{severity}[{code}]: {message}\nhint: {hint}")
                .expect("a String takes all");
            codes.insert(code);
        }
        output.push('\n');
        files.extend(
            case.golden
                .map(|name| (format!("{name}.txt"), rendered.text)),
        );
    }
    files.insert("findings.txt".to_owned(), output);
    (files, codes)
}

fn golden(server: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(server)
}

/// Compares byte by byte, or writes; files that nothing makes any more count as different.
fn compare(server: &str, files: &BTreeMap<String, String>) -> Vec<String> {
    let folder = golden(server);
    let overwrite = std::env::var("SNAPSHOTS").is_ok_and(|action| action == "overwrite");
    let mut stale: BTreeSet<_> = (fs::read_dir(&folder).into_iter().flatten())
        .map(|file| {
            file.expect("readable")
                .file_name()
                .into_string()
                .expect("UTF-8")
        })
        .filter(|name| name != "cases.toml")
        .collect();
    let mut different = Vec::new();
    for (name, text) in files {
        stale.remove(name);
        let path = folder.join(name);
        if fs::read(&path).is_ok_and(|found| found == text.as_bytes()) {
            continue;
        }
        if overwrite {
            fs::write(&path, text).expect("the golden file can be written");
        } else {
            different.push(format!("{}\n{text}", path.display()));
        }
    }
    for name in stale {
        if overwrite {
            fs::remove_file(folder.join(&name)).expect("the stale file can be removed");
        } else {
            different.push(format!("{server}/{name} is made by nothing"));
        }
    }
    different
}

#[test]
fn golden_files() {
    let mut different = Vec::new();
    for server in servers() {
        let snippets = snippets(&server).into_iter();
        let mut files: BTreeMap<_, _> = snippets.map(|(name, (text, _))| (name, text)).collect();
        files.extend(findings(&server).0);
        different.extend(compare(&server.name, &files));
    }
    assert!(
        different.is_empty(),
        "rewrite with SNAPSHOTS=overwrite:\n{}",
        different.join("\n")
    );
}

#[test]
fn every_rule_has_a_case_that_meets_it() {
    for server in servers() {
        let (_, seen) = findings(&server);
        for rule in &server.manifest.rules {
            assert!(
                seen.contains(&rule.code),
                "{}: {} is never found",
                server.name,
                rule.code
            );
        }
    }
}

#[test]
fn commands_in_hints_parse() {
    for server in servers() {
        let text = &findings(&server).0["findings.txt"];
        for command in text
            .split('`')
            .filter(|quoted| quoted.starts_with("certctl "))
        {
            let words = command.split_whitespace();
            let parsed = certctl::cli::definition().try_get_matches_from(words);
            assert!(parsed.is_ok(), "{}: {command}", server.name);
        }
    }
}

#[test]
fn emitted_options_are_in_the_manifest_by_version() {
    for server in servers() {
        for format in &server.manifest.formats {
            let Some(syntax) = format.syntax else {
                continue;
            };
            for version in server.manifest.versions.get_ref() {
                let client_ca = Some(clients());
                let request = Request {
                    client_ca,
                    ..request(&server, format, version)
                };
                let text = render(&server, format, &request).text;
                let found = syntax.options(&text);
                assert!(
                    !found.is_empty(),
                    "{} {}: no options",
                    server.name,
                    format.name
                );
                for option in found {
                    let spec = server.manifest.options.get(&option.name);
                    let known = spec.is_some_and(|spec| spec.exists_in(version))
                        || format.directives(version).any(|word| word == option.name);
                    assert!(
                        known,
                        "{} {version} {}:{} {}",
                        server.name, format.name, option.line, option.name
                    );
                }
            }
        }
    }
}

/// Whether a line holds the name as a word of its own.
fn names_it(line: &str, name: &str) -> bool {
    let line = line.to_lowercase();
    let mut words = line.split(|it: char| !it.is_alphanumeric());
    let compound = name.contains('-') && line.contains(name);
    compound || words.any(|word| word == name)
}

#[test]
fn no_rust_file_names_a_server() {
    fn visit(folder: &Path, names: &[String], found: &mut Vec<String>) {
        for file in fs::read_dir(folder).expect("src can be read") {
            let path = file.expect("readable").path();
            if path.is_dir() {
                visit(&path, names, found);
                continue;
            }
            let text = fs::read_to_string(&path).expect("sources are text");
            // A command to type, in a help text or a hint, is not code.
            let typed = ["certctl config ", "certctl client "];
            let example = |line: &str| typed.iter().any(|command| line.contains(command));
            let text = text.split("#[cfg(test)]").next().unwrap_or_default();
            let code = (text.lines())
                .filter(|line| !line.trim_start().starts_with("//") && !example(line));
            for (line, name) in code.flat_map(|line| names.iter().map(move |name| (line, name))) {
                if names_it(line, name) {
                    found.push(format!("{}: {}", path.display(), line.trim()));
                }
            }
        }
    }
    let names: Vec<_> = servers().into_iter().map(|server| server.name).collect();
    let mut found = Vec::new();
    visit(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
        &names,
        &mut found,
    );
    assert!(
        found.is_empty(),
        "servers are data, not code:\n{}",
        found.join("\n")
    );
}

#[test]
fn mistakes_in_added_files_are_located() {
    let manifest = "title = \"T\"\nversions = [\"1.0\"]\nreload = \"\"\nproof = \"\"\n";
    let format = "[[format]]\nname = \"conf\"\ntitle = \"\"\ntemplate = \"conf.j2\"\n";
    let both = format!("{manifest}{format}");
    for (name, manifest, template, expected) in [
        ("not TOML", "title = ", "", "t/x/server.toml:1:9: "),
        (
            "unknown field",
            &format!("{manifest}colour = 1\n{format}"),
            "",
            "t/x/server.toml:5:1: unknown field `colour`",
        ),
        (
            "missing template",
            &both.replace("conf.j2", "no.j2"),
            "",
            "t/x/server.toml:8:13: template not found",
        ),
        ("missing end", &both, "a\n{% if true %}", "t/x/conf.j2:2:"),
        (
            "unknown filter",
            &both,
            "a\n b {{ 1|nope }}",
            "t/x/conf.j2:2:9: unknown filter",
        ),
        (
            "unknown name",
            &both,
            "ä {{ nope }}",
            "t/x/conf.j2:1:6: undefined value",
        ),
        (
            "no version",
            &both.replace("\"1.0\"", ""),
            "",
            "t/x/server.toml:2:12: versions must",
        ),
        (
            "unknown option",
            &format!("{both}[[listener]]\nname = \"l\"\ntitle = \"\"\nset = [[\"o\", \"\"]]\n"),
            "",
            "t/x/server.toml:12:9: unknown option `o`",
        ),
        (
            "bad rule",
            &format!(
                "{both}[[rule]]\ncode = \"c\"\nseverity = \"error\"\nwhen = \"a b\"\nmessage = \"\"\n"
            ),
            "",
            "t/x/server.toml:12:11: syntax error",
        ),
        (
            "unknown name in a rule",
            &format!(
                "{both}[[rule]]\ncode = \"c\"\nseverity = \"error\"\nwhen = \"1 + b\"\nmessage = \"\"\n"
            ),
            "",
            "t/x/server.toml:12:9: invalid operation",
        ),
    ] {
        let files = [("x/server.toml", manifest), ("x/conf.j2", template)];
        let files = files.map(|(path, text)| (path.to_owned(), text.to_owned()));
        let catalogue = Catalogue::embedded().overlay("t/", files);
        let found = catalogue.server("x").and_then(|server| {
            let format = server.format(None).expect("there is one");
            server.render(format, &Request::default(), Arc::new(Fixture))
        });
        let errors = found.expect_err(name);
        assert!(
            errors[0].to_string().starts_with(expected),
            "{name}: {}",
            errors[0]
        );
    }
}
