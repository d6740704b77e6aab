//! `certctl/rotate-ca/v1`: how far a rotation is, for programs to read.

use serde::Serialize;

use crate::{
    issuance::rotation::{
        RotateError,
        doubts::{Doubt, crossed, crossing, distrusting, needs_trust, unfinished},
        evidence::{Consumer, Generation},
    },
    pki::validity::rfc3339 as time,
    store::{
        Pki,
        layout::{Area, file},
        ledger::{
            Kind,
            rotation::{Pair, Phase, Rotation, Sighting},
        },
    },
};

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Document {
    schema: &'static str,
    /// The rotation that goes on, or else the last one; null where there was none
    pub(crate) rotation: Option<RotationDocument>,
    /// Everybody who trusts the CA and has not ended; empty where no rotation goes on
    pub(crate) consumers: Vec<ConsumerDocument>,
    /// Who is in the way of the next step; empty where it can be taken
    pub(crate) doubts: Vec<DoubtDocument>,
    /// The next step: `switch`, `finish` or none
    #[cfg_attr(test, schemars(extend("enum" = ["switch", "finish", null])))]
    pub(crate) next: Option<&'static str>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct RotationDocument {
    /// Name of the CA that makes way
    pub(crate) ca: String,
    /// Name of its successor
    pub(crate) successor: String,
    /// What they are
    #[cfg_attr(test, schemars(extend("enum" = ["root", "intermediate"])))]
    pub(crate) kind: &'static str,
    /// How far it is
    #[cfg_attr(test, schemars(extend("enum" = ["announced", "switching", "switched", "finished", "aborted"])))]
    pub(crate) phase: &'static str,
    /// When it came so far
    #[cfg_attr(test, schemars(extend("format" = "date-time")))]
    pub(crate) since: String,
    /// The CA and those below it, each with its successor
    pub(crate) pairs: Vec<PairDocument>,
    /// Name of the cross certificate that the old CA has signed for its successor; null where there is none
    pub(crate) cross: Option<String>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct PairDocument {
    /// Name of a CA
    old: String,
    /// Name of its successor
    new: String,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct ConsumerDocument {
    /// Name of the entry, or what the fleet file calls somebody outside
    pub(crate) name: String,
    /// What it is: an entry of this PKI directory, or somebody outside
    #[cfg_attr(test, schemars(extend("enum" = ["entry", "outside"])))]
    pub(crate) kind: &'static str,
    /// In which format somebody outside has the bundle; null for an entry
    pub(crate) format: Option<String>,
    /// Whether the successor is trusted there; null where nobody has seen
    pub(crate) trusts: Option<bool>,
    /// Which generation has signed its certificate in use; null where it has none of either
    #[cfg_attr(test, schemars(extend("enum" = ["old", "new", null])))]
    pub(crate) leaf: Option<&'static str>,
    /// Which generation's certificate it may show to others
    #[cfg_attr(test, schemars(extend("enum" = ["old", "new", null])))]
    pub(crate) shows: Option<&'static str>,
    /// By what that was seen; null where nobody has seen
    #[cfg_attr(test, schemars(extend("enum" = ["ack", "birth", "check", "probe", "served", null])))]
    pub(crate) seen_by: Option<&'static str>,
    /// When it was seen
    #[cfg_attr(test, schemars(extend("format" = "date-time")))]
    pub(crate) seen_at: Option<String>,
    /// SHA-256 of the bundle that was seen, hexadecimal
    pub(crate) bundle: Option<String>,
    /// Files that have to be copied there, and loaded
    pub(crate) copy: Vec<&'static str>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct DoubtDocument {
    /// Name of the entry, or of somebody outside
    pub(crate) name: String,
    /// What is not known, or in the way
    #[cfg_attr(test, schemars(extend("enum" = ["crossed", "distrusts", "refuses", "in-use", "shows-old", "unseen", "unknown"])))]
    pub(crate) reason: &'static str,
    /// The same in words
    pub(crate) message: &'static str,
}

impl Document {
    /// How far a rotation is that goes on.
    pub(crate) fn new(
        pki: &Pki,
        rotation: &Rotation,
        consumers: &[Consumer],
    ) -> Result<Self, RotateError> {
        let (next, doubts) = match rotation.phase {
            Phase::Announced if needs_trust(pki, rotation)? => {
                (Some("switch"), distrusting(consumers))
            }
            Phase::Announced | Phase::Switching => (Some("switch"), Vec::new()),
            Phase::Switched => (Some("finish"), unfinished(pki, rotation, consumers)?),
            Phase::Finished | Phase::Aborted => (None, Vec::new()),
        };
        let is_root = kind(pki, rotation)? == Kind::Root;
        let phase = rotation.phase;
        let trust = trust_files(pki, rotation, is_root)?;
        let crossed = crossed(pki, rotation, consumers)?;
        let consumer = |consumer: &Consumer| {
            let is_crossed = crossed.iter().any(|it| it.name == consumer.name);
            ConsumerDocument::new(consumer, phase, &trust, is_crossed)
        };
        Ok(Self {
            schema: "certctl/rotate-ca/v1",
            rotation: Some(RotationDocument::new(pki, rotation)?),
            consumers: consumers.iter().map(consumer).collect(),
            doubts: doubts.iter().map(DoubtDocument::new).collect(),
            next,
        })
    }

    /// Where none goes on.
    pub(crate) fn none(pki: &Pki) -> Result<Self, RotateError> {
        let rotations = pki.ledger().rotations()?;
        let last = rotations.last();
        Ok(Self {
            schema: "certctl/rotate-ca/v1",
            rotation: last.map(|it| RotationDocument::new(pki, it)).transpose()?,
            consumers: Vec::new(),
            doubts: Vec::new(),
            next: None,
        })
    }

    /// The last rotation, in words.
    pub(crate) fn last_text(&self) -> String {
        match &self.rotation {
            None => String::from("no CA is being rotated"),
            Some(last) => format!(
                "no CA is being rotated; the last one, {} → {}, was {} on {}",
                last.ca, last.successor, last.phase, last.since
            ),
        }
    }
}

/// Whether a root is rotated, or a CA below one.
fn kind(pki: &Pki, rotation: &Rotation) -> Result<Kind, RotateError> {
    let named = pki.ledger().named(&rotation.top().old)?;
    let mut authorities = named
        .iter()
        .filter(|it| it.kind.area() == Area::Authorities);
    Ok(authorities.next_back().map_or(Kind::Root, |it| it.kind))
}

impl RotationDocument {
    fn new(pki: &Pki, rotation: &Rotation) -> Result<Self, RotateError> {
        let pair = |pair: &Pair| PairDocument {
            old: pair.old.to_string(),
            new: pair.new.to_string(),
        };
        Ok(Self {
            ca: rotation.top().old.to_string(),
            successor: rotation.top().new.to_string(),
            kind: kind(pki, rotation)?.name(),
            phase: rotation.phase.name(),
            since: time(rotation.since),
            pairs: rotation.pairs.iter().map(pair).collect(),
            cross: crossing(pki, rotation)?.map(|it| it.name.to_string()),
        })
    }
}

impl ConsumerDocument {
    fn new(consumer: &Consumer, phase: Phase, trust: &[&'static str], is_crossed: bool) -> Self {
        let seen = consumer.seen.as_ref();
        let seen = seen.filter(|seen| seen.trust().is_some() || seen.serial.is_some());
        let trusts = seen.and_then(Sighting::trust);
        Self {
            name: consumer.name.to_string(),
            kind: match consumer.record {
                Some(_) => "entry",
                None => "outside",
            },
            format: consumer.format.clone(),
            trusts,
            leaf: consumer.leaf.map(Generation::name),
            shows: consumer.shows.map(Generation::name),
            seen_by: seen.map(|seen| seen.seen_by.name()),
            seen_at: seen.map(|seen| time(seen.at)),
            bundle: seen
                .and_then(|seen| seen.bundle.as_deref())
                .map(base16ct::lower::encode_string),
            copy: copy(consumer, trusts == Some(true), phase, trust, is_crossed),
        }
    }
}

/// What says whom to trust: bundles, and where there are CRLs those, without which leaves of the new CA are refused.
fn trust_files(
    pki: &Pki,
    rotation: &Rotation,
    is_root: bool,
) -> Result<Vec<&'static str>, RotateError> {
    let mut files = Vec::new();
    if is_root {
        files.push(file::TRUST);
    }
    files.push(file::TRUST_CHAIN);
    for pair in &rotation.pairs {
        let has_list = pki.ledger().crl_state(&pair.new)?.number > 0;
        if has_list && !files.contains(&file::CRL_BUNDLE) {
            files.push(file::CRL_BUNDLE);
        }
    }
    Ok(files)
}

/// The files that are not known to have reached it.
fn copy(
    consumer: &Consumer,
    trusts: bool,
    phase: Phase,
    trust: &[&'static str],
    is_crossed: bool,
) -> Vec<&'static str> {
    let lacking = trust.iter().copied().filter(|_| !trusts);
    let Some(record) = &consumer.record else {
        let others = lacking.filter(|it| *it == file::CRL_BUNDLE);
        let bundle = [file::BUNDLE].into_iter().filter(|_| !trusts);
        return bundle.chain(others).collect();
    };
    let mut files = Vec::new();
    let last = consumer.seen.as_ref().and_then(|seen| seen.serial.as_ref());
    let is_new = last.is_some_and(|last| *last == record.serial);
    if phase.is_open() && consumer.leaf != consumer.shows && !is_new {
        files.push("cert.pem");
        if record.origin.has_key() {
            files.push("key.pem");
        }
    }
    files.extend(lacking);
    if is_crossed {
        let others = [file::CERTIFICATE, file::TRUST_CHAIN].into_iter();
        let others: Vec<_> = others.filter(|it| !files.contains(it)).collect();
        files.extend(others);
    }
    files
}

impl DoubtDocument {
    fn new(doubt: &Doubt) -> Self {
        Self {
            name: doubt.name.to_string(),
            reason: doubt.reason.name(),
            message: doubt.reason.text(),
        }
    }
}
