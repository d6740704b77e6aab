//! The command line: one file per subcommand below `cli/`, each with its arguments and its `run`.
//!
//! A new subcommand is one file, and two lines here: its module, and its name below the heading under which
//! the help lists it.

use std::{ffi::OsString, path::PathBuf, process::ExitCode, time::Duration};

use clap::{Args, FromArgMatches as _, error::ErrorKind};

mod apply;
mod args;
mod authority;
mod check;
mod client;
mod completions;
mod config;
mod crl;
mod cross_sign;
mod distinguished;
mod document;
mod emitting;
mod explain;
mod export;
mod extfiles;
mod fleet;
mod help;
mod import;
mod init_ca;
mod init_intermediate;
mod inspect;
mod install;
mod install_root;
mod issue;
mod join;
mod ledger;
mod list;
mod log;
mod man;
mod names;
mod needs_renewal;
mod overview;
mod parsing;
mod passphrase;
mod passphrases;
mod peers;
mod probe;
mod prove;
mod pull;
mod quoted;
mod reload;
mod renew;
mod request;
mod revoke;
mod rotate_ca;
mod secrets;
mod setup;
mod show;
mod sign;
mod trust_stores;
mod uninstall_root;
mod verify;
mod version;

use secrets::{Secret, Source};

use crate::{
    host::{author, bounded, dumps, surroundings::Surroundings},
    pki::duration,
    session::{
        Context, DEFAULT_DIRECTORY, adoption, elsewhere, exposed, fallen, fleet_file, input, laid,
        looks, made, orphans, placed, signers as open, subjects, taken, unusual,
    },
    terminal::{
        Report,
        report::{self, Outcome},
        ui::{self, Ui},
    },
};

/// The help is not wider than that, which is as far as lines are read with ease.
const MAX_WIDTH: usize = 100;

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
    /// Exit with 10 instead of 0 when something changed, or with --dry-run would
    #[arg(long, global = true)]
    detailed_exitcode: bool,
    /// Print no notes, and no result that says only that nothing is wrong; what is wrong or has to be done stays
    #[arg(short, long, global = true)]
    quiet: bool,
    /// Say more about what is done
    #[arg(short, long, global = true, action = clap::ArgAction::Count, conflicts_with = "quiet")]
    verbose: u8,
    /// Whether the command was given --dry-run
    #[arg(skip)]
    dry_run: bool,
}

impl Global {
    /// The PKI directory, how long to wait for it, and whether nothing is to be changed.
    fn scene(self) -> (PathBuf, Duration, bool) {
        let wait = Duration::try_from(self.wait).unwrap_or_default();
        (self.dir, wait, self.dry_run)
    }

    /// How the command is to talk.
    fn talk(&self) -> ui::Settings {
        ui::Settings {
            format: match self.json {
                true => ui::Format::Json,
                false => self.output,
            },
            color: self.color,
            quiet: self.quiet,
            verbose: self.verbose > 0,
            dry_run: self.dry_run,
            accepts: quoted::commands_parse,
        }
    }
}

/// A subcommand's name, and what defines its arguments.
type Subcommand = (&'static str, fn(clap::Command) -> clap::Command);

macro_rules! commands {
    ($([$heading:literal] $($name:literal => $module:ident::$Arguments:ident,)*)*) => {
        #[derive(Debug)]
        enum Command {
            $($($Arguments($module::$Arguments),)*)*
        }

        impl Command {
            const ALL: &[Subcommand] = &[$($(($name, <$module::$Arguments as Args>::augment_args),)*)*];

            /// The headings of the help, each with the names below it.
            const GROUPS: &[(&str, &[&str])] = &[$(($heading, &[$($name),*])),*];

            fn from_arg_matches(name: &str, matches: &mut clap::ArgMatches) -> Result<Self, clap::Error> {
                match name {
                    $($($name => $module::$Arguments::from_arg_matches_mut(matches).map(Self::$Arguments),)*)*
                    _ => Err(clap::Error::new(ErrorKind::InvalidSubcommand)),
                }
            }
        }

        impl Run for Command {
            fn run(self, context: &mut Context) -> Result<Outcome, Report> {
                match self {
                    $($(Self::$Arguments(command) => command.run(context),)*)*
                }
            }
        }
    };
}

commands! {
    ["Make CAs and certificates"]
    "setup" => setup::Setup,
    "init-ca" => init_ca::InitCa,
    "init-intermediate" => init_intermediate::InitIntermediate,
    "import" => import::Import,
    "issue" => issue::Issue,
    "request" => request::Request,
    "sign" => sign::Sign,
    "install" => install::Install,
    "join" => join::Join,
    "pull" => pull::Pull,
    ["Change what is there"]
    "renew" => renew::Renew,
    "revoke" => revoke::Revoke,
    "crl" => crl::Crl,
    "rotate-ca" => rotate_ca::RotateCa,
    "cross-sign" => cross_sign::CrossSign,
    "apply" => apply::Apply,
    "ledger" => ledger::Ledger,
    "passphrase" => passphrase::Passphrase,
    "install-root" => install_root::InstallRoot,
    "uninstall-root" => uninstall_root::UninstallRoot,
    ["Look at what is there"]
    "list" => list::List,
    "show" => show::Show,
    "inspect" => inspect::Inspect,
    "verify" => verify::Verify,
    "check" => check::Check,
    "probe" => probe::Probe,
    "prove" => prove::Prove,
    "explain" => explain::Explain,
    "needs-renewal" => needs_renewal::NeedsRenewal,
    "log" => log::Log,
    "report" => overview::Report,
    ["Print for servers, clients and people"]
    "config" => config::Config,
    "client" => client::Client,
    "export" => export::Export,
    "fleet" => fleet::Fleet,
    "completions" => completions::Completions,
    "man" => man::ManPages,
}

/// What every subcommand implements.
pub(crate) trait Run {
    fn run(self, context: &mut Context) -> Result<Outcome, Report>;
}

/// Parses `args`, runs the command and prints what went wrong.
pub fn main(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    dumps::forbid();
    // Takes no bit of the modes that files are made with, and leaves a stray file unwritable by others.
    rustix::process::umask(rustix::fs::Mode::WGRP | rustix::fs::Mode::WOTH);
    let args: Vec<OsString> = args.into_iter().collect();
    let (global, command, secrets) = match parsing::parse(&args) {
        Ok(parsed) => parsed,
        Err(error) if version::is_asked(&error, &args) => return version::run(&args),
        Err(error) => return ui::usage_error(error, parsing::wants_json(&args)),
    };
    let ui = Ui::new(global.talk());
    let detailed = global.detailed_exitcode;
    let outcome = ui::reference_time().and_then(|now| {
        let author = author::author(&args, now);
        let surroundings = Surroundings::without(variables(&secrets));
        let mut context = Context::new(global.scene(), ui.clone(), now, author, surroundings);
        let outcome = command.run(&mut context);
        context.note_variables();
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

/// The variables in which secrets stand.
fn variables(secrets: &[Secret]) -> Vec<String> {
    let variable = |secret: &Secret| match &secret.source {
        Source::Variable(name) => Some(name.clone()),
        Source::File(_) | Source::StandardInput => None,
    };
    secrets.iter().filter_map(variable).collect()
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
        .max_term_width(MAX_WIDTH)
        .subcommand_required(true)
        .arg_required_else_help(true)
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
