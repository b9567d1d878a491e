//! Pictures of an execution, as SVG without scripts: the device and its errors, and what each stage is predicted to gain.
//!
//! A third, when what happens, is drawn by [`Timeline::to_svg`](ardea_compiler::schedule::Timeline::to_svg);
//! [`Experiment::figures`](crate::Experiment::figures) makes all three.

mod error_map;
mod stage_bars;
mod svg;

pub use error_map::error_map;
pub use stage_bars::stage_bars;
