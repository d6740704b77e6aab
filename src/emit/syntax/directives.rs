//! `key value …` lines, or statements that end in `;`, within blocks in braces or between `<…>` and `</…>`.

use super::{
    Found, Position, Section, Source, Text, of_words,
    statements::{End, Statements},
    words::{arguments, words},
};

/// How blocks are called that hold Lua.
const FOREIGN: &str = "_by_lua_block";

/// `is_marked` says whether statements end in `;`, or else lines are what they end with.
pub(super) fn sections(source: &mut Source<'_>, is_marked: bool) -> Vec<Section> {
    let mut reader = Reader {
        sections: vec![Section::new(Position::START, String::new(), None)],
        current: 0,
        open: Vec::new(),
        is_marked,
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
    /// Statements end in `;` or in braces
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

impl Reader {
    fn read(&mut self, source: &mut Source<'_>, text: Text<'_>) {
        let outer = self.open.len();
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

    /// Lines as Apache splits them: a backslash at the end has a line go on in the next.
    fn lines(&mut self, source: &mut Source<'_>, text: Text<'_>, outer: usize) {
        let mut begun: Option<(Position, String)> = None;
        for (position, line) in text.lines() {
            let (start, mut whole) = begun.take().unwrap_or((position, String::new()));
            if let Some(line) = line.strip_suffix('\\') {
                whole.push_str(line);
                begun = Some((start, whole));
            } else {
                whole.push_str(line);
                self.line(source, start, whole.trim_ascii(), outer);
            }
        }
        if let Some((start, whole)) = begun {
            self.line(source, start, whole.trim_ascii(), outer);
        }
    }

    fn line(&mut self, source: &mut Source<'_>, position: Position, line: &str, outer: usize) {
        // Quotes are taken off before anything else.
        let unquoted = line
            .starts_with(['"', '\''])
            .then(|| arguments(line).join(" "));
        match unquoted.as_deref().unwrap_or(line) {
            tag if tag.starts_with("</") => self.close(source, position, tag, outer),
            tag if tag.starts_with('<') => self.tag(source, position, tag),
            _ if line.starts_with('#') => {}
            _ => self.statement(source, position, line),
        }
    }

    /// `<…>`
    fn tag(&mut self, source: &mut Source<'_>, position: Position, line: &str) {
        let head = line.rsplit_once('>').map_or(line, |(head, _)| head);
        if head.len() == line.len() {
            source.blame(position, "`<` has no `>` behind it");
        }
        let head = words(head.trim_start_matches('<'));
        self.begin(source, position, &head);
    }

    /// Where a word is empty, Apache takes it and what follows for missing.
    fn statement(&mut self, source: &mut Source<'_>, position: Position, line: &str) {
        let mut words = arguments(line);
        let empty = words.iter().skip(1).position(String::is_empty);
        words.truncate(empty.map_or(words.len(), |index| index + 1));
        self.add(source, position, &words, false);
    }

    /// `</…>`, which must be that of what has begun last.
    fn close(&mut self, source: &mut Source<'_>, position: Position, line: &str, outer: usize) {
        let word = line.split_ascii_whitespace().next().unwrap_or_default();
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
                conditional: source.conditions > 0,
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
