//! Arguments that several commands share, with the values that they stand for.

use clap::{Args, ValueEnum, builder::PossibleValuesParser, builder::TypedValueParser as _};
use time::{Duration, OffsetDateTime, format_description::well_known::Rfc3339};

use super::{duration, report::Outcome};
pub(crate) use crate::session::names::entry_name;
use crate::{
    pki::{
        chain::Host,
        entry_name::EntryName,
        key::KeyType,
        profile::Profile,
        renewal::Margin,
        validity::{Lifetime, MAX_LIFE},
    },
    severity::Severity,
    store::layout::Area,
};

/// Options of every command that changes something.
#[derive(Args, Debug)]
pub(crate) struct ChangeArgs {
    /// Say what would be done, and change nothing
    #[arg(short = 'n', long)]
    pub(crate) dry_run: bool,
    /// Replace what is there; it goes to the archive
    #[arg(short, long)]
    pub(crate) force: bool,
}

/// Type of a new key.
#[derive(Args, Debug)]
pub(crate) struct KeyArgs {
    /// Type of the new key [default: p256]
    #[arg(long, value_name = "TYPE", value_parser = key_type())]
    pub(crate) key_type: Option<KeyType>,
}

/// How long a certificate is to be valid.
#[derive(Args, Debug)]
pub(crate) struct LifetimeArgs {
    /// Valid for so many days
    #[arg(long, value_name = "N", value_parser = days, group = "lifetime", allow_negative_numbers = true)]
    days: Option<Duration>,
    /// Valid for so long, as in 90d, 12h or 2y
    #[arg(long, value_name = "DURATION", value_parser = positive_duration, group = "lifetime")]
    valid_for: Option<Duration>,
    /// Valid until then, as in 2030-01-31T12:00:00Z
    #[arg(long, value_name = "TIME", value_parser = time, group = "lifetime")]
    not_after: Option<OffsetDateTime>,
    /// Let it begin so long before now, for peers whose clock is behind
    #[arg(long, value_name = "DURATION", default_value = "5m", value_parser = backdate)]
    pub(crate) backdate: Duration,
}

impl LifetimeArgs {
    pub(crate) fn lifetime(&self, default: Duration) -> Lifetime {
        self.given().unwrap_or(Lifetime::Default(default))
    }

    /// What was asked for; `None` where nothing was.
    pub(crate) fn given(&self) -> Option<Lifetime> {
        let duration = self.days.or(self.valid_for).map(Lifetime::For);
        duration.or(self.not_after.map(Lifetime::Until))
    }
}

/// The severity from which on a command that checks ends with 3.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(crate) enum FailOn {
    /// Only what is insecure or does not work
    Error,
    /// Also what works today, or for some
    #[default]
    Warning,
    /// Everything
    Info,
}

impl FailOn {
    /// From which severity on something is said under `--quiet`: warnings are always said.
    pub(crate) fn told(self) -> Severity {
        Severity::from(self).min(Severity::Warning)
    }

    /// How a command ends that has found this.
    pub(crate) fn outcome(self, found: impl IntoIterator<Item = Severity>) -> Outcome {
        match found.into_iter().any(|severity| severity >= self.into()) {
            true => Outcome::Found,
            false => Outcome::Unchanged,
        }
    }
}

impl From<FailOn> for Severity {
    fn from(fail_on: FailOn) -> Self {
        match fail_on {
            FailOn::Error => Self::Error,
            FailOn::Warning => Self::Warning,
            FailOn::Info => Self::Info,
        }
    }
}

/// Parses what names a CA where nothing else can be meant: `NAME` or `ca/NAME`.
pub(crate) fn authority_name(text: &str) -> Result<EntryName, String> {
    name_in(text, Area::Authorities)
}

/// Parses what names an entry where nothing else can be meant: `NAME` or `certs/NAME`.
pub(crate) fn name_of_entry(text: &str) -> Result<EntryName, String> {
    name_in(text, Area::Entries)
}

fn name_in(text: &str, area: Area) -> Result<EntryName, String> {
    let inside = text.strip_prefix(area.directory());
    entry_name(inside.and_then(|it| it.strip_prefix('/')).unwrap_or(text))
}

pub(crate) fn key_type() -> impl clap::builder::TypedValueParser<Value = KeyType> {
    PossibleValuesParser::new(KeyType::ALL.map(KeyType::name))
        .try_map(|word| word.parse::<KeyType>())
}

pub(crate) fn profile() -> impl clap::builder::TypedValueParser<Value = Profile> {
    PossibleValuesParser::new(Profile::ALL.map(Profile::name))
        .try_map(|word| word.parse::<Profile>())
}

/// Parses how much of a life is left when a certificate is due: `30d`, `33%`.
pub(crate) fn margin(text: &str) -> Result<Margin, String> {
    text.parse()
}

/// Parses a host name or an address.
pub(crate) fn host(text: &str) -> Result<Host, String> {
    Host::parse(text).map_err(|error| error.to_string())
}

/// Parses a time (RFC 3339).
pub(crate) fn time(text: &str) -> Result<OffsetDateTime, String> {
    OffsetDateTime::parse(text, &Rfc3339)
        .map_err(|_| String::from("write a time as in 2030-01-31T12:00:00Z"))
}

fn positive_duration(text: &str) -> Result<Duration, String> {
    let duration = duration::parse(text)?;
    if duration.is_zero() {
        return Err(String::from("it must be longer than nothing"));
    }
    if duration > MAX_LIFE {
        return Err(format!(
            "it is a hundred years at most, `{}d`",
            MAX_LIFE.whole_days()
        ));
    }
    Ok(duration)
}

/// Farther back no clock is, and what was signed then would not have been: a year.
const MAX_BACKDATE: Duration = Duration::days(365);

fn backdate(text: &str) -> Result<Duration, String> {
    match duration::parse(text)? {
        duration if duration <= MAX_BACKDATE => Ok(duration),
        _ => Err(String::from(
            "no clock is that far behind: it is a year at most, `365d`",
        )),
    }
}

fn days(text: &str) -> Result<Duration, String> {
    let most = MAX_LIFE.whole_days();
    match text.parse::<i64>() {
        Ok(days) if (1..=most).contains(&days) => Ok(Duration::days(days)),
        _ => Err(format!(
            "write a whole number of days from 1 to {most}, which are a hundred years"
        )),
    }
}
