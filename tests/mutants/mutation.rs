//! How files are spoiled: as people do who write them by hand.

use std::ops::{Deref, DerefMut};

use crate::dice::Dice;

/// What values are replaced by, besides paths of files.
const WORDS: [&str; 34] = [
    "yes",
    "no",
    "on",
    "off",
    "none",
    "optional",
    "required",
    "require",
    "true",
    "ssl",
    "all",
    "0",
    "1",
    "2",
    "10",
    "-1",
    "99999",
    "TLSv1",
    "TLSv1.1",
    "TLSv1.2",
    "TLSv1.3",
    "tlsv1.2",
    "SSLv3",
    "localhost",
    "node1",
    "example.test",
    "127.0.0.1",
    "::1",
    "127.0.0.1:1",
    "HIGH",
    "$host",
    "${x}",
    "/",
    "",
];

/// What slips into a line.
const CHARACTERS: [&str; 16] = [
    "\"", "'", "\\", ";", "#", "{", "}", "=", ",", "<", ">", "[", "]", "$", " ", "x",
];

const COMMENTS: [&str; 4] = [" # a note", "# a note", " ; a note", " // a note"];

/// A way to spoil a file, by the lines that say something.
type Spoil = fn(&mut Lines, &mut Dice, &[String]);

/// The lines of a file.
#[derive(Clone, PartialEq)]
struct Lines(Vec<String>);

impl Deref for Lines {
    type Target = Vec<String>;

    fn deref(&self) -> &Vec<String> {
        &self.0
    }
}

impl DerefMut for Lines {
    fn deref_mut(&mut self) -> &mut Vec<String> {
        &mut self.0
    }
}

const WAYS: [(&str, Spoil); 19] = [
    ("a line is missing", drop_line),
    ("a line stands twice", double_line),
    ("two lines are swapped", swap_lines),
    ("a line stands elsewhere", move_line),
    ("two lines are one", join_lines),
    ("a line is two", split_line),
    ("a name is misspelt", misspell),
    ("a word is in another case", recase),
    ("a word is missing", drop_word),
    ("a word stands twice", double_word),
    ("two words are swapped", swap_words),
    ("another value", new_value),
    ("another file", new_file),
    ("another file", new_file),
    ("the value of another line", other_value),
    ("a word in quotes", quote),
    ("a comment behind a line", comment),
    ("a character too much", insert),
    ("a character too few", remove),
];

/// A file spoiled in one way, now and then in two; what was done, with the lines that differ.
pub(crate) fn spoil(base: &str, number: u64, files: &[String]) -> (String, String) {
    let mut dice = Dice::new(number);
    let mut story = Vec::new();
    let before = Lines(base.lines().map(str::to_owned).collect());
    let mut after = before.clone();
    let times = if dice.below(5) == 0 { 2 } else { 1 };
    for _ in 0..times {
        // Some ways change nothing in some places.
        for _ in 0..20 {
            let (name, way) = WAYS[dice.below(WAYS.len())];
            let was = after.clone();
            way(&mut after, &mut dice, files);
            if after != was {
                story.push(name.to_owned());
                break;
            }
        }
    }
    let gone = before.iter().filter(|line| !after.contains(line));
    story.extend(gone.map(|line| format!("- {line}")));
    let new = after.iter().filter(|line| !before.contains(line));
    story.extend(new.map(|line| format!("+ {line}")));
    (after.join("\n") + "\n", story.join("\n"))
}

/// The file without each of its lines in turn; which one, and what is left.
pub(crate) fn without_each(base: &str) -> Vec<(String, String)> {
    let lines: Vec<_> = base.lines().collect();
    let without = |index: usize| {
        let left = [&lines[..index], &lines[index + 1..]].concat();
        let story = format!("a line is missing\n- {}", lines[index]);
        (story, left.join("\n") + "\n")
    };
    let says = (0..lines.len()).filter(|&index| says_something(lines[index]));
    says.map(without).collect()
}

/// Whether a line is neither empty nor a comment.
fn says_something(line: &str) -> bool {
    let line = line.trim();
    !line.is_empty() && !line.starts_with(['#', ';'])
}

/// The number of a line that is neither empty nor a comment.
fn line(lines: &[String], dice: &mut Dice) -> usize {
    loop {
        let index = dice.below(lines.len());
        if says_something(&lines[index]) || dice.below(40) == 0 {
            return index;
        }
    }
}

fn drop_line(lines: &mut Lines, dice: &mut Dice, _: &[String]) {
    if lines.len() > 1 {
        let index = line(lines, dice);
        lines.remove(index);
    }
}

fn double_line(lines: &mut Lines, dice: &mut Dice, _: &[String]) {
    let index = line(lines, dice);
    lines.0.insert(index, lines.0[index].clone());
}

fn swap_lines(lines: &mut Lines, dice: &mut Dice, _: &[String]) {
    let (one, other) = (line(lines, dice), line(lines, dice));
    lines.swap(one, other);
}

fn move_line(lines: &mut Lines, dice: &mut Dice, _: &[String]) {
    let index = line(lines, dice);
    let moved = lines.remove(index);
    lines.0.insert(dice.below(lines.0.len() + 1), moved);
}

fn join_lines(lines: &mut Lines, dice: &mut Dice, _: &[String]) {
    let index = line(lines, dice);
    if index + 1 < lines.len() {
        let next = lines.remove(index + 1);
        lines[index] = format!("{} {}", lines[index], next.trim_start());
    }
}

