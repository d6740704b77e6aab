//! The command line: one file per subcommand below `cli/`, each with its arguments and its `run`.
//!
//! A new subcommand is one file, and two lines here: its module and its name. The help lists them in the
//! order of the names: what makes, what changes, what looks, what prints.

use std::{
    cell::Cell,
    ffi::{OsStr, OsString},
    iter,
    path::PathBuf,
    process::ExitCode,
};

use clap::{
    Args, FromArgMatches as _,
    error::{ContextKind, ErrorKind},
};
use time::OffsetDateTime;

mod adopt;
mod apply;
mod args;
mod author;
mod bounded;
mod catalogue;
mod check;
mod client;
mod completions;
mod config;
mod crl;
mod document;
mod duration;
mod emitting;
mod errors;
mod export;
pub mod extfile;
mod facts;
mod fleet;
mod init_ca;
mod init_intermediate;
mod input;
mod inspect;
mod install;
mod install_root;
mod issue;
mod list;
mod log;
mod made;
pub mod man;
mod names;
mod needs_renewal;
mod open;
mod progress;
mod renew;
mod report;
mod request;
mod revoke;
mod show;
mod sign;
mod table;
mod templates;
mod trust_stores;
mod ui;
mod uninstall_root;
mod verify;

use report::Outcome;
pub use report::Report;
use ui::Ui;

use crate::store::ledger::event::Author;

/// Where the PKI lies unless somebody says otherwise.
const DEFAULT_DIRECTORY: &str = "./pki";

/// Options that every command takes.
#[derive(Args, Debug)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Global {
    /// PKI directory
    #[arg(
        long,
        global = true,
        env = "CERTCTL_DIR",
        value_name = "DIR",
        default_value = DEFAULT_DIRECTORY,
        hide_env_values = true
    )]
    dir: PathBuf,
    /// Print one JSON document (same as `-o json`)
    #[arg(long, global = true)]
    json: bool,
    /// Output format
    #[arg(
        short,
        long,
        global = true,
        value_name = "FORMAT",
        value_enum,
        default_value_t
    )]
    output: ui::Format,
    /// When to use colour
    #[arg(long, global = true, value_name = "WHEN", value_enum, default_value_t)]
    color: ui::Color,
    /// How long to wait for another certctl that works on the same PKI directory
    #[arg(long, global = true, value_name = "DURATION", default_value = "30s", value_parser = duration::parse)]
    wait: time::Duration,
    /// Exit with 10 instead of 0 when something changed
    #[arg(long, global = true)]
    detailed_exitcode: bool,
    /// Print results and errors only
    #[arg(short, long, global = true)]
    quiet: bool,
    /// Say more about what is done (repeat for more)
    #[arg(short, long, global = true, action = clap::ArgAction::Count, conflicts_with = "quiet")]
    verbose: u8,
}

