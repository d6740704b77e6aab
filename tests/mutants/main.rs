//! The real programs judge what `check` says of configuration files: what `certctl config` writes is spoiled in many
//! ways, and each time the program and `check` are asked.
//!
//! Where the program refuses a file, `check` must say something; where `check` finds an error, the program must refuse
//! the file, or a table says why it takes it all the same. What a file is spoiled by follows from its number, so that
//! `MUTANT=NUMBER` tries one again; `MUTANTS=COUNT` tries so many for each program. How many came to what lies in target/tmp/mutants-PROGRAM.

#[path = "../support/mod.rs"]
mod support;

mod dice;
mod material;
mod mutation;
mod programs;
mod reasons;
mod standing;
mod values;
mod verdict;

use std::{collections::BTreeMap, env, fs, ops::Range, path::Path};

use material::Material;
use programs::{Answer, Program};
use verdict::Told;

/// For each program, in the time that the tests have.
const USUAL: u64 = 500;

/// How many files one `certctl check` reads.
const BATCH: usize = 100;

/// The numbers of those to try.
fn numbers() -> Range<u64> {
    let number = |name: &str| {
        let text = env::var(name).ok()?;
        Some(text.parse::<u64>().expect("a number"))
    };
    match number("MUTANT") {
        Some(one) => one..one + 1,
        None => 0..number("MUTANTS").unwrap_or(USUAL),
    }
}

/// A spoiled file, and what is said of it.
struct Mutant {
    number: u64,
    /// What was done to it
    story: String,
    text: String,
    answer: Answer,
}

fn try_program(program: &Program) {
    let material = Material::new();
    let bases = program.bases(&material);
    let (mut faults, mut counts) = (Vec::new(), BTreeMap::new());
    let expected: Vec<Told> = {
        let whole: Vec<_> = bases
            .iter()
            .map(|text| program.whole(&material, text))
            .collect();
        let texts: Vec<_> = whole.iter().map(String::as_str).collect();
        for text in &texts {
            let answer = program.ask(&material, text);
            assert_eq!(answer, Answer::Takes, "{text}");
        }
        verdict::told(&material, program, &texts)
    };
    let numbers: Vec<u64> = numbers().collect();
    let listed = match env::var_os("MUTANT") {
        Some(_) => Vec::new(),
        None => listed(program, &material, &bases),
    };
    let spoiled = numbers
        .iter()
        .map(|&number| mutant(program, &material, &bases, number));
    let mut all = spoiled.chain(listed);
    loop {
        let mutants: Vec<Mutant> = all.by_ref().take(BATCH).collect();
        if mutants.is_empty() {
            break;
        }
        let texts: Vec<_> = mutants.iter().map(|mutant| &*mutant.text).collect();
        let told = verdict::told(&material, program, &texts);
        for (mutant, told) in mutants.iter().zip(told) {
            let base = usize::try_from(mutant.number).expect("small") % bases.len();
            let told = told.without(&expected[base]);
            let outcome = judge(program, mutant, &told);
            *counts
                .entry(outcome.split(':').next().expect("text").to_owned())
                .or_insert(0) += 1;
            if outcome.starts_with("FAULT") {
                faults.push(shown(mutant, &told, &outcome));
            }
        }
    }
    let tally = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("mutants-{}", program.name));
    fs::write(tally, format!("{counts:?}\n")).expect("tests may write there");
    let all = faults.join("\n----\n");
    let both = ["refused and found", "taken and silent"];
    let is_told = both.iter().all(|outcome| counts.contains_key(*outcome));
    assert!(is_told || numbers.len() == 1, "{counts:?}");
    assert!(
        faults.is_empty(),
        "{} faults of {}:\n{all}",
        faults.len(),
        program.name
    );
}

fn mutant(program: &Program, material: &Material, bases: &[String], number: u64) -> Mutant {
    let base = &bases[usize::try_from(number).expect("small") % bases.len()];
    let (text, story) = mutation::spoil(base, number, &material.words());
    let text = program.whole(material, &text);
    let answer = program.ask(material, &text);
    Mutant {
        number,
        story,
        text,
        answer,
    }
}

