//! The rules of ARCHITECTURE.md that no compiler checks: who may depend on whom, and what is absent where.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every Rust file below a folder of the workspace, with its text, in order.
fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    fn collect(folder: &Path, out: &mut Vec<PathBuf>) {
        let entries =
            std::fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
        for path in entries.map(|entry| entry.expect("a readable folder").path()) {
            if path.is_dir() {
                collect(&path, out);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                out.push(path);
            }
        }
    }
    let mut paths = Vec::new();
    collect(&root().join(folder), &mut paths);
    paths.sort();
    paths
        .into_iter()
        .map(|path| {
            let text = std::fs::read_to_string(&path).expect("a readable source file");
            (
                path.strip_prefix(root())
                    .expect("a path below the root")
                    .to_path_buf(),
                text,
            )
        })
        .collect()
}

const LIBRARIES: [&str; 9] = [
    "circuit",
    "qasm",
    "device",
    "compiler",
    "simulator",
    "noise",
    "suppression",
    "models",
    "equivalence",
];

fn all_sources() -> Vec<(PathBuf, String)> {
    ["src", "cli/src", "python/src"]
        .into_iter()
        .map(str::to_owned)
        .chain(LIBRARIES.iter().map(|folder| format!("{folder}/src")))
        .flat_map(|folder| sources(&folder))
        .collect()
}

/// Lines of code that hold `needle`, comments left out.
fn lines_with(needle: &str, text: &str) -> Vec<String> {
    text.lines()
        .map(|line| line.split("//").next().unwrap_or("").to_owned())
        .filter(|line| line.contains(needle))
        .collect()
}

#[test]
fn arrows_between_the_crates_point_one_way() {
    let allowed: BTreeMap<&str, &[&str]> = BTreeMap::from([
        ("ardea-circuit", &[][..]),
        ("ardea-qasm", &["ardea-circuit"]),
        ("ardea-device", &["ardea-circuit"]),
        ("ardea-compiler", &["ardea-circuit", "ardea-device"]),
        ("ardea-simulator", &["ardea-circuit"]),
        (
            "ardea-noise",
            &["ardea-circuit", "ardea-device", "ardea-simulator"],
        ),
        (
            "ardea-suppression",
            &[
                "ardea-circuit",
                "ardea-device",
                "ardea-compiler",
                "ardea-simulator",
                "ardea-noise",
            ],
        ),
        ("ardea-models", &["ardea-circuit"]),
        ("ardea-equivalence", &["ardea-circuit", "ardea-simulator"]),
    ]);
    let output = std::process::Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--format-version",
            "1",
            "--no-deps",
            "--offline",
        ])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let metadata: serde_json::Value =
        serde_json::from_slice(&output.stdout).expect("cargo prints JSON");
    let packages = metadata["packages"].as_array().expect("a list of packages");
    let mut seen = BTreeSet::new();
    for package in packages {
        let name = package["name"].as_str().expect("a package has a name");
        let Some(allowed) = allowed.get(name) else {
            continue;
        };
        seen.insert(name);
        for dependency in package["dependencies"]
            .as_array()
            .expect("a list of dependencies")
        {
            let of = dependency["name"]
                .as_str()
                .expect("a dependency has a name");
            let for_tests = dependency["kind"] == "dev";
            assert!(
                !of.starts_with("ardea") || for_tests || allowed.contains(&of),
                "{name} must not depend on {of}"
            );
        }
    }
    assert_eq!(
        seen.len(),
        allowed.len(),
        "a crate was renamed: change this test with ARCHITECTURE.md"
    );
}

#[test]
fn unsafe_code_lives_in_the_kernels_only() {
    for (path, text) in all_sources() {
        let place = path.to_string_lossy().replace('\\', "/");
        if place.starts_with("simulator/src/kernels/") || place.starts_with("python/src/") {
            continue;
        }
        let lines: Vec<String> = lines_with("unsafe", &text)
            .into_iter()
            .filter(|line| !line.contains("unsafe_code"))
            .collect();
        assert!(lines.is_empty(), "{place}: {lines:?}");
    }
    for library in LIBRARIES.iter().filter(|library| **library != "simulator") {
        let text =
            std::fs::read_to_string(root().join(library).join("src/lib.rs")).expect("a library");
        assert!(
            text.contains("#![forbid(unsafe_code)]"),
            "{library} does not forbid unsafe code"
        );
    }
}

#[test]
fn every_unsafe_block_says_why_it_is_safe() {
    for (path, text) in sources("simulator/src/kernels") {
        let lines: Vec<&str> = text.lines().collect();
        for (number, line) in lines.iter().enumerate() {
            let code = line.split("//").next().unwrap_or("");
            if !(code.contains("unsafe {") || code.contains("unsafe impl")) {
                continue;
            }
            let reason = lines[number.saturating_sub(8)..=number]
                .iter()
                .any(|l| l.contains("SAFETY:"));
            assert!(
                reason,
                "{}:{}: no SAFETY comment",
                path.display(),
                number + 1
            );
        }
    }
}

#[test]
fn only_the_bindings_know_python() {
    for (path, text) in all_sources()
        .into_iter()
        .filter(|(path, _)| !path.starts_with("python"))
    {
        assert!(lines_with("pyo3", &text).is_empty(), "{}", path.display());
    }
}

#[test]
fn the_circuit_crate_does_no_input_or_output() {
    for (path, text) in sources("circuit/src") {
        for needle in [
            "std::fs",
            "std::io",
            "std::net",
            "std::process",
            "std::env",
            "println!",
            "print!",
        ] {
            assert!(
                lines_with(needle, &text).is_empty(),
                "{}: {needle}",
                path.display()
            );
        }
    }
}

#[test]
fn kernels_do_not_know_gates() {
    for (path, text) in sources("simulator/src/kernels") {
        for needle in ["ardea_circuit", "Gate::", "Operation::"] {
            assert!(
                lines_with(needle, &text).is_empty(),
                "{}: {needle}",
                path.display()
            );
        }
    }
}

#[test]
fn every_file_says_what_it_is_for() {
    for (path, text) in all_sources() {
        let name = path
            .file_name()
            .expect("a file")
            .to_string_lossy()
            .into_owned();
        if name == "tests.rs" || path.components().any(|part| part.as_os_str() == "tests") {
            continue;
        }
        assert!(text.starts_with("//!"), "{} has no header", path.display());
    }
}

#[test]
fn no_module_has_a_name_that_says_nothing() {
    for (path, _) in all_sources() {
        for part in path.iter().map(|part| part.to_string_lossy()) {
            let stem = part.trim_end_matches(".rs");
            assert!(
                !["utils", "util", "common", "misc", "helpers"].contains(&stem),
                "{}",
                path.display()
            );
        }
    }
}
