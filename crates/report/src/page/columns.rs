//! Columns of numbers, as they are laid out behind the header.

use serde_json::{Map, Value, json};

/// Columns one after another, each from a multiple of 8 on, little endian.
#[derive(Debug, Default)]
pub(super) struct Columns {
    about: Map<String, Value>,
    bytes: Vec<u8>,
}

/// A number that a column may hold.
pub(super) trait Number: Copy {
    /// How the header calls it.
    const TYPE: &'static str;

    /// Appends its bytes.
    fn put(self, bytes: &mut Vec<u8>);
}

macro_rules! numbers {
    ($($name:ident),*) => {$(
        impl Number for $name {
            const TYPE: &'static str = stringify!($name);

            fn put(self, bytes: &mut Vec<u8>) {
                bytes.extend_from_slice(&self.to_le_bytes());
            }
        }
    )*};
}

numbers!(u8, u16, u32, i32, f64);

impl Columns {
    /// Appends a column. Names are unique.
    pub(super) fn put<N: Number>(
        &mut self,
        name: impl Into<String>,
        numbers: impl IntoIterator<Item = N>,
    ) {
        self.bytes.resize(self.bytes.len().next_multiple_of(8), 0);
        let (start, mut count) = (self.bytes.len(), 0);
        for number in numbers {
            number.put(&mut self.bytes);
            count += 1;
        }
        self.about.insert(
            name.into(),
            json!({ "type": N::TYPE, "at": start, "len": count }),
        );
    }

    /// The payload: the length of the header, the header with where each column is, and the columns.
    pub(super) fn under(self, mut header: Map<String, Value>) -> Vec<u8> {
        header.insert("columns".to_owned(), Value::Object(self.about));
        let header = serde_json::to_vec(&Value::Object(header)).expect("a header is plain data");
        let mut bytes = (header.len() as u32).to_le_bytes().to_vec();
        bytes.extend(header);
        bytes.resize(bytes.len().next_multiple_of(8), 0);
        bytes.extend(self.bytes);
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_where_the_header_says() {
        let mut columns = Columns::default();
        columns.put("a", [1u8, 2, 3]);
        columns.put("b", [1.5f64]);
        let bytes = columns.under(Map::new());
        let length = u32::from_le_bytes(bytes[..4].try_into().unwrap()) as usize;
        let header: Value = serde_json::from_slice(&bytes[4..4 + length]).unwrap();
        assert_eq!(
            header["columns"]["b"],
            json!({ "type": "f64", "at": 8, "len": 1 })
        );
        let start = (4 + length).next_multiple_of(8) + 8;
        assert_eq!(bytes[start..start + 8], 1.5f64.to_le_bytes());
    }
}
