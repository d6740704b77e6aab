//! Has cargo look for files that were added to templates/ and man/schema/, which are built into the program,
//! tells it what `--version --verbose` says of how it was built, and has the stack unwinder linked into the
//! program where it would be loaded from libgcc_s.

#![allow(clippy::print_stdout)]

use std::{env, fs, process::Command};

/// Libraries that a question about security is asked of; the ledger's SQLite tells its version itself.
const LIBRARIES: [&str; 9] = [
    "p521",
    "pkcs8",
    "rcgen",
    "ring",
    "rsa",
    "rusqlite",
    "rustls",
    "rustls-webpki",
    "x509-parser",
];

/// What the program is made of.
const SOURCES: [&str; 6] = [
    "Cargo.toml",
    "Cargo.lock",
    "build.rs",
    "src",
    "templates",
    "man/schema",
];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=Cargo.lock");
    println!("cargo::rerun-if-changed=templates");
    println!("cargo::rerun-if-changed=man/schema");
    println!("cargo::rustc-env=CERTCTL_BUILT_COMMIT={}", commit());
    println!("cargo::rustc-env=CERTCTL_BUILT_TARGET={}", given("TARGET"));
    println!("cargo::rustc-env=CERTCTL_BUILT_FEATURES={}", features());
    println!("cargo::rustc-env=CERTCTL_BUILT_LIBRARIES={}", libraries());
    // Loaded, libgcc_s asks the processor for its features, which takes long on a virtual machine: a
    // seventh of the time in which `certctl --version` is done.
    let target = |part: &str| given(&format!("CARGO_CFG_TARGET_{part}"));
    if target("OS") == "linux" && target("ENV") == "gnu" {
        println!("cargo::rustc-link-lib=gcc_eh");
        // Cargo forgets the profile's `strip` where a package has a profile of its own.
        if env::var("PROFILE").is_ok_and(|profile| profile == "release") {
            println!("cargo::rustc-link-arg-bins=-s");
        }
    }
}

fn given(variable: &str) -> String {
    env::var(variable).unwrap_or_default()
}

/// The commit that the program is made from, `+` behind it where files differ from that; empty where nobody knows.
///
/// `CERTCTL_COMMIT` tells it where there is no git. A debug build does not ask, or every commit would have all
/// tests linked again.
fn commit() -> String {
    println!("cargo::rerun-if-env-changed=CERTCTL_COMMIT");
    let told = given("CERTCTL_COMMIT");
    if !told.is_empty() || given("PROFILE") != "release" {
        return told;
    }
    // Unpacked somewhere in another repository, the source has nothing to do with its commits.
    if git(&["ls-files", "--error-unmatch", "build.rs"]).is_none() {
        return String::new();
    }
    for path in SOURCES {
        println!("cargo::rerun-if-changed={path}");
    }
    let log = git(&["rev-parse", "--git-path", "logs/HEAD"]).unwrap_or_default();
    println!("cargo::rerun-if-changed={log}");
    let status = ["status", "--porcelain", "--untracked-files=no", "--"];
    let status: Vec<_> = status.into_iter().chain(SOURCES).collect();
    let differs = git(&status).is_none_or(|status| !status.is_empty());
    let commit = git(&["rev-parse", "HEAD"]).unwrap_or_default();
    format!("{commit}{}", if differs { "+" } else { "" })
}

/// What git prints; `None` where it is not there or refuses.
fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim_end().to_owned())
}

/// The features of this package that are on, with commas between them.
fn features() -> String {
    let names = env::vars()
        .filter_map(|(name, _)| Some(name.strip_prefix("CARGO_FEATURE_")?.to_lowercase()));
    let mut names: Vec<_> = names.map(|name| name.replace('_', "-")).collect();
    names.sort_unstable();
    names.join(",")
}

/// `ring 0.17.14,rustls 0.23.46`, of Cargo.lock.
fn libraries() -> String {
    let lock = fs::read_to_string("Cargo.lock").unwrap_or_default();
    let value = |line: &str, key: &str| {
        let value = line.strip_prefix(key)?.strip_prefix(" = \"")?;
        Some(value.strip_suffix('"')?.to_owned())
    };
    let lines: Vec<_> = lock.lines().collect();
    let packages = lines.windows(2).filter_map(|pair| {
        let name = value(pair[0], "name").filter(|name| LIBRARIES.contains(&name.as_str()))?;
        Some(format!("{name} {}", value(pair[1], "version")?))
    });
    packages.collect::<Vec<_>>().join(",")
}
