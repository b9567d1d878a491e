//! What a caller can ask of the compiler.
//!
//! Every choice is an enum with one spelling, shared by the command line, Python and the report.

use std::fmt;
use std::str::FromStr;

use ardea_circuit::Qubit;
use serde::{Deserialize, Serialize};

use crate::CompileError;

/// Declares an enum of choices together with their spellings.
macro_rules! choices {
    ($(#[$doc:meta])* $name:ident, $option:literal { $($(#[$variant_doc:meta])* $variant:ident = $text:literal $(| $alias:literal)*,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$variant_doc])* #[serde(rename = $text)] $variant,)+
        }

        impl $name {
            /// Every choice, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The spelling used on the command line and in reports.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = CompileError;

            fn from_str(text: &str) -> Result<Self, CompileError> {
                match text.to_ascii_lowercase().as_str() {
                    $($text $(| $alias)* => Ok(Self::$variant),)+
                    _ => Err(CompileError::InvalidOption {
                        option: $option,
                        value: text.to_owned(),
                        expected: [$($text),+].join(", "),
                    }),
                }
            }
        }
    };
}

choices! {
    /// How much effort goes into making the circuit smaller.
    Level, "level" {
        /// Place, route and translate; nothing is removed.
        O0 = "0" | "o0",
        /// Cheap clean-up on both sides of a quick routing.
        O1 = "1" | "o1",
        /// The default: blocks are resynthesised and routing takes the best of several trials.
        O2 = "2" | "o2",
        /// Several whole pipelines; the best result is kept, level 2's among them.
        O3 = "3" | "o3",
    }
}

choices! {
    /// How much time levels 2 and 3 may spend on running again from other seeds.
    Effort, "effort" {
        /// Every way once.
        Normal = "normal",
        /// About ten times as long.
        High = "high",
        /// About a hundred times as long.
        Max = "max",
    }
}

impl Effort {
    /// How often each way runs, about.
    #[must_use]
    pub fn runs(self) -> usize {
        match self {
            Self::Normal => 1,
            Self::High => 10,
            Self::Max => 100,
        }
    }
}

choices! {
    /// What levels 2 and 3 choose their result by.
    Aim, "aim" {
        /// Fewest two-qubit gates; among about equally many, the estimated success.
        Gates = "gates",
        /// Highest estimated success, of gates, measurements and waiting qubits, without decoupling: a few more gates may
        /// be worth a shorter circuit.
        Success = "success",
    }
}

choices! {
    /// What about the input must survive.
    Preserve, "preserve" {
        /// The joint distribution of the classical bits from |0...0>; the same as `State` for a circuit that measures
        /// nothing.
        Counts = "counts",
        /// The final state from |0...0>.
        State = "state",
        /// The operator: any input state, placed by the initial layout and read at the final one.
        Unitary = "unitary",
    }
}

choices! {
    /// Which of the device's gates may be used.
    GateSet, "gate set" {
        /// The calibrated two-qubit gate with rz, sx and x.
        Standard = "standard",
        /// The same and, where the device has them, `rx` and `rzz` of any angle.
        Fractional = "fractional",
    }
}

choices! {
    /// Pulses put into idle windows against dephasing.
    Decoupling, "dd" {
        /// None.
        None = "none",
        /// What suits each window and its neighbours: orthogonal Walsh sequences, chosen by the calibrated ZZ and pulse
        /// errors; windows where pulses cost more than they save stay empty.
        Staggered = "staggered" | "auto",
        /// Two X pulses a window.
        Xx = "xx",
        /// X and its inverse.
        XpXm = "xpxm" | "x+x-",
        /// X, Y, X, Y.
        Xy4 = "xy4",
        /// X, Y, X, Y, Y, X, Y, X.
        Xy8 = "xy8",
        /// Evenly spaced X, as many as suit each window.
        Cpmg = "cpmg",
        /// X spaced as Uhrig found, as many as suit each window.
        Udd = "udd",
        /// The Walsh sequence of up to 15 sign changes that suits each window.
        Walsh = "walsh",
    }
}

