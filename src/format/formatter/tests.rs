//! Prepared lines are the lines that the layout makes, whatever the records of a site have.

use proptest::prelude::*;

use jiff::tz::TimeZone;

use super::*;
use crate::format::shape::kind::Include;
use crate::level::{INFO, LevelRef, Levels, UNNAMED, WARNING};
use crate::message::{Style, Template};
use crate::record::encoded::{Encoder, Header, Kind as EntryKind, Section, Value, put_bytes, put_value};
use crate::site::Site;

const KEYS: [&str; 18] = [
    "user",
    "amount",
    "trace_id",
    "span_id",
    "trace_flags",
    "dd.trace_id",
    "error",
    "labels",
    "level",
    "message",
    "name",
    "fields.x",
    "a b",
    "é\"\u{202e}",
    "http_request",
    "timestamp",
    "stack",
    "thread",
];

const MESSAGES: [&str; 6] =
    ["paid {amount} EUR", "\"{user}\"\n{missing} {{x}} {user}", "{amount:>3} for {user}", "", "{user}", "é \u{1b}"];

const PATTERNS: [&str; 6] = [
    "{time} | {level} | {module}:{function}:{line} | {message}{fields}",
    "{time:HH:mm:ss.SSS} {time:X} {message} {user} {missing}|{amount:>8}|{level: <9}|{extra}",
    "{level.no} {level.icon} {name} {filename} {path} {process} {thread} {thread.name} {task} {elapsed} {exception}",
    "<red>{message: <20}</red> {fields:.5} {line:>5}",
    "{message}",
    "",
];

const TEXTS: [&str; 9] = [
    "ada",
    "",
    "a b=c",
    "\"quoted\" \\",
    "line\nbreak\u{202e}",
    "4bf92f3577b34da6a3ce929d0e0e4736",
    "00f067aa0ba902b7",
    "01",
    "é😀",
];

const ODDS: [(&str, &str); 5] =
    [("{'a': 1}", "{\"a\": 1, \"b\": \"x\"}"), ("[1]", "[1]"), ("9.90", "\"9.90\""), ("{", ""), ("{1}", "{1}")];

fn value() -> impl Strategy<Value = Value<'static>> {
    prop_oneof![
        Just(Value::None),
        any::<bool>().prop_map(Value::Bool),
        (-3i64..300).prop_map(Value::Int),
        any::<f64>().prop_map(Value::Float),
        prop::sample::select(&TEXTS[..]).prop_map(|text| Value::Str(text.as_bytes())),
        Just(Value::Big(b"123456789012345678901")),
        prop::sample::select(&ODDS[..])
            .prop_map(|(display, json)| Value::Odd { display: display.as_bytes(), json: json.as_bytes() }),
    ]
}

fn names(most: usize) -> impl Strategy<Value = Vec<&'static str>> {
    prop::sample::subsequence(&KEYS[..], 0..=most)
}

/// The parts of a record that its site does not have.
#[derive(Clone, Debug)]
struct Given {
    level: LevelRef,
    time_ns: i64,
    values: Vec<Value<'static>>,
    bound: Vec<(&'static str, Value<'static>)>,
    message: Option<&'static str>,
    /// One of the sections that few records have.
    rare: u8,
}

fn given() -> impl Strategy<Value = Given> {
    let level = prop_oneof![8 => Just(INFO), 1 => Just(WARNING), 1 => Just(LevelRef { id: UNNAMED, no: 37 })];
    let bound = (any::<bool>(), prop::collection::vec(value(), 2));
    let bound = bound.prop_map(|(is_bound, values)| {
        let names = ["user", "shop"].into_iter().zip(values);
        if is_bound { names.collect() } else { Vec::new() }
    });
    let message = prop::option::weighted(0.2, prop::sample::select(&MESSAGES[..]));
    let times = -2_000_000_000i64..2_000_000_000;
    let values = prop::collection::vec(value(), KEYS.len());
    (level, times, values, bound, message, 0u8..20).prop_map(|(level, time_ns, values, bound, message, rare)| Given {
        level,
        time_ns,
        values,
        bound,
        message,
        rare,
    })
}

fn encoded(given: &Given, site: &Site) -> Vec<u8> {
    let header = Header { level: given.level, site: 3, time_ns: given.time_ns, thread: 7 };
    let mut out = Vec::new();
    let mut encoder = Encoder::start(&mut out, EntryKind::Record, &header);
    match (given.message, &site.template) {
        (None, Some(template)) if template.needs_objects() => {
            let filled = [0u32.to_ne_bytes().as_slice(), &3u32.to_ne_bytes(), b" 12"].concat();
            encoder.section(Section::Rendered, &filled);
        }
        (None, Some(_)) => {}
        (message, _) => encoder.section(Section::Message, message.unwrap_or_default().as_bytes()),
    }
    if !given.bound.is_empty() {
        let mark = encoder.begin(Section::Bound);
        for (name, value) in &given.bound {
            put_bytes(encoder.buffer(), name.as_bytes());
            put_value(encoder.buffer(), *value);
        }
        encoder.end(mark);
    }
    let mark = encoder.begin(Section::CallValues);
    given.values.iter().take(site.keys.len()).for_each(|value| put_value(encoder.buffer(), *value));
    encoder.end(mark);
    let exception = [3u32.to_ne_bytes().as_slice(), b"bad", &0u32.to_ne_bytes()].concat();
    match given.rare {
        0 => encoder.section(Section::Exception, &exception),
        1 => encoder.section(Section::Set, b"\x03\x03\0\0\0TOP\x01\x01\0\0\0n"),
        2 => encoder.section(Section::Raw, b""),
        3 => encoder.section(Section::Used, b"\x04\0\0\0user"),
        4 => encoder.section(Section::ThreadName, b"worker"),
        5 => encoder.section(Section::Stack, &exception),
        _ => {}
    }
    encoder.finish();
    out
}

