//! Every server's snippets, findings and clients, compared with the files under `tests/golden/`.
//!
//! A server needs nothing here: its folder under `templates/` is found, and
//! `SNAPSHOTS=overwrite cargo test --test emit` writes what it emits. What should be found wrong
//! is asked by `tests/golden/<server>/cases.toml`.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    sync::Arc,
};

use certctl::emit::{Catalogue, Format, Request, Server};

mod cases;
mod checklist;
mod fixture;
mod places;

use cases::findings;
use fixture::{Fixture, clients, dial, examples, golden, render, request, revocations, servers};

/// Snippets by file name: each format and version, once plain and once with a client CA.
fn snippets(server: &Server) -> BTreeMap<String, (String, Option<&Format>)> {
    let mut files = BTreeMap::new();
    for format in &server.manifest.formats {
        for version in server.manifest.versions.get_ref() {
            let plain = request(server, format, version);
            let name = format!("{}-{version}", format.name);
            let rendered = render(server, format, &plain);
            files.insert(
                format!("{name}.txt"),
                (rendered.text.to_string(), Some(format)),
            );
            let mut listeners = server.listeners(format);
            if listeners.any(|it| {
                it.client_ca_since
                    .as_ref()
                    .is_some_and(|since| version >= since)
            }) {
                let target_dir = Some(format!("/etc/{}/tls", server.name));
                let mutual = Request {
                    client_ca: Some(clients()),
                    revocations: ["root", "clients"]
                        .map(|root| revocations(root, &[]))
                        .into(),
                    target_dir,
                    ..plain
                };
                let rendered = render(server, format, &mutual);
                files.insert(
                    format!("{name}-mutual.txt"),
                    (rendered.text.to_string(), Some(format)),
                );
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
                .text
                .to_string();
            files.insert(format!("client-{}{suffix}.txt", client.name), (text, None));
        }
    }
    files
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
        let rules = server.manifest.rules.iter();
        for rule in rules.filter(|rule| rule.file.as_ref().is_none_or(|file| !file.only)) {
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
        let mut text = findings(&server).0["findings.txt"].clone();
        let rules = server.manifest.rules.iter();
        text.extend(rules.filter_map(|rule| Some(rule.file.as_ref()?.mend.get_ref().as_str())));
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
            if format.syntax.is_none() {
                continue;
            }
            for version in server.manifest.versions.get_ref() {
                let client_ca = Some(clients());
                let request = Request {
                    client_ca,
                    revocations: ["root", "clients"]
                        .map(|root| revocations(root, &[]))
                        .into(),
                    ..request(&server, format, version)
                };
                let text = render(&server, format, &request).text;
                let found = format.options(&text);
                assert!(
                    !found.is_empty(),
                    "{} {}: no options",
                    server.name,
                    format.name
                );
                let groups = &server.manifest.groups;
                for mut option in found {
                    let mut named = groups.iter().filter_map(|it| it.named(&option.name));
                    if let Some((_, name)) = named.next() {
                        option.name = name;
                    }
                    let spec = server.manifest.options.get(&option.name);
                    let known = spec.is_some_and(|spec| spec.exists_in(version))
                        || format.directives(version).any(|word| word == option.name)
                        || server
                            .manifest
                            .types
                            .iter()
                            .any(|it| it.is_of(&option.name));
                    assert!(
                        known,
                        "{} {version} {}:{} {}",
                        server.name, format.name, option.position.line, option.name
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
    /// What is spoken before TLS is called as the server is.
    fn is_protocol(path: &Path, name: &str) -> bool {
        let of_wire = path.components().any(|part| part.as_os_str() == "wire");
        let knows_protocols = of_wire || path.ends_with("before_tls.rs");
        knows_protocols && ["mariadb", "nats", "postgresql"].contains(&name)
    }

    fn visit(folder: &Path, names: &[String], found: &mut Vec<String>) {
        for file in fs::read_dir(folder).expect("src can be read") {
            let path = file.expect("readable").path();
            if path.is_dir() {
                visit(&path, names, found);
                continue;
            }
            // The manual's pages are words for people, and where other tools put their files says who wrote them.
            let is_code = path.extension().is_some_and(|extension| extension == "rs");
            let is_of = |name| path.parent().is_some_and(|folder| folder.ends_with(name));
            if !is_code || is_of("manual") || is_of("import") {
                continue;
            }
            let text = fs::read_to_string(&path).expect("sources are text");
            // A command to type, in a help text or a hint, is not code.
            let example = |line: &str| line.contains("certctl ");
            let text = text.split("#[cfg(test)]").next().unwrap_or_default();
            let code = (text.lines())
                .filter(|line| !line.trim_start().starts_with("//") && !example(line));
            for (line, name) in code.flat_map(|line| names.iter().map(move |name| (line, name))) {
                if names_it(line, name) && !is_protocol(&path, name) {
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

/// A mistake in the files of a server `x` is found where it is.
fn is_located(name: &str, manifest: &str, template: &str, expected: &str) {
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

#[test]
fn mistakes_in_what_is_like_another_are_located() {
    for (name, manifest, expected) in [
        (
            "like nothing",
            "like = { server = \"none\" }",
            "t/x/server.toml:1:19: unknown server `none`",
        ),
        (
            "like one that is like another",
            "like = { server = \"valkey\" }",
            "t/x/server.toml:1:19: `valkey` is like another server itself",
        ),
        (
            "without what is not there",
            "like = { server = \"redis\", without = [\"no-names\", \"nope\"] }",
            "t/x/server.toml:1:51: `redis` has no `nope`",
        ),
        (
            "without what is needed",
            "\nlike = { server = \"redis\", without = [\"redis-cli\"] }",
            "templates/redis/server.toml:",
        ),
        (
            "an unknown field beside another's",
            "like = { server = \"redis\" }\n[paths]\ncolour = 1\n",
            "t/x/server.toml:3:1: unknown field `colour`",
        ),
        (
            "a bad value beside another's",
            "like = { server = \"redis\" }\n[[format]]\nname = \"conf\"\nlisteners = [\"l\"]\n",
            "t/x/server.toml:4:14: unknown listener `l`",
        ),
        (
            "a bad template beside another's",
            "like = { server = \"redis\" }\n[parameter.image]\ndefault = \"{{ 1|nope }}\"\n",
            "t/x/server.toml:3:17: unknown filter",
        ),
    ] {
        is_located(name, manifest, "", expected);
    }
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
        is_located(name, manifest, template, expected);
    }
}
