//! Handing over what is open at one tenant.

use std::sync::Arc;

use smol_str::SmolStr;

use super::super::Event;
use super::super::bench::Bench;
use super::super::fate::{Fate, Trouble, full_text};
use super::super::give_back::stranded;
use super::super::pace::Class;
use super::super::schedule::Index;
use super::earlier::HandedOver;
use super::ledger::{Book, Said, message, outcome};
use super::look::{Asks, Looked, look};
use super::{Hands, NotTaken, Taken, Task, Word};
use crate::model::{Outcome, Reply, SkipReason, Stranded};
use crate::store::{Entry, StoreError};

/// What came of handing over what was open at a tenant.
#[derive(Debug)]
pub(in crate::apply) struct Arrived {
    /// The fate of every operation, and whether the journal has it already.
    pub(in crate::apply) fates: Vec<(Index, Fate, bool)>,
    /// Who is left without a license.
    pub(in crate::apply) stranded: Vec<Stranded>,
    /// Whether somebody ended it before everything was answered.
    pub(in crate::apply) stopped: bool,
}

/// Hands over what is open at a tenant.
pub(in crate::apply) async fn hand_over(
    bench: Arc<Bench>,
    tenant: SmolStr,
    indices: Vec<Index>,
) -> Result<Arrived, StoreError> {
    let every = |fate: &Fate| {
        let fates = indices.iter().map(|index| (*index, fate.clone(), false)).collect();
        Ok(Arrived { fates, stranded: Vec::new(), stopped: false })
    };
    // While people work, nobody waits.
    let _work = bench.world.patience.work();
    let Some((target, stile)) = bench.world.tenant(&tenant) else { return every(&nobody(&tenant)) };
    let Some(hands) = target.hands.clone() else { return every(&nobody(&tenant)) };
    let mut turn = stile.enter(Class::Ordinary).await;
    let now = match bench.world.observe(&mut turn, &tenant, target).await {
        Ok(now) => now,
        Err(error) => {
            let message = format!("nothing was handed over, for the tenant could not be read: {}", full_text(&error));
            return every(&Fate::skipped(SkipReason::Unreachable, message).because(Trouble::Unreachable));
        }
    };
    drop(turn);
    if let Some(mut before) = HandedOver::last(&bench.store, &tenant, &bench.plan.digest).await? {
        before.keep_open(target, &now);
        if !before.operations.is_empty() && before.saw(&now) && !hands.insist() {
            return every(&in_the_way(&before, hands.export(&tenant)));
        }
    }
    let asks = match (hands.insist(), hands.are_here()) {
        (true, _) => Asks::Everything,
        (false, true) => Asks::Unanswered,
        (false, false) => Asks::Unknown,
    };
    let looked = look(&bench, target, &now, &indices, asks, hands.export(&tenant).as_deref());
    let Looked { open, doubtful, done, ended } = looked;
    let mut arrived = Arrived {
        fates: ended.into_iter().map(|(index, fate)| (index, fate, false)).collect(),
        stranded: Vec::new(),
        stopped: false,
    };
    if open.is_empty() {
        return Ok(arrived);
    }
    let task = Task {
        plan: Arc::clone(&bench.plan),
        tenant: tenant.clone(),
        run: bench.journal.id().clone(),
        open: open.iter().map(|index| bench.operation(*index).id.clone()).collect(),
        doubtful,
        done,
        pools: now.counted_pools(),
        stop: bench.world.stop.clone(),
    };
    let book = Book::new(Arc::clone(&bench), &open);
    let operations = open.len();
    if hands.are_here() {
        // Whoever shows how the run goes on keeps quiet while somebody reads.
        bench.world.watch.tell(&Event::HandedOver { tenant: tenant.clone(), operations, document: None });
    }
    let taking = tokio::task::spawn_blocking(move || {
        let taken = hands.take(&task, &book);
        (taken, book.into_said())
    });
    let Ok((taken, said)) = taking.await else {
        let fate = Fate::new(Outcome::Unknown, "nobody said what became of it".to_owned());
        arrived.fates.extend(open.into_iter().map(|index| (index, fate.clone(), false)));
        return Ok(arrived);
    };
    let document = match taken {
        Ok(Taken::Document(path)) => Some(path),
        Ok(Taken::Asked) => None,
        Err(NotTaken::Store(error)) => return Err(error),
        Err(NotTaken::Failed(why)) => {
            for index in open {
                refuse(&bench, index, &why)?;
                arrived.fates.push((index, Fate::new(Outcome::Failed, why.clone()), false));
            }
            return Ok(arrived);
        }
    };
    if document.is_some() {
        bench.world.watch.tell(&Event::HandedOver { tenant, operations, document: document.clone() });
    }
    match document {
        Some(path) => in_document(&bench, &open, &path, &mut arrived)?,
        None => answered(&bench, &open, &said, &mut arrived)?,
    }
    Ok(arrived)
}