/// What no dice decide: each base without each of its lines in turn, and the last with each value of each option whose
/// values are bounded.
fn listed(program: &Program, material: &Material, bases: &[String]) -> Vec<Mutant> {
    let last = bases.len() - 1;
    let files = material.few();
    let values = program
        .writing
        .map(|writing| values::all(program.server, &bases[last], writing, &files));
    let values = values.unwrap_or_default().into_iter();
    let bases = bases.iter().enumerate();
    let without = bases.flat_map(|(number, base)| {
        let all = mutation::without_each(base).into_iter();
        all.map(move |spoiled| (number, spoiled))
    });
    let mutant = |(base, (story, text)): (usize, (String, String))| {
        let text = program.whole(material, &text);
        Mutant {
            number: u64::try_from(base).expect("small"),
            story,
            answer: program.ask(material, &text),
            text,
        }
    };
    let all = without.chain(values.map(|spoiled| (last, spoiled)));
    all.map(mutant).collect()
}

/// Whether the two agree, or why not.
fn judge(program: &Program, mutant: &Mutant, told: &Told) -> String {
    match &mutant.answer {
        Answer::Unclear => String::from("unclear"),
        Answer::Refuses(_) if !told.is_silent() => String::from("refused and found"),
        Answer::Refuses(words) => match reasons::why_silent(program.name, words) {
            Some(why) => format!("refused, silent for a reason: {why}"),
            None => format!("FAULT: refused, and nothing found: {words}"),
        },
        Answer::Takes => {
            // What is named for TLS is not read where that is off.
            let is_off = told.errors().any(|code| code == "tls-switched-off");
            let unfounded = told
                .errors()
                .find(|code| !is_off && reasons::why_error(program.name, code).is_none());
            match unfounded {
                Some(code) => format!("FAULT: taken, and `{code}` is called an error"),
                None if told.is_silent() => String::from("taken and silent"),
                None => String::from("taken and told"),
            }
        }
    }
}

fn shown(mutant: &Mutant, told: &Told, outcome: &str) -> String {
    let Mutant {
        number,
        story,
        text,
        ..
    } = mutant;
    format!(
        "MUTANT={number}: {outcome}\n{story}\n{told}\n{}",
        match env::var_os("MUTANT") {
            Some(_) => text.as_str(),
            None => "",
        }
    )
}

#[test]
fn apache() {
    try_program(&programs::APACHE);
}

#[test]
fn cassandra() {
    try_program(&standing::CASSANDRA);
}

#[test]
fn erlang() {
    try_program(&standing::ERLANG);
}

#[test]
fn etcd() {
    try_program(&programs::ETCD);
}

#[test]
fn haproxy() {
    try_program(&programs::HAPROXY);
}

#[test]
fn kafka() {
    try_program(&standing::KAFKA);
}

#[test]
fn kafka_client() {
    try_program(&standing::KAFKA_CLIENT);
}

#[test]
fn mariadb() {
    try_program(&programs::MARIADB);
}

#[test]
fn memcached() {
    try_program(&programs::MEMCACHED);
}

#[test]
fn memcached_file() {
    try_program(&programs::MEMCACHED_FILE);
}

#[test]
fn mosquitto() {
    try_program(&programs::MOSQUITTO);
}

#[test]
fn nats() {
    try_program(&programs::NATS);
}

#[test]
fn nginx() {
    try_program(&programs::NGINX);
}

#[test]
fn openbao() {
    try_program(&programs::OPENBAO);
}

#[test]
fn pgbouncer() {
    try_program(&programs::PGBOUNCER);
}

#[test]
fn postgresql() {
    try_program(&programs::POSTGRESQL);
}

#[test]
fn postgresql_rules() {
    try_program(&programs::POSTGRESQL_RULES);
}

#[test]
fn rabbitmq() {
    try_program(&standing::RABBITMQ);
}

#[test]
fn rabbitmq_nodes() {
    try_program(&standing::RABBITMQ_NODES);
}

#[test]
fn redis() {
    try_program(&programs::REDIS);
}

#[test]
fn rqlite() {
    try_program(&programs::RQLITE);
}

#[test]
fn stunnel() {
    try_program(&programs::STUNNEL);
}
