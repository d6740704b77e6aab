//! The languages of the texts, and their parsers.

use std::{fs, path::Path};

use certctl::emit::Version;
use proc_macro2::{TokenStream, TokenTree};
use serde_json::{Value, json};
use syn::Lit;

use crate::{
    slots::Writer,
    support::{Run, program},
};

#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) enum Language {
    Apache,
    /// `NAME = VALUE`, of which nothing ends a value but the line
    Assignments,
    /// NATS' blocks
    Blocks,
    /// Words between blanks, or in double quotes
    Columns,
    /// `NAME = VALUE`, where `#` begins a comment anywhere
    Commented,
    Compose,
    /// As `Commented`, where `$(` begins a variable
    Cuttlefish,
    Environment,
    Erlang,
    Go,
    /// `NAME = "VALUE"` below `[GROUP]`
    Groups,
    Haproxy,
    /// `NAME = "VALUE"` in blocks
    Hcl,
    Hocon,
    Java,
    JavaScript,
    Json,
    K8s,
    Lines,
    Nginx,
    /// `NAME=VALUE` of Java
    Properties,
    Python,
    Redis,
    Ruby,
    Rust,
    /// `NAME = 'VALUE'`
    Settings,
    Shell,
    Sql,
    /// `NAME VALUE`, where a value goes on to the end of its line
    Stanzas,
    Systemd,
    Uri,
    /// Lines of words as shells split them
    Words,
    Yaml,
    /// YAML, with PostgreSQL's columns in some of its lists
    YamlColumns,
}

/// The language of a text.
pub(crate) fn of(server: &str, writer: &Writer<'_>, version: &Version) -> Language {
    use Language::*;
    if let Writer::Client(client) = writer {
        return match client.name.as_str() {
            "bao" | "cli" | "curl" | "erlang" | "etcdctl" | "mariadb" | "mongosh"
            | "mosquitto_pub" | "nats" | "psql" | "redis-cli" | "valkey-cli" => Shell,
            "go" => Go,
            "java" => Java,
            "javascript" | "node" | "typescript" => JavaScript,
            "python" => Python,
            "ruby" => Ruby,
            "rust" => Rust,
            "stunnel" => Assignments,
            "uri" => Uri,
            other => panic!("client {other}: say which language it is"),
        };
    }
    let is_before = |bound: &str| *version < bound.parse().expect("a version");
    match (server, writer.name()) {
        (_, "apache") | ("apache", _) => Apache,
        (_, "haproxy") | ("haproxy", _) => Haproxy,
        (_, "nginx") | ("nginx", _) => Nginx,
        ("emqx", "conf") if is_before("5.0") => Cuttlefish,
        ("emqx", "conf") => Hocon,
        ("emqx", "cookie" | "env") | ("etcd", "env") => Environment,
        ("rabbitmq", "conf") => Cuttlefish,
        ("emqx" | "rabbitmq", "ssl_dist") => Erlang,
        ("cassandra" | "etcd" | "opensearch", "yaml") | ("mongodb", "conf") => Yaml,
        ("patroni", "yaml") => YamlColumns,
        ("kafka", _) => Properties,
        ("mariadb", "conf") => Groups,
        ("mariadb", "sql") => Sql,
        ("memcached", "conf") => Words,
        ("mosquitto", "conf") => Stanzas,
        ("nats", "conf") => Blocks,
        ("openbao", "hcl") => Hcl,
        ("postgresql", "conf" | "standby") => Settings,
        ("postgresql", "hba" | "ident") => Columns,
        ("redis" | "valkey", "conf") => Redis,
        ("rethinkdb", "conf") => Commented,
        ("cassandra", "cqlshrc") | ("pgbouncer", "ini") | ("stunnel", "conf") => Assignments,
        ("redis-enterprise", "rest") if is_before("7.22.2") => Lines,
        (_, "auth" | "bdb" | "rest") => Json,
        (_, "compose") => Compose,
        ("rabbitmq", "env") | (_, "firewall" | "htgroup" | "htpasswd") => Lines,
        (_, "flags" | "rladmin" | "ssh-socks" | "ssh-tunnel") => Shell,
        (_, "k8s") => K8s,
        (_, "systemd" | "systemd-credentials") => Systemd,
        (server, format) => panic!("{server} {format}: say which language it is"),
    }
}

/// The structure of each text, by one run of the language's parser; an object with `error` where there is none.
pub(crate) fn parse(language: Language, texts: &[String], folder: &Path) -> Vec<Value> {
    if language == Language::Rust {
        return texts.iter().map(|text| rust(text)).collect();
    }
    let empty = folder.join("empty");
    fs::create_dir_all(&empty).expect("a directory can be made");
    for (number, text) in texts.iter().enumerate() {
        fs::write(folder.join(number.to_string()), text).expect("a file can be written");
    }
    let own = format!("{language:?}").to_lowercase();
    let (interpreter, arguments): (_, &[&str]) = match language {
        Language::Erlang => ("escript", &["parse.escript"]),
        Language::Go => ("go", &["run", "parse.go"]),
        Language::Java => ("java", &["parse.java"]),
        Language::JavaScript => ("node", &["parse.js"]),
        Language::Ruby => ("ruby", &["parse.rb"]),
        _ => ("python3", &["parse.py", &own]),
    };
    let mut command = program(interpreter);
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/injection");
    let with_path = |argument: &&str| match argument.starts_with("parse.") {
        true => beside.join(argument).into_os_string(),
        false => argument.into(),
    };
    command
        .args(arguments.iter().map(with_path))
        .arg(folder)
        .arg(texts.len().to_string());
    let run = Run::of(command.current_dir(&empty)).expect_status(0);
    let left: Vec<_> = fs::read_dir(&empty).expect("it can be read").collect();
    assert!(left.is_empty(), "{language:?}: something ran: {left:?}");
    let lines = run.stdout.lines();
    let structures: Vec<_> = lines
        .map(|line| serde_json::from_str(line).expect(line))
        .collect();
    assert_eq!(structures.len(), texts.len(), "{}", run.stderr);
    structures
}

/// The words of a program in Rust, and what its strings stand for.
fn rust(text: &str) -> Value {
    match text.parse::<TokenStream>() {
        Ok(tokens) => tokens.into_iter().map(token).collect(),
        Err(error) => json!({ "error": error.to_string() }),
    }
}

fn token(token: TokenTree) -> Value {
    match token {
        TokenTree::Group(group) => group.stream().into_iter().map(self::token).collect(),
        TokenTree::Literal(literal) => match syn::parse_str(&literal.to_string()) {
            Ok(Lit::Str(string)) => json!(string.value()),
            _ => json!(literal.to_string()),
        },
        word => json!(word.to_string()),
    }
}
