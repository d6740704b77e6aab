//! The terminal: results on stdout, everything else on stderr, prompts, progress, and the clock.

use std::{
    fmt::Display,
    fs::File,
    io::{self, BufWriter, IsTerminal as _, Write as _},
    os::fd::AsFd as _,
    process::ExitCode,
};

use anstream::{AutoStream, ColorChoice};
use clap::{
    ValueEnum,
    builder::styling::AnsiColor,
    error::{ContextKind, ContextValue},
};
use serde::Serialize;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use zeroize::Zeroizing;

pub(crate) use super::format::Format;
use super::{Report, progress::Progress, report::ErrorDocument};
use crate::{formats::Account, pki::name::visible};

/// Environment variable that sets the time of a run (RFC 3339), for tests and rehearsals.
const NOW_VARIABLE: &str = "CERTCTL_NOW";

/// When to use colour.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless NO_COLOR is set
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// How a command was asked to talk.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) format: Format,
    pub(crate) color: Color,
    /// Results and errors only
    pub(crate) quiet: bool,
    /// Say more
    pub(crate) verbose: bool,
    /// Results tell what would be
    pub(crate) dry_run: bool,
    /// Whether the commands that a text quotes are what the command line takes; debug builds ask before they print
    pub(crate) accepts: fn(&str) -> bool,
}

/// Where a command's words go.
#[derive(Clone, Debug)]
pub(crate) struct Ui {
    settings: Settings,
}

/// A document of what would be done.
#[derive(Serialize)]
struct Planned<'d, D: Serialize> {
    #[serde(flatten)]
    document: &'d D,
    dry_run: bool,
}

impl Ui {
    pub(crate) fn new(settings: Settings) -> Self {
        Self { settings }
    }

    /// Whether the result is wanted as JSON.
    pub(crate) fn is_json(&self) -> bool {
        self.settings.format == Format::Json
    }

    /// Whether details are wanted.
    pub(crate) fn is_verbose(&self) -> bool {
        self.settings.verbose
    }

    /// Prints a result for people, or its JSON document, whichever is wanted.
    pub(crate) fn result<T: AsRef<str>>(
        &self,
        text: impl FnOnce() -> T,
        document: &impl Serialize,
    ) -> Result<(), Report> {
        match self.settings.format {
            // Whoever has findings comes by `findings`; the others were refused.
            Format::Junit | Format::Prometheus | Format::Sarif | Format::Text => {
                self.print(text().as_ref())
            }
            Format::Json if self.settings.dry_run => self.json(&Planned {
                document,
                dry_run: true,
            }),
            Format::Json => self.json(document),
        }
    }

    /// Notes what was done, or prints its JSON document, whichever is wanted.
    pub(crate) fn told(&self, text: impl Display, document: &impl Serialize) -> Result<(), Report> {
        if self.is_json() {
            return self.result(String::new, document);
        }
        self.note(text);
        Ok(())
    }

    /// Prints what a check found, as [`Self::result`] does; silenced by `--quiet` where nothing is wrong.
    pub(crate) fn verdict<T: AsRef<str>>(
        &self,
        is_wrong: bool,
        text: impl FnOnce() -> T,
        document: &impl Serialize,
    ) -> Result<(), Report> {
        match is_wrong || self.tells_good() || self.is_json() {
            true => self.result(text, document),
            false => Ok(()),
        }
    }

    /// Whether what is as it should be is told.
    pub(crate) fn tells_good(&self) -> bool {
        !self.settings.quiet
    }

    /// Prints findings in the format that is wanted; the account only where another program is to read it.
    pub(crate) fn findings<T: AsRef<str>>(
        &self,
        is_wrong: bool,
        text: impl FnOnce() -> T,
        document: &impl Serialize,
        account: impl FnOnce() -> Result<Account, Report>,
    ) -> Result<(), Report> {
        match self.settings.format.of_findings() {
            Some(format) => self.print_raw(format.write(&account()?).as_bytes()),
            None => self.verdict(is_wrong, text, document),
        }
    }

    /// Whether a format is wanted that holds findings alone.
    pub(crate) fn is_for_findings(&self) -> bool {
        self.settings.format.of_findings().is_some()
    }

    /// Prints result text on stdout; it may hold ANSI styles, and ends in a line feed.
    pub(crate) fn print(&self, text: &str) -> Result<(), Report> {
        let mut stdout = AutoStream::new(io::stdout().lock(), self.choice(&io::stdout()));
        let is_whole = text.is_empty() || text.ends_with('\n');
        let line_feed = if is_whole { "" } else { "\n" };
        written(write!(stdout, "{text}{line_feed}").and_then(|()| stdout.flush()))
    }