/// A subcommand's name, and what defines its arguments.
type Subcommand = (&'static str, fn(clap::Command) -> clap::Command);

macro_rules! commands {
    ($($name:literal => $module:ident::$Arguments:ident),* $(,)?) => {
        #[derive(Debug)]
        enum Command {
            $($Arguments($module::$Arguments)),*
        }

        impl Command {
            const ALL: &[Subcommand] = &[$(($name, <$module::$Arguments as Args>::augment_args)),*];

            fn from_arg_matches(name: &str, matches: &mut clap::ArgMatches) -> Result<Self, clap::Error> {
                match name {
                    $($name => $module::$Arguments::from_arg_matches_mut(matches).map(Self::$Arguments),)*
                    _ => Err(clap::Error::new(ErrorKind::InvalidSubcommand)),
                }
            }
        }

        impl Run for Command {
            fn run(self, context: &mut Context) -> Result<Outcome, Report> {
                match self {
                    $(Self::$Arguments(command) => command.run(context)),*
                }
            }
        }
    };
}

commands! {
    "init-ca" => init_ca::InitCa,
    "init-intermediate" => init_intermediate::InitIntermediate,
    "issue" => issue::Issue,
    "request" => request::Request,
    "sign" => sign::Sign,
    "install" => install::Install,
    "renew" => renew::Renew,
    "needs-renewal" => needs_renewal::NeedsRenewal,
    "revoke" => revoke::Revoke,
    "crl" => crl::Crl,
    "apply" => apply::Apply,
    "fleet" => fleet::Fleet,
    "list" => list::List,
    "show" => show::Show,
    "inspect" => inspect::Inspect,
    "verify" => verify::Verify,
    "log" => log::Log,
    "check" => check::Check,
    "config" => config::Config,
    "client" => client::Client,
    "export" => export::Export,
    "install-root" => install_root::InstallRoot,
    "uninstall-root" => uninstall_root::UninstallRoot,
    "completions" => completions::Completions,
    "man" => man::ManPages,
}

/// What a command works with besides its own arguments.
pub(crate) struct Context {
    pub(crate) global: Global,
    pub(crate) ui: Ui,
    /// The time that all decisions of this run are made for (UTC).
    pub(crate) now: OffsetDateTime,
    /// Who runs this, for the history.
    pub(crate) author: Author,
    /// Whether the PKI directory was opened to change it.
    is_changing: Cell<bool>,
}

impl Context {
    /// Says of a result that could not be printed that the change itself was made.
    fn explained(&self, report: Report) -> Report {
        match report.code() == ui::UNPRINTED && self.is_changing.get() {
            true => report.hint("what was changed stays so: `certctl log` shows it"),
            false => report,
        }
    }
}

/// What every subcommand implements.
pub(crate) trait Run {
    fn run(self, context: &mut Context) -> Result<Outcome, Report>;
}

/// Parses `args`, runs the command and prints what went wrong.
pub fn main(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    // Takes no bit of the modes that files are made with, and leaves a stray file unwritable by others.
    rustix::process::umask(rustix::fs::Mode::WGRP | rustix::fs::Mode::WOTH);
    let args: Vec<OsString> = args.into_iter().collect();
    let (global, command) = match parse(&args) {
        Ok(parsed) => parsed,
        Err(error) => return ui::usage_error(&error, wants_json(&args)),
    };
    let ui = Ui::new(&global);
    let detailed = global.detailed_exitcode;
    let outcome = ui::reference_time().and_then(|now| {
        let mut context = Context {
            global,
            ui: ui.clone(),
            now,
            author: author::author(&args, now),
            is_changing: Cell::new(false),
        };
        let outcome = command.run(&mut context);
        outcome.map_err(|report| context.explained(report))
    });
    match outcome {
        Ok(outcome) => outcome.exit_code(detailed),
        Err(report) => {
            ui.report(&report);
            report.kind().exit_code()
        }
    }
}

/// Whether the arguments ask for JSON; needed where they could not be parsed.
fn wants_json(args: &[OsString]) -> bool {
    let asked = value(args, "--output").or_else(|| value(args, "-o"));
    args.iter().any(|arg| arg == "--json") || asked.is_some_and(|format| format == "json")
}

/// Whether the arguments want colour; needed for what is printed while they are parsed.
fn color(args: &[OsString]) -> clap::ColorChoice {
    let word = value(args, "--color").unwrap_or_default();
    word.parse().unwrap_or_default()
}

/// The value of an option, however it is written: `-o json`, `-ojson`, `--output=json`.
fn value<'a>(args: &'a [OsString], option: &str) -> Option<&'a str> {
    let joined = args.iter().find_map(|arg| {
        let value = arg.to_str()?.strip_prefix(option)?;
        let value = value.strip_prefix('=').unwrap_or(value);
        (!value.is_empty()).then_some(value)
    });
    let position = args.iter().position(|arg| arg == option);
    joined.or_else(|| args.get(position? + 1)?.to_str())
}

/// What all subcommands share: the program's name, its words about itself, the global options.
fn program() -> clap::Command {
    Global::augment_args(clap::Command::new("certctl"))
        .version(env!("CARGO_PKG_VERSION"))
        .about("Take a cluster from no TLS to mutual TLS, and keep it there")
        .long_about(
            "Take a cluster from no TLS to mutual TLS, and keep it there\n\n\
             certctl makes root and intermediate CAs, issues node, server and client certificates, renews and \
             revokes them, checks what is there, and prints the configuration that servers accept. Everything \
             lies in one directory of PEM files that openssl can read.",
        )
        .after_help(
            "Examples:\n  \
             certctl issue node1 node2 node3 --init\n  \
             certctl config rethinkdb node1\n  \
             certctl check",
        )
        .max_term_width(100)
        .subcommand_required(true)
        .arg_required_else_help(true)
}

/// Parses the command line.
///
/// To define all subcommands takes longer than to run most of them, so only the one that seems to be named is
/// defined. Where that word is an option's value instead, clap refuses the true name, which it does not know.
/// Whatever is refused, and help, goes to the whole definition: it has all the words.
fn parse(args: &[OsString]) -> Result<(Global, Command), clap::Error> {
    let color = color(args);
    let parsed = |definition: clap::Command| definition.color(color).try_get_matches_from(args);
    let mut words = args.iter().skip(1);
    let named = words.find_map(|word| Command::ALL.iter().find(|(name, _)| word == name));
    let matches = match parsed(defined(named)) {
        Err(error) if error.kind() != ErrorKind::DisplayVersion => parsed(definition()),
        parsed => parsed,
    };
    read(matches.map_err(blaming_variable)?)
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

/// Reads what clap found.
fn read(mut matches: clap::ArgMatches) -> Result<(Global, Command), clap::Error> {
    let (name, mut arguments) = matches.remove_subcommand().unwrap_or_default();
    let command = Command::from_arg_matches(&name, &mut arguments)?;
    Ok((Global::from_arg_matches_mut(&mut matches)?, command))
}

/// The definition of the whole command line, for man pages, completions and tests.
#[must_use]
pub fn definition() -> clap::Command {
    defined(Command::ALL)
}

/// The command line with these subcommands.
fn defined(commands: impl IntoIterator<Item = &'static Subcommand>) -> clap::Command {
    let command = |(name, define): &'static Subcommand| define(clap::Command::new(*name));
    program().subcommands(commands.into_iter().map(command))
}

#[cfg(test)]
mod tests {
    use super::*;

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
            let expected = definition().try_get_matches_from(&args).and_then(read);
            let expected = expected.map_err(|error| error.to_string());
            assert_eq!(format!("{found:?}"), format!("{expected:?}"), "{line}");
        }
    }
}
