//! The arguments of one run.

use std::{
    ffi::{OsStr, OsString},
    iter,
};

use clap::{
    FromArgMatches as _,
    error::{ContextKind, ContextValue, ErrorKind},
};

use super::{
    Command, Global, defined, definition, help,
    secrets::{self, Secret},
};
use crate::{host::arguments::value, nearest::nearest};

/// Parses the command line.
///
/// To define all subcommands takes longer than to run most of them, so only the one that seems to be named is
/// defined. Where that word is an option's value instead, clap refuses the true name, which it does not know.
/// Whatever is refused, and help, goes to the whole definition: it has all the words.
pub(super) fn parse(args: &[OsString]) -> Result<Parsed, clap::Error> {
    let args = &help_of_help(args);
    let color = color(args);
    let parsed = |definition: clap::Command| definition.color(color).try_get_matches_from(args);
    let mut words = args.iter().skip(1);
    let named = words.find_map(|word| Command::ALL.iter().find(|(name, _)| word == name));
    let matches = match parsed(defined(named)) {
        Err(error) if error.kind() != ErrorKind::DisplayVersion => parsed(definition()),
        parsed => parsed,
    };
    let matches = match matches {
        Err(error) if is_help(&error) => parsed(help::laid_out(definition())),
        matches => matches,
    };
    let suggesting = |error| with_nearest_option(with_nearest(blaming_variable(error)), args);
    read(matches.map_err(suggesting)?)
}

/// `help --help` is `--help`: clap's own `help` takes the names of commands, and nothing else.
fn help_of_help(args: &[OsString]) -> Vec<OsString> {
    match args {
        [program, help, flag, ..] if help == "help" && (flag == "--help" || flag == "-h") => {
            vec![program.clone(), flag.clone()]
        }
        _ => args.to_vec(),
    }
}

/// Suggests of possible values the one that is suggested everywhere, where there is one.
fn with_nearest(mut error: clap::Error) -> clap::Error {
    let valid = error.get(ContextKind::ValidValue);
    let near = match (error.get(ContextKind::InvalidValue), valid) {
        (Some(ContextValue::String(word)), Some(ContextValue::Strings(valid))) => {
            nearest(word, valid.iter().map(String::as_str)).map(str::to_owned)
        }
        _ => None,
    };
    if let Some(near) = near {
        error.insert(ContextKind::SuggestedValue, ContextValue::String(near));
    }
    error
}

/// Suggests an option of the command likewise, in the place of what clap says of dashes before values.
fn with_nearest_option(mut error: clap::Error, args: &[OsString]) -> clap::Error {
    let Some(ContextValue::String(word)) = error.get(ContextKind::InvalidArg) else {
        return error;
    };
    let Some(word) = word.strip_prefix("--") else {
        return error;
    };
    if error.kind() != ErrorKind::UnknownArgument {
        return error;
    }
    let whole = definition();
    let mut commands = vec![&whole];
    for word in args.iter().filter_map(|word| word.to_str()) {
        let below = commands.last().and_then(|it| it.find_subcommand(word));
        commands.extend(below);
    }
    let innermost = commands.into_iter().rev();
    let options = innermost.flat_map(clap::Command::get_arguments);
    let options: Vec<_> = options.filter_map(clap::Arg::get_long).collect();
    if let Some(near) = nearest(word, options) {
        let near = format!("--{near}");
        error.insert(ContextKind::SuggestedArg, ContextValue::String(near));
        error.remove(ContextKind::Suggested);
    }
    error
}

fn is_help(error: &clap::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::DisplayHelp | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
    )
}

/// Blames the variable where one that is empty gave an option no value.
fn blaming_variable(error: clap::Error) -> clap::Error {
    if error.kind() != ErrorKind::InvalidValue {
        // To look for it takes the whole definition: more than `--version` takes, which is an error to clap.
        return error;
    }
    let option = error.get(ContextKind::InvalidArg).map(ToString::to_string);
    let option = option.unwrap_or_default();
    let whole = definition();
    let commands = iter::once(&whole).chain(whole.get_subcommands());
    let blamed = commands.flat_map(clap::Command::get_arguments).find(|it| {
        let long = it.get_long().unwrap_or_default();
        option == format!("--{long} <DIR>") && it.get_env().is_some_and(is_empty)
    });
    let Some(variable) = blamed.and_then(clap::Arg::get_env) else {
        return error;
    };
    let variable = variable.display();
    let message =
        format!("the variable {variable} is empty: unset it, or have it name a directory");
    definition().error(ErrorKind::InvalidValue, message)
}

