//! What is written for users is true: help, examples, manual, README and changelog.

use std::{fs, path::Path, process};

use certctl::{cli::definition, manual};
use clap::Command;
use snapbox::{Assert, Data, assert::DEFAULT_ACTION_ENV, data::DataFormat};

#[test]
fn definition_is_sound() {
    definition().debug_assert();
}

#[test]
fn every_command_has_examples_and_they_parse() {
    for command in commands() {
        let name = name(&command);
        let examples = manual::examples(&command);
        assert!(!examples.is_empty(), "{name} has no example");
        for example in examples {
            assert_parses(&name, &example);
        }
    }
}

#[test]
fn help_is_complete_and_begins_with_a_phrase() {
    for command in commands() {
        let name = name(&command);
        assert_phrase(&name, command.get_about());
        for arg in command.get_arguments() {
            assert_phrase(&format!("{name}, {}", arg.get_id()), arg.get_help());
        }
    }
}

#[test]
fn help_of_certctl_fits_a_screen() {
    let short = help("certctl", "-h", 80);
    let lines = short.lines().count();
    assert!((24..=54).contains(&lines), "{lines} lines:\n{short}");
    let last = short.rfind("\n\n").expect("paragraphs");
    let globals = short.rfind("\nGlobal options:\n").expect("a heading");
    assert_eq!(short[..last].rfind("\n\n"), Some(globals - 1), "{short}");
    let long = help("certctl", "--help", 80);
    for command in definition().get_subcommands() {
        let line = |line: &&str| line.split("  ").nth(1) == Some(command.get_name());
        for help in [&short, &long] {
            assert_eq!(help.lines().filter(line).count(), 1, "{command}:\n{help}");
        }
    }
}

#[test]
fn help_fits_and_tells_first_what_is_the_commands_own() {
    let globals: Vec<_> = definition().get_arguments().cloned().collect();
    let globals = globals.iter().filter_map(|it| it.get_long());
    let globals: Vec<_> = globals.map(|long| format!("--{long} ")).collect();
    for command in commands().iter().map(name) {
        for (flag, columns) in [("-h", 80), ("--help", 80), ("-h", 120), ("--help", 120)] {
            let help = help(&command, flag, columns);
            let place = format!("{command} {flag} in {columns} columns:\n{help}");
            let is_wide = |line: &&str| line.chars().count() > columns.min(100);
            assert_eq!(help.lines().find(is_wide), None, "{place}");
            if command == "certctl" {
                continue;
            }
            let at = |heading: &str| help.find(&format!("\n{heading}:"));
            let (options, examples) = (at("Options"), at("Examples"));
            assert!(at("Usage").is_some() && at("Usage") < options, "{place}");
            assert!(options < examples, "{place}");
            assert_eq!(at("Global options").is_some(), flag == "--help", "{place}");
            assert!(
                at("Global options").is_none_or(|it| Some(it) > examples),
                "{place}"
            );
            let own = &help[..examples.expect("every command has one")];
            let stray = |long: &&String| own.lines().any(|it| it.trim_start().starts_with(*long));
            assert_eq!(globals.iter().find(stray), None, "{place}");
        }
        let below = command.strip_prefix("certctl").expect("its name");
        assert_eq!(
            help(&format!("certctl help{below}"), "", 80),
            help(&command, "--help", 80)
        );
    }
}

/// What a command line prints in a terminal of so many columns.
fn help(command: &str, flag: &str, columns: usize) -> String {
    let words = command.split(' ').skip(1).chain([flag]);
    let output = process::Command::new(env!("CARGO_BIN_EXE_certctl"))
        .args(words.filter(|word| !word.is_empty()))
        .env("COLUMNS", columns.to_string())
        .output()
        .expect("certctl runs");
    assert!(output.status.success(), "{command} {flag}");
    String::from_utf8(output.stdout).expect("help is text")
}

/// Regenerate with `SNAPSHOTS=overwrite cargo test --test docs`.
#[test]
fn manual_is_current() {
    let directory = root().join("man");
    let pages = manual::pages(&definition());
    for page in &pages {
        // `raw`: a backslash of roff is no path separator, and `[..]` no wildcard.
        let on_disk = Data::read_from(&directory.join(&page.file), Some(DataFormat::Text)).raw();
        Assert::new()
            .action_env(DEFAULT_ACTION_ENV)
            .eq(&page.text, on_disk);
    }
    let mut expected: Vec<_> = pages.into_iter().map(|page| page.file).collect();
    expected.sort();
    assert_eq!(files(&directory), expected, "man/ holds just these pages");
}

