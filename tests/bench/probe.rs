//! Somebody who types steadily, and how long each letter takes to be there:
//! written down and acknowledged.

use std::{
    cell::Cell,
    rc::Rc,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use tokio::task::JoinHandle;

use crate::{
    hearth::{Client, Host},
    numbers::Samples,
    yjs::{self, Id},
};

/// Between two letters; faster than people, to see short stalls.
const PACE: Duration = Duration::from_millis(20);

/// Somebody typing until told to stop.
pub(crate) struct Probe {
    stop: Rc<Cell<bool>>,
    typing: JoinHandle<Result<Samples>>,
}

/// Where a probe types.
pub(crate) struct Place {
    pub(crate) key: String,
    pub(crate) client: u32,
    pub(crate) left: Option<Id>,
    pub(crate) right: Option<Id>,
}

impl Probe {
    /// Begins to type.
    pub(crate) async fn start(host: &Host, name: &str, place: Place) -> Result<Self> {
        let mut client = host.enter(name).await?;
        client.open(&place.key).await?;
        let stop = Rc::new(Cell::new(false));
        let stopping = stop.clone();
        let typing = tokio::task::spawn_local(async move {
            let mut samples = Samples::default();
            let mut typist = Typist::new(place);
            while !stopping.get() {
                samples.push(typist.letter(&mut client).await?);
                tokio::time::sleep(PACE).await;
            }
            Ok(samples)
        });
        Ok(Self { stop, typing })
    }

    /// Stops; answers how long each letter took, in milliseconds.
    pub(crate) async fn stop(self) -> Result<Samples> {
        self.stop.set(true);
        self.typing.await.context("a probe broke")?
    }
}

/// Types letter behind letter.
pub(crate) struct Typist {
    place: Place,
    clock: u32,
}

impl Typist {
    pub(crate) fn new(place: Place) -> Self {
        Self { place, clock: 0 }
    }

    /// Types one; answers after how many milliseconds it was acknowledged.
    pub(crate) async fn letter(&mut self, client: &mut Client) -> Result<f64> {
        let Place {
            key,
            client: number,
            left,
            right,
        } = &mut self.place;
        let id = Id {
            client: *number,
            clock: self.clock,
        };
        let update = yjs::insertion(id, *left, *right, "x");
        (*left, self.clock) = (Some(id), self.clock + 1);
        let begun = Instant::now();
        client.edit(key, &update).await?;
        Ok(begun.elapsed().as_secs_f64() * 1_000.0)
    }
}
