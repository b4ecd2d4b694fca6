//! Bytes to text: a byte-order mark, strict UTF-8, then GB18030, of which GBK and GB2312 are parts. Nothing is guessed beyond.

use encoding_rs::GB18030;

use crate::finding::{Finding, Findings, Kind};

/// The text of a file. GB18030 is told; what is neither is an error, never a replacement character.
pub(crate) fn decode(file: &str, bytes: Vec<u8>, findings: &mut Findings) -> Result<String, Finding> {
    let problem = |kind| Finding::new(kind, file);
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(problem(Kind::Utf16));
    }
    let bytes = match bytes.strip_prefix(&[0xef, 0xbb, 0xbf]) {
        Some(rest) => rest.to_vec(),
        None => bytes,
    };
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(problem(Kind::FileEmpty));
    }
    if let Some(at) = bytes.iter().position(|&byte| byte == 0) {
        return Err(problem(Kind::NulByte).row(line_of(&bytes, at)));
    }
    let broken = match String::from_utf8(bytes) {
        Ok(text) => return Ok(text),
        Err(broken) => broken,
    };
    let first_bad = broken.utf8_error().valid_up_to();
    let bytes = broken.into_bytes();
    let undecodable = problem(Kind::Undecodable).row(line_of(&bytes, first_bad));
    if let Some(other) = bytes.split(|&byte| byte == b'\n').position(chinese_utf_8) {
        return Err(undecodable.value(format!("UTF-8: {}", other + 1)));
    }
    let text = GB18030.decode_without_bom_handling_and_without_replacement(&bytes).ok_or(undecodable)?;
    findings.push(problem(Kind::Gb18030));
    Ok(text.into_owned())
}

/// Whether a line is plainly UTF-8. In a file that is not, it was put in from another one: most UTF-8 is valid GB18030 too,
/// and would be read as other characters. That three characters of GB18030 look like two Chinese ones of UTF-8 hardly occurs.
fn chinese_utf_8(line: &[u8]) -> bool {
    let chinese = |c: &char| ('\u{3400}'..='\u{9fff}').contains(c);
    std::str::from_utf8(line).is_ok_and(|line| line.chars().filter(chinese).nth(1).is_some())
}

fn line_of(bytes: &[u8], at: usize) -> u64 {
    1 + bytes[..at].iter().filter(|&&byte| byte == b'\n').count() as u64
}
