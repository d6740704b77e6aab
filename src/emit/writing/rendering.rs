//! A snippet, and what is to be said about it: facts, parameters, options, findings, text, in this order.

use minijinja::{Value, context};
use zeroize::Zeroizing;

use super::{Writing, Written, emitted::Options, engine::value, findings, quote, used::Used};
use crate::emit::{
    error::{EmitError, Finding},
    manifest::{Format, client::Client},
    request::{Authority, CLIENT_CA, Emitted, Layout, ListenerView, Revocations, SERVER_CA},
};

/// A snippet and what is to be said about it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Rendered {
    /// The snippet
    pub text: Zeroizing<String>,
    /// The version that it is for
    pub version: String,
    /// Whether it holds a secret
    pub secret: bool,
    /// Folders and files of the PKI directory, with the places where it expects them on the node
    pub copies: Vec<(String, String)>,
    /// What is wrong with it, in the order of the checks
    pub findings: Vec<Finding>,
    /// Options and parameters that were set, and for which it has no place
    pub unused: Vec<String>,
}

impl<'a> Writing<'a> {
    pub(in crate::emit) fn format(mut self, format: &Format) -> Written<Rendered> {
        self.require(&format.name, &format.requires)?;
        let layout = self.layout(format.mount.as_deref());
        self.serve_crls(layout);
        let listeners = self.listeners(format);
        let context = self.facts(format, &listeners);
        let context = context! { param => self.parameters(&context)?, ..context };
        let options = self.options(&listeners, &context)?;
        self.fits(format, &options.emitted)?;
        let context = context! { crls => self.named_crls(layout, &options.emitted), ..context };
        let written = self.with_options(&options.emitted, &self.used, context.clone());
        let text = self.text(format.template.get_ref(), &written)?;
        // What rules ask of options is not written for that.
        let context = self.with_options(&options.emitted, &Used::default(), context);
        let mut findings = findings::general(&self, format, &options);
        findings.extend(findings::ruled(&self, &format.name, true, &context)?);
        let mut unused = self.used.unused(&self.settings, self.manifest());
        unused.retain(|name| !findings::is_incomplete(&self, name, &options.emitted));
        let secret = |emitted: &Emitted| self.spec(&emitted.name).is_some_and(|it| it.secret);
        Ok(Rendered {
            version: self.version.to_string(),
            secret: format.secret
                || self.engine.used_secret()
                || options.emitted.iter().any(secret),
            copies: self.copies(&text),
            text,
            findings,
            unused,
        })
    }

    pub(in crate::emit) fn client(self, client: &Client) -> Written<Rendered> {
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
        let text = self.text(client.template.get_ref(), &context)?;
        let findings = findings::ruled(&self, &client.name, false, &context)?;
        Ok(Rendered {
            text,
            version: self.version.to_string(),
            secret: self.engine.used_secret(),
            copies: Vec::new(),
            findings,
            unused: self.used.unused(&self.settings, self.manifest()),
        })
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
        refuse(errors)
    }

    /// Refuses values of the facts, such as paths, that an option does not take or the format cannot quote.
    fn fits(&self, format: &Format, emitted: &[Emitted]) -> Written<()> {
        let errors = emitted.iter().filter_map(|option| {
            let (spec, value) = (self.spec(&option.name)?, option.value.as_deref()?);
            let shown = if spec.secret { "…" } else { value };
            let shown = quote::visible(shown);
            if !spec.accepts(&self.version, value) {
                return Some(EmitError::BadValue {
                    option: option.name.clone(),
                    value: shown,
                    expected: spec.expected(&self.version),
                });
            }
            let forbidden = value.chars().find(|it| format.forbidden.contains(*it))?;
            Some(EmitError::Unquotable {
                value: shown,
                reason: format!(
                    "`{forbidden}` has a meaning of its own there, and there is no quoting"
                ),
                place: format!("option `{}` in format `{}`", option.name, format.name),
            })
        });
        refuse(errors.collect())
    }

