//! Tells the crate which CPython it is built for, as `cfg(Py_3_11)` and the like, and gives the extension the docstrings
//! of its stub.

fn main() {
    // The core asks whether the interpreter has a GIL, and has one without an interpreter.
    println!("cargo:rustc-check-cfg=cfg(Py_GIL_DISABLED)");
    #[cfg(feature = "python")]
    {
        pyo3_build_config::use_pyo3_cfgs();
        docstrings::write();
    }
}

#[cfg(feature = "python")]
mod docstrings {
    use std::path::Path;
    use std::{env, fs};

    const STUB: &str = "python/logly/_logly.pyi";

    /// Writes each docstring of the stub to a file, named after its class or function. The extension includes the files.
    pub fn write() {
        println!("cargo:rerun-if-changed=build.rs");
        println!("cargo:rerun-if-changed={STUB}");
        let stub = fs::read_to_string(STUB).expect("the stub can be read");
        let folder = env::var("OUT_DIR").expect("cargo names a folder");
        for (name, text) in find(&stub) {
            fs::write(Path::new(&folder).join(format!("{name}.txt")), text).expect("the folder can be written");
        }
    }

    /// The docstrings of classes and functions, with their names and without their indentation.
    fn find(stub: &str) -> Vec<(&str, String)> {
        let mut found = Vec::new();
        let mut owner = None;
        let mut lines = stub.lines();
        while let Some(line) = lines.next() {
            let code = line.trim_start();
            let indent = line.len() - code.len();
            if let Some(rest) = code.strip_prefix("def ").or_else(|| code.strip_prefix("class ")) {
                owner = rest.split(['(', ':']).next();
            }
            let (Some(first), Some(name)) = (code.strip_prefix("\"\"\""), owner) else { continue };
            let mut text = first.to_owned();
            while !text.ends_with("\"\"\"") {
                let line = lines.next().expect("a docstring ends");
                text.push('\n');
                text.push_str(line.get(indent..).unwrap_or_default());
            }
            found.push((name, text.trim_end_matches('"').trim_end().to_owned()));
            owner = None;
        }
        found
    }
}
