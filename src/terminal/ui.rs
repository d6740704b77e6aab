//! The terminal: results on stdout, everything else on stderr, progress, and the clock.

use std::{
    cell::Cell,
    fmt::Display,
    fs::File,
    io::{self, BufWriter, Write as _},
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

use super::{Report, progress::Progress, report::ErrorDocument};
pub(crate) use super::{
    format::Format,
    prompt::{ask, ask_secret, confirm, is_interactive, proceed},
};
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
    /// Whether hints are said: one goes with what it follows, and `--quiet` does not keep from a warning what mends it
    hints: Cell<bool>,
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
        let hints = Cell::new(!settings.quiet);
        Self { settings, hints }
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
        self.hints.set(!self.settings.quiet);
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
        if is_wrong || self.tells_good() || self.is_json() {
            self.result(text, document)?;
        }
        self.hints.set(is_wrong || self.tells_good());
        Ok(())
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
        self.hints.set(!self.settings.quiet);
        if !self.settings.quiet {
            self.line(&shown(text));
        }
    }

    /// Tells what somebody has to do or to know before it works or is believed; never silenced.
    pub(crate) fn needed(&self, text: impl Display) {
        self.insist();
        self.line(&shown(text));
    }

    /// Has the hints that follow said all the same: somebody has to do what they say.
    pub(crate) fn insist(&self) {
        self.hints.set(true);
    }

    /// Tells details; only with `--verbose`.
    pub(crate) fn detail(&self, text: impl Display) {
        if self.settings.verbose {
            self.line(&shown(text));
        }
    }

    /// Warns; never silenced.
    pub(crate) fn warning(&self, text: impl Display) {
        self.hints.set(true);
        let style = AnsiColor::Yellow.on_default().bold();
        self.line(&format!("{style}warning:{style:#} {}", shown(text)));
    }

    /// Suggests what to do next; silenced by `--quiet` where what it follows is.
    pub(crate) fn hint(&self, text: impl Display) {
        let text = text.to_string();
        self.checked(&text);
        if self.hints.get() {
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
