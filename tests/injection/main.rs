//! What a value may do to what `certctl config` and `certctl client` print: nothing.
//!
//! Every value that somebody can give, in every text: either it is refused, or the text, read by the
//! parser of its language, is the one for an ordinary value with this value in its place: no statement,
//! option or line more, no other value. Shell programs are run. `SERVER=NAME` tries one server alone.

#[allow(dead_code, unreachable_pub)]
#[path = "../emit/fixture.rs"]
mod fixture;
mod languages;
mod slots;
#[path = "../support/mod.rs"]
mod support;

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    env,
    sync::Arc,
    thread,
};

use certctl::emit::{EmitError, Outside, Rendered, Request, Server};
use serde_json::Value;
use zeroize::Zeroizing;

use languages::Language;
use slots::{BENIGN, Slot, Writer};

/// Files with secrets hold what they are called.
#[derive(Debug)]
struct Given;

impl Outside for Given {
    fn secret(&self, _: &str) -> Result<Zeroizing<String>, String> {
        Ok(String::from("secret").into())
    }

    fn secret_file(&self, path: &str) -> Result<Zeroizing<String>, String> {
        Ok(path.to_owned().into())
    }

    fn contents(&self, area: &str, name: &str, file: &str) -> Result<Zeroizing<String>, String> {
        fixture::Fixture.contents(area, name, file)
    }
}

/// What turns some language, or looks as if it could; `touch` would leave a file behind.
const VALUES: &[&str] = &[
    "a b",
    "é",
    "'",
    "a'b",
    "\"",
    "a\"b",
    "`touch M`",
    "$(touch M)",
    "${X}",
    "a$X",
    "$$",
    "%h",
    "%n%i",
    "a\nb",
    "a\rb",
    "a\tb",
    "\n",
    "-x",
    "--x",
    "a --x y",
    "a*/b",
    "/*",
    "\"\"\"",
    "'''",
    "\\",
    "a\\",
    "\\\"",
    "\\'",
    "\\u0022",
    "\\x22",
    "a\u{2028}b",
    "a\u{85}b",
    "a\u{202e}b",
    "a\u{7f}b",
    "a\u{1b}[0mb",
    "\u{feff}a",
    "#",
    "a #b",
    "#{`touch M`}",
    "#$0",
    ";",
    "a ; touch M",
    "& touch M",
    "| touch M",
    "> M",
    "{",
    "a } b {",
    "{{ 7 * 7 }}",
    "{% x %}",
    "<%",
    "x]]>",
    "-->",
    "a // b",
    "a: b",
    "- a",
    "a\nexec = x",
    "!x",
    "&x",
    "a*",
    "~",
    "@x",
    "|",
    "null",
    "1.",
    "=",
    "a$",
    "^",
    "😀",
    "a'; touch M; '",
    "a\"; touch M; \"",
    "a'''\"\"\"`$",
    "');M(('",
    "\"});M(({\"",
    "a, b = c",
    "a,b",
    "a[b]",
];

/// One text for an ordinary value, and for others.
struct Trial {
    name: String,
    benign: usize,
    hostile: Vec<(String, usize)>,
    /// The ordinary value is a word of its own in its text
    is_word: bool,
    splits: bool,
}

/// Texts of a language, and what they are compared for.
#[derive(Default)]
struct Trials {
    texts: Vec<String>,
    numbers: HashMap<String, usize>,
    all: Vec<Trial>,
}

impl Trials {
    /// The text's number; many are the same.
    fn add(&mut self, text: &str) -> usize {
        let next = self.texts.len();
        let number = *self.numbers.entry(text.to_owned()).or_insert(next);
        if number == next {
            self.texts.push(text.to_owned());
        }
        number
    }
}

fn render(
    server: &Server,
    writer: &Writer<'_>,
    request: &Request,
) -> Result<Rendered, Vec<EmitError>> {
    match writer {
        Writer::Format(format) => server.render_one_of(format, request, Arc::new(Given)),
        Writer::Client(client) => server.render_client(client, request, Arc::new(Given)),
    }
}

/// A refusal names what is wrong on one line, and shows nothing that turns a terminal.
fn is_clear(error: &EmitError) -> bool {
    let text = error.to_string();
    let words = matches!(
        error,
        EmitError::BadValue { .. }
            | EmitError::SecretInArguments(_)
            | EmitError::Unquotable { .. }
            | EmitError::Unused { .. }
    );
    words && certctl::emit::unprintable(&text).is_none()
}

/// Renders everything with everything. An older version is another text where its language is another.
fn trials(server: &Server) -> BTreeMap<Language, Trials> {
    let mut all = BTreeMap::<Language, Trials>::new();
    let mut seen = HashSet::new();
    for (writer, version) in slots::writers(server) {
        let language = languages::of(&server.name, &writer, &version);
        if !seen.insert((writer.name().to_owned(), language)) {
            continue;
        }
        let trials = all.entry(language).or_default();
        for slot in slots::slots(server, &writer, &version) {
            try_slot(server, &writer, &slot, trials);
        }
    }
    all
}

