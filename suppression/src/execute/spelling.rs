//! Stages as words, for command lines and keyword arguments.
//!
//! `auto`, `none`, or a list such as `dd=xy4,twirl,readout=trex`: what is named runs and nothing else, except behind
//! `auto`, which all others then are.

use ardea_compiler::Decoupling;

use super::options::{Calibration, Choice, Readout, ReadoutMethod, Suppress, Twirling, ZeroNoise};
use crate::error::{SuppressionError, bad_option};
use crate::readout::Pattern;
use crate::twirl::{GateTwirl, MeasurementTwirl};
use crate::zne::{Extrapolation, Folding};

/// Most versions of one circuit.
const MOST_VERSIONS: u64 = 1 << 16;

impl Suppress {
    /// The stages that a text names; see the module.
    ///
    /// # Errors
    /// [`SuppressionError::BadOption`] for words that mean nothing here.
    pub fn from_text(text: &str) -> Result<Self, SuppressionError> {
        let mut words: Vec<&str> = text.split(',').map(str::trim).collect();
        let mut out = match words.first() {
            Some(&"auto") => Self::auto(),
            _ => Self::none(),
        };
        if matches!(words.first(), Some(&"auto" | &"none")) {
            words.remove(0);
        }
        let mut says_schedule = false;
        for word in words {
            let (stage, value) = word.split_once('=').unwrap_or((word, "on"));
            says_schedule |= stage.trim() == "schedule";
            out.set(stage.trim(), value.trim())?;
        }
        // Pulses go where the schedule has waits.
        if out.schedule == Choice::Off && !says_schedule && out.decoupling != Choice::Off {
            out.schedule = Choice::Auto;
        } else if out.schedule == Choice::Off && out.decoupling == Choice::Auto {
            out.decoupling = Choice::Off;
        }
        Ok(out)
    }

    /// Chooses one stage, or a detail of one, in words.
    ///
    /// # Errors
    /// [`SuppressionError::BadOption`] for words that mean nothing here.
    pub fn set(&mut self, stage: &str, value: &str) -> Result<(), SuppressionError> {
        match stage {
            "schedule" if value == "on" => self.schedule = Choice::Auto,
            "schedule" => self.schedule = simple(value, |text| Ok(text.parse()?))?,
            "dd" | "decoupling" => {
                self.decoupling = match value {
                    "on" => Choice::On(Decoupling::Staggered),
                    "auto" => Choice::Auto,
                    "none" | "off" => Choice::Off,
                    sequence => Choice::On(sequence.parse()?),
                };
            }
            "twirl" | "twirling" => self.twirling = twirling(value, self.twirling)?,
            "versions" => {
                let versions = number(stage, value)?;
                if !(1..=MOST_VERSIONS).contains(&versions) {
                    return bad_option(format!("versions must be 1 to {MOST_VERSIONS}"));
                }
                self.twirling = Choice::On(Twirling {
                    versions,
                    ..chosen(self.twirling)
                });
            }
            // Which method there is depends on what is asked for.
            "readout" if value == "on" => self.readout = Choice::Auto,
            "readout" => {
                self.readout = simple(value, |text| match text {
                    "inversion" | "m3" => Ok(Readout::by(ReadoutMethod::Inversion)),
                    "trex" => Ok(Readout::by(ReadoutMethod::Trex)),
                    _ => unknown("readout", text, "auto, none, inversion, trex"),
                })?;
            }
            "calibration" => self.calibrate(value)?,
            "zne" => self.zero_noise = zero_noise(value, &self.zero_noise)?,
            "scales" => {
                let scales = value.split(':').map(|scale| scale.trim().parse::<f64>());
                match scales.collect::<Result<Vec<f64>, _>>() {
                    Ok(scales) => self.zne_settings().scales = scales,
                    Err(_) => {
                        return unknown("scales", value, "numbers with ':' between, as 1:2:3");
                    }
                }
            }
            "folding" => {
                self.zne_settings().folding = match value {
                    "gates" => Folding::TwoQubit,
                    "global" => Folding::Global,
                    _ => return unknown("folding", value, "gates, global"),
                };
            }
            other => {
                let stages =
                    "schedule, dd, twirl, versions, readout, calibration, zne, scales, folding";
                return unknown("suppress", other, stages);
            }
        }
        Ok(())
    }

    fn calibrate(&mut self, value: &str) -> Result<(), SuppressionError> {
        let calibration = match value {
            "target" => Calibration::Target,
            "circuits" => Calibration::default(),
            shots => Calibration::Circuits {
                pattern: Pattern::Balanced,
                shots: number("calibration", shots)?,
            },
        };
        let Choice::On(readout) = &mut self.readout else {
            return bad_option(
                "say how readout is mitigated (readout=inversion or readout=trex) before where its calibration is from",
            );
        };
        readout.calibration = calibration;
        Ok(())
    }

