//! What `certctl check` says of many files.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use serde_json::Value;

use crate::{Material, Program};

/// What was found in one file.
#[derive(Clone, Debug, Default)]
pub(crate) struct Told {
    /// Severity, code and message of each finding
    findings: BTreeSet<[String; 3]>,
}

impl Told {
    /// Leaves out what is found in the file as it was.
    pub(crate) fn without(mut self, other: &Self) -> Self {
        let codes: BTreeSet<_> = other.findings.iter().map(|[_, code, _]| code).collect();
        self.findings.retain(|[_, code, _]| !codes.contains(code));
        self
    }

    pub(crate) fn is_silent(&self) -> bool {
        self.findings.is_empty()
    }

    /// The codes of what is called an error.
    pub(crate) fn errors(&self) -> impl Iterator<Item = &str> {
        let errors = self
            .findings
            .iter()
            .filter(|[severity, ..]| severity == "error");
        errors.map(|[_, code, _]| code.as_str())
    }
}

impl fmt::Display for Told {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for [severity, code, message] in &self.findings {
            writeln!(formatter, "  {severity}: {code}: {message}")?;
        }
        Ok(())
    }
}

/// What is found in each of these texts.
pub(crate) fn told(material: &Material, program: &Program, texts: &[&str]) -> Vec<Told> {
    let names: Vec<String> = (0..texts.len())
        .map(|index| format!("checked-{index}.conf"))
        .collect();
    for (name, text) in names.iter().zip(texts) {
        material.file(name, text);
    }
    let mut words = vec!["check", "--json", "--server", program.server];
    words.extend(names.iter().map(String::as_str));
    let run = material.certctl.run(&words);
    let document: Value = serde_json::from_str(&run.stdout)
        .unwrap_or_else(|_| panic!("{}\n{}", run.stdout, run.stderr));
    let findings = document["findings"].as_array().expect("a list");
    let mut told: BTreeMap<&str, Told> = BTreeMap::new();
    for finding in findings {
        let text = |key: &str| finding[key].as_str().unwrap_or_default();
        let place = if text("place").is_empty() {
            text("path")
        } else {
            text("place")
        };
        let file = names.iter().find(|name| place.contains(name.as_str()));
        let Some(file) = file else {
            panic!("a finding that is nowhere: {finding}");
        };
        let told = told.entry(file).or_default();
        told.findings
            .insert(["severity", "code", "message"].map(|key| text(key).to_owned()));
    }
    let of = |name: &String| {
        let mut one = told.remove(name.as_str()).unwrap_or_default();
        if run.stderr.contains(&format!("{name}:")) {
            one.findings
                .insert(["error", "not-recognised", ""].map(str::to_owned));
        }
        one
    };
    names.iter().map(of).collect()
}
