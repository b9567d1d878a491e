//! Stages as words, for command lines and keyword arguments.
//!
//! `auto`, `none`, or a list such as `dd=xy4,twirl,readout=trex`: what is named runs and nothing else, except behind
//! `auto`, which all others then are. The order of the list means nothing. A detail (`versions`, `calibration`, `scales`,
//! `folding`) belongs to a stage and never switches it on, so it stands beside a word that does.

use ardea_compiler::Decoupling;

use super::options::{
    Calibration, Choice, MOST_VERSIONS, Readout, ReadoutMethod, Suppress, Twirling, ZeroNoise,
};
use crate::error::{SuppressionError, bad_option};
use crate::readout::Pattern;
use crate::twirl::{GateTwirl, MeasurementTwirl};
use crate::zne::{Extrapolation, Folding};

/// What a word is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Schedule,
    Decoupling,
    Twirling,
    Readout,
    ZeroNoise,
    // Details come after all stages.
    Versions,
    Calibration,
    Scales,
    Folding,
}

impl Suppress {
    /// The stages that a text names; see the module.
    ///
    /// # Errors
    /// [`SuppressionError::BadOption`] for words that mean nothing here, for a stage that is named twice, and for a
    /// detail of a stage that does not run.
    pub fn from_text(text: &str) -> Result<Self, SuppressionError> {
        let mut words: Vec<&str> = text.split(',').map(str::trim).collect();
        let mut out = match words.first() {
            Some(&"auto") => Self::auto(),
            _ => Self::none(),
        };
        if matches!(words.first(), Some(&"auto" | &"none")) {
            words.remove(0);
        }
        let mut named: Vec<(Key, &str)> = Vec::with_capacity(words.len());
        for word in words {
            let (name, value) = word.split_once('=').unwrap_or((word, "on"));
            named.push((Key::of(name.trim())?, value.trim()));
        }
        named.sort_by_key(|(key, _)| *key);
        if let Some(twice) = named.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            return bad_option(format!("'{}' is there twice; keep one", twice[0].0.name()));
        }
        for &(key, value) in &named {
            out.set(key, value)?;
        }
        // Pulses go where the schedule has waits.
        let says_schedule = named.iter().any(|(key, _)| *key == Key::Schedule);
        if out.schedule == Choice::Off && !says_schedule && out.decoupling != Choice::Off {
            out.schedule = Choice::Auto;
        } else if out.schedule == Choice::Off && out.decoupling == Choice::Auto {
            out.decoupling = Choice::Off;
        }
        Ok(out)
    }

    /// Chooses one stage, or a detail of one that is chosen already.
    fn set(&mut self, key: Key, value: &str) -> Result<(), SuppressionError> {
        match key {
            Key::Schedule if value == "on" => self.schedule = Choice::Auto,
            Key::Schedule => self.schedule = simple(value, |text| Ok(text.parse()?))?,
            Key::Decoupling => {
                self.decoupling = match value {
                    "on" => Choice::On(Decoupling::Staggered),
                    "auto" => Choice::Auto,
                    "none" | "off" => Choice::Off,
                    sequence => Choice::On(sequence.parse()?),
                };
            }
            Key::Twirling => self.twirling = twirling(value)?,
            // Which method there is depends on what is asked for.
            Key::Readout if value == "on" => self.readout = Choice::Auto,
            Key::Readout => {
                self.readout = simple(value, |text| match text {
                    "inversion" | "m3" => Ok(Readout::by(ReadoutMethod::Inversion)),
                    "trex" => Ok(Readout::by(ReadoutMethod::Trex)),
                    _ => unknown("readout", text, "auto, none, inversion, trex"),
                })?;
            }
            Key::ZeroNoise => self.zero_noise = zero_noise(value)?,
            Key::Versions => self.versions = self.read_versions(value)?,
            Key::Calibration => self.calibrate(value)?,
            Key::Scales => self.extrapolation(key)?.scales = scales(value)?,
            Key::Folding => {
                self.extrapolation(key)?.folding = match value {
                    "gates" => Folding::TwoQubit,
                    "global" => Folding::Global,
                    _ => return unknown("folding", value, "gates, global"),
                };
            }
        }
        Ok(())
    }

    fn read_versions(&self, value: &str) -> Result<u64, SuppressionError> {
        let by_trex = |readout: &Readout| readout.method == ReadoutMethod::Trex;
        let twirls = self.twirling != Choice::Off
            || matches!(&self.readout, Choice::On(readout) if by_trex(readout));
        if !twirls {
            return bad_option(
                "versions is how many versions of a circuit twirling makes, and nothing is twirled: write \
                 twirl=all,versions=16 (or gates, measurements), or auto,versions=16",
            );
        }
        let versions = number(Key::Versions, value)?;
        if !(1..=MOST_VERSIONS).contains(&versions) {
            return bad_option(format!("versions must be 1 to {MOST_VERSIONS}"));
        }
        Ok(versions)
    }

    fn calibrate(&mut self, value: &str) -> Result<(), SuppressionError> {
        let Choice::On(readout) = &mut self.readout else {
            return bad_option(
                "calibration is where a method of readout mitigation knows errors from: name the method beside it, as in \
                 readout=inversion,calibration=target",
            );
        };
        readout.calibration = match value {
            "target" => Calibration::Target,
            "circuits" => Calibration::default(),
            shots => Calibration::Circuits {
                pattern: Pattern::Balanced,
                shots: number(Key::Calibration, shots)?,
            },
        };
        self.check()
    }

    /// The settings of the extrapolation, of which `key` is one.
    fn extrapolation(&mut self, key: Key) -> Result<&mut ZeroNoise, SuppressionError> {
        match &mut self.zero_noise {
            Choice::On(settings) => Ok(settings),
            // It runs only where it is asked for by name.
            Choice::Auto | Choice::Off => bad_option(format!(
                "{} belongs to zero-noise extrapolation, which is off: name it beside it, as in zne=exponential,scales=1:2:3",
                key.name()
            )),
        }
    }
}

