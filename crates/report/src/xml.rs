//! The little XML that is written here: elements as text, with everything that is data escaped.

use std::fmt::Write;

/// `text` for the inside of an element or of an attribute in double quotes: read back, it is the same.
///
/// Characters that XML 1.0 cannot bear at all (most control characters, U+FFFE, U+FFFF) become U+FFFD.
pub(crate) fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&apos;"),
            // A reader would make a space or a line feed of them.
            '\t' | '\n' | '\r' => {
                write!(safe, "&#{};", c as u32).expect("a string takes all that is written");
            }
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => safe.push('\u{fffd}'),
            _ => safe.push(c),
        }
    }
    safe
}

/// An element without attributes around `inner`, which is XML already.
pub(crate) fn element(name: &str, inner: &str) -> String {
    format!("<{name}>{inner}</{name}>\n")
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn what_xml_cannot_bear_is_replaced_and_all_else_is_kept() {
        assert_eq!(
            escape("<a b=\"c\">&'\u{7}\u{0}\u{fffe}"),
            "&lt;a b=&quot;c&quot;&gt;&amp;&apos;\u{fffd}\u{fffd}\u{fffd}"
        );
        assert_eq!(escape("a\tb\r\n]]>"), "a&#9;b&#13;&#10;]]&gt;");
        assert_eq!(escape("街道🏥\u{202e}\u{7f}"), "街道🏥\u{202e}\u{7f}");
    }
}