    /// Prints octets on stdout as they are, past its buffer: there may be a key in them, and nobody wipes that.
    #[allow(clippy::unused_self)] // stdout is the Ui's
    pub(crate) fn print_raw(&self, octets: &[u8]) -> Result<(), Report> {
        let stdout = io::stdout().lock();
        let unbuffered = stdout.as_fd().try_clone_to_owned().map(File::from);
        written(unbuffered.and_then(|mut stdout| stdout.write_all(octets)))
    }

    /// Prints a JSON document while it is made: it may be larger than memory.
    #[allow(clippy::unused_self)] // stdout is the Ui's
    fn json(&self, document: &impl Serialize) -> Result<(), Report> {
        let mut stdout = BufWriter::new(io::stdout().lock());
        let document = serde_json::to_writer_pretty(&mut stdout, document);
        written(
            document
                .map_err(io::Error::from)
                .and_then(|()| writeln!(stdout))
                .and_then(|()| stdout.flush()),
        )
    }

    /// Columns of the terminal that stdout is; `None` where it is none.
    #[allow(clippy::unused_self)] // stdout is the Ui's
    pub(crate) fn width(&self) -> Option<u16> {
        let size = rustix::termios::tcgetwinsize(io::stdout()).ok()?;
        Some(size.ws_col).filter(|&columns| columns > 0)
    }

    fn choice(&self, stream: &impl anstream::stream::RawStream) -> ColorChoice {
        match self.settings.color {
            Color::Auto => AutoStream::choice(stream),
            Color::Always => ColorChoice::Always,
            Color::Never => ColorChoice::Never,
        }
    }

    /// Tells what happens; silenced by `--quiet`.
    pub(crate) fn note(&self, text: impl Display) {
        if !self.settings.quiet {
            self.line(&shown(text));
        }
    }

    /// Tells details; only with `--verbose`.
    pub(crate) fn detail(&self, text: impl Display) {
        if self.settings.verbose {
            self.line(&shown(text));
        }
    }

    /// Warns; never silenced.
    pub(crate) fn warning(&self, text: impl Display) {
        let style = AnsiColor::Yellow.on_default().bold();
        self.line(&format!("{style}warning:{style:#} {}", shown(text)));
    }

    /// Suggests what to do next; silenced by `--quiet`.
    pub(crate) fn hint(&self, text: impl Display) {
        let text = text.to_string();
        self.checked(&text);
        if !self.settings.quiet {
            let style = AnsiColor::Cyan.on_default().bold();
            self.line(&format!("{style}hint:{style:#} {}", shown(text)));
        }
    }

    /// A hint as it is; debug builds have the commands that it quotes looked at before.
    pub(crate) fn checked<'t>(&self, hint: &'t str) -> &'t str {
        debug_assert!((self.settings.accepts)(hint), "bad hint: {hint}");
        hint
    }

    /// Prints an error with its hints, or as one JSON object.
    pub(crate) fn report(&self, report: &Report) {
        for hint in report.hints() {
            self.checked(hint);
        }
        if self.is_json() {
            self.line(&report.document().to_json());
            return;
        }
        let style = AnsiColor::Red.on_default().bold();
        for message in report.messages() {
            self.line(&format!("{style}error:{style:#} {}", shown(message)));
        }
        let style = AnsiColor::Cyan.on_default().bold();
        for hint in report.hints() {
            self.line(&format!("{style}hint:{style:#} {}", shown(hint)));
        }
    }

    /// One line on stderr, in one piece. That stderr is closed must not fail a command.
    fn line(&self, text: &str) {
        let mut line = AutoStream::new(Vec::new(), self.choice(&io::stderr()));
        let _ = writeln!(line, "{text}");
        let _ = io::stderr().write_all(line.as_inner());
    }

    /// A progress bar for `length` pieces of work.
    pub(crate) fn progress(&self, length: usize, what: &'static str) -> Progress {
        Progress::new(length, what, !self.settings.quiet && !self.is_json())
    }
}

/// Asks on the terminal for a passphrase or PIN without showing it; `repeat` asks twice.
pub(crate) fn ask_secret(what: &str, repeat: bool) -> Result<Zeroizing<String>, Report> {
    let (first, rest) = what.split_at(1);
    let mut question = dialoguer::Password::new().with_prompt(first.to_uppercase() + rest);
    if repeat {
        question = question.with_confirmation("The same again", "The two differ");
    }
    question
        .interact()
        .map(Zeroizing::new)
        .map_err(|error| Report::failed("prompt", format!("no answer from the terminal: {error}")))
}

