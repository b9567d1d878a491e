//! The corpus of public OpenQASM files: how many are read that should be, refused that should be, and
//! at which line. The corpus is not part of the repository; without it the test says so and passes.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use ardea_qasm::{ReadOptions, check_syntax, parse};
use serde::Deserialize;

/// What the readers reached when they were written; falling below is a regression.
const LEAST_VALID2: usize = 542;
const LEAST_INVALID2: usize = 1016;
const LEAST_LINES2: usize = 1001;
const LEAST_VALID3: usize = 302;

#[derive(Deserialize)]
struct Entry {
    cls: String,
    file: String,
    level: String,
    peer_position: Option<(usize, usize)>,
}

fn corpus() -> Option<PathBuf> {
    let shared = std::env::var_os("ARDEA_SHARED").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared"),
        PathBuf::from,
    );
    let folder = shared.join("qasm_corpus");
    folder.join("manifest.json").is_file().then_some(folder)
}

#[test]
#[expect(
    clippy::print_stdout,
    reason = "the figures are the point of this test"
)]
fn the_corpus_is_read_and_refused_as_it_should_be() {
    let Some(folder) = corpus() else {
        assert!(
            std::env::var_os("ARDEA_REQUIRE_SHARED").is_none(),
            "the corpus must be there when ARDEA_REQUIRE_SHARED is set"
        );
        println!(
            "skipped: no OpenQASM corpus found; set ARDEA_SHARED to the folder that holds qasm_corpus/"
        );
        return;
    };
    let manifest = std::fs::read_to_string(folder.join("manifest.json")).expect("manifest");
    let entries: Vec<Entry> = serde_json::from_str(&manifest).expect("manifest is JSON");
    let verbose = std::env::var_os("ARDEA_CORPUS_VERBOSE").is_some();
    let mut good: BTreeMap<&str, usize> = BTreeMap::new();
    let mut all: BTreeMap<&str, usize> = BTreeMap::new();
    for entry in &entries {
        let text = std::fs::read(folder.join(&entry.file)).expect("a listed file exists");
        let text = String::from_utf8_lossy(&text);
        let start = Instant::now();
        let outcome = match entry.level.as_str() {
            "syntax" if entry.cls == "valid3" => check_syntax(&text, &ReadOptions::default()),
            _ => parse(&text, &ReadOptions::default()).map(drop),
        };
        assert!(
            start.elapsed() < Duration::from_secs(10),
            "{} took {:?}",
            entry.file,
            start.elapsed()
        );
        let cls = match (entry.cls.as_str(), entry.level.as_str()) {
            ("valid3", "syntax") => "valid3 syntax",
            (cls, _) => cls,
        };
        *all.entry(cls).or_default() += 1;
        let right = outcome.is_ok() == cls.starts_with("valid");
        *good.entry(cls).or_default() += usize::from(right);
        if !right && verbose {
            println!(
                "{} [{}]: {}",
                entry.file,
                entry.level,
                outcome
                    .as_ref()
                    .err()
                    .map_or("accepted".into(), ToString::to_string)
            );
        }
        if let ("invalid2", Err(error), Some((line, _))) =
            (entry.cls.as_str(), &outcome, entry.peer_position)
        {
            *all.entry("invalid2 line").or_default() += 1;
            *good.entry("invalid2 line").or_default() += usize::from(error.line() == line);
            if verbose && error.line() != line {
                println!("{} [line {line}]: {error}", entry.file);
            }
        }
    }
    for (cls, count) in &all {
        println!("{cls}: {} of {count}", good.get(cls).copied().unwrap_or(0));
    }
    assert!(good["valid2"] >= LEAST_VALID2);
    assert!(good["invalid2"] >= LEAST_INVALID2);
    assert!(good["invalid2 line"] >= LEAST_LINES2);
    assert!(good["valid3"] >= LEAST_VALID3);
}
