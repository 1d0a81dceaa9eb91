//! Where encoders write to: a lent buffer, a fixed-size vector, a hash, or a mere count.

use core::fmt;

/// A place that takes bytes in order.
pub trait Sink {
    /// Appends `bytes`, all of them or none.
    ///
    /// # Errors
    ///
    /// [`Full`] when they do not fit.
    fn put(&mut self, bytes: &[u8]) -> Result<(), Full>;
}

/// The lent memory is too small for what should be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full;

impl fmt::Display for Full {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the lent memory is too small for the output")
    }
}

impl core::error::Error for Full {}

/// Writes into lent memory from the front.
#[derive(Debug)]
pub struct Buffer<'a> {
    memory: &'a mut [u8],
    len: usize,
}

impl<'a> Buffer<'a> {
    /// Begins at the front of `memory`.
    #[must_use]
    pub fn new(memory: &'a mut [u8]) -> Self {
        Self { memory, len: 0 }
    }

    /// What was written, as a part of the lent memory.
    #[must_use]
    pub fn into_written(self) -> &'a [u8] {
        self.memory.get(..self.len).unwrap_or_default()
    }
}

impl Sink for Buffer<'_> {
    fn put(&mut self, bytes: &[u8]) -> Result<(), Full> {
        let end = self.len.checked_add(bytes.len()).ok_or(Full)?;
        self.memory.get_mut(self.len..end).ok_or(Full)?.copy_from_slice(bytes);
        self.len = end;
        Ok(())
    }
}

impl<const N: usize> Sink for heapless::Vec<u8, N> {
    fn put(&mut self, bytes: &[u8]) -> Result<(), Full> {
        self.extend_from_slice(bytes).map_err(|_| Full)
    }
}

/// Counts the bytes and keeps none: the length of an encoding before it is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count(pub usize);

impl Sink for Count {
    fn put(&mut self, bytes: &[u8]) -> Result<(), Full> {
        self.0 = self.0.checked_add(bytes.len()).ok_or(Full)?;
        Ok(())
    }
}

impl<S: Sink + ?Sized> Sink for &mut S {
    fn put(&mut self, bytes: &[u8]) -> Result<(), Full> {
        (**self).put(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_buffer_keeps_what_it_had() {
        let mut memory = [0; 4];
        let mut buffer = Buffer::new(&mut memory);
        assert_eq!(buffer.put(b"abc"), Ok(()));
        assert_eq!(buffer.put(b"de"), Err(Full));
        assert_eq!(buffer.put(b"f"), Ok(()));
        assert_eq!(buffer.into_written(), b"abcf");
    }
}