impl Key {
    const NAMES: [(&'static str, Key); 11] = [
        ("schedule", Self::Schedule),
        ("dd", Self::Decoupling),
        ("decoupling", Self::Decoupling),
        ("twirl", Self::Twirling),
        ("twirling", Self::Twirling),
        ("versions", Self::Versions),
        ("readout", Self::Readout),
        ("calibration", Self::Calibration),
        ("zne", Self::ZeroNoise),
        ("scales", Self::Scales),
        ("folding", Self::Folding),
    ];

    fn of(name: &str) -> Result<Self, SuppressionError> {
        let found = Self::NAMES.iter().find(|(known, _)| *known == name);
        let stages = "schedule, dd, twirl, versions, readout, calibration, zne, scales, folding";
        found.map_or_else(|| unknown("suppress", name, stages), |(_, key)| Ok(*key))
    }

    /// The first of its names.
    fn name(self) -> &'static str {
        let found = Self::NAMES.iter().find(|(_, key)| *key == self);
        found.map_or("", |(name, _)| name)
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

fn twirling(value: &str) -> Result<Choice<Twirling>, SuppressionError> {
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
        })
    })
}

fn zero_noise(value: &str) -> Result<Choice<ZeroNoise>, SuppressionError> {
    simple(value, |text| {
        let extrapolation = match text {
            "on" | "exponential" => Extrapolation::Exponential { asymptote: 0.0 },
            "linear" => Extrapolation::Linear,
            "quadratic" => Extrapolation::Polynomial(2),
            "richardson" => Extrapolation::Richardson,
            _ => {
                let choices = "auto, none, linear, quadratic, richardson, exponential";
                return unknown("zne", text, choices);
            }
        };
        Ok(ZeroNoise {
            extrapolation,
            ..ZeroNoise::default()
        })
    })
}

fn scales(value: &str) -> Result<Vec<f64>, SuppressionError> {
    let scales = value.split(':').map(|scale| scale.trim().parse::<f64>());
    scales
        .collect::<Result<_, _>>()
        .or_else(|_| unknown("scales", value, "numbers with ':' between, as 1:2:3"))
}

fn number(key: Key, value: &str) -> Result<u64, SuppressionError> {
    value
        .parse()
        .or_else(|_| unknown(key.name(), value, "whole numbers"))
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
            (some.versions, twirling.measurements),
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
    fn the_order_of_a_list_means_nothing() {
        let same = |a: &str, b: &str| {
            assert_eq!(
                Suppress::from_text(a).unwrap(),
                Suppress::from_text(b).unwrap(),
                "{a}"
            );
        };
        same("versions=8,twirl=all", "twirl=all,versions=8");
        same(
            "calibration=500,readout=inversion",
            "readout=inversion,calibration=500",
        );
        same(
            "folding=global,scales=1:3,zne=linear",
            "zne=linear,scales=1:3,folding=global",
        );
        same(
            "auto,versions=8,readout=trex",
            "auto,readout=trex,versions=8",
        );
    }

    #[test]
    fn the_number_of_versions_leaves_the_choice_of_twirling_as_it_is() {
        let eight = Suppress {
            versions: 8,
            ..Suppress::auto()
        };
        assert_eq!(Suppress::from_text("auto,versions=8").unwrap(), eight);
        // TREX twirls measurements.
        let trex = Suppress::from_text("readout=trex,versions=8").unwrap();
        assert_eq!((trex.twirling, trex.versions), (Choice::Off, 8));
    }

    #[test]
    fn a_detail_of_a_stage_that_does_not_run_is_refused() {
        for (text, part) in [
            ("versions=8", "twirl=all,versions=16"),
            ("auto,twirl=none,versions=8", "nothing is twirled"),
            ("readout=inversion,versions=8", "nothing is twirled"),
            ("calibration=target", "readout=inversion"),
            ("auto,calibration=target", "readout=inversion"),
            ("auto,scales=1:2:3", "zne=exponential"),
            ("scales=1:2:3,dd=xx", "zne=exponential"),
            ("auto,zne=none,folding=global", "folding belongs"),
            ("auto,zne=auto,folding=global", "folding belongs"),
        ] {
            let message = Suppress::from_text(text).unwrap_err().to_string();
            assert!(message.contains(part), "{text}: {message}");
        }
    }

    #[test]
    fn mistakes_name_the_choices() {
        for (text, part) in [
            ("sparkle", "twirl"),
            ("dd=xy", "xy4"),
            ("readout=magic", "trex"),
            ("twirl,versions=0", "1 to"),
            ("zne,scales=1:x", "1:2:3"),
            ("readout=inversion,calibration=0", "at least 2 shots"),
            ("readout=inversion,calibration=many", "whole numbers"),
            ("dd=xy4,decoupling=xx", "'dd' is there twice"),
        ] {
            let message = Suppress::from_text(text).unwrap_err().to_string();
            assert!(message.contains(part), "{message}");
        }
    }
}
