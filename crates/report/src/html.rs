//! What all HTML and SVG share: texts that stay texts, and the hash that lets a style or script be.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

/// A text as it may stand in HTML, SVG or XML, in an element or an attribute. Characters that XML 1.0 cannot hold (controls other
/// than tab and line breaks, U+FFFE, U+FFFF) become U+FFFD.
pub(crate) fn escaped(text: &str) -> String {
    let mut all = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => all.push_str("&amp;"),
            '<' => all.push_str("&lt;"),
            '>' => all.push_str("&gt;"),
            '"' => all.push_str("&quot;"),
            '\'' => all.push_str("&#39;"),
            '\t' | '\n' | '\r' => all.push(c),
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => all.push('\u{fffd}'),
            c => all.push(c),
        }
    }
    all
}

/// The hash by which a content-security policy names a script or style: SHA-256 in base64.
pub(crate) fn sha256(text: &str) -> String {
    STANDARD.encode(Sha256::digest(text.as_bytes()))
}