/// A name in capitals stands for what is to be made.
/// What certctl-offline-root(7) says to type is typed in a transcript, in the same order.
#[test]
fn every_command_of_the_offline_root_is_run() {
    let page = read("man/certctl-offline-root.7").replace("\\-", "-");
    let transcript = read("tests/cases/offline-root.txt");
    let mut run = transcript
        .lines()
        .filter_map(|line| line.strip_prefix("$ "));
    let is_command = |line: &&str| line.starts_with("certctl ") || line.starts_with("cp ");
    let commands: Vec<_> = page.lines().filter(is_command).collect();
    assert!(commands.len() > 12, "{commands:?}");
    for command in commands {
        assert!(run.any(|line| line == command), "{command} is not run");
    }
}

/// Every command of the files that certctl-timers(7) shows is typed in a transcript, and systemd takes its units.
#[test]
fn every_command_of_the_timers_is_run() {
    let page = read("man/certctl-timers.7")
        .replace("\\-", "-")
        .replace("\\*(Aq", "'")
        .replace("\\&", "");
    let transcript = read("tests/cases/timers.txt");
    let files: Vec<_> = page
        .split(".EX\n")
        .skip(1)
        .filter_map(|rest| rest.split(".EE\n").next()?.split_once('\n'))
        .map(|(path, text)| (path.trim_start_matches("# "), text))
        .collect();
    assert_eq!(files.len(), 8, "{files:?}");
    let folder = tempfile::tempdir().expect("there is room");
    let mut units = Vec::new();
    for (path, text) in files {
        for line in text.lines() {
            let command = match path.starts_with("/etc/cron.d/") {
                true => line.split_once(" && ").map(|(_, command)| command),
                false => line
                    .strip_prefix("Exec")
                    .and_then(|line| Some(line.split_once('=')?.1)),
            };
            let Some(command) = command else { continue };
            // Before it stand the time and the folder.
            let typed = format!("; {}", command.replace("/usr/local/bin/", ""));
            let mut lines = transcript.lines().filter(|line| line.starts_with("$ "));
            assert!(
                lines.any(|line| line.ends_with(&typed)),
                "{command} is not run"
            );
        }
        if let Some(name) = path.strip_prefix("/etc/systemd/system/") {
            let text = text.replace("/usr/local/bin/certctl", env!("CARGO_BIN_EXE_certctl"));
            let unit = folder.path().join(name);
            fs::write(&unit, text).expect("a unit is written");
            units.push(unit);
        }
    }
    let mut analyze = process::Command::new("systemd-analyze");
    analyze.args(["verify", "--man=no"]).args(units);
    let output = analyze.output().expect("systemd-analyze is installed");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && !said.contains(&*folder.path().to_string_lossy()),
        "{said}"
    );
}

/// The packages' timer is the one that certctl-timers(7) shows.
#[test]
fn the_packages_have_the_timer_of_the_manual() {
    let page = read("man/certctl-timers.7").replace("\\-", "-");
    let timer = read(".ci/package/certctl-renew.timer");
    let path = "# /etc/systemd/system/certctl-renew.timer\n";
    assert!(page.contains(&format!("{path}{timer}.EE\n")), "{timer}");
}

/// What pipelines run are commands that there are.
#[test]
fn the_commands_of_the_pipelines_parse() {
    let page = read("man/certctl-pipelines.7").replace("\\-", "-");
    let page = page.replace(".EX\n", "```\n").replace(".EE\n", "```\n");
    let commands = shell_commands(&page);
    assert!(commands.len() >= 5, "found {commands:?}");
    for command in commands {
        assert_parses("certctl-pipelines(7)", &command);
    }
}

/// What certctl-clusters(7) shows of servers that nobody can run here is at least a command that there is.
#[test]
fn the_commands_of_the_clusters_parse() {
    let page = read("man/certctl-clusters.7")
        .replace("\\-", "-")
        .replace("\\\\", "\\")
        .replace("\\*(Aq", "'");
    let page = page.replace(".EX\n", "```\n").replace(".EE\n", "```\n");
    let commands = shell_commands(&page);
    assert!(commands.len() >= 30, "found {commands:?}");
    for command in commands {
        assert_parses("certctl-clusters(7)", &command);
    }
}

#[test]
fn contributing_names_what_is_there() {
    let page = read("man/certctl-contributing.7")
        .replace("\\-", "-")
        .replace("\\fR", " ");
    let words = page.split(|c: char| c.is_whitespace() || ",;:`()".contains(c));
    let words: Vec<_> = words.map(|word| word.trim_end_matches('.')).collect();
    let is_path = |word: &&&str| {
        let folders = [
            "src/",
            "tests/",
            "templates/",
            "man/",
            "benches/",
            "CHANGELOG",
            "Cargo",
        ];
        folders.iter().any(|folder| word.starts_with(folder)) && !word.contains(char::is_uppercase)
    };
    let paths: Vec<_> = words.iter().filter(is_path).collect();
    assert!(paths.len() > 20, "{paths:?}");
    for path in paths {
        assert!(root().join(path).exists(), "there is no {path}");
    }
    for pair in words.windows(2).filter(|pair| pair[0] == "--test") {
        let tests = root().join("tests");
        let file = tests.join(format!("{}.rs", pair[1]));
        assert!(
            file.exists() || tests.join(pair[1]).join("main.rs").exists(),
            "--test {}",
            pair[1]
        );
    }
}

