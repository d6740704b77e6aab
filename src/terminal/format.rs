//! The formats of `-o`, and which commands print them.

use clap::ValueEnum;

use crate::{formats, rulebook::Teller};

/// How results are printed.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
pub(crate) enum Format {
    /// One JSON document
    Json,
    /// JUnit's XML, for CI systems (check, verify, probe, prove)
    Junit,
    /// Metrics for Prometheus (check, verify, probe, prove)
    Prometheus,
    /// SARIF 2.1.0, for code scanning (check, verify, probe, prove)
    Sarif,
    /// Text for people
    #[default]
    Text,
}

impl Format {
    /// The format for findings alone that it is.
    pub(crate) const fn of_findings(self) -> Option<formats::Format> {
        match self {
            Self::Json | Self::Text => None,
            Self::Junit => Some(formats::Format::Junit),
            Self::Prometheus => Some(formats::Format::Prometheus),
            Self::Sarif => Some(formats::Format::Sarif),
        }
    }

    /// Why a command that tells no findings cannot print it; `None` where it can.
    pub(crate) fn refusal(self, command: &str) -> Option<String> {
        let tells = formats::TELLERS.iter().any(|it| it.name() == command);
        if tells || self.of_findings().is_none() {
            return None;
        }
        let value = self.to_possible_value();
        let name = value.as_ref().map_or("", |it| it.get_name());
        let names: Vec<_> = formats::TELLERS.iter().copied().map(Teller::name).collect();
        let names = names.join(", ");
        Some(format!(
            "`{command}` prints text or JSON: `-o {name}` is for findings, which {names} tell"
        ))
    }
}
