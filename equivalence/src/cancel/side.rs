//! The rotations of one circuit that are not yet cancelled, and what can come to their front.

use std::collections::VecDeque;

use crate::cancel::element::Element;
use crate::pauli::Pauli;
use crate::rotations::{Observable, Rotation, RotationForm};

pub(super) struct Side {
    pub(super) elements: VecDeque<Option<Element>>,
    pub(super) observables: Vec<Observable>,
    holes: usize,
}

impl Side {
    pub(super) fn new(form: RotationForm) -> Self {
        Self {
            elements: form
                .rotations
                .into_iter()
                .map(|rotation| Some(Element::Rotation(rotation)))
                .collect(),
            observables: form.observables,
            holes: 0,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.elements.len() - self.holes
    }

    /// Removes what can go to the end and commutes with all that is looked at.
    pub(super) fn drop_unseen(&mut self) {
        let mut later: Vec<usize> = Vec::new();
        for index in (0..self.elements.len()).rev() {
            let Some(element) = &self.elements[index] else {
                continue;
            };
            let seen = self
                .observables
                .iter()
                .any(|seen| !element.commutes(&seen.pauli))
                || later
                    .iter()
                    .rev()
                    .any(|&other| self.crosses(other, element));
            if seen {
                later.push(index);
            } else {
                self.elements[index] = None;
                self.holes += 1;
            }
        }
        self.compact();
    }

    /// Places of what can come to the front among the first `window`.
    pub(super) fn fronts(&self, window: usize) -> Vec<usize> {
        let mut fronts = Vec::new();
        let mut blocked: Vec<usize> = Vec::new();
        for (index, element) in self.elements.iter().enumerate() {
            let Some(element) = element else { continue };
            if fronts.len() + blocked.len() >= window {
                break;
            }
            let crosses = |&other: &usize| self.crosses(other, element);
            if fronts.iter().any(crosses) || blocked.iter().any(crosses) {
                blocked.push(index);
            } else {
                fronts.push(index);
            }
        }
        fronts
    }

    /// Those of the places that hold rotations.
    pub(super) fn rotations_among(&self, places: &[usize]) -> Vec<usize> {
        let rotation = |&&place: &&usize| self.rotation(place).is_some();
        places.iter().filter(rotation).copied().collect()
    }

    fn crosses(&self, place: usize, element: &Element) -> bool {
        self.elements[place]
            .as_ref()
            .is_some_and(|own| own.crosses(element))
    }

    /// The first rotation after a front that does not commute with it, if it is the first of all such.
    pub(super) fn first_blocked_by(&self, front: usize, window: usize) -> Option<usize> {
        let own = &self.rotation(front)?.pauli;
        let later = self.elements.iter().enumerate().skip(front + 1);
        later
            .filter_map(|(index, element)| Some((index, element.as_ref()?)))
            .take(window)
            .find(|(_, element)| !element.commutes(own))
            .and_then(|(index, element)| element.rotation().map(|_| index))
    }

    /// The rotation in a place, if there is one.
    pub(super) fn rotation(&self, place: usize) -> Option<&Rotation> {
        self.elements[place].as_ref()?.rotation()
    }

    pub(super) fn at(&self, place: usize) -> &Rotation {
        self.rotation(place).expect("fronts to match are rotations")
    }

    /// Empties a place.
    pub(super) fn remove(&mut self, place: usize) -> Option<Element> {
        let taken = self.elements[place].take();
        self.holes += usize::from(taken.is_some());
        taken
    }

    /// Changes all strings by a Clifford operation that comes before them.
    pub(super) fn conjugate(&mut self, change: impl Fn(&mut Pauli)) {
        for element in self.elements.iter_mut().flatten() {
            element.conjugate(&change);
        }
        for observable in &mut self.observables {
            change(&mut observable.pauli);
        }
    }

    /// Lets go of empty places at the front, and of all when they are many.
    pub(super) fn compact(&mut self) {
        if self.holes > 64 + self.elements.len() / 8 || self.holes == self.elements.len() {
            self.elements.retain(Option::is_some);
            self.holes = 0;
        }
        while let Some(None) = self.elements.front() {
            self.elements.pop_front();
            self.holes -= 1;
        }
    }
}
