//! Where a value may be given, for each text that can be written.

use certctl::emit::{Client, Format, Kind, OptionSpec, Request, Server, Version};

use crate::{VALUES, fixture};

/// An ordinary value.
pub(crate) const BENIGN: &str = "benign";

/// As far as names of entries and CAs allow: what YAML and others take for something else.
const NAMES: &[&str] = &["null", "no", "true", "on", "y", "e1"];

/// So many slots share the values.
const SHARES: usize = 7;

/// What writes a text.
pub(crate) enum Writer<'s> {
    Format(&'s Format),
    Client(&'s Client),
}

impl Writer<'_> {
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Format(format) => &format.name,
            Self::Client(client) => &client.name,
        }
    }
}

type Fill = Box<dyn Fn(&mut Request, &str)>;

/// One place for a value.
pub(crate) struct Slot {
    pub(crate) name: String,
    /// The value is a list of words
    pub(crate) splits: bool,
    /// Others are written by the same line, so it takes a share of the values
    pub(crate) share: Option<usize>,
    /// A colon divides the value, so that another value stands in its place
    divides: bool,
    is_name: bool,
    base: Request,
    fill: Fill,
}

impl Slot {
    /// The request with a value in this place.
    pub(crate) fn request(&self, value: &str) -> Request {
        let mut request = self.base.clone();
        (self.fill)(&mut request, value);
        request
    }

    /// All values, or a share of them.
    pub(crate) fn values(&self, share: Option<usize>) -> impl Iterator<Item = &'static str> {
        let values = if self.is_name { NAMES } else { VALUES };
        let (first, step) = share.map_or((0, 1), |share| (share % SHARES, SHARES));
        let lists = [
            "tls_versions",
            "cipher-suites",
            "allowed-cn",
            "allowed-hostname",
        ];
        let is_list = lists.iter().any(|it| self.name.ends_with(it));
        let values = values
            .iter()
            .filter(move |value| !is_list || !value.contains([',', '[', ']']))
            .filter(|value| !self.divides || !value.contains(':'));
        values.copied().skip(first).step_by(step)
    }
}

/// All formats and clients, each in the oldest and the newest version.
pub(crate) fn writers(server: &Server) -> Vec<(Writer<'_>, Version)> {
    let manifest = &server.manifest;
    let mut versions = vec![manifest.newest().clone()];
    versions.extend(manifest.versions.get_ref().first().cloned());
    versions.dedup();
    let formats = || manifest.formats.iter().map(Writer::Format);
    let each = |version: Version| formats().map(move |writer| (writer, version.clone()));
    let formats: Vec<_> = versions.iter().cloned().flat_map(each).collect();
    let clients = manifest.clients.iter().map(Writer::Client);
    let clients = clients.map(|writer| (writer, manifest.newest().clone()));
    formats.into_iter().chain(clients).collect()
}

/// Everything that somebody can give for a text.
pub(crate) fn slots(server: &Server, writer: &Writer<'_>, version: &Version) -> Vec<Slot> {
    let base = base(server, writer, version);
    let slot = |name: &str, is_name: bool, fill: Fill| Slot {
        name: name.to_owned(),
        splits: false,
        share: None,
        divides: false,
        is_name,
        base: base.clone(),
        fill,
    };
    let mut slots = vec![
        slot(
            "--target-dir",
            false,
            Box::new(|request, value| {
                request.target_dir = Some(format!("/{value}"));
            }),
        ),
        slot("--dir", false, Box::new(directory)),
        slot(
            "SAN",
            false,
            Box::new(|request, value| {
                for (_, entry) in &mut request.listeners {
                    entry.sans = vec![format!("DNS:{value}")];
                }
            }),
        ),
        slot(
            "--host",
            false,
            Box::new(|request, value| {
                if let Some(dial) = &mut request.dial {
                    value.clone_into(&mut dial.host);
                }
            }),
        ),
        slot(
            "NAME",
            true,
            Box::new(|request, value| {
                value.clone_into(&mut request.name);
                let entries = request.listeners.iter_mut().map(|(_, entry)| entry);
                for entry in entries.chain(request.dial.iter_mut().flat_map(|dial| &mut dial.entry))
                {
                    value.clone_into(&mut entry.name);
                }
            }),
        ),
        slot(
            "CA",
            true,
            Box::new(|request, value| {
                for authority in request.client_ca.iter_mut().chain(&mut request.server_ca) {
                    value.clone_into(&mut authority.name);
                }
            }),
        ),
    ];
    let text = version.to_string();
    slots.push(slot(
        "--server-version",
        false,
        Box::new(move |request, value| {
            request.version = format!("{text}-{value}").parse().ok();
        }),
    ));
    let specs = server
        .manifest
        .options
        .iter()
        .chain(&server.manifest.parameters);
    let mut paths = 0;
    for (name, spec) in specs.filter(|(_, spec)| spec.exists_in(version)) {
        let set = slot(&format!("--set {name}"), false, set(name, spec));
        paths += usize::from(spec.kind == Kind::Path);
        let share = (spec.kind == Kind::Path && paths > 1).then_some(paths);
        slots.push(Slot {
            splits: spec.splits,
            share,
            divides: spec.kind == Kind::Grant,
            ..set
        });
    }
    slots
}

fn base(server: &Server, writer: &Writer<'_>, version: &Version) -> Request {
    match writer {
        Writer::Format(format) => {
            let client_ca = Some(fixture::clients());
            let revocations = ["root", "clients"].map(|root| fixture::revocations(root, &[]));
            Request {
                client_ca,
                revocations: revocations.into(),
                ..fixture::request(server, format, version)
            }
        }
        Writer::Client(client) => Request {
            dial: Some(fixture::dial(true)),
            set: fixture::examples(server, &client.requires),
            ..Request::default()
        },
    }
}

/// All files below a PKI directory of this name.
fn directory(request: &mut Request, value: &str) {
    let moved = |path: &mut String| *path = path.replacen("/srv/pki", &format!("/{value}"), 1);
    let entries = request
        .listeners
        .iter_mut()
        .map(|(_, entry)| &mut entry.directory);
    let bundles = request
        .client_ca
        .iter_mut()
        .map(|authority| &mut authority.bundle);
    let crls = request.revocations.iter_mut().map(|it| &mut it.bundle);
    entries.chain(bundles).chain(crls).for_each(moved);
    if let Some(dial) = &mut request.dial {
        moved(&mut dial.trust);
        dial.entry
            .iter_mut()
            .for_each(|entry| moved(&mut entry.directory));
    }
}

/// An option or parameter, whose kind says what has to be around the value.
fn set(name: &str, spec: &OptionSpec) -> Fill {
    let (name, kind, is_secret) = (name.to_owned(), spec.kind, spec.secret);
    Box::new(move |request, value| {
        let value = match kind {
            Kind::Endpoint => format!("{value}:1"),
            Kind::Grant => format!("{value}:"),
            Kind::Login => format!("{value}:$1$a$b"),
            Kind::Path => format!("/{value}"),
            _ => value.to_owned(),
        };
        request.set.retain(|(known, _)| *known != name);
        let value = if is_secret {
            format!("@{value}")
        } else {
            value
        };
        request.set.push((name.clone(), value));
    })
}
