//! A PKI at a glance: one page of HTML that needs nothing from outside, for people who do not work with it daily.
//!
//! What there is much of is folded, so that ten thousand entries stay readable.

use minijinja::{
    AutoEscape, Environment, Error, UndefinedBehavior,
    syntax::SyntaxConfig,
    value::{Serde, Value},
};
use serde::Serialize;
use time::OffsetDateTime;

use crate::severity::Severity;

mod lanes;
mod months;
mod todo;
mod tree;

/// The kind of a CRL.
pub const CRL: &str = "CRL";

/// The page's text.
const TEMPLATE: &str = include_str!("overview/page.html");

/// What the page is made from.
#[derive(Clone, Debug)]
pub struct Overview {
    /// The PKI directory, as the user knows it
    pub directory: String,
    /// What made the page
    pub version: &'static str,
    /// The time that everything is told for
    pub now: OffsetDateTime,
    /// CAs in use, roots first, each before those below it
    pub authorities: Vec<Item>,
    /// Entries in use
    pub entries: Vec<Item>,
    /// The newest CRL of each CA that has one; each ends where the next one is due
    pub crls: Vec<Item>,
    /// What is wrong
    pub findings: Vec<Trouble>,
}

/// A certificate in use, or a CRL.
#[derive(Clone, Debug)]
pub struct Item {
    /// Its name; of a CRL, its number
    pub name: String,
    /// What it is: `root`, `node`, [`CRL`] …
    pub kind: &'static str,
    /// The CA that signed it; none for what signed itself, or whose CA is not here
    pub issuer: Option<String>,
    /// Its last second
    pub ends: OffsetDateTime,
    /// Whether its time is over, or near
    pub state: State,
    /// Its subject alternative names
    pub names: Vec<String>,
    /// Of a CA, that another has taken its place, or that it waits for its time
    pub succession: Option<String>,
}

/// How a certificate's time stands.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It is over
    Over,
    /// It should be renewed
    Due,
    /// There is time
    Good,
}

/// One thing that is wrong.
#[derive(Clone, Debug)]
pub struct Trouble {
    /// Stable name of the rule
    pub code: String,
    /// How bad it is
    pub severity: Severity,
    /// The file or directory
    pub path: String,
    /// What is wrong
    pub message: String,
    /// What mends it; commands stand in backquotes
    pub hint: String,
}

impl Overview {
    /// Writes the page.
    ///
    /// # Errors
    ///
    /// None but those of a template that is wrong, which tests exclude.
    pub fn page(&self) -> Result<String, Error> {
        let mut environment = Environment::new();
        environment.set_auto_escape_callback(|_| AutoEscape::Html);
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_syntax(syntax()?);
        environment.add_template("page", TEMPLATE)?;
        let next = self.all().chain(&self.crls);
        let next = next.filter(|it| it.state != State::Over);
        let next = next.min_by_key(|it| it.ends).map(|it| Next {
            name: it.called(),
            ends: date(it.ends),
            left: left(it.ends, self.now),
        });
        environment
            .get_template("page")?
            .render(Value::from(Serde(Page {
                directory: &self.directory,
                version: self.version,
                now: date(self.now),
                counts: self.counts(),
                next,
                todo: todo::todo(self),
                lanes: lanes::lanes(self),
                months: months::months(self),
                tree: tree::tree(self),
                findings: todo::groups(self),
            })))
    }

    fn all(&self) -> impl Iterator<Item = &Item> {
        self.authorities.iter().chain(&self.entries)
    }

    fn counts(&self) -> Counts {
        let of = |state| self.all().filter(|it| it.state == state).count();
        let severe = |severity| {
            self.findings
                .iter()
                .filter(|it| it.severity == severity)
                .count()
        };
        Counts {
            authorities: self.authorities.len(),
            entries: self.entries.len(),
            over: of(State::Over),
            due: of(State::Due),
            errors: severe(Severity::Error),
            warnings: severe(Severity::Warning),
        }
    }
}

/// What the template is filled with.
#[derive(Serialize)]
struct Page<'o> {
    directory: &'o str,
    version: &'static str,
    now: String,
    counts: Counts,
    next: Option<Next>,
    todo: Vec<todo::Step>,
    lanes: lanes::Lanes,
    months: Vec<months::Month>,
    tree: Vec<tree::Branch>,
    findings: Vec<todo::Group>,
}

/// What ends next.
#[derive(Serialize)]
struct Next {
    name: String,
    ends: String,
    left: String,
}

#[derive(Serialize)]
struct Counts {
    authorities: usize,
    entries: usize,
    over: usize,
    due: usize,
    errors: usize,
    warnings: usize,
}

impl Item {
    fn is_authority(&self) -> bool {
        matches!(self.kind, "root" | "intermediate")
    }

    /// Its name, of a CA as commands take it.
    fn called(&self) -> String {
        match (&self.issuer, self.is_authority()) {
            (_, true) => format!("ca/{}", self.name),
            (Some(issuer), false) if self.kind == CRL => {
                format!("CRL {} of ca/{issuer}", self.name)
            }
            _ => self.name.clone(),
        }
    }
}

/// Lines that hold nothing but a tag are not written.
fn syntax() -> Result<SyntaxConfig, Error> {
    let mut builder = SyntaxConfig::builder();
    builder
        .trim_blocks(true)
        .lstrip_blocks(true)
        .keep_trailing_newline(true)
        .build()
}

