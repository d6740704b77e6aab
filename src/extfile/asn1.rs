//! The language of `ASN1:` values (`ASN1_generate_nconf(3)`): modifiers, then a type and its value.

use super::{
    asn1_keywords::{Format, Keyword, Type, format, keyword},
    asn1_values,
    mistakes::{Mistake, Mistakes, all},
    request::Request,
    text::Word,
};
use crate::pki::{der, oid::base_128};

/// How deep sections may lie in each other, as in OpenSSL.
const MAX_DEPTH: usize = 50;

/// How many explicit tags and wrappings one value may have, as in OpenSSL.
const MAX_LAYERS: usize = 20;

const CONSTRUCTED: u8 = 0x20;

/// A tag that replaces another or stands around it (X.690 §8.1.2).
#[derive(Clone, Copy, Debug)]
struct Tag {
    /// The upper three bits of the first identifier octet: class, and whether it is constructed
    class: u8,
    number: u32,
}

impl Tag {
    /// Writes a value from its content.
    fn around(self, content: &[u8]) -> Vec<u8> {
        self.instead(&der::tlv(0, content))
    }

    /// Puts this tag in the place of one of a single octet.
    fn instead(self, value: &[u8]) -> Vec<u8> {
        let mut octets = match u8::try_from(self.number) {
            Ok(low @ 0..=30) => vec![self.class | low],
            _ => [vec![self.class | 0x1f], base_128(self.number.into())].concat(),
        };
        octets.extend_from_slice(&value[1..]);
        octets
    }
}

/// What stands around a value.
#[derive(Clone, Copy, Debug)]
struct Layer {
    tag: Tag,
    /// Whether an octet that counts unused bits precedes the content
    unused_bits: bool,
}

/// What the modifiers have said so far.
struct Shape {
    format: Format,
    implicit: Option<Tag>,
    /// The outermost first
    layers: Vec<Layer>,
}

/// Writes the value that a text describes.
pub(super) fn generate<'a>(request: &Request<'a>, text: Word<'a>) -> Result<Vec<u8>, Mistakes> {
    generate_at(request, text, 0)
}

fn generate_at<'a>(
    request: &Request<'a>,
    text: Word<'a>,
    depth: usize,
) -> Result<Vec<u8>, Mistakes> {
    request.count_asn1_value(text)?;
    let mut shape = Shape {
        format: Format::Ascii,
        implicit: None,
        layers: Vec::new(),
    };
    let mut rest = text;
    loop {
        let (element, behind) = parted(rest, ',');
        let element = element.trim();
        let (name, argument) = parted(element, ':');
        let keyword = keyword(name)?;
        let Keyword::Type(type_of_value) = keyword else {
            shape.modify(keyword, name, argument)?;
            let missing = || element.mistake("a type is missing behind the modifiers");
            rest = behind.ok_or_else(missing)?;
            continue;
        };
        if argument.is_none() && behind.is_some() {
            let message = format!("nothing may follow the type `{name}` but `:` and its value");
            return Err(name.mistake(message).into());
        }
        // The value goes on to the end, commas and all.
        let (_, value) = parted(rest, ':');
        let value = match type_of_value {
            Type::Sequence => der::sequence(&members(request, name, value, depth)?),
            Type::Set => der::set_of(&members(request, name, value, depth)?),
            other => asn1_values::write(other, shape.format, name, value)?,
        };
        return Ok(shape.put_around(value));
    }
}

fn parted(word: Word<'_>, separator: char) -> (Word<'_>, Option<Word<'_>>) {
    match word.split_once(separator) {
        Some((before, behind)) => (before, Some(behind)),
        None => (word, None),
    }
}

