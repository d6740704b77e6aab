//! `key value …` lines, or statements that end in `;`, within blocks in braces or between `<…>` and `</…>`.

use super::{
    Found, Position, Section, Source, Text, of_words,
    statements::{End, Statements},
    words::{arguments, words},
};

/// How blocks are called that hold another language.
const FOREIGN: &str = "_by_lua_block";

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
    /// What has begun and not ended
    open: Vec<Open>,
    /// Lines end in `;` or in braces
    is_marked: bool,
}

/// What has begun.
struct Open {
    position: Position,
    /// Its first word
    head: String,
    /// The block that it has interrupted; a condition goes on with the same
    around: Option<usize>,
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
        let mut lines = text.text.lines();
        let has_tags = lines.any(|line| line.trim_start().starts_with('<'));
        self.is_marked |= !has_tags && text.text.lines().any(is_end);
        match self.is_marked {
            true => self.statements(source, text, outer),
            false => self.lines(source, text, outer),
        }
        // What a file has opened ends with it.
        while self.open.len() > outer {
            if let Some(open) = self.open.last() {
                source.blame(open.position, "what begins here does not end");
            }
            self.end(source);
        }
        self.is_marked = was_marked;
    }

    fn statements(&mut self, source: &mut Source<'_>, text: Text<'_>, outer: usize) {
        let mut statements = Statements::new(text);
        while let Some(statement) = statements.next() {
            let (position, words) = (statement.position, statement.words);
            self.add(source, position, &words, statement.end == End::Begins);
            match statement.end {
                End::Begins => {
                    self.begin(source, position, &words);
                    let head = words.first();
                    if head.is_some_and(|head| head.ends_with(FOREIGN)) {
                        statements.pass();
                    }
                }
                End::Closes if self.open.len() > outer => self.end(source),
                End::Closes => source.blame(position, "`}` ends nothing"),
                End::Missing | End::Stops => {}
            }
        }
        for (position, message) in statements.blunders {
            source.blame(position, message);
        }
    }

    fn lines(&mut self, source: &mut Source<'_>, text: Text<'_>, outer: usize) {
        let mut pending: Pending = (Position::START, Vec::new());
        for (position, line) in text.lines() {
            // Quotes are taken off before anything else.
            let quoted = line.trim().starts_with(['"', '\'']);
            let unquoted = quoted.then(|| arguments(line).join(" "));
            match unquoted.as_deref().unwrap_or(line.trim()) {
                line if line.starts_with("</") => self.close(source, position, line, outer),
                line if line.starts_with('<') => {
                    let head = line.rsplit_once('>').map_or(line, |(head, _)| head);
                    if head.len() == line.len() {
                        source.blame(position, "`<` has no `>` behind it");
                    }
                    let head = words(head.trim_start_matches('<'));
                    self.begin(source, position, &head);
                }
                _ => self.line(source, position, line.trim(), &mut pending),
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
                let mut words = arguments(&line);
                // Where a word is empty, Apache takes it and what follows for missing.
                let empty = words.iter().skip(1).position(String::is_empty);
                words.truncate(empty.map_or(words.len(), |index| index + 1));
                self.add(source, start, &words, false);
            }
        }
    }

    /// `</…>`, which must be that of what has begun last.
    fn close(&mut self, source: &mut Source<'_>, position: Position, line: &str, outer: usize) {
        let word = line.split_whitespace().next().unwrap_or_default();
        let name = word
            .trim_start_matches(['<', '/'])
            .trim_end_matches(['"', '\'']);
        let Some(name) = name.strip_suffix('>') else {
            return source.blame(position, "`</` has no `>` behind it");
        };
        match self.open.last() {
            Some(open) if self.open.len() > outer => {
                if !open.head.eq_ignore_ascii_case(name) {
                    source.blame(position, "something else has to end here first");
                }
                self.end(source);
            }
            _ => source.blame(position, "nothing has begun that ends here"),
        }
    }

    fn add(&mut self, source: &mut Source<'_>, position: Position, words: &[String], begins: bool) {
        if let [name, values @ ..] = words {
            let option = Found {
                begins,
                ..of_words(position, name, values)
            };
            source.follow(&option, &mut |source, text| self.read(source, text));
            self.sections[self.current].options.push(option);
        }
    }

    fn begin(&mut self, source: &mut Source<'_>, position: Position, words: &[String]) {
        let head = words.first().cloned().unwrap_or_default();
        let is_condition = !head.is_empty() && source.is_condition(&head);
        source.conditions += usize::from(is_condition);
        self.open.push(Open {
            position,
            head,
            around: (!is_condition).then_some(self.current),
        });
        if !is_condition {
            self.sections[self.current].has_others = true;
            let section = Section::new(position, words.join(" "), Some(self.current));
            self.current = self.sections.len();
            self.sections.push(section);
        }
    }

    /// Goes back to what is around.
    fn end(&mut self, source: &mut Source<'_>) {
        match self.open.pop().map(|open| open.around) {
            Some(Some(around)) => self.current = around,
            Some(None) => source.conditions -= 1,
            None => {}
        }
    }
}
