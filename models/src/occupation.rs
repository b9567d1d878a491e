//! Product states in which every mode is certainly full or certainly empty: where the dynamics
//! starts.

use std::fmt;
use std::str::FromStr;

use crate::error::ModelError;
use crate::mode::{Mode, Spin};

/// Which modes hold a particle.
///
/// Written and parsed as one character per site: `0` empty, `u` up, `d` down, `2` both.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Occupation {
    up: Vec<bool>,
    down: Vec<bool>,
}

impl Occupation {
    /// No particle at all.
    pub fn empty(sites: usize) -> Self {
        Self {
            up: vec![false; sites],
            down: vec![false; sites],
        }
    }

    /// The half-filled Neel state: down on even sites, up on odd ones.
    pub fn neel(sites: usize) -> Self {
        let up: Vec<bool> = (0..sites).map(|site| site % 2 == 1).collect();
        let down = up.iter().map(|&full| !full).collect();
        Self { up, down }
    }

    /// The Neel state with the particle of one site taken away.
    pub fn neel_with_vacancy(sites: usize, vacancy: usize) -> Result<Self, ModelError> {
        if vacancy >= sites {
            return Err(ModelError::SiteOutOfRange {
                site: vacancy,
                sites,
            });
        }
        let mut occupation = Self::neel(sites);
        occupation.up[vacancy] = false;
        occupation.down[vacancy] = false;
        Ok(occupation)
    }

    /// The same state with one mode filled or emptied.
    pub fn with(mut self, mode: Mode, full: bool) -> Result<Self, ModelError> {
        let sites = self.num_sites();
        let slot = self.modes_mut(mode.spin).get_mut(mode.site);
        *slot.ok_or(ModelError::SiteOutOfRange {
            site: mode.site,
            sites,
        })? = full;
        Ok(self)
    }

    /// The number of sites.
    pub fn num_sites(&self) -> usize {
        self.up.len()
    }

    /// Whether a mode holds a particle; modes off the lattice are empty.
    pub fn is_full(&self, mode: Mode) -> bool {
        self.modes(mode.spin)
            .get(mode.site)
            .copied()
            .unwrap_or(false)
    }

    /// The occupations of one spin, by site.
    pub fn modes(&self, spin: Spin) -> &[bool] {
        match spin {
            Spin::Up => &self.up,
            Spin::Down => &self.down,
        }
    }

    /// The number of particles of one spin.
    pub fn count(&self, spin: Spin) -> usize {
        self.modes(spin).iter().filter(|&&full| full).count()
    }

    fn modes_mut(&mut self, spin: Spin) -> &mut [bool] {
        match spin {
            Spin::Up => &mut self.up,
            Spin::Down => &mut self.down,
        }
    }

    /// Accepts a state of the right size only.
    pub(crate) fn check_sites(&self, expected: usize) -> Result<&Self, ModelError> {
        let given = self.num_sites();
        if given == expected {
            Ok(self)
        } else {
            Err(ModelError::SiteCountMismatch {
                what: "the start occupation",
                given,
                expected,
            })
        }
    }
}

impl fmt::Display for Occupation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (&up, &down) in self.up.iter().zip(&self.down) {
            f.write_str(match (up, down) {
                (false, false) => "0",
                (true, false) => "u",
                (false, true) => "d",
                (true, true) => "2",
            })?;
        }
        Ok(())
    }
}

impl FromStr for Occupation {
    type Err = ModelError;

    fn from_str(text: &str) -> Result<Self, ModelError> {
        let mut occupation = Self::empty(0);
        for (site, character) in text.chars().enumerate() {
            let (up, down) = match character {
                '0' => (false, false),
                'u' => (true, false),
                'd' => (false, true),
                '2' => (true, true),
                _ => return Err(ModelError::OccupationCharacter { character, site }),
            };
            occupation.up.push(up);
            occupation.down.push(down);
        }
        Ok(occupation)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_neel_state_starts_with_down() {
        assert_eq!(Occupation::neel(5).to_string(), "dudud");
        assert_eq!(
            Occupation::neel_with_vacancy(5, 2).unwrap().to_string(),
            "du0ud"
        );
    }

    #[test]
    fn text_round_trips() {
        let occupation: Occupation = "0ud2".parse().unwrap();
        assert_eq!(occupation.to_string(), "0ud2");
        assert_eq!(
            (occupation.count(Spin::Up), occupation.count(Spin::Down)),
            (2, 2)
        );
        assert!(occupation.is_full(Mode::up(3)) && !occupation.is_full(Mode::up(2)));
    }

    #[test]
    fn sites_and_characters_off_the_map_are_refused() {
        assert!(Occupation::neel_with_vacancy(4, 4).is_err());
        assert!(Occupation::empty(2).with(Mode::down(2), true).is_err());
        assert!(matches!(
            "0x".parse::<Occupation>(),
            Err(ModelError::OccupationCharacter {
                character: 'x',
                site: 1
            })
        ));
    }
}
