//! What is left to do in a rotation, or in one that is not begun: what to type, and what to copy where.

use super::{keys::KeyWish, signers::only_root};
use crate::{
    documents::rotation_plan::{Document, Step},
    emit::{CLIENT_CA, SERVER_CA, shell_word},
    issuance::rotation::{
        announcement::Lineup,
        doubts::crossing,
        evidence::{Consumer, consumers},
    },
    pki::{entry_name::EntryName, name::visible},
    session::Context,
    store::{
        Pki,
        layout::{Place, file},
        ledger::{
            Kind,
            rotation::{Pair, Phase, Rotation},
        },
    },
    supply::{authority, revocations},
    terminal::Report,
};

/// What the procedure is to tell of.
pub(crate) struct Wanted<'a> {
    /// CA to rotate, where none is being rotated; `None` for the only root
    pub(crate) ca: Option<&'a EntryName>,
    /// How the server takes new files
    pub(crate) reload: Option<String>,
    /// Where an entry's files lie on nodes
    pub(crate) target_dir: &'a str,
    /// Whether the old CA signs the new one's key too, where the rotation is not begun
    pub(crate) cross: bool,
    /// CA whose clients the servers let in
    pub(crate) client_ca: Option<&'a EntryName>,
    /// CA whose servers are dialled
    pub(crate) server_ca: Option<&'a EntryName>,
    /// Where the keys of successors are
    pub(crate) keys: KeyWish<'a>,
}

/// Which files of an entry are copied.
const BUNDLES: [&str; 2] = ["ca.pem", "ca-chain.pem"];
const OWN: [&str; 2] = ["cert.pem", "key.pem"];
const ALL: [&str; 4] = ["cert.pem", "key.pem", "ca.pem", "ca-chain.pem"];
/// Where a cross certificate goes out of the chains.
const CROSSED: [&str; 2] = ["cert.pem", "ca-chain.pem"];

impl Wanted<'_> {
    /// The steps that are left.
    pub(crate) fn document(&self, pki: &Pki, context: &Context) -> Result<Document, Report> {
        let standing = pki.ledger().rotation()?;
        let rotation = match &standing {
            Some(rotation) => {
                self.keys.refuse_any("the rotation has begun")?;
                rotation.clone()
            }
            None => self.to_come(pki, context)?,
        };
        let crosses = match standing.is_some() {
            true => self.crosses(pki, &rotation)?,
            false => self.cross,
        };
        let shared = self.shared(pki, &rotation)?;
        let procedure = Procedure {
            wanted: self,
            pki,
            context,
            crosses,
            // Without the CRL of the new CA its leaves are refused all the same.
            spares_bundles: crosses && !shared.iter().any(|it| it.is_list),
            shared,
            receivers: consumers(pki, &rotation, context.now)?
                .into_iter()
                .map(Receiver::of)
                .collect(),
        };
        Ok(Document {
            schema: "certctl/rotation-plan/v1",
            ca: rotation.top().old.to_string(),
            steps: procedure.steps(&rotation, standing.is_some()),
        })
    }

    /// What `config` has nodes look for besides their entry's files, and what changes in this rotation.
    fn shared(&self, pki: &Pki, rotation: &Rotation) -> Result<Vec<Shared>, Report> {
        let generations = pki.generations()?;
        let top = generations.first(&rotation.top().old);
        let is_rotated = |root: &str| {
            let root = root.parse().ok();
            root.is_some_and(|root| generations.first(&root) == top)
        };
        let mut shared = Vec::new();
        let asked = [(self.client_ca, CLIENT_CA), (self.server_ca, SERVER_CA)];
        for (name, file) in asked {
            let Some(name) = name else { continue };
            let authority = authority(pki, name)?;
            if is_rotated(&authority.root) {
                shared.push(Shared {
                    from: authority.bundle,
                    to: file.to_owned(),
                    is_for_servers: file == CLIENT_CA,
                    is_list: false,
                });
            }
        }
        // A verifier that looks at CRLs refuses whoever has a CA whose CRL it lacks.
        let lists = revocations(pki)?.into_iter();
        let lists = lists.filter(|it| is_rotated(&it.root) && it.missing.is_empty());
        shared.extend(lists.map(|it| Shared {
            to: it.file_on_nodes(),
            from: it.bundle,
            is_for_servers: false,
            is_list: true,
        }));
        Ok(shared)
    }

    /// Whether the rotation that goes on has a cross certificate; refuses to tell of one that is not there.
    fn crosses(&self, pki: &Pki, rotation: &Rotation) -> Result<bool, Report> {
        let crosses = crossing(pki, rotation)?.is_some();
        if self.cross && !crosses {
            let Pair { old, new } = rotation.top();
            let message = format!("the rotation of `{old}` has begun without a cross certificate");
            return Err(Report::refused("rotating", message)
                .hint(format!("`certctl cross-sign {new} --by {old}` makes one")));
        }
        Ok(crosses)
    }

    /// The rotation that is not begun yet.
    fn to_come(&self, pki: &Pki, context: &Context) -> Result<Rotation, Report> {
        let name = match self.ca {
            Some(name) => name.clone(),
            None => only_root(pki)?,
        };
        let lineup = Lineup::of(pki, &name)?;
        self.keys.uris(pki, &lineup)?;
        Ok(lineup.to_come(context.now))
    }
}

