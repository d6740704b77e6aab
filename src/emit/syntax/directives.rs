//! `key value …` lines, or statements that end in `;`, within blocks in braces or between `<…>` and `</…>`.

use super::{
    Position, Section, Source, Text, of_words,
    words::{Token, arguments, tokens, words},
};

pub(super) fn sections(source: &mut Source<'_>) -> Vec<Section> {
    let mut reader = Reader {
        sections: vec![Section::new(Position::START, String::new(), None)],
        current: 0,
        open: Vec::new(),
        is_marked: false,
    };
    let text = source.text();
    reader.read(source, text);
    reader.sections
}

struct Reader {
    sections: Vec<Section>,
    /// The block that is open
    current: usize,
    /// Those around it
    open: Vec<Open>,
    /// Lines end in `;` or in braces
    is_marked: bool,
}

/// What a block has interrupted.
#[derive(Clone, Copy)]
enum Open {
    /// A block
    Block(usize),
    /// The same block, whose options stand below a condition
    Condition,
}

/// Words of a statement that has not ended yet, and where it began.
type Pending = (Position, Vec<String>);

impl Reader {
    fn read(&mut self, source: &mut Source<'_>, text: Text<'_>) {
        let (was_marked, outer) = (self.is_marked, self.open.len());
        // Where no line ends in one, these characters are part of words.
        let is_end = |line: &str| {
            let line = line.trim().trim_end_matches(['}', ' ']);
            !line.starts_with('#') && line.ends_with([';', '{'])
        };
        self.is_marked |= text.text.lines().any(is_end);
        let mut pending: Pending = (Position::START, Vec::new());
        for (position, line) in text.lines() {
            match line.trim() {
                line if line.starts_with("</") => self.end(source, outer),
                line if line.starts_with('<') => {
                    let head = words(line.trim_matches(['<', '>']));
                    self.begin(source, position, &head);
                }
                line if self.is_marked => {
                    self.statements(source, position, line, outer, &mut pending);
                }
                line => self.line(source, position, line, &mut pending),
            }
        }
        // What a file has opened ends with it.
        while self.open.len() > outer {
            self.end(source, outer);
        }
        self.is_marked = was_marked;
    }

    fn statements(
        &mut self,
        source: &mut Source<'_>,
        position: Position,
        line: &str,
        outer: usize,
        pending: &mut Pending,
    ) {
        for token in tokens(line, "{};") {
            match token {
                Token::Word(word) => {
                    let (start, words) = &mut *pending;
                    if words.is_empty() {
                        *start = position;
                    }
                    words.push(word);
                }
                Token::Mark(mark) => {
                    let (start, words) = std::mem::replace(pending, (position, Vec::new()));
                    self.add(source, start, &words);
                    match mark {
                        '{' => self.begin(source, position, &words),
                        '}' => self.end(source, outer),
                        _ => {}
                    }
                }
            }
        }
    }

    /// A line that is a statement, as Apache splits it; a backslash at its end has it go on in the next.
    fn line(
        &mut self,
        source: &mut Source<'_>,
        position: Position,
        line: &str,
        pending: &mut Pending,
    ) {
        let (start, begun) = pending;
        if begun.is_empty() {
            *start = position;
        }
        let (line, goes_on) = match line.strip_suffix('\\') {
            Some(line) => (line, true),
            None => (line, false),
        };
        begun.push(line.to_owned());
        if !goes_on {
            let line = std::mem::take(begun).concat();
            let start = *start;
            if !line.trim_start().starts_with('#') {
                self.add(source, start, &arguments(&line));
            }
        }
    }

    fn add(&mut self, source: &mut Source<'_>, position: Position, words: &[String]) {
        if let [name, values @ ..] = words {
            let option = of_words(position, name, values);
            source.follow(&option, &mut |source, text| self.read(source, text));
            self.sections[self.current].options.push(option);
        }
    }

    fn begin(&mut self, source: &mut Source<'_>, position: Position, words: &[String]) {
        if words.first().is_some_and(|word| source.is_condition(word)) {
            source.conditions += 1;
            self.open.push(Open::Condition);
            return;
        }
        self.open.push(Open::Block(self.current));
        self.sections[self.current].has_others = true;
        let section = Section::new(position, words.join(" "), Some(self.current));
        self.current = self.sections.len();
        self.sections.push(section);
    }

    /// Goes back to what is around; what is around an included file stays open until its end.
    fn end(&mut self, source: &mut Source<'_>, outer: usize) {
        if self.open.len() <= outer {
            return;
        }
        match self.open.pop() {
            Some(Open::Block(around)) => self.current = around,
            Some(Open::Condition) => source.conditions -= 1,
            None => {}
        }
    }
}