#[test]
fn readme_commands_parse() {
    let commands = shell_commands(&read("README.md"));
    assert!(commands.len() >= 5, "found {commands:?}");
    for command in commands {
        assert_parses("README.md", &command);
    }
}

#[test]
fn changelog_is_well_formed() {
    const KINDS: [&str; 6] = [
        "Added",
        "Changed",
        "Deprecated",
        "Removed",
        "Fixed",
        "Security",
    ];
    let text = read("CHANGELOG.md");
    assert!(text.starts_with("# Changelog\n"));
    let versions: Vec<_> = text
        .lines()
        .filter_map(|line| line.strip_prefix("## "))
        .collect();
    assert_eq!(versions.first(), Some(&"[Unreleased]"));
    for version in &versions[1..] {
        let (number, date) = version.split_once(" - ").expect("`[1.0.0] - 2030-01-31`");
        assert!(
            number.starts_with('[') && number.ends_with(']'),
            "{version}"
        );
        let digits = date.split('-').map(str::len).collect::<Vec<_>>();
        assert_eq!(digits, [4, 2, 2], "{version}");
    }
    for line in text.lines() {
        if let Some(kind) = line.strip_prefix("### ") {
            assert!(KINDS.contains(&kind), "{line}");
        }
    }
    let sections = text.split("\n### ").skip(1);
    for section in sections {
        assert!(section.contains("\n- "), "an empty section: {section}");
    }
}

/// certctl and all its commands, as the help shows them.
fn commands() -> Vec<Command> {
    let mut top = definition().disable_help_subcommand(true);
    top.build();
    let mut all = vec![top];
    let mut next = 0;
    while next < all.len() {
        let below: Vec<_> = all[next].get_subcommands().cloned().collect();
        all.extend(below);
        next += 1;
    }
    all
}

fn name(command: &Command) -> String {
    let name = command.get_bin_name().unwrap_or_else(|| command.get_name());
    name.to_owned()
}

#[track_caller]
fn assert_parses(place: &str, command: &str) {
    if let Err(error) = definition().try_get_matches_from(words(command)) {
        assert!(!error.use_stderr(), "{place}: {command}\n{error}");
    }
}

/// A phrase begins with a capital or a name, and has no full stop.
#[track_caller]
fn assert_phrase(place: &str, help: Option<&clap::builder::StyledStr>) {
    let help = help
        .unwrap_or_else(|| panic!("{place}: no help"))
        .to_string();
    assert!(!help.is_empty(), "{place}: no help");
    assert!(!help.ends_with('.'), "{place}: ends in a full stop: {help}");
    assert!(!help.contains(". "), "{place}: two sentences: {help}");
    assert!(
        help.starts_with(|c: char| !c.is_lowercase()),
        "{place}: begins small: {help}"
    );
}

/// Every command line of certctl in the code blocks of a page, without what the shell does around it;
/// `$node` stands for a value that begins with a letter.
fn shell_commands(page: &str) -> Vec<String> {
    let mut found = Vec::new();
    let page = page.replace("\\\n", " ");
    let blocks = page.split("```").skip(1).step_by(2);
    let lines = blocks.flat_map(|block| block.lines().skip(1));
    for line in lines.filter(|line| !line.trim_start().starts_with('#')) {
        for part in line.split(['|', ';', '&', '>']) {
            let part = part.split(" #").next().unwrap_or_default();
            if let Some((before, rest)) = part.split_once("certctl ") {
                let begins = |before: &str| before.is_empty() || before.ends_with([' ', '/', '(']);
                if begins(before) {
                    found.push(format!(
                        "certctl {}",
                        rest.trim_end_matches(')').replace('$', "")
                    ));
                }
            }
        }
    }
    found
}

/// Cuts a command line as a shell does that knows single quotes, `>` and `|` only.
fn words(command: &str) -> Vec<String> {
    let command = command.split(['>', '|']).next().unwrap_or_default();
    let mut words = vec![String::new()];
    for (number, part) in command.split('\'').enumerate() {
        let quoted = number % 2 == 1;
        for (index, piece) in part.split(' ').enumerate() {
            match (quoted, index) {
                (true, 1..) => *words.last_mut().expect("one") += " ",
                (false, 1..) => words.push(String::new()),
                (_, 0) => {}
            }
            *words.last_mut().expect("one") += piece;
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(name: &str) -> String {
    fs::read_to_string(root().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn files(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).expect("it exists");
    let name = |entry: std::io::Result<fs::DirEntry>| entry.expect("readable").file_name();
    let mut names: Vec<_> = entries
        .filter(|entry| entry.as_ref().is_ok_and(|entry| entry.path().is_file()))
        .map(|entry| name(entry).into_string().expect("UTF-8"))
        .collect();
    names.sort();
    names
}
