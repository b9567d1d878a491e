//! The command on small files.

use std::path::PathBuf;

use ardea::simulate;
use clap::Parser;
use tempfile::TempDir;

use super::*;
use crate::arguments::{Arguments, Command};

const BELL: &str = "OPENQASM 2.0; include \"qelib1.inc\"; qreg q[2]; creg c[2];\
                    h q[0]; cx q[0], q[1]; measure q -> c;";
const STATE: &str = "OPENQASM 2.0; include \"qelib1.inc\"; qreg q[2]; ry(0.8) q[0]; cx q[0], q[1];";

fn execute(folder: &TempDir, program: &str, arguments: &[&str]) -> Result<String> {
    let (input, output) = (folder.path().join("in.qasm"), folder.path().join("out.txt"));
    std::fs::write(&input, program)?;
    let fixed: Vec<PathBuf> = vec![
        "ardea".into(),
        "execute".into(),
        input,
        "-o".into(),
        output.clone(),
    ];
    let all = fixed.into_iter().chain(arguments.iter().map(PathBuf::from));
    let Command::Execute(command) = Arguments::try_parse_from(all)?.command else {
        unreachable!("the arguments say execute");
    };
    run(&command)?;
    Ok(std::fs::read_to_string(output)?)
}

#[test]
fn counts_come_with_the_table_of_stages() {
    let folder = TempDir::new().unwrap();
    let report = folder.path().join("report.json");
    let report_text = report.to_string_lossy().into_owned();
    let arguments = [
        "--target",
        "line:3",
        "--shots",
        "300",
        "--report",
        &report_text,
    ];
    let text = execute(&folder, BELL, &arguments).unwrap();
    assert!(
        text.contains("twirling") && text.contains("11  0."),
        "{text}"
    );
    let report: Value = serde_json::from_str(&std::fs::read_to_string(report).unwrap()).unwrap();
    assert_eq!(report["programs"][0]["stages"][1]["stage"], "twirling");
    let again = execute(&folder, BELL, &arguments).unwrap();
    let results = |text: &str| text.split("\n\n").next().map(str::to_owned);
    assert_eq!(results(&again), results(&text));
}

#[test]
fn symbols_get_their_values() {
    const TURNED: &str = "OPENQASM 3.0; include \"stdgates.inc\"; input angle theta; qubit q; bit c; \
                          rx(theta) q; c = measure q;";
    let folder = TempDir::new().unwrap();
    let fixed = ["--target", "line:2", "--shots", "100"];
    let with = |value: &'static str| [&fixed[..], &["--set", value]].concat();
    let text = execute(&folder, TURNED, &with("theta=pi")).unwrap();
    assert!(text.starts_with("1  "), "{text}");
    let message = execute(&folder, TURNED, &with("theta=much"))
        .unwrap_err()
        .to_string();
    assert!(message.contains("'much' in 'theta=much'"), "{message}");
}

#[test]
fn observables_are_estimated() {
    let folder = TempDir::new().unwrap();
    let arguments = [
        "--target",
        "line:3",
        "--shots",
        "4000",
        "--expect",
        "ZZ",
        "--expect",
        "XX + ZI",
        "--json",
        "--suppress",
        "auto,zne=linear",
    ];
    let text = execute(&folder, STATE, &arguments).unwrap();
    let found: Value = serde_json::from_str(&text).unwrap();
    let values = &found["results"][0]["expectations"];
    let near = |k: usize, exact: f64| {
        let (value, error) = (&values[k]["value"], &values[k]["error"]);
        let distance = (value.as_f64().unwrap() - exact).abs();
        assert!(
            distance < 0.02 + 4.0 * error.as_f64().unwrap(),
            "{k}: {values:#}"
        );
    };
    near(0, 1.0);
    near(1, 0.8f64.sin() + 0.8f64.cos());
    assert_eq!(values[0]["by_scale"].as_array().unwrap().len(), 2);
}