fn split_line(lines: &mut Lines, dice: &mut Dice, _: &[String]) {
    let index = line(lines, dice);
    let (begin, _) = words(&lines[index])[..]
        .iter()
        .copied()
        .nth(1)
        .unwrap_or_default();
    let rest = lines[index].split_off(begin);
    lines.insert(index + 1, rest);
}

fn misspell(lines: &mut Lines, dice: &mut Dice, _: &[String]) {
    let index = line(lines, dice);
    let line = &mut lines[index];
    let Some(&(begin, end)) = words(line).first() else {
        return;
    };
    let mut name: Vec<char> = line[begin..end].chars().collect();
    let at = dice.below(name.len());
    match dice.below(4) {
        0 => drop(name.remove(at)),
        1 => name.insert(at, name[at]),
        2 if at + 1 < name.len() => name.swap(at, at + 1),
        _ => {
            let other = if name.contains(&'_') { '-' } else { '_' };
            for it in name.iter_mut().filter(|it| ['_', '-'].contains(it)) {
                *it = other;
            }
        }
    }
    line.replace_range(begin..end, &name.into_iter().collect::<String>());
}

/// Where the words of a line begin and end.
fn words(line: &str) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut begin = None;
    for (at, character) in line.char_indices().chain([(line.len(), ' ')]) {
        match begin {
            None if !character.is_whitespace() => begin = Some(at),
            Some(first) if character.is_whitespace() => {
                found.push((first, at));
                begin = None;
            }
            _ => {}
        }
    }
    found
}

/// Puts something else in the place of a word; `from` is the first that may be meant.
fn replace(
    lines: &mut [String],
    dice: &mut Dice,
    from: usize,
    with: impl FnOnce(&str, &mut Dice) -> String,
) {
    let index = line(lines, dice);
    let line = &mut lines[index];
    let words = words(line);
    let words = words.get(from..).unwrap_or_default();
    if !words.is_empty() {
        let (begin, end) = words[dice.below(words.len())];
        // What ends a statement stays.
        let end = if line[begin..end].ends_with(';') {
            end - 1
        } else {
            end
        };
        let new = with(&line[begin..end], dice);
        line.replace_range(begin..end, &new);
    }
}

fn recase(lines: &mut Lines, dice: &mut Dice, _: &[String]) {
    replace(lines, dice, 0, |word, dice| match dice.below(2) {
        0 => word.to_uppercase(),
        _ => word.to_lowercase(),
    });
}

fn drop_word(lines: &mut Lines, dice: &mut Dice, _: &[String]) {
    replace(lines, dice, 0, |_, _| String::new());
}

fn double_word(lines: &mut Lines, dice: &mut Dice, _: &[String]) {
    replace(lines, dice, 0, |word, _| format!("{word} {word}"));
}

fn swap_words(lines: &mut Lines, dice: &mut Dice, _: &[String]) {
    let index = line(lines, dice);
    let line = &mut lines[index];
    let words = words(line);
    if words.len() > 1 {
        let at = dice.below(words.len() - 1);
        let ((begin, middle), (next, end)) = (words[at], words[at + 1]);
        let swapped = format!("{} {}", &line[next..end], &line[begin..middle]);
        line.replace_range(begin..end, &swapped);
    }
}

fn new_value(lines: &mut Lines, dice: &mut Dice, _: &[String]) {
    replace(lines, dice, 1, |_, dice| dice.one_of(&WORDS).to_owned());
}

/// Puts another file in the place of one.
fn new_file(lines: &mut Lines, dice: &mut Dice, files: &[String]) {
    let named = |line: &String| line.contains(".pem");
    if !lines.iter().any(named) {
        return;
    }
    let index = loop {
        let index = line(lines, dice);
        if named(&lines[index]) {
            break index;
        }
    };
    let line = &mut lines[index];
    let end = line.find(".pem").expect("it is named") + ".pem".len();
    let begin = line[..end]
        .rfind([' ', '"', '\'', '='])
        .map_or(0, |at| at + 1);
    line.replace_range(begin..end, &files[dice.below(files.len())]);
}

fn other_value(lines: &mut Lines, dice: &mut Dice, _: &[String]) {
    let other = lines[line(lines, dice)].clone();
    let words = words(&other);
    if let Some(&(begin, end)) = words.last() {
        replace(lines, dice, 1, |_, _| {
            other[begin..end].trim_end_matches(';').to_owned()
        });
    }
}

fn quote(lines: &mut Lines, dice: &mut Dice, _: &[String]) {
    replace(lines, dice, 0, |word, dice| {
        let quote = dice.one_of(&["\"", "'"]);
        format!("{quote}{word}{quote}")
    });
}

fn comment(lines: &mut Lines, dice: &mut Dice, _: &[String]) {
    let index = line(lines, dice);
    lines[index].push_str(dice.one_of(&COMMENTS));
}

fn insert(lines: &mut Lines, dice: &mut Dice, _: &[String]) {
    let index = line(lines, dice);
    let at = place(&lines[index], dice);
    lines[index].insert_str(at, dice.one_of(&CHARACTERS));
}

fn remove(lines: &mut Lines, dice: &mut Dice, _: &[String]) {
    let index = line(lines, dice);
    let at = place(&lines[index], dice);
    if at < lines[index].len() {
        lines[index].remove(at);
    }
}

/// Somewhere in a line, now and then at its end.
fn place(line: &str, dice: &mut Dice) -> usize {
    let mut places: Vec<_> = line.char_indices().map(|(at, _)| at).collect();
    places.push(line.len());
    match dice.below(4) {
        0 => line.len().saturating_sub(1),
        _ => places[dice.below(places.len())],
    }
}
