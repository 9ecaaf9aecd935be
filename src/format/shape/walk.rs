//! Walks over JSON that was written here: the members of an object or array, and the heads of exceptions.

/// The byte after the string that begins at `start`.
pub fn string_end(json: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(byte) = json.get(at).filter(|byte| **byte != b'"') {
        at += if *byte == b'\\' { 2 } else { 1 };
    }
    (at + 1).min(json.len())
}

/// The byte after the value that begins at `start`.
fn value_end(json: &[u8], start: usize) -> usize {
    let mut depth = 0usize;
    let mut at = start;
    while let Some(byte) = json.get(at) {
        match byte {
            b'"' => {
                at = string_end(json, at);
                if depth == 0 {
                    return at;
                }
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth <= 1 => return if depth == 0 { at } else { at + 1 },
            b'}' | b']' => depth -= 1,
            b',' | b' ' if depth == 0 => return at,
            _ => {}
        }
        at += 1;
    }
    json.len()
}

/// The members of an object, or the items of an array, each as JSON.
pub struct Members<'j> {
    json: &'j [u8],
    at: usize,
    is_object: bool,
}

/// The members of an object or the items of an array, which have no key.
pub fn members(json: &[u8]) -> Members<'_> {
    Members { json, at: 1, is_object: is_object(json) }
}

pub fn is_object(json: &[u8]) -> bool {
    json.first() == Some(&b'{')
}

impl Members<'_> {
    fn skip(&mut self, between: &[u8]) {
        while self.json.get(self.at).is_some_and(|byte| between.contains(byte)) {
            self.at += 1;
        }
    }
}

impl<'j> Iterator for Members<'j> {
    type Item = (&'j [u8], &'j [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        self.skip(b" ,\n");
        let json = self.json;
        let mut key: &[u8] = b"";
        if self.is_object {
            let start = self.at;
            json.get(start).filter(|byte| **byte == b'"')?;
            self.at = string_end(json, start);
            key = &json[start..self.at];
            self.skip(b" :\n");
        }
        let start = self.at;
        self.at = value_end(json, start);
        (self.at > start).then(|| (key, &json[start..self.at]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walked(json: &str) -> Vec<(String, String)> {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        members(json.as_bytes()).map(|(key, value)| (text(key), text(value))).collect()
    }

    #[test]
    fn members_and_items_are_whole() {
        let json = r#"{"a": [1, {"b": "x, } \" \\"}], "c": {}, "d": -1.5e3, "": null}"#;
        let expected =
            [(r#""a""#, r#"[1, {"b": "x, } \" \\"}]"#), (r#""c""#, "{}"), (r#""d""#, "-1.5e3"), (r#""""#, "null")];
        assert_eq!(walked(json), expected.map(|(key, value)| (key.to_owned(), value.to_owned())));

        let items: Vec<String> = walked("[[], \"a\",true]").into_iter().map(|(_, value)| value).collect();
        assert_eq!(items, ["[]", "\"a\"", "true"]);
        assert!(walked("{}").is_empty() && walked("[]").is_empty());
    }

    #[test]
    fn what_is_cut_off_ends_the_walk() {
        let json = r#"{"a": [1, {"b": "x"}], "c": "d"}"#;
        for end in 0..json.len() {
            assert!(walked(&json[..end]).len() <= 2);
        }
    }
}
