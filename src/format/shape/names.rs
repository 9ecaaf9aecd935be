//! A set of names that tells most other names apart without comparing them.

/// The names, and for each length the first letters of names that have it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    names: Vec<Box<[u8]>>,
    firsts: [u32; 32],
}

impl Names {
    pub fn add(&mut self, name: &[u8]) {
        let (length, first) = Self::place(name);
        self.firsts[length] |= first;
        self.names.push(name.into());
    }

    #[inline]
    pub fn contains(&self, name: &[u8]) -> bool {
        let (length, first) = Self::place(name);
        self.firsts[length] & first != 0 && self.names.iter().any(|known| **known == *name)
    }

    #[inline]
    fn place(name: &[u8]) -> (usize, u32) {
        (name.len() % 32, 1 << (name.first().copied().unwrap_or_default() % 32))
    }
}

impl<'n> FromIterator<&'n [u8]> for Names {
    fn from_iter<I: IntoIterator<Item = &'n [u8]>>(names: I) -> Self {
        let mut set = Self::default();
        names.into_iter().for_each(|name| set.add(name));
        set
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_whole() {
        let names: Names = [b"level".as_slice(), b"message", b""].into_iter().collect();

        assert!(names.contains(b"level") && names.contains(b"message") && names.contains(b""));
        assert!(!names.contains(b"lever") && !names.contains(b"lev") && !names.contains(b"other"));
    }
}
