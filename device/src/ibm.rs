//! IBM's own description of a device: `conf_*.json` (what it is) and `props_*.json` (how well it
//! was calibrated to work), as `qiskit-ibm-runtime` carries and the IBM cloud hands out.
//!
//! What is worth knowing about these files:
//!
//! - `dt` is in nanoseconds; every other figure carries its own unit.
//! - The error of a measurement is the qubit's `readout_error`, not the `gate_error` that newer
//!   files list under `measure`.
//! - `basis_gates` leaves out the fractional gates `rx` and `rzz`; devices that have them list
//!   their properties all the same, and that is where they are taken from.
//! - A gate or qubit with `operational: 0` is out of order; so is one with `gate_error: 1`.
//! - `zz_717` is the ZZ rate of the pair (7, 17): the digits are run together and only the
//!   coupling map tells where to cut. A rate of 0 means that none was measured.
//!
//! Unknown fields are left alone, so that next year's file can be read too.

use ardea_circuit::Gate;
use rustc_hash::FxHashMap;
use serde::Deserialize;

use crate::description::{Description, GateTable, Role};
use crate::{InstructionProperties, QubitProperties, Readout, Target, TargetError, Timing};

impl Target {
    /// Reads a device from the text of IBM's `conf_*.json` and `props_*.json`.
    pub fn from_ibm(configuration: &str, properties: &str) -> Result<Target, TargetError> {
        let configuration: Configuration =
            serde_json::from_str(configuration).map_err(|source| TargetError::Json {
                what: "the device's configuration",
                source,
                expected: "IBM's conf_*.json (with backend_name, n_qubits, basis_gates, gates)",
            })?;
        let properties: Properties =
            serde_json::from_str(properties).map_err(|source| TargetError::Json {
                what: "the device's properties",
                source,
                expected: "IBM's props_*.json (with backend_name, qubits, gates)",
            })?;
        Target::new(describe(&configuration, &properties)?)
    }
}

#[derive(Deserialize)]
struct Configuration {
    backend_name: String,
    n_qubits: usize,
    basis_gates: Vec<String>,
    gates: Vec<GateConfiguration>,
    supported_instructions: Option<Vec<String>>,
    coupling_map: Option<Vec<[usize; 2]>>,
    coords: Option<Vec<(f64, f64)>>,
    dt: Option<f64>,
    timing_constraints: Option<TimingConstraints>,
}

#[derive(Deserialize)]
struct GateConfiguration {
    name: String,
    coupling_map: Option<Vec<Vec<usize>>>,
}

#[derive(Deserialize)]
struct TimingConstraints {
    granularity: Option<u32>,
    min_length: Option<u32>,
    pulse_alignment: Option<u32>,
    acquire_alignment: Option<u32>,
}

#[derive(Deserialize)]
struct Properties {
    backend_name: String,
    last_update_date: Option<String>,
    qubits: Vec<Vec<Figure>>,
    gates: Vec<GateProperties>,
    #[serde(default)]
    general: Vec<Figure>,
}

#[derive(Deserialize)]
struct GateProperties {
    gate: String,
    qubits: Vec<usize>,
    parameters: Vec<Figure>,
}

/// One named number with its unit.
#[derive(Deserialize)]
struct Figure {
    name: String,
    #[serde(default)]
    unit: String,
    value: f64,
}

/// Gates of any angle, which IBM calls fractional and leaves out of `basis_gates`.
const FRACTIONAL: [Gate; 2] = [Gate::RX, Gate::RZZ];
/// Instructions that are no gates and are read from elsewhere.
const NOT_GATES: [&str; 3] = ["measure", "reset", "delay"];

fn describe(conf: &Configuration, props: &Properties) -> Result<Description, TargetError> {
    if conf.backend_name != props.backend_name || conf.n_qubits != props.qubits.len() {
        let label = |name: &str, size| format!("'{name}' ({size} qubits)");
        return Err(TargetError::DifferentDevices {
            configuration: label(&conf.backend_name, conf.n_qubits),
            properties: label(&props.backend_name, props.qubits.len()),
        });
    }
    let (gates, unsupported) = gates(conf, props)?;
    Ok(Description {
        name: conf.backend_name.clone(),
        source: "IBM's configuration and properties files".to_owned(),
        calibrated: props.last_update_date.clone(),
        coordinates: conf
            .coords
            .clone()
            .filter(|coords| coords.len() == conf.n_qubits),
        timing: timing(conf),
        qubits: props
            .qubits
            .iter()
            .enumerate()
            .map(|(index, figures)| qubit(index, figures))
            .collect::<Result<_, _>>()?,
        gates,
        unsupported,
        resets: resets(conf, props)?,
        zz: zz_rates(conf, props)?,
    })
}

