//! The writing of one snippet: facts, parameters, options, findings, text, in this order.

use std::sync::Arc;

use minijinja::{Value, context};

use super::{
    engine::{Engine, value},
    error::EmitError,
    findings,
    kind::Kind,
    manifest::{Client, Format, Manifest},
    option::OptionSpec,
    request::{
        Authority, CLIENT_CA, Emitted, Layout, ListenerView, Outside, Request, Revocations,
        SERVER_CA,
    },
    server::{Rendered, Server},
    settings::{self, Settings},
    version::Version,
};

/// What is known before it is known what to write.
pub(super) struct Writing<'a> {
    pub(super) server: &'a Server,
    pub(super) request: &'a Request,
    pub(super) version: Version,
    pub(super) engine: Engine,
    settings: Settings,
}

/// The options of a snippet, and the values that would not fit.
#[derive(Debug, Default)]
pub(super) struct Options {
    /// Options of different listeners do not collide
    sections: bool,
    pub(super) emitted: Vec<Emitted>,
    /// Option, value that is written, value that another listener wants
    pub(super) disputed: Vec<(String, String, String)>,
}

type Written<T> = Result<T, Vec<EmitError>>;

impl<'a> Writing<'a> {
    pub(super) fn begin(
        server: &'a Server,
        request: &'a Request,
        outside: Arc<dyn Outside>,
    ) -> Written<Self> {
        let manifest = &server.manifest;
        let version = request
            .version
            .as_ref()
            .unwrap_or(manifest.newest())
            .clone();
        let settings = settings::read(manifest, &version, &request.set, &*outside)?;
        let mut engine = server.engine();
        engine.suppose(version.clone());
        engine.serve(outside);
        Ok(Self {
            server,
            request,
            version,
            engine,
            settings,
        })
    }

    pub(super) fn format(mut self, format: &Format) -> Written<Rendered> {
        self.require(&format.name, &format.requires)?;
        self.serve_crls();
        let listeners = self.listeners(format);
        let context = self.facts(format, &listeners);
        let context = context! { param => self.parameters(&context)?, ..context };
        let options = self.options(&listeners, &context)?;
        let context = self.with_options(&options.emitted, context);
        let text = self.text(format.template.get_ref(), &context)?;
        let mut findings = findings::general(&self, format, &options);
        findings.extend(findings::ruled(&self, &format.name, true, &context)?);
        let secret = |emitted: &Emitted| self.spec(&emitted.name).is_some_and(|it| it.secret);
        Ok(Rendered {
            version: self.version.to_string(),
            secret: format.secret
                || self.engine.used_secret()
                || options.emitted.iter().any(secret),
            copies: self.copies(&text),
            text,
            findings,
        })
    }

    pub(super) fn client(self, client: &Client) -> Written<Rendered> {
        self.require(&client.name, &client.requires)?;
        let dial = self.request.dial.clone().unwrap_or_default();
        let layout = self.layout(None);
        let entry = dial.entry.as_ref().map(|entry| entry.view(layout));
        let usual = self
            .manifest()
            .listeners
            .iter()
            .find(|it| it.name == *client.listener.get_ref());
        let context = context! {
            host => dial.host,
            port => dial.port.or(usual.and_then(|listener| listener.port)),
            ca => dial.trust,
            cert => entry.as_ref().map(|entry| &entry.cert),
            key => entry.as_ref().map(|entry| &entry.key),
            own => value(&entry),
            ..self.base()
        };
        let context = context! { param => self.parameters(&context)?, ..context };
        Ok(Rendered {
            text: self.text(client.template.get_ref(), &context)?,
            version: self.version.to_string(),
            secret: self.engine.used_secret(),
            copies: Vec::new(),
            findings: findings::ruled(&self, &client.name, false, &context)?,
        })
    }