fn is_empty(variable: &OsStr) -> bool {
    std::env::var_os(variable).is_some_and(|value| value.is_empty())
}

/// The arguments, and the secrets that they name.
pub(super) type Parsed = (Global, Command, Vec<Secret>);

/// Reads what clap found.
fn read(mut matches: clap::ArgMatches) -> Result<Parsed, clap::Error> {
    let (name, mut arguments) = matches.remove_subcommand().unwrap_or_default();
    let secrets = secrets::named(&arguments)?;
    let dry_run = is_dry_run(&arguments);
    let command = Command::from_arg_matches(&name, &mut arguments)?;
    let global = Global {
        dry_run,
        ..Global::from_arg_matches_mut(&mut matches)?
    };
    if let Some(refusal) = global.talk().format.refusal(&name) {
        return Err(definition().error(ErrorKind::InvalidValue, refusal));
    }
    Ok((global, command, secrets))
}

/// Whether the command, or the one below it, has the option and was given it.
fn is_dry_run(arguments: &clap::ArgMatches) -> bool {
    let own = arguments.try_get_one::<bool>("dry_run");
    let below = arguments.subcommand();
    matches!(own, Ok(Some(true))) || below.is_some_and(|(_, arguments)| is_dry_run(arguments))
}

/// Whether the arguments ask for JSON; needed where they could not be parsed.
pub(super) fn wants_json(args: &[OsString]) -> bool {
    let asked = value(args, "--output").or_else(|| value(args, "-o"));
    args.iter().any(|arg| arg == "--json") || asked.is_some_and(|format| format == "json")
}

/// Whether the arguments want colour; needed for what is printed while they are parsed.
fn color(args: &[OsString]) -> clap::ColorChoice {
    let word = value(args, "--color").unwrap_or_default();
    word.parse().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_suggested_as_words_are() {
        for (line, expected) in [
            ("issue node1 --sna x", "'--san'"),
            ("issue node1 --snas x", "'--san'"),
            ("list --revokd", "'--revoked'"),
            ("fleet init --ot x", "'--out'"),
            ("--jsn list", "'--json'"),
            ("issue node1 --xyz x", "'-- --xyz'"),
        ] {
            let words = iter::once("certctl").chain(line.split(' '));
            let words: Vec<_> = words.map(OsString::from).collect();
            let error = parse(&words).expect_err(line).to_string();
            assert!(error.contains(expected), "{line}: {error}");
        }
    }

    #[test]
    fn parses_as_the_whole_definition_does() {
        for line in [
            "issue node1",
            "issue node1 --san a,b --days 3 -q",
            "-qn issue node1",
            "--dir list issue node1",
            "--dir=list issue node1",
            "--dir issue list",
            "issue list log",
            "list --ca issue",
            "-o json list",
            "-ojson list --color never",
            "fleet init",
            "help issue",
            "issue --help",
            "issue -h",
            "--help issue",
            "--version",
            "--version issue",
            "--json --version",
            "-o xml --version",
            "-o sarif check",
            "-o sarif list",
            "issue node1 -o junit",
            "issue --version",
            "issu node1",
            "issue --sans a",
            "issue",
            "list issue",
            "-- issue node1",
            "--dir issue",
            "--dirr list",
            "--quiet -v list",
            "completions fsh",
            "",
        ] {
            let words = ["certctl"].into_iter().chain(line.split_whitespace());
            let args: Vec<_> = words.map(OsString::from).collect();
            let found = parse(&args).map_err(|error| error.to_string());
            let whole = |definition: clap::Command| definition.try_get_matches_from(&args);
            let expected = match whole(definition()) {
                Err(error) if is_help(&error) => whole(help::laid_out(definition())),
                expected => expected,
            };
            let expected = expected.and_then(read);
            let expected = expected.map_err(|error| error.to_string());
            assert_eq!(format!("{found:?}"), format!("{expected:?}"), "{line}");
        }
    }
}
