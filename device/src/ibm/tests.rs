use ardea_circuit::Qubit;

use super::*;

/// Four qubits in a line with everything odd that the files are known to hold.
const CONF: &str = r#"{
    "backend_name": "ibm_test", "n_qubits": 4, "unknown_field": [1, {"x": null}],
    "basis_gates": ["cz", "id", "rz", "sx", "x", "reset", "mystery"],
    "supported_instructions": ["cz", "id", "delay", "measure", "reset", "rz", "sx", "x"],
    "gates": [
        {"name": "sx", "parameters": [], "coupling_map": [[0], [1], [2], [3]]},
        {"name": "cz", "parameters": [], "coupling_map": [[0, 1], [1, 0], [1, 2], [2, 1], [2, 3], [3, 2]]}
    ],
    "coupling_map": [[0, 1], [1, 0], [1, 2], [2, 1], [2, 3], [3, 2]],
    "coords": [[0, 0], [1, 0], [2, 0], [3, 0]],
    "dt": 4.0,
    "timing_constraints": {"acquire_alignment": 2, "granularity": 1, "min_length": 2, "pulse_alignment": 1}
}"#;

const PROPS: &str = r#"{
    "backend_name": "ibm_test", "last_update_date": "2026-01-02T03:04:05Z",
    "qubits": [
        [{"name": "T1", "unit": "us", "value": 100}, {"name": "T2", "unit": "µs", "value": 250.0},
         {"name": "frequency", "unit": "GHz", "value": 4.5}, {"name": "anharmonicity", "unit": "MHz", "value": -310},
         {"name": "readout_error", "unit": "", "value": 0.01}, {"name": "readout_length", "unit": "ns", "value": 2200},
         {"name": "prob_meas0_prep1", "unit": "", "value": 0.015}, {"name": "prob_meas1_prep0", "unit": "", "value": 0.005}],
        [{"name": "readout_error", "unit": "", "value": 0.02}, {"name": "readout_length", "unit": "ns", "value": 2000}],
        [{"name": "T1", "unit": "us", "value": 50}],
        [{"name": "T1", "unit": "us", "value": 50}, {"name": "readout_error", "unit": "", "value": 0.57}]
    ],
    "gates": [
        {"gate": "sx", "qubits": [0], "parameters": [{"name": "gate_error", "unit": "", "value": 2e-4}, {"name": "gate_length", "unit": "ns", "value": 32}]},
        {"gate": "sx", "qubits": [1], "parameters": [{"name": "gate_length", "unit": "ns", "value": 36}]},
        {"gate": "cz", "qubits": [0, 1], "parameters": [{"name": "gate_error", "unit": "", "value": 1e-3}, {"name": "gate_length", "unit": "ns", "value": 68}]},
        {"gate": "cz", "qubits": [1, 0], "parameters": [{"name": "gate_error", "unit": "", "value": 2e-3}, {"name": "gate_length", "unit": "ns", "value": 72}]},
        {"gate": "cz", "qubits": [1, 2], "parameters": [{"name": "gate_error", "unit": "", "value": 1}]},
        {"gate": "cz", "qubits": [2, 1], "parameters": [{"name": "gate_error", "unit": "", "value": 1e-3}]},
        {"gate": "rx", "qubits": [0], "parameters": [{"name": "gate_error", "unit": "", "value": 3e-4}]},
        {"gate": "rzz", "qubits": [0, 1], "parameters": [{"name": "gate_error", "unit": "", "value": 4e-3}]},
        {"gate": "rzz", "qubits": [1, 2], "parameters": [{"name": "gate_error", "unit": "", "value": 1}]},
        {"gate": "reset", "qubits": [2], "parameters": [{"name": "gate_length", "unit": "us", "value": 2.5}]},
        {"gate": "measure_2", "qubits": [2], "parameters": []}
    ],
    "general": [{"name": "zz_12", "unit": "GHz", "value": 4e-6}, {"name": "zz_01", "unit": "kHz", "value": 0},
                {"name": "jq_01", "unit": "GHz", "value": 1}]
}"#;

/// Gates of one qubit that the text does not mention are left out here, to keep it short.
fn target() -> Target {
    let conf = CONF.replace(
        "\"cz\", \"id\", \"rz\", \"sx\", \"x\", \"reset\"",
        "\"cz\", \"sx\", \"reset\"",
    );
    Target::from_ibm(&conf, PROPS).unwrap()
}

fn q(index: usize) -> Qubit {
    Qubit::new(index)
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-12 * b.abs()
}

