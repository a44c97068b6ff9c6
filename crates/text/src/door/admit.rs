//! Holding an update against the note, and taking it in if all of it fits.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ops::Range;

use super::budget::Budget;
use super::form::{Deletion, Id, Piece, Section, Update};
use super::order::Insertion;
use super::runs::Unit;
use super::trim::trim;
use super::widths::Measure;
use super::{Door, MemberId, Refused, Source};
use crate::ClientId;

/// What is new of one client.
struct News<'a> {
    client: u32,
    id: ClientId,
    pieces: Vec<Piece<'a>>,
    /// How many of them have been taken in.
    done: usize,
    /// Other clients' news that wait for this one's clock to pass a unit.
    waiting: BinaryHeap<Reverse<(u32, usize)>>,
}

/// Where everything stood before, to go back to.
struct Mark {
    clients: usize,
    clocks: Vec<(u32, u32)>,
}

impl Door {
    /// Takes in what is new in an update and gives that, or changes nothing.
    pub(super) fn admit<'a>(
        &mut self,
        member: Option<MemberId>,
        update: &Update<'a>,
        source: Source,
        mut budget: Budget,
    ) -> Result<Update<'a>, Refused> {
        let mut mark = Mark {
            clients: self.clients.len(),
            clocks: Vec::new(),
        };
        let new = self.try_admit(member, update, source, &mut budget, &mut mark);
        match new {
            Ok(new) => Ok(new),
            Err(refused) => {
                self.go_back(&mark);
                Err(refused)
            }
        }
    }

    fn try_admit<'a>(
        &mut self,
        member: Option<MemberId>,
        update: &Update<'a>,
        source: Source,
        budget: &mut Budget,
        mark: &mut Mark,
    ) -> Result<Update<'a>, Refused> {
        let mut news = Vec::new();
        for section in &update.sections {
            news.extend(self.news_in(section, member, source)?);
        }
        if self.clients.len() > self.limits.clients && source == Source::Peer {
            return Err(Refused::Full);
        }
        let clock = |news: &News<'_>| (news.client, self.clients.get(news.client).clock);
        mark.clocks = news.iter().map(clock).collect();
        self.insert_all(&mut news, source, budget)?;
        let deleted = self.new_deletions(&update.deleted, budget)?;
        let length = self.length_after(&news, &deleted)?;
        if source == Source::Peer {
            self.check_limits(length, &deleted)?;
        }
        self.delete(&deleted)?;
        self.length = length;
        let sections = news.into_iter().map(|news| Section {
            client: news.id,
            pieces: news.pieces,
        });
        Ok(Update {
            sections: sections.collect(),
            deleted,
        })
    }

    fn news_in<'a>(
        &mut self,
        section: &Section<'a>,
        member: Option<MemberId>,
        source: Source,
    ) -> Result<Option<News<'a>>, Refused> {
        let id = section.client;
        let pieces = trim(section, self.clients.clock_of(id))?;
        if pieces.is_empty() {
            return Ok(None);
        }
        let owner = if id.is_hosts() {
            Some(MemberId::HOST)
        } else {
            member
        };
        let client = match self.clients.number(id) {
            Some(number) => number,
            None => self.add_client(id, owner),
        };
        if source == Source::Peer {
            check_unseen(&pieces)?;
        }
        // A client that a checkpoint brought without its owner stays nobody's.
        if source == Source::Peer && self.clients.get(client).owner != member {
            return Err(Refused::NotYours { client: id });
        }
        Ok(Some(News {
            client,
            id,
            pieces,
            done: 0,
            waiting: BinaryHeap::new(),
        }))
    }

    fn add_client(&mut self, id: ClientId, owner: Option<MemberId>) -> u32 {
        self.order.runs.add_client(id);
        self.known.add_client();
        self.clients.add(id, owner)
    }

    /// Inserts every piece once what it builds upon is there: clients stand in
    /// the update by their ids, not in the order in which they typed.
    fn insert_all(
        &mut self,
        news: &mut [News<'_>],
        source: Source,
        budget: &mut Budget,
    ) -> Result<(), Refused> {
        let mut ready: Vec<usize> = (0..news.len()).rev().collect();
        while let Some(index) = ready.pop() {
            while let Some(piece) = news[index].pieces.get(news[index].done).copied() {
                if let Some(missing) = self.missing(&piece) {
                    let other = find(news, missing).ok_or(Refused::Missing)?;
                    news[other].waiting.push(Reverse((missing.clock, index)));
                    break;
                }
                self.insert(news[index].client, &piece, source, budget)?;
                news[index].done += 1;
                wake(&mut news[index], piece.end(), &mut ready);
            }
        }
        if news.iter().any(|news| news.done < news.pieces.len()) {
            return Err(Refused::Missing);
        }
        Ok(())
    }

    fn missing(&self, piece: &Piece<'_>) -> Option<Id> {
        let origins = [piece.origin, piece.right].into_iter().flatten();
        origins
            .into_iter()
            .find(|id| self.clients.unit(*id).is_none())
    }

    fn insert(
        &mut self,
        client: u32,
        piece: &Piece<'_>,
        source: Source,
        budget: &mut Budget,
    ) -> Result<(), Refused> {
        budget.spend(Budget::PIECE)?;
        if source == Source::Peer {
            self.check_cuts(piece)?;
        }
        let unit = |id: Id| self.clients.unit(id).ok_or(Refused::Missing);
        let insertion = Insertion {
            client,
            clock: piece.clock,
            len: piece.len,
            origin: piece.origin.map(unit).transpose()?,
            right: piece.right.map(unit).transpose()?,
            deleted: piece.text.is_none(),
        };
        self.learn(&insertion, source, budget)?;
        let known = self.known.row(client);
        self.order.insert(insertion, source, known, budget)?;
        self.clients.push(client, piece);
        Ok(())
    }

    fn learn(
        &mut self,
        insertion: &Insertion,
        source: Source,
        budget: &mut Budget,
    ) -> Result<(), Refused> {
        let Insertion { client, clock, .. } = *insertion;
        let units = [insertion.origin, insertion.right].into_iter().flatten();
        match source {
            Source::Peer => self.known.learn(client, clock, units, budget),
            Source::Own => {
                self.known.recall(client, clock, units);
                Ok(())
            }
        }
    }

    fn check_cuts(&self, piece: &Piece<'_>) -> Result<(), Refused> {
        let behind = piece.origin.map(|id| (id.client, id.clock + 1));
        let before = piece.right.map(|id| (id.client, id.clock));
        for (client, clock) in [behind, before].into_iter().flatten() {
            if let Some(number) = self.clients.number(client) {
                self.clients.get(number).check_cut(clock)?;
            }
        }
        Ok(())
    }

    fn new_deletions(
        &self,
        deleted: &[Deletion],
        budget: &mut Budget,
    ) -> Result<Vec<Deletion>, Refused> {
        let mut new = Vec::new();
        for deletion in deleted {
            let client = self.number(deletion.client)?;
            let mut ranges: Vec<Range<u32>> = Vec::new();
            for range in &deletion.ranges {
                self.clients.get(client).check_deletion(range)?;
                for part in self.order.runs.live(client, range, budget)? {
                    let last = ranges.last().map_or(0, |last| last.end);
                    self.spend_on_deletion(client, &part, last, budget)?;
                    ranges.push(part);
                }
            }
            if !ranges.is_empty() {
                let client = deletion.client;
                new.push(Deletion { client, ranges });
            }
        }
        Ok(new)
    }

    /// `last` is where the client's text was cut before.
    fn spend_on_deletion(
        &self,
        client: u32,
        clocks: &Range<u32>,
        last: u32,
        budget: &mut Budget,
    ) -> Result<(), Refused> {
        budget.spend(Budget::PIECE)?;
        let clock = clocks.start;
        let place = self.order.runs.find(Unit { client, clock })?;
        let run = self.order.runs.get(place.run);
        let behind = run.end() - clock;
        budget.spend_on_cut(clock - run.clock.max(last), behind)?;
        let removed = (clocks.end - clock).min(behind);
        budget.spend_on_cut(removed, behind - removed)
    }

    fn length_after(&self, news: &[News<'_>], deleted: &[Deletion]) -> Result<Measure, Refused> {
        let mut length = self.length;
        let texts = news.iter().flat_map(|news| &news.pieces);
        for text in texts.filter_map(|piece| piece.text) {
            length += Measure::of(text);
        }
        for deletion in deleted {
            let client = self.number(deletion.client)?;
            for range in &deletion.ranges {
                length = length - self.clients.get(client).measure(range.clone());
            }
        }
        Ok(length)
    }

    fn check_limits(&self, length: Measure, deleted: &[Deletion]) -> Result<(), Refused> {
        let limit = self.limits.body_bytes;
        // A note that is too long already may still become shorter.
        if length.bytes > limit && length.bytes > self.length.bytes {
            let length = length.bytes;
            return Err(Refused::TooLong { length, limit });
        }
        let ranges: usize = deleted.iter().map(|deletion| deletion.ranges.len()).sum();
        if self.pieces() + ranges > self.limits.pieces {
            return Err(Refused::Full);
        }
        Ok(())
    }

    fn delete(&mut self, deleted: &[Deletion]) -> Result<(), Refused> {
        for deletion in deleted {
            let client = self.number(deletion.client)?;
            for range in &deletion.ranges {
                self.order.runs.delete(client, range.clone());
            }
        }
        Ok(())
    }

    fn number(&self, client: ClientId) -> Result<u32, Refused> {
        self.clients.number(client).ok_or(Refused::Missing)
    }

    fn go_back(&mut self, mark: &Mark) {
        for (client, clock) in &mark.clocks {
            self.order.runs.truncate(*client, *clock);
            self.known.truncate(*client, *clock);
            self.clients.truncate(*client, *clock);
        }
        self.order.runs.keep_clients(mark.clients);
        self.known.keep_clients(mark.clients);
        self.clients.keep(mark.clients);
    }
}

/// Refuses more text at once, deleted before it was told, than a person types.
/// What is known may be of any length: Yjs joins what was deleted.
fn check_unseen(pieces: &[Piece<'_>]) -> Result<(), Refused> {
    let mut unseen = pieces.iter().filter(|piece| piece.text.is_none());
    if unseen.any(|piece| piece.len > 65_536) {
        return Err(Refused::Malformed(
            "it deletes too much that nobody has seen",
        ));
    }
    Ok(())
}

/// Whose news bring a unit, if any do.
fn find(news: &[News<'_>], unit: Id) -> Option<usize> {
    let index = news.binary_search_by_key(&Reverse(unit.client), |news| Reverse(news.id));
    let index = index.ok()?;
    let end = news[index].pieces.last().map_or(0, Piece::end);
    (unit.clock < end).then_some(index)
}

/// Lets those go on who waited for a unit below this clock.
fn wake(news: &mut News<'_>, clock: u32, ready: &mut Vec<usize>) {
    while let Some(Reverse((unit, index))) = news.waiting.peek().copied() {
        if unit >= clock {
            return;
        }
        news.waiting.pop();
        ready.push(index);
    }
}