/// The entries of a section, each a value of its own; without a section there are none.
fn members<'a>(
    request: &Request<'a>,
    name: Word<'a>,
    section: Option<Word<'a>>,
    depth: usize,
) -> Result<Vec<Vec<u8>>, Mistakes> {
    let Some(section) = section else {
        return Ok(Vec::new());
    };
    if depth >= MAX_DEPTH {
        let message = format!("sections lie more than {MAX_DEPTH} deep in each other");
        return Err(name.mistake(message).into());
    }
    let items = request.section(section)?;
    let members = items.iter().filter_map(|item| item.value);
    all(members.map(|member| generate_at(request, member, depth + 1)))
}

impl Shape {
    fn modify(
        &mut self,
        keyword: Keyword,
        name: Word<'_>,
        argument: Option<Word<'_>>,
    ) -> Result<(), Mistake> {
        let argument =
            || argument.ok_or_else(|| name.mistake(format!("`{name}` lacks `:` and its argument")));
        match keyword {
            Keyword::Format => self.format = format(argument()?)?,
            Keyword::Implicit if self.implicit.is_some() => {
                return Err(name.mistake("two implicit tags replace each other"));
            }
            Keyword::Explicit if self.implicit.is_some() => {
                return Err(name.mistake("an explicit tag can't stand behind an implicit one"));
            }
            Keyword::Implicit => self.implicit = Some(read_tag(argument()?)?),
            Keyword::Explicit => {
                let mut tag = read_tag(argument()?)?;
                tag.class |= CONSTRUCTED;
                self.add(name, tag, false)?;
            }
            Keyword::Wrap(identifier, unused_bits) => {
                let own = Tag {
                    class: identifier & CONSTRUCTED,
                    number: u32::from(identifier & 0x1f),
                };
                let mut tag = self.implicit.take().unwrap_or(own);
                tag.class |= own.class;
                self.add(name, tag, unused_bits)?;
            }
            Keyword::Type(_) => {}
        }
        Ok(())
    }

    fn add(&mut self, name: Word<'_>, tag: Tag, unused_bits: bool) -> Result<(), Mistake> {
        if self.layers.len() == MAX_LAYERS {
            return Err(name.mistake(format!("more than {MAX_LAYERS} tags around one value")));
        }
        self.layers.push(Layer { tag, unused_bits });
        Ok(())
    }

    fn put_around(self, mut value: Vec<u8>) -> Vec<u8> {
        if let Some(mut tag) = self.implicit {
            tag.class |= value[0] & CONSTRUCTED;
            value = tag.instead(&value);
        }
        for Layer { tag, unused_bits } in self.layers.into_iter().rev() {
            if unused_bits {
                value.insert(0, 0);
            }
            value = tag.around(&value);
        }
        value
    }
}

/// Reads a number and its class: `U`, `A`, `P` or, as without a letter, `C`.
fn read_tag(word: Word<'_>) -> Result<Tag, Mistake> {
    let text = word.as_str();
    let digits = text.trim_end_matches(['A', 'C', 'P', 'U']);
    let class = match &text[digits.len()..] {
        "" | "C" => 0x80,
        "A" => 0x40,
        "P" => 0xc0,
        "U" => 0,
        _ => return Err(not_a_tag(word)),
    };
    let digits_only = digits.bytes().all(|digit| digit.is_ascii_digit());
    let number = digits.parse::<u32>().ok().filter(|_| digits_only);
    let number = number.ok_or_else(|| not_a_tag(word))?;
    let constructed = match (class, number) {
        (0, 16 | 17) => CONSTRUCTED,
        (0, _) => {
            return Err(word
                .mistake("of the universal tags, only 16 and 17 can be put around a value")
                .hint("name the type instead: `OCTWRAP`, `BITWRAP`"));
        }
        _ => 0,
    };
    Ok(Tag {
        class: class | constructed,
        number,
    })
}

fn not_a_tag(word: Word<'_>) -> Mistake {
    word.mistake(format!("`{word}` is not a tag"))
        .hint("write a number and, unless the tag is context-specific, `A`, `P` or `U`")
}