fn text_layouts() -> Vec<Layout> {
    let multilines = [Multiline::Escape, Multiline::OneLine, Multiline::Indent, Multiline::Raw];
    let patterns = PATTERNS.iter().zip(multilines.iter().cycle());
    let layout = |(text, multiline): (&&str, &Multiline)| Layout::Text {
        pattern: Pattern::parse("format", text, &TimePattern::default_text()).expect("a pattern"),
        by_level: None,
        multiline: *multiline,
        is_colored: false,
        palette: &Palette::PLAIN,
        detail: Detail::default(),
    };
    patterns.map(layout).collect()
}

fn json_layouts() -> Vec<Layout> {
    let all =
        Shown { module: true, function: true, filename: true, line: true, process: true, thread: true, time: true };
    let custom = TimePattern::parse("time", "HH:mm:ss \"[x]").expect("a pattern");
    let styles = [JsonStyle::Line, JsonStyle::Flat, JsonStyle::Pretty];
    let with = |style: JsonStyle| {
        let plain = Layout::Json { style, timestamp: TimePattern::json_utc(), shown: Shown::default() };
        [plain, Layout::Json { style, timestamp: custom.clone(), shown: all }]
    };
    styles.into_iter().flat_map(with).collect()
}

fn shaped_layouts() -> Vec<Layout> {
    let include = [Include::Logger, Include::Thread, Include::Line, Include::File, Include::Process];
    let sometimes = [Include::ThreadName, Include::Task];
    let shapes = Kind::ALL.into_iter().flat_map(|kind| {
        let plain = Spec::plain(kind);
        let more = Spec { include: Some(&include), host: "h", ..plain.clone() };
        let less = Spec { include: Some(&sometimes), ..plain.clone() };
        [plain, more, less].map(|spec| Layout::Shaped(Arc::new(compile(&spec, false).expect("a shape"))))
    });
    shapes.collect()
}

fn layouts() -> Vec<Layout> {
    [text_layouts(), json_layouts(), shaped_layouts()].concat()
}

fn site(message: Option<&str>, keys: &[&str]) -> Site {
    Site {
        module: (*b"check\"out").into(),
        function: (*b"pay").into(),
        path: (*b"/srv/check.py").into(),
        line: 12,
        template: message.map(|message| Template::parse(message.as_bytes(), Style::Braces)),
        keys: keys.iter().map(|key| key.as_bytes().into()).collect(),
        ..Site::default()
    }
}

fn lines(formatter: &mut Formatter, record: &Record<'_>) -> (Vec<u8>, Vec<u8>) {
    let (levels, zone) = (Levels::default(), TimeZone::UTC);
    let (process, start_ns, is_timed, is_colored) = (99, 0, None, false);
    let context = FormatContext { levels: &levels, zone: &zone, process, start_ns, is_timed, is_colored };
    let (mut plain, mut prepared) = (Vec::new(), Vec::new());
    Formatter::new(formatter.layout().clone()).put_line(&mut plain, record, &context);
    formatter.put_line_of_site(&mut prepared, record, &context);
    (plain, prepared)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_prepared_line_is_the_line_of_the_layout(
        message in prop::option::of(prop::sample::select(&MESSAGES[..])),
        keys in names(6),
        records in prop::collection::vec(given(), 8),
    ) {
        let site = site(message, &keys);
        for layout in layouts() {
            let mut formatter = Formatter::new(layout);
            for given in &records {
                let bytes = encoded(given, &site);
                let (plain, prepared) = lines(&mut formatter, &Record::decode(&bytes, &site, b""));

                prop_assert_eq!(String::from_utf8_lossy(&prepared), String::from_utf8_lossy(&plain));
            }
        }
    }
}

#[test]
fn every_layout_is_prepared_for_usual_records() {
    let site = site(Some("paid {amount} EUR"), &["amount", "user"]);
    let values = vec![Value::Int(12), Value::Str(b"ada")];
    let given = Given { level: INFO, time_ns: 5, values, bound: Vec::new(), message: None, rare: 9 };
    let bytes = encoded(&given, &site);
    let record = Record::decode(&bytes, &site, b"");
    let is_kept = |layout: Layout| {
        let mut formatter = Formatter::new(layout);
        (0..2).for_each(|_| drop(lines(&mut formatter, &record)));
        formatter.sites.line(&record, || None).is_some()
    };

    assert!(text_layouts().into_iter().all(is_kept));
    let plain = Kind::ALL.map(|kind| Layout::Shaped(Arc::new(compile(&Spec::plain(kind), false).expect("a shape"))));
    assert!(plain.into_iter().all(is_kept));
}

#[test]
fn the_line_of_a_site_follows_its_records() {
    let site = site(None, &["user"]);
    let of =
        |level| Given { level, time_ns: 5, values: vec![Value::None], bound: Vec::new(), message: Some("m"), rare: 9 };
    let (info, warning) = (encoded(&of(INFO), &site), encoded(&of(WARNING), &site));
    let (info, warning) = (Record::decode(&info, &site, b""), Record::decode(&warning, &site, b""));
    let mut formatter = Formatter::new(json_layouts().remove(0));

    (0..2).for_each(|_| drop(lines(&mut formatter, &info)));
    assert!(formatter.sites.line(&info, || None).is_some());
    (0..40).for_each(|_| drop(lines(&mut formatter, &warning)));
    assert!(formatter.sites.line(&warning, || None).is_some());
}
