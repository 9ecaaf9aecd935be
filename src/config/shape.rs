//! The options of JSON shapes and of logfmt: `keys`, `static`, `include` and `exception`.

use crate::environment;
use crate::error::{Error, Result, nearest, quoted};
use crate::format::json::Shown;
use crate::format::shape::compile::{Fixed, Renaming, Spec, compile};
use crate::format::shape::kind::{ExceptionForm, INCLUDES, Include, Kind};
use crate::format::shape::program::Shape;
use crate::format::time::pattern::TimePattern;
use crate::sys::paths::host_name;

/// The project that traces in Cloud Logging belong to. Google's own services set it.
const PROJECT: &str = "GOOGLE_CLOUD_PROJECT";

/// The options given. None follows `configure`, or the shape.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShapeOptions {
    pub keys: Option<Vec<Renaming>>,
    /// The members of `static`.
    pub fixed: Option<Vec<Fixed>>,
    pub include: Option<Vec<Include>>,
    pub exception: Option<ExceptionForm>,
}

impl ShapeOptions {
    /// The name of an option that was given.
    pub fn given(&self) -> Option<&'static str> {
        let options = [
            ("keys", self.keys.is_some()),
            ("static", self.fixed.is_some()),
            ("include", self.include.is_some()),
            ("exception", self.exception.is_some()),
        ];
        options.iter().find(|(_, is_given)| *is_given).map(|(name, _)| *name)
    }

    /// Compiles a shape under these options, and those of all sinks where these say nothing. A shape takes
    /// those keys of all sinks that it has.
    pub fn compile(
        &self,
        general: &Self,
        (kind, is_pretty): (Kind, bool),
        shown: Shown,
        timestamp: Option<TimePattern>,
    ) -> Result<Shape> {
        let project = environment::variable(PROJECT).filter(|project| !project.is_empty());
        let spec = Spec {
            is_pretty,
            timestamp,
            shown,
            include: self.include.as_deref().or(general.include.as_deref()),
            exception: self.exception.or(general.exception),
            keys: self.keys.as_deref().or(general.keys.as_deref()).unwrap_or_default(),
            fixed: self.fixed.as_deref().or(general.fixed.as_deref()).unwrap_or_default(),
            host: &host_name(),
            project: project.as_deref(),
            ..Spec::plain(kind)
        };
        compile(&spec, self.keys.is_some())
    }
}

impl Include {
    pub fn parse(argument: &str, text: &str) -> Result<Self> {
        let names = || INCLUDES.iter().map(|(name, _)| *name);
        INCLUDES.iter().find(|(name, _)| *name == text).map(|(_, include)| *include).ok_or_else(|| {
            let listed: Vec<String> = names().map(|name| format!("\"{name}\"")).collect();
            Error::value(argument, format!("names among {}", listed.join(", ")), quoted(text) + &nearest(text, names()))
        })
    }
}

impl ExceptionForm {
    pub fn parse(argument: &str, text: &str) -> Result<Self> {
        match text {
            "frames" => Ok(Self::Frames),
            "text" => Ok(Self::Text),
            "both" => Ok(Self::Both),
            _ => Err(Error::value(
                argument,
                "\"frames\", \"text\" or \"both\"",
                quoted(text) + &nearest(text, ["frames", "text", "both"]),
            )),
        }
    }
}
