//! Builds the members of a shape: encodes their keys, renames them, and refuses keys that occur twice.

use crate::error::{Error, Result, quoted};
use crate::format::escape::put_json_string;
use crate::format::shape::kind::Kind;
use crate::format::shape::names::Names;
use crate::format::shape::program::{Member, Select, Shape, What, separator};
use crate::format::shape::special::{Form, Special};
use crate::format::shape::{any_value, fields, logfmt};
use crate::record::encoded::Value;

/// The place where members are being added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    Top,
    /// An object of fields.
    Object,
    /// An object whose keys are not those of fields.
    Inner,
    /// The one value of OpenTelemetry's body.
    Body,
    /// OpenTelemetry's list of attributes.
    Attributes,
}

pub struct Builder<'s> {
    kind: Kind,
    keys: &'s [(String, Option<String>)],
    fixed: &'s [(String, Box<[u8]>)],
    members: Vec<Member>,
    section: Section,
    /// The keys that `keys` can rename.
    pub known: Vec<&'static str>,
    /// The keys that the shape writes, each with its section.
    written: Vec<(Section, String)>,
    specials: Vec<Special>,
    reserved: Names,
    pub objects: Names,
    name_key: Box<[u8]>,
    stack_key: Box<[u8]>,
}

impl<'s> Builder<'s> {
    pub fn new(kind: Kind, keys: &'s [(String, Option<String>)], fixed: &'s [(String, Box<[u8]>)]) -> Self {
        Self {
            kind,
            keys,
            fixed,
            members: Vec::new(),
            section: Section::Top,
            known: Vec::new(),
            written: Vec::new(),
            specials: Vec::new(),
            reserved: Names::default(),
            objects: Names::default(),
            name_key: Box::default(),
            stack_key: Box::default(),
        }
    }

    pub fn finish(self) -> Shape {
        let names = self.specials.iter().flat_map(|special| special.names);
        Shape {
            kind: self.kind,
            is_pretty: false,
            members: fused(self.members),
            special_names: names.map(|name| name.as_bytes()).collect(),
            specials: self.specials,
            reserved: self.reserved,
            objects: self.objects,
            name_key: self.name_key,
            stack_key: self.stack_key,
        }
    }