fn timing(conf: &Configuration) -> Timing {
    let default = Timing::default();
    // The oldest files give seconds where all others give nanoseconds.
    let dt = conf.dt.map(|dt| if dt < 1e-6 { dt } else { dt * 1e-9 });
    let Some(limits) = &conf.timing_constraints else {
        return Timing { dt, ..default };
    };
    Timing {
        dt,
        granularity: limits.granularity.unwrap_or(default.granularity),
        min_length: limits.min_length.unwrap_or(default.min_length),
        pulse_alignment: limits.pulse_alignment.unwrap_or(default.pulse_alignment),
        acquire_alignment: limits
            .acquire_alignment
            .unwrap_or(default.acquire_alignment),
    }
}

fn qubit(index: usize, figures: &[Figure]) -> Result<QubitProperties, TargetError> {
    let get = |name: &str| find(figures, name, || format!("qubit {index}"));
    Ok(QubitProperties {
        t1: get("T1")?,
        t2: get("T2")?,
        frequency: get("frequency")?,
        anharmonicity: get("anharmonicity")?,
        readout: Readout {
            error: get("readout_error")?.unwrap_or(0.0),
            prob_meas1_prep0: get("prob_meas1_prep0")?,
            prob_meas0_prep1: get("prob_meas0_prep1")?,
            duration: get("readout_length")?.unwrap_or(0.0),
        },
        operational: get("operational")?.is_none_or(|flag| flag != 0.0),
    })
}

/// The device's gates, and the names of those that have no counterpart here.
fn gates(
    conf: &Configuration,
    props: &Properties,
) -> Result<(Vec<GateTable>, Vec<String>), TargetError> {
    let listed_only_in_properties = FRACTIONAL.iter().map(|gate| gate.name()).filter(|name| {
        !conf.basis_gates.iter().any(|basis| basis == name)
            && props.gates.iter().any(|gate| gate.gate == **name)
    });
    let names = conf
        .basis_gates
        .iter()
        .map(String::as_str)
        .chain(listed_only_in_properties);
    let (mut tables, mut unsupported) = (Vec::<GateTable>::new(), Vec::new());
    for name in names.filter(|name| !NOT_GATES.contains(name)) {
        let Some(gate) = Gate::from_name(name) else {
            unsupported.push(name.to_owned());
            continue;
        };
        if tables.iter().any(|table| table.gate == gate) {
            continue;
        }
        let role = if FRACTIONAL.contains(&gate) {
            Role::Fractional
        } else {
            Role::Standard
        };
        let mut table = GateTable::empty(gate, role, conf.n_qubits)?;
        fill_from_configuration(&mut table, name, conf)?;
        fill_from_properties(&mut table, name, conf, props)?;
        tables.push(table);
    }
    let known = |name: &&GateProperties| {
        NOT_GATES.contains(&name.gate.as_str()) || Gate::from_name(&name.gate).is_some()
    };
    for extra in props.gates.iter().filter(|gate| !known(gate)) {
        if !unsupported.contains(&extra.gate) {
            unsupported.push(extra.gate.clone());
        }
    }
    Ok((tables, unsupported))
}

/// A gate exists where the configuration lists it, without error until the properties say more.
fn fill_from_configuration(
    table: &mut GateTable,
    name: &str,
    conf: &Configuration,
) -> Result<(), TargetError> {
    let places = conf.gates.iter().filter(|gate| gate.name == name);
    for qubits in places.flat_map(|gate| gate.coupling_map.iter().flatten()) {
        let ideal = InstructionProperties {
            error: 0.0,
            duration: 0.0,
        };
        table.insert(qubits, conf.n_qubits, ideal)?;
    }
    Ok(())
}

fn fill_from_properties(
    table: &mut GateTable,
    name: &str,
    conf: &Configuration,
    props: &Properties,
) -> Result<(), TargetError> {
    for entry in props.gates.iter().filter(|entry| entry.gate == name) {
        let get = |figure: &str| {
            find(&entry.parameters, figure, || {
                format!("{name} on {:?}", entry.qubits)
            })
        };
        if get("operational")?.is_some_and(|flag| flag == 0.0) {
            table.remove(&entry.qubits);
            continue;
        }
        let properties = InstructionProperties {
            error: get("gate_error")?.unwrap_or(0.0),
            duration: get("gate_length")?.unwrap_or(0.0),
        };
        table.insert(&entry.qubits, conf.n_qubits, properties)?;
    }
    Ok(())
}

