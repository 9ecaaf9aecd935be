//! The severities of other systems for the levels of logly.
//!
//! A level's number decides. Levels that a program defined with a name of the other system keep that name, because
//! logly has no level of its own above CRITICAL.

/// The names of Cloud Logging, each with its syslog number and the status of Datadog.
const NAMED: [(&str, u8, &str); 3] = [("NOTICE", 5, "notice"), ("ALERT", 1, "alert"), ("EMERGENCY", 0, "emergency")];

fn named(name: &[u8]) -> Option<(&'static str, u8, &'static str)> {
    NAMED.iter().find(|(known, ..)| name.eq_ignore_ascii_case(known.as_bytes())).copied()
}

/// The severity of Google Cloud Logging.
pub fn gcp(no: i32, name: &[u8]) -> &'static str {
    match no {
        ..20 => "DEBUG",
        _ if named(name).is_some() => named(name).map_or("", |(name, ..)| name),
        20..22 => "INFO",
        22..30 => "NOTICE",
        30..40 => "WARNING",
        40..50 => "ERROR",
        50.. => "CRITICAL",
    }
}

/// The number of syslog, from 0 (emergency) to 7 (debug).
pub fn syslog(no: i32, name: &[u8]) -> u8 {
    match no {
        ..20 => 7,
        _ if named(name).is_some() => named(name).map_or(0, |(_, number, _)| number),
        20..22 => 6,
        22..30 => 5,
        30..40 => 4,
        40..50 => 3,
        50.. => 2,
    }
}

/// The status of Datadog. Its own reading of names would take FAIL for an emergency.
pub fn datadog(no: i32, name: &[u8]) -> &'static str {
    match no {
        ..20 => "debug",
        _ if name == b"SUCCESS" => "ok",
        _ if named(name).is_some() => named(name).map_or("", |(.., status)| status),
        20..22 => "info",
        22..30 => "notice",
        30..40 => "warn",
        40..50 => "error",
        50.. => "critical",
    }
}

/// The severity number of OpenTelemetry: four for each of TRACE, DEBUG, INFO, WARN, ERROR and FATAL.
pub fn otel(no: i32) -> u8 {
    let within = |from: i32, first: u8| first + (no - from).clamp(0, 3) as u8;
    match no {
        ..10 => within(5, 1),
        10..20 => within(10, 5),
        20..30 => within(20, 9),
        30..40 => within(30, 13),
        40..50 => within(40, 17),
        50.. => within(50, 21),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_level_has_its_severity() {
        let cases = [
            (5, "TRACE", "DEBUG", 7, "debug", 1),
            (10, "DEBUG", "DEBUG", 7, "debug", 5),
            (20, "INFO", "INFO", 6, "info", 9),
            (22, "NOTICE", "NOTICE", 5, "notice", 11),
            (25, "SUCCESS", "NOTICE", 5, "ok", 12),
            (30, "WARNING", "WARNING", 4, "warn", 13),
            (40, "ERROR", "ERROR", 3, "error", 17),
            (45, "FAIL", "ERROR", 3, "error", 20),
            (50, "CRITICAL", "CRITICAL", 2, "critical", 21),
            (60, "ALERT", "ALERT", 1, "alert", 24),
            (70, "Emergency", "EMERGENCY", 0, "emergency", 24),
            (-3, "ODD", "DEBUG", 7, "debug", 1),
        ];
        for (no, name, cloud, number, status, severity) in cases {
            let name = name.as_bytes();
            assert_eq!((gcp(no, name), syslog(no, name), datadog(no, name)), (cloud, number, status), "{no}");
            assert_eq!(otel(no), severity, "{no}");
        }
    }
}