/// A file of a CA that lies beside those of an entry on a node, under another name.
struct Shared {
    from: String,
    to: String,
    /// Only servers ask clients for their certificates
    is_for_servers: bool,
    /// Whether it is a bundle of CRLs
    is_list: bool,
}

/// Who gets files.
struct Receiver {
    name: EntryName,
    host: String,
    /// In which format somebody outside has the bundle
    format: Option<String>,
    is_server: bool,
}

struct Procedure<'a> {
    wanted: &'a Wanted<'a>,
    pki: &'a Pki,
    context: &'a Context,
    /// Whether a cross certificate leads from the old CA to the new one
    crosses: bool,
    /// Whether nobody needs anything before the switch
    spares_bundles: bool,
    shared: Vec<Shared>,
    receivers: Vec<Receiver>,
}

impl Procedure<'_> {
    fn steps(&self, rotation: &Rotation, has_begun: bool) -> Vec<Step> {
        let command = |words: &str| vec![self.context.command(&format!("rotate-ca {words}"))];
        let step = |title, about: &str, commands| Step {
            title,
            about: about.to_owned(),
            commands,
        };
        let cross = if self.crosses { " --cross-sign" } else { "" };
        let keys = self.wanted.keys.words();
        let start = format!("start {}{cross}{keys}", rotation.top().old);
        // Apart from the copying: only when a server has reloaded is it so.
        let noted = || {
            step(
                "Say that they are in use",
                "Once every server has taken them. `ack NAME` says it of some, and `ack --from-check FILE` takes what \
                 `check --json` saw there.",
                command("ack --all"),
            )
        };
        let spares = self.spares_bundles;
        let before_switch = || {
            let copies = self.copies("Bring the bundles to everybody", &BUNDLES);
            [copies, noted()].map(|step| (Phase::Announced, step))
        };
        let announce = step(
            "Announce the successor",
            match self.crosses {
                true => {
                    "It is made, with a cross certificate by which who knows the old CA alone takes what it signs; every bundle holds both CAs from now on."
                }
                false => {
                    "It is made, and every bundle holds both CAs from now on; certificates still come from the old one."
                }
            },
            command(&start),
        );
        let switch = step(
            "Switch",
            "New keys and certificates come from the successor. `--canary NAME` or `--batch 10%` does it for some at first.",
            command("switch"),
        );
        let own = match spares {
            true => self.copies("Bring keys, certificates and bundles to everybody", &ALL),
            false => self.copies("Bring keys and certificates to everybody", &OWN),
        };
        let finish = step(
            "Take the old CA out of the bundles",
            "It stays in the PKI directory, and makes CRLs for as long as something that it signed is valid.",
            command("finish"),
        );
        let uncross = || {
            let end = step(
                "Take the cross certificate out of the chains",
                "Everybody knows the new CA by now. There are programs that who trusts it alone would not get past it.",
                command("finish"),
            );
            [
                end,
                self.copies("Bring the chains to everybody", &CROSSED),
                noted(),
            ]
        };
        let last = self.copies("Bring the last bundles", &BUNDLES);
        let mut steps = Vec::new();
        if !has_begun {
            steps.push((Phase::Announced, announce));
        }
        steps.extend(before_switch().into_iter().filter(|_| !spares));
        steps.push((Phase::Switching, switch));
        steps.extend([own, noted()].map(|step| (Phase::Switched, step)));
        let uncross = uncross().into_iter().filter(|_| self.crosses);
        steps.extend(uncross.map(|step| (Phase::Switched, step)));
        steps.extend([finish, last].map(|step| (Phase::Switched, step)));
        let is_left = |(phase, step): (Phase, Step)| (phase >= rotation.phase).then_some(step);
        steps.into_iter().filter_map(is_left).collect()
    }

    /// Copies files to everybody.
    fn copies(&self, title: &'static str, files: &[&str]) -> Step {
        let reload = match &self.wanted.reload {
            Some(reload) => {
                let reload: Vec<_> = reload.lines().collect();
                format!("Then have each server take them. {}", reload.join(" "))
            }
            None => String::from(
                "Then have each server take them: reload, or restart one after the other.",
            ),
        };
        Step {
            title,
            about: format!("In any order. {reload}"),
            commands: self
                .receivers
                .iter()
                .flat_map(|it| self.copy(it, files))
                .collect(),
        }
    }

    fn copy(&self, receiver: &Receiver, files: &[&str]) -> Vec<String> {
        let Receiver { name, host, .. } = receiver;
        if let Some(format) = &receiver.format {
            // A line break would end the comment.
            let format = visible(format);
            return vec![format!(
                "# {name}, outside: the bundle of the CA, as {format}"
            )];
        }
        let from = self.pki.layout().place(&Place::entry(name.clone()));
        let from = files
            .iter()
            .map(|file| from.join(file).display().to_string());
        let to = self.wanted.target_dir.replace("{name}", name.as_str());
        let to = format!("root@{host}:{}/", to.trim_end_matches('/'));
        let own = (from.collect(), to.clone());
        let shared = self.shared.iter().filter(|_| files.contains(&file::TRUST));
        let shared = shared.filter(|it| receiver.is_server || !it.is_for_servers);
        let shared = shared.map(|it| (vec![it.from.clone()], format!("{to}{}", it.to)));
        let command = |(from, to): (Vec<String>, String)| {
            let from: Vec<_> = from.iter().map(|path| shell_word(path)).collect();
            format!("scp -p {} {}", from.join(" "), shell_word(&to))
        };
        [own].into_iter().chain(shared).map(command).collect()
    }
}

impl Receiver {
    fn of(consumer: Consumer) -> Self {
        Self {
            host: host(&consumer),
            is_server: consumer.record.is_some_and(|it| it.kind != Kind::Client),
            name: consumer.name,
            format: consumer.format,
        }
    }
}

/// How an entry is reached: by the first of its names that is one host's.
fn host(consumer: &Consumer) -> String {
    let names = consumer.record.iter().flat_map(|it| &it.names);
    let mut hosts = names.filter_map(|name| match name.split_once(':')? {
        ("DNS", host) if !host.contains('*') && host != "localhost" => Some(host.to_owned()),
        ("IP", address) if address.contains(':') => Some(format!("[{address}]")),
        ("IP", address) => Some(address.to_owned()),
        _ => None,
    });
    hosts.next().unwrap_or_else(|| consumer.name.to_string())
}