fn try_slot(server: &Server, writer: &Writer<'_>, slot: &Slot, trials: &mut Trials) {
    let name = format!("{} {} {}", server.name, writer.name(), slot.name);
    let benign = render(server, writer, &slot.request(BENIGN)).map(|rendered| rendered.text);
    // No value is written where the option has no place.
    let is_unused = |error: &EmitError| matches!(error, EmitError::Unused { .. });
    if benign
        .as_ref()
        .is_err_and(|errors| errors.iter().all(is_unused))
    {
        return;
    }
    // Where an ordinary value is not to be seen, a few others will show no more.
    let is_seen = benign.as_ref().is_ok_and(|text| text.contains(BENIGN));
    let share = if is_seen {
        slot.share
    } else {
        Some(name.len())
    };
    let mut hostile = Vec::new();
    for value in slot.values(share) {
        match (render(server, writer, &slot.request(value)), &benign) {
            (Ok(rendered), Ok(_)) => hostile.push((value.to_owned(), trials.add(&rendered.text))),
            (Ok(_), Err(_)) => {} // a word of a list
            (Err(errors), _) => {
                assert!(errors.iter().all(is_clear), "{name}: {value:?}: {errors:?}");
            }
        }
    }
    if let Ok(text) = benign {
        let benign = trials.add(&text);
        let mut words = text.split_whitespace();
        trials.all.push(Trial {
            name,
            benign,
            hostile,
            is_word: words.any(|word| word.trim_matches('"') == BENIGN),
            splits: slot.splits,
        });
    }
}

/// Whether a program that is given the value takes it for an option of its own.
fn is_option(language: Language, trial: &Trial, value: &str) -> bool {
    use Language::{Compose, K8s, Shell, Systemd};
    let mut have_two = ["redis ", "valkey "].iter();
    let has_two = have_two.any(|server| trial.name.starts_with(server));
    let dash = if has_two { "--" } else { "-" };
    // What comes after -extra is for the program itself, and an image is no argument.
    let is_none = trial.name.starts_with("emqx erlang") || trial.name.ends_with("--set image");
    let words = value.split_whitespace();
    let mut words = words.take(if trial.splits { usize::MAX } else { 1 });
    matches!(language, Compose | K8s | Shell | Systemd)
        && trial.is_word
        && !is_none
        && words.any(|word| word.starts_with(dash))
}

/// The structure with another value in the place of the ordinary one; a list's words where it `splits`.
fn replaced(structure: &Value, value: &str, splits: bool) -> Value {
    match structure {
        Value::String(text) => text.replace(BENIGN, value).into(),
        Value::Array(items) => {
            let items = items.iter().flat_map(|item| match item {
                Value::String(text) if splits && text.contains(BENIGN) => {
                    let words = value.split_whitespace();
                    words
                        .map(|word| text.replace(BENIGN, word).into())
                        .collect()
                }
                item => vec![replaced(item, value, splits)],
            });
            items.collect()
        }
        Value::Object(pairs) => {
            let pairs = pairs
                .iter()
                .map(|(name, item)| (name.replace(BENIGN, value), replaced(item, value, splits)));
            Value::Object(pairs.collect())
        }
        other => other.clone(),
    }
}

/// What is read otherwise than it was given.
fn wrong(language: Language, trials: &Trials, structures: &[Value]) -> Vec<String> {
    let mut wrong = Vec::new();
    for trial in &trials.all {
        let (benign, text) = (&structures[trial.benign], &trials.texts[trial.benign]);
        assert!(
            benign.get("error").is_none(),
            "{}: {benign}\n{text}",
            trial.name
        );
        for (value, number) in &trial.hostile {
            let found = &structures[*number];
            let expected = replaced(benign, value, trial.splits);
            if expected != *found || is_option(language, trial, value) {
                wrong.push(format!("{language:?}: {}: {value:?}: {found}", trial.name));
            }
        }
    }
    wrong
}

#[test]
fn values_stay_values() {
    let folder = tempfile::tempdir().expect("a temporary directory can be made");
    let judge = |server: &Server| {
        let judged = trials(server).into_iter().map(|(language, trials)| {
            let folder = folder.path().join(format!("{}-{language:?}", server.name));
            let structures = languages::parse(language, &trials.texts, &folder);
            let taken: usize = trials.all.iter().map(|trial| trial.hostile.len()).sum();
            assert!(taken > 0, "{} {language:?}: all is refused", server.name);
            wrong(language, &trials, &structures)
        });
        judged.flatten().collect::<Vec<_>>()
    };
    let mut servers = fixture::servers();
    if let Ok(only) = env::var("SERVER") {
        servers.retain(|server| server.name == only);
    }
    let wrong: Vec<_> = thread::scope(|scope| {
        let judge = &judge;
        let threads: Vec<_> = (servers.iter())
            .map(|server| scope.spawn(move || judge(server)))
            .collect();
        let judged = threads
            .into_iter()
            .map(|thread| thread.join().expect("it is judged"));
        judged.flatten().collect()
    });
    assert!(
        wrong.is_empty(),
        "{} of them:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