/// The day, in UTC.
fn date(time: OffsetDateTime) -> String {
    time.date().to_string()
}

/// The month, in UTC.
fn month(time: OffsetDateTime) -> String {
    format!("{:04}-{:02}", time.year(), u8::from(time.month()))
}

/// How much time is left, roughly.
fn left(ends: OffsetDateTime, now: OffsetDateTime) -> String {
    let days = (ends - now).whole_days().abs();
    let span = match days {
        0..=90 => counted(days, "day"),
        91..=730 => counted(days / 30, "month"),
        _ => counted(days / 365, "year"),
    };
    match ends < now {
        true => format!("ended {span} ago"),
        false => format!("{span} left"),
    }
}

fn counted(number: i64, unit: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {unit}{plural}")
}

#[cfg(test)]
mod tests {
    use time::{Duration, macros::datetime};

    use super::*;

    const NOW: OffsetDateTime = datetime!(2030-06-15 12:00 UTC);

    fn item(name: &str, kind: &'static str, issuer: Option<&str>, days: i64) -> Item {
        Item {
            name: name.to_owned(),
            kind,
            issuer: issuer.map(str::to_owned),
            ends: NOW + Duration::days(days),
            state: match days {
                ..0 => State::Over,
                0..30 => State::Due,
                _ => State::Good,
            },
            names: vec![format!("DNS:{name}")],
            succession: None,
        }
    }

    fn overview(entries: usize) -> Overview {
        let days = |number: usize| i64::try_from(number % 400).expect("small");
        let entry = |number| {
            item(
                &format!("node{number}"),
                "node",
                Some("issuing"),
                days(number),
            )
        };
        Overview {
            directory: String::from("./pki"),
            version: "1.2.3",
            now: NOW,
            authorities: vec![
                item("root", "root", None, 3650),
                item("issuing", "intermediate", Some("root"), 1800),
            ],
            entries: (0..entries).map(entry).collect(),
            crls: vec![item("7", CRL, Some("root"), 20)],
            findings: Vec::new(),
        }
    }

    #[test]
    fn nothing_from_outside_and_no_script() {
        let page = overview(3).page().expect("a sound template");
        for forbidden in [
            "<script", "http://", "https://", "src=", "url(", "@import", "<link", "onload",
        ] {
            assert!(!page.contains(forbidden), "{forbidden}");
        }
        assert!(page.starts_with("<!DOCTYPE html>\n<html lang=\"en\">"));
    }

    #[test]
    fn hostile_names_are_text() {
        let mut overview = overview(1);
        let hostile = "</style></title><script>alert(1)</script>\"'&`{{ 7*7 }}";
        hostile.clone_into(&mut overview.directory);
        hostile.clone_into(&mut overview.entries[0].name);
        overview.entries[0].names = vec![hostile.to_owned()];
        hostile.clone_into(&mut overview.authorities[1].name);
        overview.entries[0].issuer = Some(hostile.to_owned());
        overview.findings = vec![Trouble {
            code: hostile.to_owned(),
            severity: Severity::Error,
            path: hostile.to_owned(),
            message: hostile.to_owned(),
            hint: hostile.to_owned(),
        }];
        let page = overview.page().expect("a sound template");
        assert!(!page.contains("<script") && !page.contains("49"), "{page}");
        assert_eq!(page.matches("</style>").count(), 1);
    }

    #[test]
    fn crls_stand_beside_their_cas() {
        let page = overview(0).page().expect("a sound template");
        assert!(page.contains(">CRL 7</span>"), "{page}");
        let mut overview = overview(0);
        overview.crls[0].state = State::Good;
        let page = overview.page().expect("a sound template");
        assert!(
            page.contains("The next to end is CRL 7 of ca&#x2f;root, on 2030-07-05 (20 days left)"),
            "{page}"
        );
    }

    /// Each entry costs some octets, and what is drawn none.
    #[test]
    fn many_entries_are_folded() {
        let page = |entries| overview(entries).page().expect("a sound template");
        let thousand = page(1000);
        assert!(thousand.len() <= 300_000, "{}", thousand.len());
        let ten_thousand = page(10_000);
        assert!(ten_thousand.len() <= 2_000_000, "{}", ten_thousand.len());
        for page in [thousand, ten_thousand] {
            assert!(
                page.matches("<svg").count() < 100,
                "{}",
                page.matches("<svg").count()
            );
            assert!(page.contains("node999") && page.matches("<details").count() > 10);
        }
    }

    #[test]
    fn an_empty_pki_is_told_as_such() {
        let mut overview = overview(0);
        overview.authorities.clear();
        assert!(
            overview
                .page()
                .expect("a sound template")
                .contains("Nothing has been issued")
        );
    }

    #[test]
    fn time_is_told_in_words() {
        for (days, expected) in [
            (-1000, "ended 2 years ago"),
            (-1, "ended 1 day ago"),
            (0, "0 days left"),
            (1, "1 day left"),
            (90, "90 days left"),
            (100, "3 months left"),
            (800, "2 years left"),
        ] {
            assert_eq!(left(NOW + Duration::days(days), NOW), expected);
        }
    }
}
