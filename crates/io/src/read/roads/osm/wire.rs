//! Protocol buffers as they stand in memory: fields by number, numbers in groups of seven bits. Nothing is copied, so that a
//! message takes no more room than its bytes, whatever they say.

/// What is wrong with a message.
pub(crate) type Broken = &'static str;

/// The value of a field.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Value<'a> {
    Number(u64),
    Bytes(&'a [u8]),
    /// Four or eight bytes as they are, of which this format has none that matter.
    Fixed,
}

impl<'a> Value<'a> {
    pub(crate) fn number(self) -> Result<u64, Broken> {
        match self {
            Self::Number(number) => Ok(number),
            _ => Err("a field that should be a number"),
        }
    }

    pub(crate) fn bytes(self) -> Result<&'a [u8], Broken> {
        match self {
            Self::Bytes(bytes) => Ok(bytes),
            _ => Err("a field that should be bytes"),
        }
    }

    /// Numbers one after another.
    pub(crate) fn packed(self) -> Result<Packed<'a>, Broken> {
        let bytes = self.bytes()?;
        match bytes.last() {
            Some(last) if last & 0x80 != 0 => Err("a number that ends within its bytes"),
            _ => Ok(Packed(bytes)),
        }
    }
}

/// The fields of a message, in their order.
pub(crate) struct Fields<'a>(pub(crate) &'a [u8]);

impl<'a> Iterator for Fields<'a> {
    type Item = Result<(u64, Value<'a>), Broken>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let field = self.field();
        if field.is_err() {
            self.0 = &[];
        }
        Some(field)
    }
}

impl<'a> Fields<'a> {
    fn field(&mut self) -> Result<(u64, Value<'a>), Broken> {
        let key = self.number()?;
        let value = match key & 7 {
            0 => Value::Number(self.number()?),
            1 => self.take(8).map(|_| Value::Fixed)?,
            2 => {
                let length = usize::try_from(self.number()?).unwrap_or(usize::MAX);
                Value::Bytes(self.take(length)?)
            }
            5 => self.take(4).map(|_| Value::Fixed)?,
            _ => return Err("a field of a kind that is not known"),
        };
        match key >> 3 {
            0 => Err("a field without a number"),
            field => Ok((field, value)),
        }
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], Broken> {
        let (front, rest) = (self.0.split_at_checked(length)).ok_or("a field that ends early")?;
        self.0 = rest;
        Ok(front)
    }

    fn number(&mut self) -> Result<u64, Broken> {
        let length = self.0.iter().position(|byte| byte & 0x80 == 0);
        match length {
            Some(length) if length < 10 => Ok(varint(&mut self.0)),
            _ => Err("a number without end"),
        }
    }
}

/// The first number of `bytes`, which hold a whole one; they go on after it. What is more than 64 bits is lost.
fn varint(bytes: &mut &[u8]) -> u64 {
    let (mut number, mut shift) = (0_u64, 0_u32);
    while let Some((&byte, rest)) = bytes.split_first() {
        *bytes = rest;
        number |= u64::from(byte & 0x7f).checked_shl(shift).unwrap_or(0);
        if byte & 0x80 == 0 {
            break;
        }
        shift = shift.saturating_add(7);
    }
    number
}

/// Numbers one after another, the last of which is whole.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Packed<'a>(&'a [u8]);

impl<'a> Packed<'a> {
    /// Numbers that were found whole before.
    pub(crate) fn again(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(crate) fn bytes(self) -> &'a [u8] {
        self.0
    }

    /// How many there are.
    pub(crate) fn count(self) -> usize {
        self.0.iter().filter(|&&byte| byte & 0x80 == 0).count()
    }

    /// Numbers that are written as the difference from the one before, with a sign. Sums that overflow are nonsense, and no
    /// panic: what a file contains is not trusted.
    pub(crate) fn sums(self) -> impl Iterator<Item = i64> {
        self.scan(0_i64, |sum, number| {
            *sum = sum.wrapping_add(signed(number));
            Some(*sum)
        })
    }
}

impl Iterator for Packed<'_> {
    type Item = u64;

    #[inline]
    fn next(&mut self) -> Option<u64> {
        // Most are one byte.
        match self.0.split_first()? {
            (&byte, rest) if byte & 0x80 == 0 => {
                self.0 = rest;
                Some(u64::from(byte))
            }
            _ => Some(varint(&mut self.0)),
        }
    }
}

/// A number whose lowest bit is its sign.
pub(crate) fn signed(number: u64) -> i64 {
    (number >> 1) as i64 ^ -((number & 1) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_fields_are_read_to_the_last_byte_or_refused() {
        // 300 is 0b10_0101100: 0xac 0x02. Signed: 0, -1, 1, -2, …
        let packed = Value::Bytes(&[0xac, 0x02, 0x00, 0x7f]).packed().unwrap();
        assert_eq!(packed.collect::<Vec<_>>(), [300, 0, 127]);
        assert_eq!(packed.count(), 3);
        assert_eq!([0, 1, 2, 3].map(signed), [0, -1, 1, -2]);
        assert_eq!(packed.sums().collect::<Vec<_>>(), [150, 150, 86]);
        assert!(Value::Bytes(&[0xac]).packed().is_err());
        let largest = [0xff; 9].into_iter().chain([1]).collect::<Vec<u8>>();
        assert_eq!(Packed(&largest).next(), Some(u64::MAX));
        assert_eq!(Packed(&[0xff; 40]).count(), 0);
        // More than 64 bits are no panic.
        let mut long = vec![0xff; 40];
        long.push(1);
        assert_eq!(Packed(&long).collect::<Vec<_>>().len(), 1);
        // Field 1 = 5, field 2 = two bytes, field 3 = four bytes.
        let message = [0x08, 5, 0x12, 2, 7, 8, 0x1d, 0, 0, 0, 0];
        let fields: Result<Vec<_>, _> = Fields(&message).collect();
        assert_eq!(fields.unwrap().len(), 3);
        for end in [1, 3, 4, 5, 7, 10] {
            assert!(Fields(&message[..end]).any(|field| field.is_err()), "{end}");
        }
        for broken in [&[0x0b][..], &[0x00, 1], &[0xff; 12]] {
            assert!(Fields(broken).any(|field| field.is_err()), "{broken:?}");
        }
    }
}
