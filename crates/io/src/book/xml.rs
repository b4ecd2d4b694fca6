//! The markup of workbooks, event by event: no document types, no entities of its own, no piece without end.

use std::borrow::Cow;

use quick_xml::XmlVersion;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::reader::Reader;

use super::Trouble;
use super::archive::{Archive, Inflated};

/// A file of an archive, as markup.
pub(crate) struct Xml<'a> {
    reader: Reader<Inflated<'a>>,
    buffer: Vec<u8>,
    name: String,
}

/// What is told of markup; an element without content begins and ends.
pub(crate) enum Node<'a> {
    Start(BytesStart<'a>),
    End,
    Text(Cow<'a, str>),
    /// A comment or the like.
    Other,
    /// Nothing more.
    Done,
}

impl<'a> Xml<'a> {
    pub(crate) fn open(archive: &'a Archive, name: &str) -> Result<Self, Trouble> {
        let mut reader = Reader::from_reader(archive.open_file(name)?);
        reader.config_mut().expand_empty_elements = true;
        Ok(Self {
            reader,
            buffer: Vec::new(),
            name: name.to_owned(),
        })
    }

    /// What comes next.
    pub(crate) fn next(&mut self) -> Result<Node<'_>, Trouble> {
        self.buffer.clear();
        self.reader.get_mut().mark();
        let event = self.reader.read_event_into(&mut self.buffer);
        let broken = |error: String| Trouble::Xml(self.name.clone(), error);
        Ok(match event.map_err(|error| broken(error.to_string()))? {
            Event::Start(start) => Node::Start(start),
            Event::End(_) => Node::End,
            Event::Text(text) => Node::Text(text.into_inner()),
            Event::CData(text) => Node::Text(text.into_inner()),
            Event::GeneralRef(name) => {
                let letter = referred(&name).ok_or_else(|| broken(format!("&{};", &*name)))?;
                Node::Text(Cow::Owned(letter.to_string()))
            }
            Event::DocType(_) => return Err(Trouble::DocType),
            Event::Eof => Node::Done,
            Event::Empty(_) | Event::Comment(_) | Event::PI(_) | Event::Decl(_) => Node::Other,
        })
    }

    /// The text within an element that has begun, to its end: that of the elements in it as well, but for those named.
    pub(crate) fn text(&mut self, without: &[&str], text: &mut String) -> Result<(), Trouble> {
        let mut depth = 1_u32;
        while depth > 0 {
            match self.next()? {
                Node::Start(start) if without.contains(&start.local_name().as_ref()) => {
                    self.skip()?;
                }
                Node::Start(_) => depth += 1,
                Node::End => depth -= 1,
                Node::Text(some) => text.push_str(&some),
                Node::Other => {}
                Node::Done => return Err(self.cut()),
            }
        }
        Ok(())
    }

    /// Passes over an element that has begun.
    pub(crate) fn skip(&mut self) -> Result<(), Trouble> {
        let mut depth = 1_u64;
        while depth > 0 {
            match self.next()? {
                Node::Start(_) => depth += 1,
                Node::End => depth -= 1,
                Node::Done => return Err(self.cut()),
                Node::Text(_) | Node::Other => {}
            }
        }
        Ok(())
    }

    pub(crate) fn cut(&self) -> Trouble {
        Trouble::Xml(self.name.clone(), "it ends within an element".to_owned())
    }
}

fn referred(name: &BytesRef) -> Option<char> {
    match &**name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => name.resolve_char_ref().ok().flatten(),
    }
}

/// The value of an attribute, by its name without prefix.
pub(crate) fn attribute<'a>(start: &'a BytesStart, name: &str) -> Option<Cow<'a, str>> {
    let mut all = start.attributes();
    let all = all.with_checks(false);
    let found = all
        .filter_map(Result::ok)
        .find(|each| each.key.local_name().as_ref() == name)?;
    found.normalized_value(XmlVersion::Implicit1_0).ok()
}
