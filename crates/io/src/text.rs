//! Bytes to text: a byte-order mark (UTF-16 with one is what Excel calls Unicode text), strict UTF-8, then GB18030, which includes GBK
//! and GB2312. No other encoding is guessed.

use std::borrow::Cow;
use std::io::{self, Read};

use encoding_rs::{Encoding, GB18030, UTF_16BE, UTF_16LE};

use crate::finding::{Finding, Findings, Kind};

/// The text of a file. GB18030 and UTF-16 are reported as findings; other encodings are an error, never a replacement character.
pub(crate) fn decode<'a>(
    file: &str,
    bytes: &'a [u8],
    findings: &mut Findings,
) -> Result<Cow<'a, str>, Finding> {
    let problem = |kind| Finding::new(kind, file);
    if let Some(encoding) = utf_16(bytes) {
        let text = encoding.decode_without_bom_handling_and_without_replacement(&bytes[2..]);
        let text = text.ok_or_else(|| problem(Kind::Undecodable).value("UTF-16"))?;
        if text.trim().is_empty() {
            return Err(problem(Kind::FileEmpty));
        }
        if text.contains('\0') {
            return Err(problem(Kind::NulByte));
        }
        findings.push(problem(Kind::Utf16Read));
        return Ok(text);
    }
    let bytes = bytes.strip_prefix(&[0xef, 0xbb, 0xbf]).unwrap_or(bytes);
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(problem(Kind::FileEmpty));
    }
    // `contains` is several times as fast as `position`, and the answer is nearly always no.
    if bytes.contains(&0) {
        let at = bytes.iter().take_while(|&&byte| byte != 0).count();
        return Err(problem(Kind::NulByte).row(line_of(bytes, at)));
    }
    let first_bad = match std::str::from_utf8(bytes) {
        Ok(text) => return Ok(Cow::Borrowed(text)),
        Err(broken) => broken.valid_up_to(),
    };
    let undecodable = problem(Kind::Undecodable).row(line_of(bytes, first_bad));
    if let Some(other) = bytes.split(|&byte| byte == b'\n').position(chinese_utf_8) {
        return Err(undecodable.value(format!("UTF-8: {}", other + 1)));
    }
    let text = GB18030
        .decode_without_bom_handling_and_without_replacement(bytes)
        .ok_or(undecodable)?;
    findings.push(problem(Kind::Gb18030));
    Ok(text)
}

/// Which UTF-16 a file is in, by its first two bytes.
pub(crate) fn utf_16(bytes: &[u8]) -> Option<&'static Encoding> {
    match bytes {
        [0xff, 0xfe, ..] => Some(UTF_16LE),
        [0xfe, 0xff, ..] => Some(UTF_16BE),
        _ => None,
    }
}

/// Whether a line is plainly UTF-8. In a file that is not, it was put in from another one: most UTF-8 is valid GB18030 too,
/// and would be read as other characters. That three characters of GB18030 look like two Chinese ones of UTF-8 hardly occurs.
fn chinese_utf_8(line: &[u8]) -> bool {
    let chinese = |c: &char| ('\u{3400}'..='\u{9fff}').contains(c);
    std::str::from_utf8(line).is_ok_and(|line| line.chars().filter(chinese).nth(1).is_some())
}

/// The first bytes of a text, at most so many, without a part of a character.
pub(crate) fn start(text: &str, most: usize) -> &str {
    let mut end = most.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

fn line_of(bytes: &[u8], at: usize) -> u64 {
    1 + line_ends(&bytes[..at])
}

/// Counted in parts whose number of line ends fits into a byte, which a processor does for many bytes at once where no sum is checked:
/// of 255 bytes none overflows.
pub(crate) fn line_ends(bytes: &[u8]) -> u64 {
    let part = |part: &[u8]| {
        let ends = part.iter().map(|byte| u8::from(*byte == b'\n'));
        ends.fold(0_u8, u8::wrapping_add)
    };
    bytes.chunks(255).map(|bytes| u64::from(part(bytes))).sum()
}

/// Whole lines of a file.
pub(crate) struct Piece {
    pub bytes: Vec<u8>,
    /// The number of the first of them.
    pub line: u64,
}

/// A file in pieces of whole lines, some megabytes each.
pub(crate) struct Pieces<R> {
    reader: R,
    rest: Vec<u8>,
    line: u64,
}

/// A line that is longer than this is none: the file has no lines.
const PIECE: u64 = 8 << 20;

impl<R: Read> Pieces<R> {
    pub(crate) fn new(reader: R) -> Self {
        Self {
            reader,
            rest: Vec::new(),
            line: 1,
        }
    }
}

impl<R: Read> Iterator for Pieces<R> {
    type Item = io::Result<Piece>;

    fn next(&mut self) -> Option<io::Result<Piece>> {
        let mut bytes = std::mem::take(&mut self.rest);
        bytes.reserve(PIECE as usize);
        if let Err(error) = self.reader.by_ref().take(PIECE).read_to_end(&mut bytes) {
            return Some(Err(error));
        }
        if bytes.is_empty() {
            return None;
        }
        let end = bytes
            .iter()
            .rposition(|&byte| byte == b'\n')
            .map_or(bytes.len(), |at| at + 1);
        self.rest = bytes.split_off(end);
        let line = self.line;
        self.line += line_ends(&bytes);
        Some(Ok(Piece { bytes, line }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_ends_are_counted_in_parts_of_any_length() {
        for length in [0, 1, 254, 255, 256, 1000] {
            assert_eq!(line_ends("\n".repeat(length).as_bytes()), length as u64);
            assert_eq!(line_ends("a\nb".repeat(length).as_bytes()), length as u64);
        }
    }

    #[test]
    fn pieces_are_whole_lines_and_know_their_number() {
        let line = "x".repeat(1 << 20) + "\n";
        let text = line.repeat(20) + "last";
        let pieces: Vec<Piece> = Pieces::new(text.as_bytes()).map(Result::unwrap).collect();
        assert!(pieces.len() > 2);
        let mut next = 1;
        for piece in &pieces {
            assert_eq!(piece.line, next);
            next += piece.bytes.iter().filter(|&&byte| byte == b'\n').count() as u64;
        }
        assert_eq!(
            pieces
                .iter()
                .flat_map(|piece| piece.bytes.clone())
                .collect::<Vec<u8>>(),
            text.into_bytes()
        );
    }
}