#[test]
fn figures_of_qubits_are_in_si_units() {
    let target = target();
    let qubit = target.qubit(q(0));
    assert!(close(qubit.t1.unwrap(), 1e-4) && close(qubit.t2.unwrap(), 2.5e-4));
    assert!(
        close(qubit.coherence_time().unwrap(), 2e-4),
        "T2 is at most 2 T1"
    );
    assert!(close(qubit.frequency.unwrap(), 4.5e9));
    assert!(close(qubit.anharmonicity.unwrap(), -3.1e8));
    assert_eq!(qubit.readout.error, 0.01);
    assert_eq!(qubit.readout.prob_meas0_prep1, Some(0.015));
    assert_eq!(qubit.readout.prob_meas1_prep0, Some(0.005));
    assert!(close(qubit.readout.duration, 2.2e-6));
    assert_eq!(target.qubit(q(1)).t1, None);
    assert_eq!(target.qubit(q(2)).t2, None);
    assert_eq!(target.measure(q(1)).error, 0.02);
    assert_eq!(target.calibrated(), Some("2026-01-02T03:04:05Z"));
    assert_eq!(target.coordinates().unwrap()[3], (3.0, 0.0));
}

#[test]
fn the_clock_is_in_seconds() {
    let timing = *target().timing();
    assert!(close(timing.dt.unwrap(), 4e-9));
    assert_eq!((timing.granularity, timing.min_length), (1, 2));
    assert_eq!((timing.pulse_alignment, timing.acquire_alignment), (1, 2));
    let old = CONF.replace("\"dt\": 4.0", "\"dt\": 3.5e-9");
    assert!(close(
        Target::from_ibm(&old, PROPS).unwrap().timing().dt.unwrap(),
        3.5e-9
    ));
}

#[test]
fn the_two_directions_of_an_edge_keep_their_own_figures() {
    let target = target();
    let there = target.instruction(Gate::CZ, &[q(0), q(1)]).unwrap();
    let back = target.instruction(Gate::CZ, &[q(1), q(0)]).unwrap();
    assert!(close(there.error, 1e-3) && close(there.duration, 68e-9));
    assert!(close(back.error, 2e-3) && close(back.duration, 72e-9));
    assert_eq!(target.two_qubit_error(q(0), q(1)), Some(2e-3));
    assert!(close(target.two_qubit_duration(q(0), q(1)).unwrap(), 72e-9));
}

#[test]
fn an_edge_that_is_broken_in_one_direction_is_dead() {
    let target = target();
    assert_eq!(target.edges().collect::<Vec<_>>(), [(q(0), q(1))]);
    assert_eq!(
        target.dead_edges().collect::<Vec<_>>(),
        [(q(1), q(2)), (q(2), q(3))]
    );
    assert!(!target.supports(Gate::CZ, &[q(1), q(2)]));
    assert!(target.are_coupled(q(1), q(0)) && !target.are_coupled(q(1), q(2)));
}

#[test]
fn a_qubit_whose_readout_is_a_coin_is_dead() {
    assert_eq!(target().dead_qubits().collect::<Vec<_>>(), [q(3)]);
}

#[test]
fn a_gate_that_some_qubits_lack_takes_them_out_of_use() {
    let conf = CONF
        .replace("[[0], [1], [2], [3]]", "[[0], [1]]")
        .replace("\"id\", \"rz\",", "");
    let conf = conf.replace("\"x\", \"reset\"", "\"reset\"");
    let target = Target::from_ibm(&conf, PROPS).unwrap();
    assert_eq!(target.dead_qubits().collect::<Vec<_>>(), [q(2), q(3)]);
}

#[test]
fn a_broken_identity_takes_no_qubit_out_of_use() {
    let conf = CONF.replace("\"rz\", \"sx\", \"x\",", "\"sx\",");
    let target = Target::from_ibm(&conf, PROPS).unwrap();
    assert!(target.basis().contains(&Gate::I));
    assert_eq!(target.dead_qubits().collect::<Vec<_>>(), [q(3)]);
}

