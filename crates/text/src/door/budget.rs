//! How much work one update may make.

use super::Refused;

/// Steps that are left. One takes about ten nanoseconds, here and in yrs
/// together; what takes longer is more steps, as measured.
#[derive(Debug)]
pub(crate) struct Budget {
    left: u64,
}

impl Budget {
    /// Looking at what stands between two units, for each run.
    pub(crate) const LOOK: u64 = 1;
    /// Finding a run by a unit.
    pub(crate) const FIND: u64 = 5;
    /// Comparing with what was put in the same place, for each run.
    pub(crate) const COMPARE: u64 = 10;
    /// Following up what somebody learned.
    pub(crate) const LEARN: u64 = 4;
    /// Taking in a piece.
    pub(crate) const PIECE: u64 = 50;

    pub(crate) fn new(steps: u64) -> Self {
        Self { left: steps }
    }

    /// For what is our own and has been done once already.
    pub(crate) fn unlimited() -> Self {
        Self::new(u64::MAX)
    }

    pub(crate) fn spend(&mut self, steps: u64) -> Result<(), Refused> {
        self.left = self.left.checked_sub(steps).ok_or(Refused::TooCostly)?;
        Ok(())
    }

    /// Cutting a piece of text in two of so many units: yrs counts through the
    /// first and copies the second.
    pub(crate) fn spend_on_cut(&mut self, first: u32, second: u32) -> Result<(), Refused> {
        if first == 0 || second == 0 {
            return Ok(());
        }
        self.spend(u64::from(first) / 3 + u64::from(second) / 150)
    }
}
