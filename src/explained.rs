//! What a finding's code stands for, in the words of whoever finds it.
//!
//! Said once, in the file of the rule; `check --list`, `explain` and certctl-findings(7) show it.

use std::borrow::Cow;

use crate::severity::Severity;

/// A code and what is to be known of it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Explained {
    /// Stable name in kebab-case
    pub code: Cow<'static, str>,
    /// How bad it is
    pub severity: Severity,
    /// Where it is written: a section of an RFC, a page of this manual, a server's document
    pub source: Cow<'static, str>,
    /// What is wrong, and what comes of it, without final stop
    pub meaning: Cow<'static, str>,
    /// What mends it, without final stop; words in capitals stand for names
    pub hint: Cow<'static, str>,
}

/// What a part of the program that is no rule of `check` tells of.
#[derive(Clone, Debug)]
pub enum Told {
    /// It has words of its own
    Here(Explained),
    /// A rule of `check` has words for it
    Alike {
        /// Stable name in kebab-case
        code: &'static str,
        /// How bad it is
        severity: Severity,
        /// Where it is written
        source: &'static str,
        /// The code of the rule, which may be another
        rule: &'static str,
    },
}

/// Gives a kind of rule, whose parts have these names, the function that puts them together.
macro_rules! explained_by_parts {
    ($rule:ty) => {
        impl $rule {
            /// What its code stands for; its hint as it is written there.
            #[must_use]
            pub const fn explained(&self) -> $crate::explained::Explained {
                $crate::explained::Explained::new(
                    self.code,
                    self.severity,
                    self.source,
                    self.meaning,
                    self.hint,
                )
            }
        }
    };
}

pub(crate) use explained_by_parts;

impl Told {
    /// Stable name in kebab-case.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::Here(explained) => &explained.code,
            Self::Alike { code, .. } => code,
        }
    }

    /// How bad it is.
    #[must_use]
    pub const fn severity(&self) -> Severity {
        match self {
            Self::Here(explained) => explained.severity,
            Self::Alike { severity, .. } => *severity,
        }
    }
}

impl Explained {
    /// What is known when certctl is compiled.
    #[must_use]
    pub const fn new(
        code: &'static str,
        severity: Severity,
        source: &'static str,
        meaning: &'static str,
        hint: &'static str,
    ) -> Self {
        Self {
            code: Cow::Borrowed(code),
            severity,
            source: Cow::Borrowed(source),
            meaning: Cow::Borrowed(meaning),
            hint: Cow::Borrowed(hint),
        }
    }

    /// A code in kebab-case, a source that can be looked up, sentences without final stop.
    #[cfg(test)]
    pub(crate) fn assert_well_worded(&self) {
        let Self { code, source, .. } = self;
        let kebab = |c: char| c.is_ascii_lowercase() || c == '-';
        assert!(!code.is_empty() && code.chars().all(kebab), "{code}");
        assert!(
            source.contains('§') || source.contains("certctl"),
            "{code}: {source}"
        );
        for text in [&self.meaning, &self.hint] {
            assert!(!text.is_empty() && !text.ends_with('.'), "{code}: {text}");
        }
        assert!(
            self.meaning.starts_with(|c: char| !c.is_lowercase()),
            "{code}: {}",
            self.meaning
        );
    }
}

/// Codes are sorted, and each is well worded.
#[cfg(test)]
pub(crate) fn assert_well_worded(rules: impl Iterator<Item = Explained>) {
    let mut last = Cow::Borrowed("");
    for rule in rules {
        assert!(last < rule.code, "{} stands after {last}", rule.code);
        rule.assert_well_worded();
        last = rule.code;
    }
}