    fn zne_settings(&mut self) -> &mut ZeroNoise {
        if !matches!(self.zero_noise, Choice::On(_)) {
            self.zero_noise = Choice::On(ZeroNoise::default());
        }
        match &mut self.zero_noise {
            Choice::On(settings) => settings,
            _ => unreachable!("it was put there"),
        }
    }
}

fn simple<T>(
    value: &str,
    read: impl FnOnce(&str) -> Result<T, SuppressionError>,
) -> Result<Choice<T>, SuppressionError> {
    match value {
        "auto" => Ok(Choice::Auto),
        "none" | "off" => Ok(Choice::Off),
        text => Ok(Choice::On(read(text)?)),
    }
}

fn chosen(twirling: Choice<Twirling>) -> Twirling {
    match twirling {
        Choice::On(twirling) => twirling,
        Choice::Auto | Choice::Off => Twirling::default(),
    }
}

fn twirling(value: &str, before: Choice<Twirling>) -> Result<Choice<Twirling>, SuppressionError> {
    simple(value, |text| {
        let (gates, measurements) = match text {
            "on" | "gates" => (GateTwirl::TwoQubit, MeasurementTwirl::Off),
            "measurements" => (GateTwirl::Off, MeasurementTwirl::Final),
            "all" => (GateTwirl::TwoQubit, MeasurementTwirl::Final),
            _ => return unknown("twirl", text, "auto, none, gates, measurements, all"),
        };
        Ok(Twirling {
            gates,
            measurements,
            ..chosen(before)
        })
    })
}

fn zero_noise(
    value: &str,
    before: &Choice<ZeroNoise>,
) -> Result<Choice<ZeroNoise>, SuppressionError> {
    let extrapolation = match value {
        "none" | "off" => return Ok(Choice::Off),
        "auto" => return Ok(Choice::Auto),
        "on" | "exponential" => Extrapolation::Exponential { asymptote: 0.0 },
        "linear" => Extrapolation::Linear,
        "quadratic" => Extrapolation::Polynomial(2),
        "richardson" => Extrapolation::Richardson,
        text => {
            let choices = "auto, none, linear, quadratic, richardson, exponential";
            return unknown("zne", text, choices);
        }
    };
    let settings = match before {
        Choice::On(settings) => settings.clone(),
        _ => ZeroNoise::default(),
    };
    Ok(Choice::On(ZeroNoise {
        extrapolation,
        ..settings
    }))
}

fn number(stage: &str, value: &str) -> Result<u64, SuppressionError> {
    value
        .parse()
        .or_else(|_| unknown(stage, value, "whole numbers"))
}

fn unknown<T>(what: &str, value: &str, choices: &str) -> Result<T, SuppressionError> {
    bad_option(format!(
        "{what} cannot be '{value}'; choose among: {choices}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schedule_that_is_switched_off_stays_off() {
        let some = Suppress::from_text("auto, schedule=none").unwrap();
        assert_eq!((some.schedule, some.decoupling), (Choice::Off, Choice::Off));
    }

    #[test]
    fn lists_name_what_runs() {
        assert_eq!(Suppress::from_text("auto").unwrap(), Suppress::auto());
        assert_eq!(Suppress::from_text("none").unwrap(), Suppress::none());
        let some =
            Suppress::from_text("dd=xy4, twirl=all, versions=8, zne=linear, scales=1:3").unwrap();
        assert_eq!(some.decoupling, Choice::On(Decoupling::Xy4));
        assert_eq!(some.schedule, Choice::Auto);
        assert_eq!(some.readout, Choice::Off);
        let Choice::On(twirling) = some.twirling else {
            unreachable!("it was asked for");
        };
        assert_eq!(
            (twirling.versions, twirling.measurements),
            (8, MeasurementTwirl::Final)
        );
        let Choice::On(zne) = some.zero_noise else {
            unreachable!("it was asked for");
        };
        assert_eq!(
            (zne.scales, zne.extrapolation),
            (vec![1.0, 3.0], Extrapolation::Linear)
        );
        let rest = Suppress::from_text("auto,dd=none").unwrap();
        assert_eq!((rest.decoupling, rest.readout), (Choice::Off, Choice::Auto));
    }

    #[test]
    fn mistakes_name_the_choices() {
        for (text, part) in [
            ("sparkle", "twirl"),
            ("dd=xy", "xy4"),
            ("readout=magic", "trex"),
            ("versions=0", "1 to"),
            ("scales=1:x", "1:2:3"),
            ("calibration=target", "before"),
        ] {
            let message = Suppress::from_text(text).unwrap_err().to_string();
            assert!(message.contains(part), "{message}");
        }
    }
}
