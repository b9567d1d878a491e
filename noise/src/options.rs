//! Which kinds of noise a model has, and how strong those are that no calibration reports.

use crate::error::NoiseError;

/// Components of the noise. Each can be switched off; strengths that calibrations do not report have defaults.
#[derive(Debug, Clone, PartialEq)]
pub struct NoiseOptions {
    /// Relaxation and dephasing of a gate's qubits during the gate, by T1, T2 and its duration.
    pub gate_relaxation: bool,
    /// Depolarising that fills a gate's error up to the calibrated one.
    pub depolarizing: bool,
    /// Relaxation and dephasing while qubits wait.
    pub idle_relaxation: bool,
    /// Misread measurements.
    pub readout: bool,
    /// Population of |1> in thermal equilibrium; 0 relaxes to |0>.
    pub excited_population: f64,
    /// Always-on ZZ interaction between coupled qubits, in hertz, for pairs whose rate the device does not report;
    /// `None` switches the interaction off for all pairs. A pair in |11> gains the phase `-2 pi rate t`; frequencies
    /// are calibrated with the neighbours in |0>, so nothing happens there.
    pub zz: Option<f64>,
    /// Standard deviation in hertz of a detuning that is constant during a shot and differs between qubits and draws;
    /// `None` for none. Ramsey fringes then decay as `exp(-2 (pi sigma t)^2)`.
    pub quasi_static: Option<f64>,
    /// Detuning with a 1/f spectrum; `None` for none.
    pub flicker: Option<Flicker>,
    /// Splitting by charge parity in hertz: each qubit is detuned by plus or minus this, at random in each draw.
    pub charge_parity: Option<f64>,
}

/// A detuning whose power spectrum is proportional to 1/f between two frequencies.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Flicker {
    /// Standard deviation of the detuning in hertz.
    pub sigma: f64,
    /// Lowest frequency in hertz.
    pub lowest: f64,
    /// Highest frequency in hertz.
    pub highest: f64,
}

/// The default ZZ rate in hertz: the median of what IBM reports for a Heron r3 (`boston`).
pub const DEFAULT_ZZ: f64 = 4e3;

/// The default quasi-static detuning in hertz: Ramsey decay in 1/(sqrt(2) pi sigma), about 0.2 ms.
pub const DEFAULT_QUASI_STATIC: f64 = 1e3;

/// The default 1/f detuning: 500 Hz between a kilohertz and a megahertz.
pub const DEFAULT_FLICKER: Flicker = Flicker {
    sigma: 500.0,
    lowest: 1e3,
    highest: 1e6,
};

/// The default charge-parity splitting in hertz, that of a transmon deep in its regime.
pub const DEFAULT_CHARGE_PARITY: f64 = 100.0;

impl Default for NoiseOptions {
    fn default() -> Self {
        Self {
            zz: Some(DEFAULT_ZZ),
            quasi_static: Some(DEFAULT_QUASI_STATIC),
            flicker: Some(DEFAULT_FLICKER),
            charge_parity: Some(DEFAULT_CHARGE_PARITY),
            ..Self::markovian()
        }
    }
}

impl NoiseOptions {
    /// Only what calibrations report and what has no memory: gate errors, relaxation, misreading.
    pub fn markovian() -> Self {
        Self {
            gate_relaxation: true,
            depolarizing: true,
            idle_relaxation: true,
            readout: true,
            ..Self::none()
        }
    }

    /// No noise at all; switch on what is wanted.
    pub fn none() -> Self {
        Self {
            gate_relaxation: false,
            depolarizing: false,
            idle_relaxation: false,
            readout: false,
            excited_population: 0.0,
            zz: None,
            quasi_static: None,
            flicker: None,
            charge_parity: None,
        }
    }

    /// Whether a parameter differs from draw to draw.
    pub fn is_slow(&self) -> bool {
        self.quasi_static.is_some() || self.flicker.is_some() || self.charge_parity.is_some()
    }

    pub(crate) fn check(&self) -> Result<(), NoiseError> {
        let bad = |what: String| Err(NoiseError::BadParameter { what });
        if !(0.0..=1.0).contains(&self.excited_population) {
            return bad(format!(
                "an excited population lies between 0 and 1, not at {}",
                self.excited_population
            ));
        }
        if self.zz.is_some_and(|rate| !rate.is_finite()) {
            return bad("the ZZ rate must be a finite number of hertz".into());
        }
        let sigmas = [
            ("quasi-static detuning", self.quasi_static),
            ("charge-parity splitting", self.charge_parity),
            ("1/f detuning", self.flicker.map(|flicker| flicker.sigma)),
        ];
        for (name, value) in sigmas {
            if let Some(value) = value.filter(|value| !(value.is_finite() && *value >= 0.0)) {
                return bad(format!(
                    "the {name} must be a finite number of hertz, at least 0, not {value}"
                ));
            }
        }
        match self.flicker {
            Some(Flicker {
                lowest, highest, ..
            }) if !(lowest > 0.0 && highest > lowest && highest.is_finite()) => bad(format!(
                "1/f noise needs a band of frequencies above 0, not from {lowest} to {highest} Hz"
            )),
            _ => Ok(()),
        }
    }
}