fn nobody(tenant: &str) -> Fate {
    Fate::skipped(
        SkipReason::Unreachable,
        format!("`{tenant}` is changed by hand, and there is nobody to hand it over to"),
    )
}

/// What another run handed over stands in the way.
fn in_the_way(before: &HandedOver, export: Option<String>) -> Fate {
    let what = match &before.document {
        Some(document) => format!("`{document}`, which `{}` handed over, is not done", before.run),
        None => format!("what `{}` handed over is not done", before.run),
    };
    let export = export.map_or_else(|| "the export".to_owned(), |path| format!("`{path}`"));
    let message = format!(
        "not handed over, for {what}, and {export} has not changed since: do it and export anew, or give it up with \
         `--runbook FILE`"
    );
    Fate::skipped(SkipReason::Busy, message).because(Trouble::Busy)
}

/// Writes down that something was surely not done.
fn refuse(bench: &Bench, index: Index, why: &str) -> Result<(), StoreError> {
    let operation = &bench.operation(index).id;
    let (reply, message) = (Reply::Refused, Some(why));
    bench.post(Entry::Answered { operation, reply, status: None, message, body: None, handle: None }, false)
}

/// Everything stands in a document, and is to be done by and by.
fn in_document(bench: &Bench, open: &[Index], path: &str, arrived: &mut Arrived) -> Result<(), StoreError> {
    for index in open {
        let operation = &bench.operation(*index).id;
        let (reply, handle) = (Reply::Accepted, Some(path));
        bench.post(Entry::Answered { operation, reply, status: None, message: None, body: None, handle }, false)?;
        arrived.fates.push((*index, Fate::new(Outcome::Pending, format!("handed over in `{path}`")), false));
    }
    Ok(())
}

/// Somebody was asked.
fn answered(bench: &Bench, open: &[Index], said: &Said, arrived: &mut Arrived) -> Result<(), StoreError> {
    let mut lost: Vec<Index> = Vec::new();
    for index in open {
        let operation = bench.operation(*index);
        if let Some(word) = said.words.get(index) {
            if *word != Word::Done {
                lost.push(*index);
            }
            let mut fate = Fate::new(outcome(operation, word), message(word).to_owned());
            if *word == Word::Skipped {
                fate.skip = Some(SkipReason::Declined);
            }
            let fate = after_gap(bench, *index, fate, said, arrived);
            arrived.fates.push((*index, fate, !said.shown_again.contains(index)));
            continue;
        }
        let lacks = operation.after.iter().filter_map(|id| bench.index_of(id)).find(|before| lost.contains(before));
        if said.shown.contains(index) {
            refuse(bench, *index, "nobody said that it was done")?;
        }
        let fate = match lacks {
            Some(before) => {
                lost.push(*index);
                let needed = &bench.operation(before).id;
                Fate::skipped(SkipReason::Dependent, format!("not shown, for it needs `{needed}`, which was not done"))
            }
            None => {
                arrived.stopped = true;
                Fate::skipped(SkipReason::Stopped, "not answered; `reseat resume` goes on there")
            }
        };
        arrived.fates.push((*index, fate, false));
    }
    Ok(())
}

/// The fate of what did not work, with what became of a license that was given up for it.
fn after_gap(bench: &Bench, index: Index, fate: Fate, said: &Said, arrived: &mut Arrived) -> Fate {
    let operation = bench.operation(index);
    let removal = bench.removal_of(operation).filter(|_| matches!(fate.outcome, Outcome::Failed | Outcome::Skipped));
    let Some(removal) = removal else { return fate };
    let gave_up = match bench.index_of(&removal.id).and_then(|removal| said.words.get(&removal)) {
        Some(word) => *word == Word::Done,
        // An earlier run asked for it.
        None => bench.earlier.contains_key(&removal.id),
    };
    if !gave_up {
        return fate;
    }
    let old = &removal.license;
    if said.back.get(&index) == Some(&true) {
        return fate.and(&format!("`{old}` was given back by hand"));
    }
    let reason = format!("`{old}` was not given back");
    arrived.stranded.push(stranded(removal, operation, reason.clone()));
    fate.and(&format!("{} is left without a license, for {reason}", operation.person))
}

/// Whether whoever works by hand is at the terminal.
pub(in crate::apply) fn are_here(hands: Option<&Arc<dyn Hands>>) -> bool {
    hands.is_some_and(|hands| hands.are_here())
}