#[test]
fn what_is_marked_as_not_operational_is_out_of_order() {
    let flag = r#"{"name": "operational", "unit": "", "value": 0}"#;
    let qubit = PROPS.replace(
        r#"[{"name": "T1", "unit": "us", "value": 50}],"#,
        &format!("[{flag}],"),
    );
    let conf = CONF.replace(
        "\"cz\", \"id\", \"rz\", \"sx\", \"x\", \"reset\"",
        "\"cz\", \"sx\"",
    );
    let target = Target::from_ibm(&conf, &qubit).unwrap();
    assert_eq!(target.dead_qubits().collect::<Vec<_>>(), [q(2), q(3)]);

    let gate = PROPS.replace(
        r#"{"gate": "cz", "qubits": [0, 1], "parameters": ["#,
        &format!(r#"{{"gate": "cz", "qubits": [0, 1], "parameters": [{flag}, "#),
    );
    let target = Target::from_ibm(&conf, &gate).unwrap();
    let back = target.instruction(Gate::CZ, &[q(0), q(1)]).unwrap();
    assert!(close(back.error, 2e-3), "only the other direction is left");
}

#[test]
fn fractional_gates_come_from_the_properties() {
    let target = target();
    assert_eq!(target.basis(), [Gate::CZ, Gate::SX]);
    assert_eq!(target.fractional_gates(), [Gate::RX, Gate::RZZ]);
    assert!(
        target.supports(Gate::RZZ, &[q(1), q(0)]),
        "rzz is symmetric"
    );
    assert!(!target.supports(Gate::RZZ, &[q(1), q(2)]));
    assert!(target.supports(Gate::RX, &[q(0)]) && !target.supports(Gate::RX, &[q(1)]));
    assert_eq!(target.two_qubit_gate(), Some(Gate::CZ));
}

#[test]
fn instructions_without_a_counterpart_are_reported() {
    assert_eq!(target().unsupported(), ["mystery", "measure_2"]);
}

#[test]
fn resets_take_their_duration_where_it_is_given() {
    let target = target();
    assert!(close(target.reset(q(2)).unwrap().duration, 2.5e-6));
    assert_eq!(target.reset(q(0)).unwrap().duration, 0.0);
}

#[test]
fn a_zz_rate_finds_its_pair_and_zero_means_none() {
    let target = target();
    assert!(close(target.zz_rate(q(2), q(1)).unwrap(), 4e3));
    assert_eq!(target.zz_rate(q(0), q(1)), None);
}

#[test]
fn digits_that_two_pairs_share_are_not_guessed_at() {
    let with_map = |coupling_map: &str| -> Configuration {
        let text = format!(
            r#"{{"backend_name": "x", "n_qubits": 120, "basis_gates": [], "gates": [],
                 "coupling_map": {coupling_map}}}"#
        );
        serde_json::from_str(&text).unwrap()
    };
    let clear = pairs_by_digits(&with_map("[[7, 17], [17, 7], [11, 12]]"));
    assert_eq!(clear["717"], Some((7, 17)));
    assert_eq!(clear["177"], Some((7, 17)));
    assert_eq!(clear["1112"], Some((11, 12)));
    let unclear = pairs_by_digits(&with_map("[[11, 12], [1, 112]]"));
    assert_eq!(unclear["1112"], None);
    assert_eq!(unclear["1211"], Some((11, 12)));
}

#[test]
fn files_of_two_devices_are_refused() {
    let other = PROPS.replace("ibm_test", "ibm_other");
    let message = Target::from_ibm(CONF, &other).unwrap_err().to_string();
    assert!(
        message.contains("'ibm_test' (4 qubits)") && message.contains("'ibm_other'"),
        "{message}"
    );
}

#[test]
fn an_error_says_where_and_what() {
    let refuse = |conf: &str, props: &str, parts: &[&str]| {
        let message = Target::from_ibm(conf, props).unwrap_err().to_string();
        for part in parts {
            assert!(message.contains(part), "{message}");
        }
    };
    refuse("{", PROPS, &["configuration", "line 1", "conf_*.json"]);
    refuse(CONF, CONF, &["properties", "props_*.json"]);
    refuse(
        CONF,
        &PROPS.replace("µs", "fortnights"),
        &["T2 of qubit 0", "fortnights"],
    );
    refuse(
        CONF,
        &PROPS.replace("\"value\": 2e-4", "\"value\": -1"),
        &["error of sx on [0]", "-1"],
    );
    refuse(
        CONF,
        &PROPS.replace("\"qubits\": [2, 1]", "\"qubits\": [2, 9]"),
        &["cz on [2, 9]", "9"],
    );
    refuse(
        CONF,
        &PROPS.replace("\"qubits\": [2, 1]", "\"qubits\": [2, 2]"),
        &["[2, 2]"],
    );
    refuse(
        CONF,
        &PROPS.replace("\"qubits\": [2, 1]", "\"qubits\": [2]"),
        &["of cz", "[2]"],
    );
    refuse(&CONF.replace("\"dt\": 4.0", "\"dt\": 0.0"), PROPS, &["dt"]);
    refuse(
        &CONF.replace("\"granularity\": 1", "\"granularity\": 0"),
        PROPS,
        &["granularity"],
    );
}

/// With `ARDEA_IBM_BACKENDS` set to `qiskit_ibm_runtime/fake_provider/backends`.
mod with_the_files_of_ibm {
    use std::fs;
    use std::path::{Path, PathBuf};

    use super::*;

    fn folder() -> Option<PathBuf> {
        std::env::var_os("ARDEA_IBM_BACKENDS").map(PathBuf::from)
    }

    fn read(folder: &Path, name: &str) -> Target {
        let file = |kind| fs::read_to_string(folder.join(name).join(format!("{kind}_{name}.json")));
        Target::from_ibm(&file("conf").unwrap(), &file("props").unwrap())
            .unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    #[test]
    fn every_device_is_read() {
        let Some(folder) = folder() else { return };
        let mut count = 0;
        for entry in fs::read_dir(&folder).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            if folder
                .join(&name)
                .join(format!("conf_{name}.json"))
                .is_file()
            {
                assert!(read(&folder, &name).num_qubits() > 0);
                count += 1;
            }
        }
        assert!(count >= 60, "only {count} devices found");
    }

    #[test]
    fn bundled_files_are_what_the_converter_makes() {
        let Some(folder) = folder() else { return };
        for name in Target::bundled_names() {
            let bundled = Target::bundled(name).unwrap();
            let fresh = read(&folder, name).with_source(bundled.source());
            assert_eq!(bundled.description(), fresh.description(), "{name}");
        }
    }
}