/// Reset, where the properties list it or the configuration says that the device has it.
fn resets(
    conf: &Configuration,
    props: &Properties,
) -> Result<Vec<Option<InstructionProperties>>, TargetError> {
    let has = |names: &[String]| names.iter().any(|name| name == "reset");
    let everywhere =
        has(&conf.basis_gates) || conf.supported_instructions.as_deref().is_none_or(has);
    let ideal = InstructionProperties {
        error: 0.0,
        duration: 0.0,
    };
    // Files of the first years list no resets, and the devices of then had none to speak of;
    // Qiskit takes such a device to have an instantaneous one, and so do we.
    let mut resets = vec![everywhere.then_some(ideal); conf.n_qubits];
    for entry in props.gates.iter().filter(|entry| entry.gate == "reset") {
        let what = || format!("reset of {:?}", entry.qubits);
        let properties = InstructionProperties {
            error: find(&entry.parameters, "gate_error", what)?.unwrap_or(0.0),
            duration: find(&entry.parameters, "gate_length", what)?.unwrap_or(0.0),
        };
        match entry.qubits[..] {
            [qubit] if qubit < resets.len() => resets[qubit] = Some(properties),
            _ => {
                return Err(TargetError::NoSuchQubit {
                    what: what(),
                    qubit: entry.qubits.first().copied().unwrap_or(0),
                    num_qubits: conf.n_qubits,
                });
            }
        }
    }
    Ok(resets)
}

/// ZZ rates by pair. A figure that names no coupled pair is left out, and so is a rate of 0.
fn zz_rates(conf: &Configuration, props: &Properties) -> Result<Vec<(u32, u32, f64)>, TargetError> {
    let pairs = pairs_by_digits(conf);
    let mut rates = Vec::new();
    for figure in props.general.iter().filter(|figure| figure.value != 0.0) {
        let Some(digits) = figure.name.strip_prefix("zz_") else {
            continue;
        };
        if let Some(&Some((a, b))) = pairs.get(&digits.replace('_', "")) {
            rates.push((a, b, in_si(figure, || figure.name.clone())?));
        }
    }
    rates.sort_unstable_by_key(|&(a, b, _)| (a, b));
    rates.dedup_by_key(|&mut (a, b, _)| (a, b));
    Ok(rates)
}

/// For each coupled pair, its two indices written without a gap, in both orders; `None` where two
/// different pairs are written alike, such as (1, 112) and (11, 12).
fn pairs_by_digits(conf: &Configuration) -> FxHashMap<String, Option<(u32, u32)>> {
    let mut pairs = FxHashMap::default();
    let on_device = |pair: &&[usize; 2]| pair.iter().all(|&qubit| qubit < conf.n_qubits);
    for &[a, b] in conf.coupling_map.iter().flatten().filter(on_device) {
        let pair = (a.min(b) as u32, a.max(b) as u32);
        for digits in [format!("{a}{b}"), format!("{b}{a}")] {
            pairs
                .entry(digits)
                .and_modify(|known| {
                    if *known != Some(pair) {
                        *known = None;
                    }
                })
                .or_insert(Some(pair));
        }
    }
    pairs
}

/// The figure called `name` in SI units. The last one counts when there are several.
fn find(
    figures: &[Figure],
    name: &str,
    owner: impl Fn() -> String,
) -> Result<Option<f64>, TargetError> {
    let found = figures.iter().rev().find(|figure| figure.name == name);
    found
        .map(|figure| in_si(figure, || format!("{name} of {}", owner())))
        .transpose()
}

fn in_si(figure: &Figure, what: impl Fn() -> String) -> Result<f64, TargetError> {
    let bad = |value: String, expected| {
        Err(TargetError::BadValue {
            what: what(),
            value,
            expected,
        })
    };
    let factor = match figure.unit.as_str() {
        "" | "s" | "Hz" => 1.0,
        "ms" => 1e-3,
        "us" | "µs" | "μs" => 1e-6, // micro sign and Greek mu
        "ns" => 1e-9,
        "ps" => 1e-12,
        "kHz" => 1e3,
        "MHz" => 1e6,
        "GHz" => 1e9,
        _ => {
            return bad(
                format!("in unit '{}'", figure.unit),
                "in a known unit (s, ms, us, ns, ps, Hz, kHz, MHz, GHz or none)",
            );
        }
    };
    if !figure.value.is_finite() {
        return bad(figure.value.to_string(), "a finite number");
    }
    Ok(figure.value * factor)
}

#[cfg(test)]
mod tests;
