//! Prepared lines: the lines of a call site equal those that the layout makes, whatever its records have.

use std::sync::Arc;

use super::input::Input;
use super::sample::{Sample, line, site, with_context};
use crate::format::escape::Multiline;
use crate::format::formatter::{Formatter, Layout};
use crate::format::json::{JsonStyle, Shown};
use crate::format::pattern::Pattern;
use crate::format::shape::compile::{Spec, compile};
use crate::format::shape::kind::{Include, Kind};
use crate::format::time::pattern::TimePattern;
use crate::format::traceback::palette::Palette;
use crate::record::decoded::Record;
use crate::record::detail::Detail;

const MULTILINES: [Multiline; 4] = [Multiline::Escape, Multiline::OneLine, Multiline::Indent, Multiline::Raw];

const PARTS: [Include; 7] = [
    Include::Logger,
    Include::Thread,
    Include::Line,
    Include::File,
    Include::Process,
    Include::ThreadName,
    Include::Task,
];

pub(super) fn run(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let Some(layout) = layout(&mut input) else { return };
    let site = site(&mut input);
    let mut formatter = Formatter::new(layout.clone());
    for _ in 0..8 {
        let again = 1 + input.below(3);
        let sample = Sample::of(&mut input, &site);
        let record = Record::decode(&sample.bytes, &site, b"");
        let plain = line(&layout, &record);
        for _ in 0..again {
            let mut prepared = Vec::new();
            with_context(|context| formatter.put_line_of_site(&mut prepared, &record, context));
            assert_eq!(String::from_utf8_lossy(&prepared), String::from_utf8_lossy(&plain));
        }
        if input.is_empty() {
            break;
        }
    }
}

fn layout(input: &mut Input<'_>) -> Option<Layout> {
    Some(match input.below(4) {
        0 => Layout::Text {
            multiline: input.one_of(&MULTILINES),
            pattern: Pattern::parse("format", input.text(), &TimePattern::default_text()).ok()?,
            by_level: None,
            is_colored: false,
            palette: &Palette::PLAIN,
            detail: Detail::default(),
        },
        1 => {
            let shown = Shown {
                module: input.flag(),
                function: input.flag(),
                filename: input.flag(),
                line: input.flag(),
                process: input.flag(),
                thread: input.flag(),
                time: input.flag(),
            };
            let style = input.one_of(&[JsonStyle::Line, JsonStyle::Flat, JsonStyle::Pretty]);
            let custom = TimePattern::parse("time", input.text()).ok().filter(|time| !time.source().is_empty());
            Layout::Json { style, timestamp: custom.unwrap_or_else(TimePattern::json_utc), shown }
        }
        _ => {
            let kind = input.one_of(&Kind::ALL);
            let chosen = input.byte();
            let include: Vec<_> =
                PARTS.into_iter().enumerate().filter(|(at, _)| chosen & (1 << at) != 0).map(|(_, part)| part).collect();
            let include = (chosen & 0x80 == 0).then_some(&include[..]);
            Layout::Shaped(Arc::new(compile(&Spec { include, host: "h", ..Spec::plain(kind) }, false).ok()?))
        }
    })
}