choices! {
    /// When an operation that could start at several times does start.
    ScheduleMode, "schedule" {
        /// As late as possible: qubits stay in their ground state as long as they can.
        Alap = "alap",
        /// As soon as possible.
        Asap = "asap",
        /// Where waits cost least, by the device's T1, T2 and ZZ: in the ground state or after a measurement rather than
        /// in superposition, and in one piece where pulses will fill them. Never worse than `Alap` by the same figures.
        LeastLoss = "least-loss",
    }
}

choices! {
    /// Whether the compiler checks its own work.
    Verification, "verify" {
        /// No checks beyond those that are always made.
        Off = "off",
        /// The output of every pass is compared with its input on circuits of few qubits.
        EachPass = "each-pass",
    }
}

/// Everything a caller can choose; [`CompileOptions::default`] is level 2 for counts.
#[derive(Clone, Debug, PartialEq)]
pub struct CompileOptions {
    /// How hard to try.
    pub level: Level,
    /// How much longer levels 2 and 3 may search.
    pub effort: Effort,
    /// What levels 2 and 3 choose their result by.
    pub aim: Aim,
    /// Seed of every random choice: the same seed gives the same output whatever the number of threads.
    pub seed: u64,
    /// What must survive.
    pub preserve: Preserve,
    /// Which gates may be used.
    pub gate_set: GateSet,
    /// The largest average gate infidelity, between 0 and 1, at which a rotation counts as doing nothing from level 1
    /// on. 0 keeps whatever differs from the identity by more than rounding.
    pub approximation: f64,
    /// Pulses in idle windows; anything but [`Decoupling::None`] schedules the circuit too.
    pub decoupling: Decoupling,
    /// Makes idle time explicit as delays, in this manner. `None` leaves the circuit unscheduled.
    pub schedule: Option<ScheduleMode>,
    /// Physical qubit of each input qubit; `None` lets the compiler choose.
    pub initial_layout: Option<Vec<Qubit>>,
    /// Number of layout and routing trials; `None` takes the level's own.
    pub trials: Option<usize>,
    /// Whether every pass is checked.
    pub verification: Verification,
}

impl Default for CompileOptions {
    fn default() -> Self {
        Self {
            level: Level::O2,
            effort: Effort::Normal,
            aim: Aim::Gates,
            seed: 0,
            preserve: Preserve::Counts,
            gate_set: GateSet::Standard,
            approximation: 1e-12,
            decoupling: Decoupling::None,
            schedule: None,
            initial_layout: None,
            trials: None,
            verification: if cfg!(debug_assertions) {
                Verification::EachPass
            } else {
                Verification::Off
            },
        }
    }
}

impl CompileOptions {
    /// The default options at another level.
    #[must_use]
    pub fn at_level(level: Level) -> Self {
        Self {
            level,
            ..Self::default()
        }
    }

    /// Whether numbers lie where they mean something.
    pub(crate) fn check(&self) -> Result<(), CompileError> {
        if (0.0..1.0).contains(&self.approximation) {
            return Ok(());
        }
        Err(CompileError::InvalidOption {
            option: "approximation",
            value: self.approximation.to_string(),
            expected: "numbers from 0 to below 1".to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_choice_reads_its_own_spelling() {
        for &level in Level::ALL {
            assert_eq!(level.as_str().parse::<Level>().ok(), Some(level));
        }
        for &preserve in Preserve::ALL {
            assert_eq!(preserve.as_str().parse::<Preserve>().ok(), Some(preserve));
        }
        assert_eq!("O3".parse::<Level>().ok(), Some(Level::O3));
    }

    #[test]
    fn a_wrong_spelling_names_the_choices() {
        let message = "xy"
            .parse::<Decoupling>()
            .map_err(|error| error.to_string());
        assert_eq!(
            message,
            Err("dd cannot be 'xy'; choose one of: none, staggered, xx, xpxm, xy4, xy8, cpmg, udd, walsh".to_owned())
        );
    }
}