    pub(super) fn manifest(&self) -> &'a Manifest {
        &self.server.manifest
    }

    pub(super) fn spec(&self, name: &str) -> Option<&'a OptionSpec> {
        self.manifest().spec(name)
    }

    fn require(&self, writer: &str, names: &[toml::Spanned<String>]) -> Written<()> {
        let missing = names
            .iter()
            .filter(|name| !self.settings.contains_key(name.get_ref()));
        let errors: Vec<_> = missing
            .filter_map(|name| {
                let spec = self.spec(name.get_ref())?;
                Some(EmitError::MissingParameter {
                    format: writer.to_owned(),
                    parameter: name.get_ref().clone(),
                    help: spec.help.clone(),
                    example: spec.example.clone(),
                })
            })
            .collect();
        if errors.is_empty() {
            Ok(())
        } else {
            Err(errors)
        }
    }

    fn text(&self, template: &str, context: &Value) -> Written<String> {
        let text = self.engine.file(&self.server.path(template), context);
        text.map_err(|error| vec![error.into()])
    }

    /// Templates learn of CRLs only where no CA lacks one.
    fn serve_crls(&mut self) {
        let layout = self.layout(None);
        let whole = self.request.revocations.iter();
        let whole = whole.filter(|it| it.missing.is_empty());
        let files = whole.map(|it| (it.root.clone(), layout.source_crls(it)));
        self.engine.serve_crls(files.collect());
    }

    fn layout(&self, mount: Option<&'a str>) -> Layout<'a> {
        let mut names: Vec<_> = self
            .request
            .listeners
            .iter()
            .map(|(_, it)| &it.name)
            .collect();
        names.sort();
        names.dedup();
        Layout {
            target_dir: self.request.target_dir.as_deref(),
            mount,
            several: names.len() > 1,
        }
    }

    /// What must be copied to the node, as far as the snippet needs it; nothing where the PKI directory's own
    /// files are named.
    fn copies(&self, text: &str) -> Vec<(String, String)> {
        if self.request.target_dir.is_none() {
            return Vec::new();
        }
        let layout = self.layout(None);
        let entries = self.request.listeners.iter().map(|(_, entry)| entry);
        let folders = entries.map(|entry| (entry.directory.clone(), layout.source(entry)));
        let bundles = self
            .authorities()
            .into_iter()
            .filter_map(|(name, authority)| {
                let authority = authority?;
                Some((
                    authority.bundle.clone(),
                    layout.source_bundle(authority, name),
                ))
            });
        let wanted = |it: &&Revocations| it.missing.is_empty() && self.engine.wants_crls(&it.root);
        let crls = self.request.revocations.iter().filter(wanted);
        let crls = crls.map(|it| (it.bundle.clone(), layout.source_crls(it)));
        let mut copies: Vec<_> = folders.chain(bundles).chain(crls).collect();
        copies.dedup();
        copies.retain(|(_, to)| text.contains(to));
        copies
    }

    fn authorities(&self) -> [(&'static str, Option<&'a Authority>); 2] {
        [
            (CLIENT_CA, self.request.client_ca.as_ref()),
            (SERVER_CA, self.request.server_ca.as_ref()),
        ]
    }

    fn listeners(&self, format: &'a Format) -> Vec<ListenerView> {
        let layout = self.layout(format.mount.as_deref());
        let known = self.manifest().listeners.iter();
        let chosen = known.filter_map(|listener| {
            let mut asked = self.request.listeners.iter();
            let (_, entry) = asked.find(|(name, _)| *name == listener.name)?;
            Some(ListenerView {
                name: listener.name.clone(),
                title: listener.title.clone(),
                port: listener.port,
                ..entry.view(layout)
            })
        });
        chosen.collect()
    }

    /// What every template sees, whatever it writes.
    fn base(&self) -> Value {
        let nothing = |name: &str| (name.to_owned(), Value::from(()));
        let options = &self.manifest().options;
        let given = options.iter().map(|(name, spec)| {
            let values = self.settings.get(name).map_or(&[][..], Vec::as_slice);
            (name.clone(), spec.value(values))
        });
        let listeners = self.manifest().listeners.iter();
        let revocations = self.request.revocations.iter();
        context! {
            title => &self.manifest().title,
            version => self.version.to_string(),
            node => &self.request.name,
            target_dir => &self.request.target_dir,
            set => Value::from_pairs(given),
            option => Value::from_pairs(options.keys().map(|name| nothing(name))),
            listeners => Vec::<Value>::new(),
            listener => Value::from_pairs(listeners.map(|listener| nothing(&listener.name))),
            client_ca => (),
            server_ca => (),
            revocations => revocations.map(|it| it.root.clone()).collect::<Vec<_>>(),
        }
    }

    fn facts(&self, format: &'a Format, listeners: &[ListenerView]) -> Value {
        let layout = self.layout(format.mount.as_deref());
        let by_name = self.manifest().listeners.iter().map(|listener| {
            let view = listeners.iter().find(|view| view.name == listener.name);
            (listener.name.clone(), value(view))
        });
        let [client_ca, server_ca] = self.authorities().map(|(name, authority)| {
            value(authority.map(|authority| authority.view(layout, name)))
        });
        context! {
            listeners => value(listeners),
            listener => Value::from_pairs(by_name),
            client_ca => client_ca,
            server_ca => server_ca,
            mount => &format.mount,
            ..self.base()
        }
    }

    fn parameters(&self, context: &Value) -> Written<Value> {
        let mut pairs = Vec::new();
        for (name, spec) in &self.manifest().parameters {
            let mut values = self.settings.get(name).cloned().unwrap_or_default();
            if let (true, Some(default)) = (values.is_empty(), &spec.default) {
                let value = self.engine.inline(default, context);
                let value = value.map_err(|error| vec![error.into()])?;
                values.extend(Some(value).filter(|value| !value.is_empty()));
            }
            pairs.push((name.clone(), spec.value(&values)));
        }
        Ok(Value::from_pairs(pairs))
    }

    /// The options of each listener, where the user's values win, and then the user's others.
    fn options(&self, listeners: &[ListenerView], context: &Value) -> Written<Options> {
        let mut options = Options {
            sections: self.manifest().sections,
            ..Options::default()
        };
        for view in listeners {
            let here = context! { ..value(view), ..context.clone() };
            let known = self
                .manifest()
                .listeners
                .iter()
                .find(|it| it.name == view.name);
            for (name, template) in known.iter().flat_map(|listener| &listener.set) {
                let name = name.get_ref();
                if self
                    .spec(name)
                    .is_some_and(|spec| !spec.exists_in(&self.version))
                {
                    continue; // renamed or removed: another option says it
                }
                let values = match self.settings.get(name) {
                    Some(given) => Some(given.clone()),
                    None => {
                        let rendered = self.engine.inline(template, &here);
                        let value = rendered.map_err(|error| vec![error.into()])?;
                        Some(vec![value]).filter(|values| !values[0].is_empty())
                    }
                };
                options.add(name, self.spec(name), values, Some(&view.name));
            }
        }
        for (name, values) in &self.settings {
            if self.manifest().options.contains_key(name) {
                options.add(name, self.spec(name), Some(values.clone()), None);
            }
        }
        Ok(options)
    }

    fn with_options(&self, emitted: &[Emitted], context: Value) -> Value {
        let by_name = self.manifest().options.iter().map(|(name, spec)| {
            let values: Vec<_> = emitted
                .iter()
                .filter(|option| option.name == *name)
                .map(|option| option.value.clone().unwrap_or_else(|| "true".to_owned()))
                .collect();
            (name.clone(), spec.value(&values))
        });
        context! {
            options => value(emitted),
            option => Value::from_pairs(by_name),
            ..context
        }
    }
}

impl Options {
    fn add(
        &mut self,
        name: &str,
        spec: Option<&OptionSpec>,
        values: Option<Vec<String>>,
        listener: Option<&str>,
    ) {
        let Some(values) = values else { return };
        let collides = |it: &&Emitted| {
            it.name == name
                && (!self.sections || listener.is_none() || it.listener.as_deref() == listener)
        };
        if let Some(known) = self.emitted.iter().find(collides) {
            if let (Some(known), false) = (&known.value, spec.is_some_and(|spec| spec.repeat)) {
                let other = values.into_iter().find(|value| value != known);
                let dispute = other.map(|other| (name.to_owned(), known.clone(), other));
                self.disputed.extend(dispute);
            }
            return;
        }
        let flag = spec.is_some_and(|spec| spec.kind == Kind::Flag);
        let wanted = values.into_iter().filter(|value| !flag || value == "true");
        self.emitted.extend(wanted.map(|value| Emitted {
            name: name.to_owned(),
            value: (!flag).then_some(value),
            listener: listener.map(str::to_owned),
        }));
    }
}
