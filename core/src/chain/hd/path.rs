//! Derivation paths, as `m/44'/60'/0'/0/0`.

use core::fmt;
use core::str::FromStr;

/// Greatest number of steps in a path; the paths of Ethereum accounts have five.
pub const MAX_PATH_LEN: usize = 10;

/// What is added to a step's number where it is hardened: 2^31 (BIP-32).
pub const HARDENED: u32 = 1 << 31;

/// A derivation path: the steps from a master key down.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Path(heapless::Vec<u32, MAX_PATH_LEN>);

impl Path {
    /// The path of one account among several that nobody can link: `m/44'/60'/account'/0/0`.
    ///
    /// Every step that tells accounts apart is hardened. Siblings that are not (`…/0/0`, `…/0/1`) are
    /// linked by the public key of their parent.
    ///
    /// # Errors
    ///
    /// [`PathError::Number`] for an account of 2^31 or more.
    pub fn account(account: u32) -> Result<Self, PathError> {
        if account >= HARDENED {
            return Err(PathError::Number { step: 2 });
        }
        let mut path = Self::default();
        for step in [44 | HARDENED, 60 | HARDENED, account | HARDENED, 0, 0] {
            path.push(step)?;
        }
        Ok(path)
    }

    /// Adds a step below; [`HARDENED`] is part of its number.
    ///
    /// # Errors
    ///
    /// [`PathError::TooLong`] where the path has [`MAX_PATH_LEN`] steps.
    pub fn push(&mut self, step: u32) -> Result<(), PathError> {
        self.0.push(step).map_err(|_| PathError::TooLong)
    }

    /// The steps from the master key down, [`HARDENED`] being part of their numbers.
    #[must_use]
    pub fn steps(&self) -> &[u32] {
        &self.0
    }
}

/// Reads `m` and steps: `/`, a number below 2^31, and `'` (or `h`, `H`) where it is hardened.
impl FromStr for Path {
    type Err = PathError;

    fn from_str(text: &str) -> Result<Self, PathError> {
        let mut parts = text.split('/');
        if parts.next() != Some("m") {
            return Err(PathError::Master);
        }
        let mut path = Self::default();
        for (step, part) in parts.enumerate() {
            let digits = part.strip_suffix(['\'', 'h', 'H']);
            let hardened = if digits.is_some() { HARDENED } else { 0 };
            let digits = digits.unwrap_or(part);
            let is_plain = digits.bytes().all(|byte| byte.is_ascii_digit());
            let number = digits.parse::<u32>().ok().filter(|number| is_plain && *number < HARDENED);
            path.push(number.ok_or(PathError::Number { step })? | hardened)?;
        }
        Ok(path)
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("m")?;
        for step in &self.0 {
            let hardened = if *step >= HARDENED { "'" } else { "" };
            write!(f, "/{}{hardened}", step & !HARDENED)?;
        }
        Ok(())
    }
}

/// Why a text is no derivation path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathError {
    /// It does not begin with `m`.
    Master,
    /// A step is no number below 2^31.
    Number {
        /// Which one, from 0.
        step: usize,
    },
    /// More than [`MAX_PATH_LEN`] steps.
    TooLong,
}

impl fmt::Display for PathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Master => f.write_str("a derivation path begins with m/"),
            Self::Number { step } => write!(f, "step {step} of the derivation path is no number below 2^31"),
            Self::TooLong => write!(f, "a derivation path has at most {MAX_PATH_LEN} steps"),
        }
    }
}

impl core::error::Error for PathError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_parse_and_print() {
        let account: Path = "m/44'/60h/7H/0/0".parse().unwrap();
        assert_eq!(Ok(account.clone()), Path::account(7));
        let mut printed = heapless::String::<40>::new();
        fmt::write(&mut printed, format_args!("{account}")).unwrap();
        assert_eq!(printed, "m/44'/60'/7'/0/0");
        assert_eq!("m".parse(), Ok(Path::default()));
        assert_eq!("44'/60'".parse::<Path>(), Err(PathError::Master));
        for (text, step) in [("m/", 0), ("m/0/x", 1), ("m/+1", 0), ("m/2147483648", 0), ("m/0''", 0)] {
            assert_eq!(text.parse::<Path>(), Err(PathError::Number { step }), "{text}");
        }
        assert_eq!("m/0/1/2/3/4/5/6/7/8/9/10".parse::<Path>(), Err(PathError::TooLong));
        assert_eq!(Path::account(HARDENED), Err(PathError::Number { step: 2 }));
    }
}
