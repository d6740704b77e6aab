//! What an earlier time left to go on with, and what this one leaves.

use std::{collections::BTreeMap, path::Path};

use zeroize::Zeroizing;

use super::{
    super::{Context, Report, bounded},
    FLEET, OUT_DIR, Setup,
};
use crate::{emit::shell_word, kit, setup::Answers};

impl Setup {
    /// The options, and behind them the file.
    pub(super) fn answers(&self) -> Result<Answers, Report> {
        let options = Answers {
            server: self.server.clone(),
            server_version: self.server_version.clone(),
            nodes: self.nodes.clone(),
            addresses: self.addresses.clone(),
            domain: self.domain.clone(),
            clients: self.clients.clone(),
            target_dir: self.target_dir.clone(),
            days: self.days,
            ca_days: self.ca_days,
            set: self.set.iter().cloned().collect(),
        };
        let Some(path) = &self.answers else {
            return Ok(options);
        };
        let text = read(path)?;
        let file = Answers::parse(&path.display().to_string(), &text)
            .map_err(|mistakes| Report::of_file("answers", mistakes))?;
        Ok(options.or(file))
    }

    /// What lays the same folders again, without a question.
    pub(super) fn again(&self, context: &Context) -> String {
        let word = |path: &Path| shell_word(&path.display().to_string());
        let places = [
            ("--fleet", &self.fleet, FLEET),
            ("--out-dir", &self.out_dir, OUT_DIR),
        ];
        let others = places
            .into_iter()
            .filter(|(_, path, usual)| *path != Path::new(usual));
        let others: String = others
            .map(|(option, path, _)| format!(" {option} {}", word(path)))
            .collect();
        let answers = word(&self.out_dir.join(kit::ANSWERS));
        context.command(&format!("setup --answers {answers}{others} --yes --force"))
    }

    /// The secrets of the last time.
    pub(super) fn secrets(&self) -> Result<BTreeMap<String, Zeroizing<String>>, Report> {
        let path = self.out_dir.join(kit::SECRETS);
        if path.symlink_metadata().is_err() {
            return Ok(BTreeMap::new());
        }
        let text = read(&path)?;
        let read: BTreeMap<String, String> = toml::from_str(&text).map_err(|_| {
            let message = format!("{}: not what `certctl setup` wrote", path.display());
            Report::failed("answers", message)
                .hint("without it new secrets are made, and every node needs its new files")
        })?;
        Ok(read
            .into_iter()
            .map(|(label, it)| (label, Zeroizing::new(it)))
            .collect())
    }
}

fn read(path: &Path) -> Result<Zeroizing<String>, Report> {
    let mut allowance = bounded::Allowance::of(bounded::Kind::Fleet);
    let text = allowance.read(path).and_then(bounded::text);
    text.map_err(|error| {
        Report::failed(
            "answers",
            format!("cannot read {}: {error}", path.display()),
        )
    })
}
