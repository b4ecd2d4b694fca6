//! Columns of persons: identity numbers are refused, phones are passed over. What stands in them is never told.

use crate::finding::{Finding, Kind};
use crate::headers;
use crate::table::clean;

/// So many rows are looked at: a table that has such numbers has them from its first rows on.
pub(crate) const SAMPLE: usize = 200;

/// What the columns of a table hold that is of persons, by a sample of its rows.
#[derive(Default)]
pub(crate) struct Persons {
    columns: Vec<Held>,
}

#[derive(Clone, Copy, Default)]
struct Held {
    filled: u32,
    mobiles: u32,
    identities: u32,
}

impl Persons {
    pub(crate) fn look(&mut self, row: &csv::StringRecord) {
        self.columns
            .resize(self.columns.len().max(row.len()), Held::default());
        for (held, cell) in self.columns.iter_mut().zip(row) {
            let cell = clean(cell);
            held.filled += u32::from(!cell.is_empty());
            held.mobiles += u32::from(is_mobile(cell));
            held.identities += u32::from(is_identity(cell));
        }
    }

    /// The positions of columns of phones; an error where a column holds identity numbers, or where phones stand in one that is `used`.
    pub(crate) fn phones(
        &self,
        file: &str,
        names: &[&str],
        used: &[usize],
    ) -> Result<Vec<usize>, Finding> {
        let mut phones = Vec::new();
        for (at, name) in names.iter().enumerate() {
            let held = self.columns.get(at).copied().unwrap_or_default();
            let plain = headers::parts(name).name.to_lowercase();
            let says = |words: &[&str]| words.iter().any(|word| plain.contains(word));
            let about = |kind| Finding::new(kind, file).column(label(name, at));
            if says(&IDENTITIES) || held.identities > 0 {
                return Err(about(Kind::IdentityNumbers));
            }
            // Ids may happen to look like mobiles, but not most of them.
            let mobiles = held.mobiles >= 3 && held.mobiles * 2 > held.filled;
            if !(says(&PHONES) || plain == "tel" || mobiles) {
                continue;
            }
            if used.contains(&at) {
                return Err(about(Kind::PhonesUsed));
            }
            phones.push(at);
        }
        Ok(phones)
    }
}

const IDENTITIES: [&str; 6] = [
    "身份证",
    "证件号",
    "身份号码",
    "护照号",
    "idcard",
    "id_card",
];
const PHONES: [&str; 5] = ["手机", "电话", "联系方式", "phone", "mobile"];

/// The name of a column, or which it is where it has none.
pub(crate) fn label(name: &str, at: usize) -> String {
    match name {
        "" => format!("#{}", at + 1),
        name => name.to_owned(),
    }
}

/// Eleven digits of a mobile in China, with or without `+86` before them.
fn is_mobile(cell: &str) -> bool {
    let digits = cell.strip_prefix("+86").unwrap_or(cell).trim_start();
    let digits = digits.as_bytes();
    digits.len() == 11
        && digits[0] == b'1'
        && (b'3'..=b'9').contains(&digits[1])
        && digits.iter().all(u8::is_ascii_digit)
}

/// Whether eighteen signs are an identity number (GB 11643-1999): a day of birth from the seventh digit on, and at the end the check digit
/// of ISO 7064, MOD 11-2.
///
/// `11010519491231002X`, the standard's own example, is one.
fn is_identity(cell: &str) -> bool {
    let signs = cell.as_bytes();
    let Some((last, digits)) = signs.split_last().filter(|_| signs.len() == 18) else {
        return false;
    };
    if !digits.iter().all(u8::is_ascii_digit) {
        return false;
    }
    let number = |from: usize, to: usize| {
        let digits = digits[from..to].iter();
        digits.fold(0, |number, digit| number * 10 + u32::from(digit - b'0'))
    };
    let born = (1850..=2100).contains(&number(6, 10))
        && (1..=12).contains(&number(10, 12))
        && (1..=31).contains(&number(12, 14));
    // The weight of the digit i places before the last is 2^i mod 11.
    let sum = digits
        .iter()
        .fold(0, |sum, digit| (sum + u32::from(digit - b'0')) * 2 % 11);
    let check = (12 - sum) % 11;
    born && match last.to_ascii_uppercase() {
        b'X' => check == 10,
        digit => u32::from(digit.wrapping_sub(b'0')) == check,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identity_numbers_and_mobiles_are_known_by_their_form() {
        for (cell, expected) in [
            ("11010519491231002X", true),
            ("11010519491231002x", true),
            ("110105194912310021", false),
            ("440524188001010014", true),
            ("440524188013010014", false),
            ("510104001001000000", false),
            ("91510100MA6C00000X", false),
        ] {
            assert_eq!(is_identity(cell), expected, "{cell}");
        }
        for (cell, expected) in [
            ("13800138000", true),
            ("+86 13800138000", true),
            ("12800138000", false),
            ("02885551234", false),
            ("1380013800", false),
        ] {
            assert_eq!(is_mobile(cell), expected, "{cell}");
        }
    }
}
