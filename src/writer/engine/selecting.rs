//! Sinks that leave records out to keep their volume down, and the notices that they get.

use crate::clock;
use crate::format::context::FormatContext;
use crate::level::WARNING;
use crate::record::decoded::Record;
use crate::record::encoded::header_of;
use crate::site;
use crate::volume::of_sink::{RATE, Volume, rate_field};
use crate::writer::engine::{Engine, Output, Parts, format_context, give_turn, put_line};
use crate::writer::snapshot::{Sink, Snapshot};

impl Output {
    /// Handles a record that the sink wants, but may leave out.
    #[cold]
    pub(super) fn put_some(
        &self,
        volume: &Volume,
        (files, formatters, direct): Parts<'_>,
        snapshot: &Snapshot,
        record: &mut Record<'_>,
        context: &FormatContext<'_>,
    ) {
        let sink = &self.active.sink;
        let asked = volume.ask(record);
        for told in volume.due(record.header.time_ns) {
            self.tell(told, (&mut *files, &mut *formatters, direct), snapshot, context);
        }
        let rate = match asked {
            Ok(rate) => rate.filter(|_| record.field(RATE).is_none()),
            Err(loss) => return sink.counts().add_dropped(loss, 1),
        };
        give_turn(files, direct, self.place);
        let file = &mut files[self.place];
        record.fields.extend(rate.map(rate_field));
        put_line(&mut file.writer, &mut formatters[self.formatter], record, context);
        if rate.is_some() {
            record.fields.pop();
        }
        file.count(record.header.level);
    }

    /// Writes a notice, whatever the sink's level and filters. Its line is not counted.
    pub(super) fn tell(
        &self,
        told: Vec<u8>,
        (files, formatters, direct): Parts<'_>,
        snapshot: &Snapshot,
        context: &FormatContext<'_>,
    ) {
        let settings = &snapshot.settings;
        give_turn(files, direct, self.place);
        let file = &mut files[self.place];
        let told = self.active.redacted(settings, &told).unwrap_or(told);
        let header = header_of(&told);
        let record = Record::decode(&told, site::find(header.site), &settings.extra);
        let context = format_context(snapshot, context.zone, context.process, WARNING);
        file.writer.begin_notice();
        let mark = file.writer.buffer().len();
        formatters[self.formatter].formatter.put_line(file.writer.buffer(), &record, &context);
        file.writer.end_line(mark, header.time_ns);
    }
}

impl Engine {
    /// Writes the notices that are due although no record came.
    pub(in crate::writer) fn tell_due(&mut self) {
        if self.has_volume {
            let now = clock::now_ns();
            if self.tell_some(|_, volume| volume.due(now)) {
                self.flush(false);
            }
        }
    }

    /// Writes all notices of sinks that the next snapshot does not have.
    pub(super) fn tell_leaving(&mut self, next: &Snapshot) {
        if self.has_volume {
            let stays = |sink: &Sink| next.sinks.iter().any(|active| active.sink.id == sink.id);
            self.tell_some(|sink, volume| if stays(sink) { Vec::new() } else { volume.rest(clock::now_ns()) });
        }
    }

    /// Writes all notices, because the sinks end.
    pub(in crate::writer) fn tell_rest(&mut self) {
        if self.has_volume && self.tell_some(|_, volume| volume.rest(clock::now_ns())) {
            self.flush(true);
        }
    }

    /// Writes the notices that `take` returns. Returns whether there were any.
    #[cold]
    fn tell_some(&mut self, take: impl Fn(&Sink, &Volume) -> Vec<Vec<u8>>) -> bool {
        let mut has_any = false;
        let context = format_context(&self.snapshot, &self.zone, self.process, WARNING);
        for output in &self.outputs {
            let Some(volume) = &output.active.sink.volume else { continue };
            for told in take(&output.active.sink, volume) {
                let lines = (&mut *self.files, &mut *self.formatters, &*self.direct);
                output.tell(told, lines, &self.snapshot, &context);
                has_any = true;
            }
        }
        has_any
    }
}