    /// The text; a secret shows in no message.
    fn text(&self, template: &str, context: &Value) -> Written<Zeroizing<String>> {
        let text = self.engine.file(&self.server.path(template), context);
        text.map_err(|mut error| {
            if let EmitError::Unquotable { value, .. } = &mut error {
                let mut settings = self.settings.iter();
                let is_secret = |name: &str| self.spec(name).is_some_and(|spec| spec.secret);
                if settings.any(|(name, given)| is_secret(name) && given.contains(value)) {
                    "…".clone_into(value);
                }
            }
            vec![error]
        })
    }

    /// Templates learn of CRLs only where no CA lacks one.
    fn serve_crls(&mut self, layout: Layout<'_>) {
        let files = self
            .whole_crls()
            .map(|it| (it.root.clone(), layout.crls(it)));
        self.engine.serve_crls(files.collect());
    }

    fn whole_crls(&self) -> impl Iterator<Item = &'a Revocations> {
        let all = self.request.revocations.iter();
        all.filter(|it| it.missing.is_empty())
    }

    /// The files with CRLs that options name: where they are, and where the server finds them.
    fn named_crls(&self, layout: Layout<'_>, emitted: &[Emitted]) -> Vec<Value> {
        let values = || emitted.iter().filter_map(|option| option.value.as_deref());
        let files = self
            .whole_crls()
            .map(|it| (layout.source_crls(it), layout.crls(it)));
        let named = files.filter(|(_, file)| values().any(|value| value.contains(file)));
        let shown = named.map(|(source, file)| context! { source, file });
        shown.collect()
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
        let wanted = |it: &&Revocations| self.engine.wants_crls(&it.root);
        let crls = self.whole_crls().filter(wanted);
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
        let names = options.keys().map(String::as_str);
        let names = names.chain(self.manifest().unwritten());
        let listeners = self.manifest().listeners.iter();
        let revocations = self.request.revocations.iter();
        context! {
            server => &self.server.name,
            title => &self.manifest().title,
            version => self.version.to_string(),
            node => &self.request.name,
            target_dir => &self.request.target_dir,
            set => self.used.named(given),
            option => Value::from_pairs(names.map(nothing)),
            listeners => Vec::<Value>::new(),
            listener => Value::from_pairs(listeners.map(|listener| nothing(&listener.name))),
            client_ca => (),
            server_ca => (),
            section => "",
            alike => Vec::<String>::new(),
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
                let value = value.map_err(|error| vec![error])?;
                values.extend(Some(value).filter(|value| !value.is_empty()));
            }
            pairs.push((name.clone(), spec.value(&values)));
        }
        Ok(self.used.named(pairs))
    }

    /// The options of each listener, where the user's values win, and then the user's others.
    fn options(&self, listeners: &[ListenerView], context: &Value) -> Written<Options> {
        let mut options = Options::new(self.manifest().sections);
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
                        let value = rendered.map_err(|error| vec![error])?;
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

    fn with_options(&self, emitted: &[Emitted], used: &Used, context: Value) -> Value {
        let by_name = self.manifest().options.iter().map(|(name, spec)| {
            let values: Vec<_> = emitted
                .iter()
                .filter(|option| option.name == *name)
                .map(|option| option.value.clone().unwrap_or_else(|| "true".to_owned()))
                .collect();
            (name.clone(), spec.value(&values))
        });
        let unwritten = self.manifest().unwritten();
        let unwritten = unwritten.map(|name| (name.to_owned(), Value::from(())));
        let by_name = by_name.chain(unwritten);
        context! {
            options => used.listed(emitted),
            option => used.named(by_name),
            ..context
        }
    }
}

fn refuse(errors: Vec<EmitError>) -> Written<()> {
    match errors.is_empty() {
        true => Ok(()),
        false => Err(errors),
    }
}
