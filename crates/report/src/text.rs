//! Texts of pictures and sheets: names made harmless, figures as people read them.

use crate::xml::escape;

/// What stands for a figure that is not known or does not apply.
pub(crate) const NONE: &str = "–";

/// A name in HTML: escaped, and unable to turn the direction of what stands around it.
pub(crate) fn isolated(name: &str) -> String {
    format!("<bdi>{}</bdi>", escape(name))
}

fn is_directional(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A text in a picture: escaped, at most `ems` wide with an ellipsis for what is left out; marks of direction, which nothing
/// would isolate there, become U+FFFD.
pub(crate) fn caption(text: &str, ems: f64) -> String {
    let plain: String = text
        .chars()
        .map(|c| if is_directional(c) { '\u{fffd}' } else { c })
        .collect();
    if width(&plain) <= ems {
        return escape(&plain);
    }
    let mut room = ems - 1.0;
    let kept: String = plain
        .chars()
        .take_while(|c| {
            room -= advance(*c);
            room >= 0.0
        })
        .collect();
    escape(&format!("{}…", kept.trim_end()))
}

/// About how wide a text is, in ems: 1 for a character of East Asia, around a half for others.
pub(crate) fn width(text: &str) -> f64 {
    text.chars().map(advance).sum()
}

fn advance(c: char) -> f64 {
    match c {
        ' ' | ',' | '.' | ':' | ';' | 'i' | 'j' | 'l' | '(' | ')' => 0.32,
        'A'..='Z' => 0.64,
        '!'..='~' => 0.54,
        '\u{2e80}'.. => 1.0,
        _ => 0.6,
    }
}

/// A text in lines of at most `ems`: broken at spaces, and anywhere between characters of East Asia.
pub(crate) fn wrapped(text: &str, ems: f64) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut room = ems;
    for word in words(text) {
        let wide = width(word.trim_end());
        if wide > room && room < ems {
            lines.push(String::new());
            room = ems;
        }
        room -= width(word);
        if let Some(line) = lines.last_mut() {
            line.push_str(word);
        }
    }
    lines
}

/// Whether a line may end between two characters.
fn breaks(before: char, next: char) -> bool {
    let wide = before >= '\u{2e80}' || next >= '\u{2e80}';
    (before == ' ' || wide)
        && !"，。；：、）」』,.;:)".contains(next)
        && !"（「『(".contains(before)
}

/// What is not broken: words with the space behind them, single characters of East Asia with the marks behind them.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let pairs = rest.char_indices().zip(rest.chars().skip(1));
        let end = pairs
            .into_iter()
            .find(|((_, before), next)| breaks(*before, *next));
        let end = end.map_or(rest.len(), |((start, before), _)| start + before.len_utf8());
        let (word, left) = rest.split_at(end);
        rest = left;
        (!word.is_empty()).then_some(word)
    })
}

/// `12,345`.
pub(crate) fn whole(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// People, or a dash.
pub(crate) fn people(number: Option<u64>) -> String {
    number.map_or_else(|| NONE.to_owned(), whole)
}

/// Capacity to whole units, or a dash.
pub(crate) fn amount(number: Option<f64>) -> String {
    people(number.map(|number| number.round().max(0.0) as u64))
}

/// `73.4 %`, or a dash.
/// A mark behind the name of a unit of few residents; nothing for others.
pub(crate) fn small(small: bool) -> &'static str {
    if small {
        "（人口少 few residents）"
    } else {
        ""
    }
}

pub(crate) fn percent(share: Option<f64>) -> String {
    share.map_or_else(
        || NONE.to_owned(),
        |share| format!("{:.1} %", share * 100.0),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::NASTY;

    #[test]
    fn no_name_becomes_markup_or_turns_what_stands_beside_it() {
        for name in NASTY {
            let caption = caption(name, 99.0);
            assert!(
                !caption.contains(['<', '>', '"', '\u{7}', '\u{1b}', '\u{202e}', '\u{200f}']),
                "{caption}"
            );
        }
    }

    #[test]
    fn a_long_name_ends_in_an_ellipsis_within_its_room() {
        let short = caption(&"街".repeat(300), 10.0);
        assert_eq!(short, format!("{}…", "街".repeat(9)));
        assert_eq!(caption("街道", 2.0), "街道");
    }

    #[test]
    fn a_text_is_broken_at_spaces_and_between_characters_but_not_before_a_comma() {
        assert_eq!(wrapped("甲乙丙，丁戊", 3.0), ["甲乙", "丙，丁", "戊"]);
        assert_eq!(wrapped("one two three", 5.0), ["one two ", "three"]);
        assert_eq!(wrapped("", 5.0), [""]);
    }

    #[test]
    fn figures_are_grouped_and_what_is_not_known_is_a_dash() {
        assert_eq!(
            [whole(0), whole(999), whole(1_000), whole(21_000_000)],
            ["0", "999", "1,000", "21,000,000"]
        );
        assert_eq!(
            [
                amount(None),
                amount(Some(1234.5)),
                percent(Some(0.7344)),
                percent(None)
            ],
            ["–", "1,235", "73.4 %", "–"]
        );
    }
}
