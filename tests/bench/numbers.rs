//! What many measurements come to.

use std::fmt;

/// Times in milliseconds, or anything else of which there are many.
#[derive(Debug, Clone, Default)]
pub(crate) struct Samples(Vec<f64>);

impl Samples {
    pub(crate) fn push(&mut self, sample: f64) {
        self.0.push(sample);
    }

    pub(crate) fn extend(&mut self, other: &Samples) {
        self.0.extend_from_slice(&other.0);
    }

    /// The value that this part of them does not exceed.
    pub(crate) fn quantile(&self, part: f64) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        let last = sorted.len().saturating_sub(1);
        let at = (last as f64 * part).round() as usize;
        sorted.get(at).copied().unwrap_or(f64::NAN)
    }

    pub(crate) fn p50(&self) -> f64 {
        self.quantile(0.5)
    }

    pub(crate) fn p99(&self) -> f64 {
        self.quantile(0.99)
    }
}

/// One number from each of several rounds.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rounds(Samples);

impl Rounds {
    pub(crate) fn push(&mut self, value: f64) {
        self.0.push(value);
    }

    pub(crate) fn median(&self) -> f64 {
        self.0.p50()
    }
}

/// The median, and from where to where the rounds lie.
impl fmt::Display for Rounds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (low, high) = (self.0.quantile(0.0), self.0.quantile(1.0));
        write!(f, "{:.1} ({low:.1}–{high:.1})", self.median())
    }
}

impl FromIterator<f64> for Rounds {
    fn from_iter<T: IntoIterator<Item = f64>>(values: T) -> Self {
        let mut rounds = Self::default();
        values.into_iter().for_each(|value| rounds.push(value));
        rounds
    }
}

/// Prints a target of the project and whether it was reached.
pub(crate) fn target(what: &str, value: f64, most: f64, unit: &str) {
    let reached = if value <= most {
        "reached"
    } else {
        "not reached"
    };
    println!("  {reached:11}  {what}: {value:.2} {unit}, at most {most:.2} {unit}");
}