/// Asks yes or no, default no; without a terminal the answer is `otherwise`.
pub(crate) fn confirm(question: &str, otherwise: bool) -> Result<bool, Report> {
    match is_interactive() {
        true => yes_or_no(question, false),
        false => Ok(otherwise),
    }
}

/// Asks for a line on the terminal; what is shown in brackets is taken where nothing is typed.
pub(crate) fn ask(question: &str, usual: Option<&str>) -> Result<String, Report> {
    let mut input = dialoguer::Input::<String>::new().with_prompt(question);
    if let Some(usual) = usual {
        input = input.default(usual.to_owned());
    }
    input
        .interact_text()
        .map_err(|error| Report::failed("prompt", format!("no answer from the terminal: {error}")))
}

/// Asks yes or no, default yes.
pub(crate) fn proceed(question: &str) -> Result<bool, Report> {
    yes_or_no(question, true)
}

fn yes_or_no(question: &str, usual: bool) -> Result<bool, Report> {
    let question = dialoguer::Confirm::new().with_prompt(question);
    let answer = question.default(usual).interact();
    answer
        .map_err(|error| Report::failed("prompt", format!("no answer from the terminal: {error}")))
}

/// Whether somebody can be asked.
pub(crate) fn is_interactive() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Code of the error for a result that could not be printed.
pub(crate) const UNPRINTED: &str = "output";

/// A reader that closed the pipe has what it wanted; any other failed write is an error.
fn written(result: io::Result<()>) -> Result<(), Report> {
    match result {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Report::failed(
            UNPRINTED,
            format!("cannot write the result: {error}"),
        )),
        _ => Ok(()),
    }
}

/// What is said in one line: no name of a file or user that stands in it begins another.
fn shown(text: impl Display) -> String {
    visible(&text.to_string()).into_owned()
}

/// What was given stands in clap's messages as it is. Tips repeat it, and are left out where they cannot be shown.
fn make_visible(error: &mut clap::Error) {
    let unseen = |(kind, value): (ContextKind, &ContextValue)| match value {
        ContextValue::String(text) => {
            Some((kind, visible(text).into_owned())).filter(|(_, it)| it != text)
        }
        _ => None,
    };
    let unseen: Vec<_> = error.context().filter_map(unseen).collect();
    for (kind, text) in unseen {
        error.insert(kind, ContextValue::String(text));
        error.remove(ContextKind::Suggested);
    }
}

/// Prints what clap says: help and version on stdout (0), mistakes on stderr (2).
pub(crate) fn usage_error(mut error: clap::Error, json: bool) -> ExitCode {
    make_visible(&mut error);
    if !error.use_stderr() {
        return match written(error.print()) {
            Ok(()) => ExitCode::SUCCESS,
            Err(report) => {
                let _ = writeln!(
                    io::stderr().lock(),
                    "error: {}",
                    report.messages().join("; ")
                );
                report.kind().exit_code()
            }
        };
    }
    if json {
        let text = usage_json(&error.to_string());
        let _ = writeln!(io::stderr().lock(), "{text}");
    } else {
        let _ = error.print();
    }
    super::report::Kind::Usage.exit_code()
}

/// What clap says in paragraphs, as one object: first the mistake, then perhaps tips.
fn usage_json(text: &str) -> String {
    let mut paragraphs = text.split("\n\n");
    let mistake = paragraphs.next().unwrap_or_default();
    let lines: Vec<_> = mistake.lines().map(str::trim).collect();
    let message = lines.join(" ");
    let tips = paragraphs.flat_map(str::lines);
    let mut hints: Vec<_> = tips
        .filter_map(|line| line.trim().strip_prefix("tip: "))
        .map(str::to_owned)
        .collect();
    if hints.is_empty() {
        hints.push(String::from("`certctl --help` lists commands and options"));
    }
    let message = message.trim_start_matches("error: ");
    ErrorDocument::new("usage", message, &hints).to_json()
}

/// The wall clock, or the time that `CERTCTL_NOW` gives. The only place that reads it.
pub(crate) fn reference_time() -> Result<OffsetDateTime, Report> {
    let Ok(text) = std::env::var(NOW_VARIABLE) else {
        return Ok(OffsetDateTime::now_utc());
    };
    OffsetDateTime::parse(&text, &Rfc3339)
        .map(|now| now.to_offset(time::UtcOffset::UTC))
        .map_err(|_| {
            Report::usage(format!(
                "{NOW_VARIABLE}: `{text}` is no time as in 2030-01-31T12:00:00Z"
            ))
        })
}