#[test]
fn circuits_are_handed_over_and_their_counts_collected() {
    let folder = TempDir::new().unwrap();
    let place = folder.path().join("jobs").to_string_lossy().into_owned();
    let common = [
        "--target",
        "line:3",
        "--shots",
        "200",
        "--suppress",
        "twirl=all,versions=4,readout",
    ];
    let with =
        |more: &[&str]| -> Result<String> { execute(&folder, BELL, &[&common[..], more].concat()) };
    let text = with(&["--hand-over", &place]).unwrap();
    assert!(text.contains("--collect"), "{text}");
    assert!(with(&["--collect", &place]).is_err());
    // Hardware without noise.
    let listed: Value =
        serde_json::from_str(&std::fs::read_to_string(Path::new(&place).join(EXPERIMENT)).unwrap())
            .unwrap();
    let counts: Vec<BTreeMap<String, u64>> = listed["circuits"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| {
            let file = Path::new(&place).join(entry["file"].as_str().unwrap());
            let circuit = ardea::read_file(&file, &ardea::ReadOptions::default()).unwrap();
            let shots = entry["shots"].as_u64().unwrap();
            simulate::<f64>(&circuit, &SimOptions::with_shots(shots))
                .unwrap()
                .counts
                .to_map()
        })
        .collect();
    let file = Path::new(&place).join(COUNTS);
    std::fs::write(&file, serde_json::to_string(&counts).unwrap()).unwrap();
    let text = with(&["--collect", &place]).unwrap();
    assert!(
        text.contains("00  0.") && !text.contains("01  0."),
        "{text}"
    );
    let other = with(&["--collect", &place, "--seed", "1"])
        .unwrap_err()
        .to_string();
    assert!(other.contains("--hand-over"), "{other}");
}

#[test]
fn circuits_of_an_earlier_hand_over_are_gone() {
    let folder = TempDir::new().unwrap();
    let place = folder.path().join("jobs");
    let place_text = place.to_string_lossy().into_owned();
    let hand_over = |stages: &str| {
        let arguments = [
            "--target",
            "line:3",
            "--shots",
            "200",
            "--suppress",
            stages,
            "--hand-over",
            &place_text,
        ];
        execute(&folder, BELL, &arguments)
    };
    let files = || {
        let all = std::fs::read_dir(&place).unwrap();
        let names = all.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
        names.filter(|name| name.ends_with(".qasm")).count()
    };
    hand_over("twirl=all,versions=4").unwrap();
    std::fs::write(place.join("mine.qasm"), "").unwrap();
    assert_eq!(files(), 5);
    hand_over("none").unwrap();
    assert_eq!(files(), 2);
    assert!(place.join("mine.qasm").exists() && place.join(file_name(0)).exists());
    // A list of somebody else's, and one that names what is not a circuit's.
    let other = folder.path().join("precious.qasm");
    std::fs::write(&other, "").unwrap();
    for text in ["notes", r#"{"circuits": [{"file": "../precious.qasm"}]}"#] {
        std::fs::write(place.join(EXPERIMENT), text).unwrap();
        let error = hand_over("none").unwrap_err();
        assert!(error.downcast_ref::<Usage>().is_some(), "{error}");
        assert!(other.exists() && place.join(file_name(0)).exists());
    }
}

#[test]
fn results_do_not_depend_on_the_number_of_threads() {
    let folder = TempDir::new().unwrap();
    let results = |threads| {
        let arguments = ["--target", "line:3", "--shots", "50", "--threads", threads];
        let text = execute(&folder, BELL, &arguments).unwrap();
        text.split("\n\n").next().map(str::to_owned)
    };
    assert_eq!(results("1"), results("3"));
}

#[test]
fn stages_that_do_not_exist_are_wrong_usage() {
    let folder = TempDir::new().unwrap();
    let message = execute(&folder, BELL, &["--suppress", "magic"])
        .unwrap_err()
        .to_string();
    assert!(message.contains("twirl"), "{message}");
}

#[test]
fn pictures_go_into_a_folder() {
    let folder = TempDir::new().unwrap();
    let figures = folder.path().join("figures");
    let figures_text = figures.to_string_lossy().into_owned();
    let arguments = [
        "--target",
        "line:3",
        "--shots",
        "50",
        "--figures",
        &figures_text,
    ];
    execute(&folder, BELL, &arguments).unwrap();
    for name in ["error_map.svg", "timeline.svg", "stages.svg"] {
        let svg = std::fs::read_to_string(figures.join(name)).unwrap();
        assert!(
            svg.starts_with("<svg ") && svg.ends_with("</svg>\n"),
            "{name}"
        );
    }
}