    /// Notes keys that a shape has under other settings, so that `keys` may name them.
    pub fn known(&mut self, keys: &[&'static str]) {
        for key in keys {
            if !self.known.contains(key) {
                self.known.push(key);
            }
        }
    }

    /// The key after `keys`. None leaves the member out.
    fn renamed(&mut self, key: &'static str) -> Option<String> {
        self.known(&[key]);
        match self.keys.iter().find(|(from, _)| from == key) {
            Some((_, to)) => to.clone(),
            None => Some(key.to_owned()),
        }
    }

    /// Keeps fields from having a key of the shape, also while no line has it.
    pub fn reserve(&mut self, keys: &[&'static str]) {
        for key in keys {
            if let Some(key) = self.renamed(key) {
                self.reserve_key(&key);
            }
        }
    }

    /// Keeps fields from having a key.
    pub(super) fn reserve_key(&mut self, key: &str) {
        let is_of_fields = match (self.kind, self.section) {
            (Kind::Line, _) | (_, Section::Object | Section::Inner | Section::Body) => false,
            (Kind::Otel, section) => section == Section::Attributes,
            (Kind::Gelf, _) => key.starts_with('_'),
            _ => true,
        };
        if is_of_fields {
            let key = if self.kind == Kind::Gelf { &key[1..] } else { key };
            self.reserved.add(key.as_bytes());
        }
    }

    pub fn add(&mut self, key: &'static str, what: What) -> Result<()> {
        if let Some(key) = self.renamed(key) {
            self.write("keys", &key)?;
            self.reserve_key(&key);
            let member = self.member(&key, what);
            self.members.push(member);
        }
        Ok(())
    }

    /// Adds a part without a key of its own.
    pub fn push(&mut self, what: What) {
        self.members.push(Member { open: Box::default(), close: b"", what });
    }

    /// Adds a member whose value is always the same. The value is JSON.
    pub fn constant(&mut self, key: &'static str, value: &[u8]) -> Result<()> {
        match self.renamed(key) {
            Some(key) => self.add_fixed("keys", &key, value),
            None => Ok(()),
        }
    }

    /// Adds the members of `static`.
    pub fn fixed(&mut self) -> Result<()> {
        for (key, value) in self.fixed {
            match self.kind {
                // GELF knows no null.
                Kind::Gelf if **value == *b"null" => {}
                Kind::Gelf if !GELF_KEYS.contains(&key.as_str()) && !key.starts_with('_') => {
                    let mut name = b"_".to_vec();
                    fields::put_gelf_key(&mut name, key.as_bytes());
                    self.add_fixed("static", &String::from_utf8_lossy(&name), value)?;
                }
                _ => self.add_fixed("static", key, value)?,
            }
        }
        Ok(())
    }

    fn add_fixed(&mut self, argument: &str, key: &str, value: &[u8]) -> Result<()> {
        self.write(argument, key)?;
        self.reserve_key(key);
        let mut member = self.member(key, What::Nothing);
        let mut open = member.open.into_vec();
        match (self.kind, self.section) {
            (Kind::Otel, Section::Attributes) => any_value::put_json_value(&mut open, value),
            (Kind::Logfmt, _) => logfmt::put_json(&mut open, value),
            (Kind::Gelf, _) => fields::put_gelf_value(&mut open, Value::Odd { display: b"", json: gelf_json(value) }),
            _ => open.extend_from_slice(value),
        }
        member.open = open.into();
        self.members.push(member);
        Ok(())
    }

    pub(super) fn new_special(&mut self, names: &'static [&'static str], form: Form) -> usize {
        self.specials.push(Special { names, form });
        self.specials.len() - 1
    }

    /// Adds a field that has a place of its own.
    pub fn special(&mut self, key: &'static str, names: &'static [&'static str], form: Form) -> Result<()> {
        if self.keys.iter().any(|(from, to)| from == key && to.is_none()) {
            self.known(&[key]);
            return Ok(());
        }
        let index = self.new_special(names, form);
        self.add(key, What::Special(index))
    }

    /// Adds the caller's stack. Fields may have its key in records without one.
    pub fn stack(&mut self, key: &'static str, what: What) -> Result<()> {
        if let Some(key) = self.renamed(key) {
            self.write("keys", &key)?;
            let member = self.member(&key, what);
            self.members.push(member);
            let key = if self.kind == Kind::Gelf { key.trim_start_matches('_') } else { &key };
            self.stack_key = key.as_bytes().into();
        }
        Ok(())
    }

    /// Adds the name that the program set. Fields may have its key in records without one.
    pub(super) fn set_name(&mut self) -> Result<()> {
        if let Some(key) = self.renamed("name") {
            self.write("keys", &key)?;
            let member = self.member(&key, What::SetName);
            self.members.push(member);
            if self.kind == Kind::Flat {
                self.name_key = key.as_bytes().into();
            }
        }
        Ok(())
    }

    /// Adds an object or array, whose members `fill` adds.
    pub fn group(
        &mut self,
        key: &'static str,
        section: Section,
        is_kept: bool,
        fill: impl FnOnce(&mut Self) -> Result<()>,
    ) -> Result<()> {
        let renamed = self.renamed(key);
        if let Some(key) = &renamed {
            self.write("keys", key)?;
            self.reserve_key(key);
        }
        let before = (std::mem::take(&mut self.members), self.section);
        self.section = section;
        fill(self)?;
        let members = fused(std::mem::replace(&mut self.members, before.0));
        self.section = before.1;
        if let Some(key) = renamed {
            let (start, close): (&[u8], &'static [u8]) = match section {
                Section::Body => (b"{\"stringValue\": ", b"}"),
                Section::Attributes => (b"[", b"]"),
                _ => (b"{", b"}"),
            };
            let is_of_moved = members.iter().any(|member| matches!(member.what, What::Fields(_, Select::Moved)));
            let what = if is_of_moved { What::MovedFields(members) } else { What::Group { members, close, is_kept } };
            let mut member = self.member(&key, what);
            member.open = [&*member.open, start].concat().into();
            self.members.push(member);
        }
        Ok(())
    }

    /// Adds members that only records with an exception or a stack have.
    pub fn failures(&mut self, fill: impl FnOnce(&mut Self) -> Result<()>) -> Result<()> {
        let before = std::mem::take(&mut self.members);
        fill(self)?;
        let members = std::mem::replace(&mut self.members, before);
        self.push(What::Failures(members));
        Ok(())
    }

    /// Notes a key that the shape writes. `argument` gave it, if another member has it already.
    fn write(&mut self, argument: &str, key: &str) -> Result<()> {
        if self.written.iter().any(|(section, known)| *section == self.section && known == key) {
            let expected = match argument {
                "static" => "names that no key of the shape has (keys={name: None} leaves a key out)",
                _ => "a name for each key that no other key has",
            };
            return Err(Error::value(argument, expected, quoted(key)));
        }
        self.written.push((self.section, key.to_owned()));
        Ok(())
    }

    /// Refuses new names that are empty.
    pub fn check(&self) -> Result<()> {
        match self.keys.iter().find(|(_, to)| to.as_deref() == Some("")) {
            Some((key, _)) => {
                Err(Error::value("keys", "names that are not empty, or None", format!("\"\" for {}", quoted(key))))
            }
            None => Ok(()),
        }
    }

    fn member(&self, key: &str, what: What) -> Member {
        let mut open = separator(self.kind).to_vec();
        let mut close: &'static [u8] = b"";
        if self.kind == Kind::Logfmt {
            logfmt::put_key(&mut open, key.as_bytes());
            open.push(b'=');
        } else if self.section == Section::Attributes {
            open.extend_from_slice(b"{\"key\": ");
            put_json_string(&mut open, key.as_bytes());
            open.extend_from_slice(b", \"value\": ");
            let (typed, end): (&[u8], _) = match &what {
                What::Include(include) if include.is_number() => (b"{\"intValue\": \"", b"\"}}".as_slice()),
                What::FailureAny | What::Nothing => (b"", b"}".as_slice()),
                _ => (b"{\"stringValue\": ", b"}}".as_slice()),
            };
            open.extend_from_slice(typed);
            close = end;
        } else {
            put_json_string(&mut open, key.as_bytes());
            open.extend_from_slice(b": ");
        }
        Member { open: open.into(), close, what }
    }
}

/// Members that are always the same become part of the next one's key, if every record has that one.
fn fused(members: Vec<Member>) -> Vec<Member> {
    let mut fused: Vec<Member> = Vec::new();
    for mut member in members {
        if let Some(before) = fused.pop_if(|before| before.what == What::Nothing && member.what.is_always()) {
            member.open = [&*before.open, before.close, &*member.open].concat().into();
        }
        fused.push(member);
    }
    fused
}

/// The keys of GELF itself, which have no underscore.
const GELF_KEYS: [&str; 6] = ["version", "host", "short_message", "full_message", "timestamp", "level"];

/// A value as GELF allows it; a truth value is text there.
fn gelf_json(value: &[u8]) -> &[u8] {
    match value {
        b"true" => b"\"true\"",
        b"false" => b"\"false\"",
        other => other,
    }
}
