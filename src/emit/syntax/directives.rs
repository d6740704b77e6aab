//! `key value …` lines, or statements that end in `;`, within blocks in braces or between `<…>` and `</…>`.

use super::{
    Found, Section, found, numbered,
    words::{Token, tokens, words},
};

pub(super) fn sections(text: &str) -> Vec<Section> {
    let mut reader = Reader::default();
    reader.begin(1, String::new());
    // Where no line ends in one, these characters are part of words.
    let is_marked = text
        .lines()
        .any(|line| line.trim_end().ends_with([';', '{']));
    for (number, line) in numbered(text) {
        match line.trim() {
            line if line.starts_with("</") => reader.end(),
            line if line.starts_with('<') => {
                let head = words(line.trim_matches(['<', '>'])).join(" ");
                reader.begin(number, head);
            }
            line if is_marked => reader.statements(number, line),
            line => reader.add(number, &words(line)),
        }
    }
    reader.sections()
}

/// A block with its own options.
#[derive(Default)]
struct Block {
    section: Section,
    /// The block around it
    outer: Option<usize>,
    has_others: bool,
}

#[derive(Default)]
struct Reader {
    blocks: Vec<Block>,
    /// The block that is open
    current: usize,
    /// Words of a statement that has not ended yet, and where it began
    pending: (usize, Vec<String>),
}

impl Reader {
    fn statements(&mut self, number: usize, line: &str) {
        for token in tokens(line, "{};") {
            let (start, words) = &mut self.pending;
            match token {
                Token::Word(word) => {
                    if words.is_empty() {
                        *start = number;
                    }
                    words.push(word);
                }
                Token::Mark(mark) => {
                    let (start, words) = std::mem::take(&mut self.pending);
                    self.add(start, &words);
                    match mark {
                        '{' => self.begin(number, words.join(" ")),
                        '}' => self.end(),
                        _ => {}
                    }
                }
            }
        }
    }

    fn add(&mut self, number: usize, words: &[String]) {
        if let [name, values @ ..] = words {
            let option = found(number, name, &values.join(" "));
            self.blocks[self.current].section.options.push(option);
        }
    }

    fn begin(&mut self, line: usize, name: String) {
        let outer = (!self.blocks.is_empty()).then_some(self.current);
        if let Some(outer) = outer {
            self.blocks[outer].has_others = true;
        }
        self.current = self.blocks.len();
        let options = Vec::new();
        self.blocks.push(Block {
            section: Section {
                line,
                name,
                options,
            },
            outer,
            has_others: false,
        });
    }

    fn end(&mut self) {
        self.current = self.blocks[self.current].outer.unwrap_or_default();
    }

    /// The innermost blocks, with what the ones around them say before and after them.
    fn sections(self) -> Vec<Section> {
        let innermost = self.blocks.iter().filter(|block| !block.has_others);
        let section = |block: &Block| {
            let mut options: Vec<Found> = block.section.options.clone();
            let mut outer = block.outer;
            while let Some(block) = outer.map(|outer| &self.blocks[outer]) {
                options.splice(0..0, block.section.options.iter().cloned());
                outer = block.outer;
            }
            Section {
                options,
                ..block.section.clone()
            }
        };
        innermost.map(section).collect()
    }
}
