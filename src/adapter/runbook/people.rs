//! From the rows of an export to accounts and what they hold.

use std::path::Path;

use indexmap::IndexMap;
use jiff::Timestamp;
use smol_str::SmolStr;

use super::cells::{self, Licenses};
use super::columns::{Columns, Places};
use super::table::{Cell, Row, Table, decode};
use crate::adapter::state::{self, At};
use crate::diagnostic::catalog::adapter as codes;
use crate::diagnostic::{Finding, has_error};
use crate::model::{
    API_VERSION, Account, AccountOrigin, Holding, HoldingOrigin, HoldingState, Observation, Pool, PoolStatus,
    TenantSettings,
};
use crate::profile::Rules;
use crate::profile::profile::{Column, Origin};

/// Faults that are shown of one export.
const FAULTS_MAX: usize = 100;

/// Reads an export as the observation of its tenant.
pub(super) fn read(
    path: &Path,
    settings: &TenantSettings,
    rules: &Rules,
    columns: &Columns,
    observed_at: Timestamp,
) -> Result<Observation, Vec<Finding>> {
    let name = state::name_of(path);
    let bytes = state::bytes(path, &name)?;
    let table = Table::read(decode(&bytes, &name)?, &name)?;
    let places = columns.find(&table)?;
    let mut reader = Reader {
        table: &table,
        places,
        rules,
        licenses: Licenses::new(rules, settings),
        people: IndexMap::new(),
        findings: Vec::new(),
    };
    for (number, row) in table.rows.iter().enumerate() {
        reader.row(number, row);
        if reader.findings.len() >= FAULTS_MAX {
            break;
        }
    }
    let Reader { people, mut findings, .. } = reader;
    let (accounts, origins): (Vec<Account>, Vec<Origins>) = people.into_values().unzip();
    let pools = settings.pools.iter().map(|(license, pool)| Pool {
        license: license.clone(),
        total: pool.total,
        used: None,
        expires: None,
        status: PoolStatus::Active,
    });
    let mut observation = Observation {
        api_version: API_VERSION.into(),
        kind: "observation".into(),
        tenant: settings.name.clone(),
        vendor: settings.vendor.clone(),
        observed_at,
        complete: true,
        busy: None,
        pools: pools.collect(),
        accounts,
    };
    let place = |at: At| {
        let cell = match at {
            At::Account(account) => origins.get(account).map(|origin| origin.account),
            At::License(account, holding) | At::State(account, holding) => {
                let cells = origins.get(account).and_then(|origin| origin.holdings.get(holding));
                cells.map(|(license, state)| if matches!(at, At::License(..)) { *license } else { *state })
            }
            At::Tenant | At::Vendor | At::Pool(_) => None,
        };
        table.source(cell.unwrap_or(Cell::of_header(0)))
    };
    findings.extend(state::adopt_at(&mut observation, settings, rules, place));
    let is_sound = !has_error(&findings);
    for (account, origin) in observation.accounts.iter().zip(&origins).filter(|_| is_sound) {
        let Some([one, other]) = excluding(account, rules) else { continue };
        let message = format!("`{}` holds `{one}` and `{other}`, and only one of them can be held", account.email);
        let fault = table.fault(&codes::EXPORT_VALUE, message, origin.account);
        findings.push(fault.help("two rows tell of the same person: export again, or delete the one that is not so"));
    }
    if has_error(&findings) {
        return Err(findings);
    }
    add_pools(&mut observation, rules);
    Ok(observation)
}

/// Two licenses of an account that exclude each other.
fn excluding<'a>(account: &'a Account, rules: &Rules) -> Option<[&'a SmolStr; 2]> {
    let held = |holding: &&Holding| {
        holding.origin == HoldingOrigin::Direct && holding.state == HoldingState::Active && !holding.trial
    };
    let held: Vec<&SmolStr> = account.holdings.iter().filter(held).map(|holding| &holding.license).collect();
    held.iter().enumerate().find_map(|(place, one)| {
        let family = rules.family(one);
        let other = held[place + 1..].iter().find(|other| family.is_exclusive() && rules.family(other) == family)?;
        Some([*one, *other])
    })
}

/// A pool for every license that somebody holds; nobody but the manifest knows how large it is.
fn add_pools(observation: &mut Observation, rules: &Rules) {
    let held = observation.accounts.iter().flat_map(|account| &account.holdings).map(|holding| &holding.license);
    let mut missing: Vec<SmolStr> =
        held.filter(|license| !observation.pools.iter().any(|pool| pool.license == **license)).cloned().collect();
    missing.extend(rules.known_licenses().unwrap_or_default().iter().cloned());
    missing.sort();
    missing.dedup();
    missing.retain(|license| !observation.pools.iter().any(|pool| pool.license == *license));
    let pool = |license| Pool { license, total: None, used: None, expires: None, status: PoolStatus::Active };
    observation.pools.extend(missing.into_iter().map(pool));
}

/// The cells that an account and its holdings were read from.
struct Origins {
    account: Cell,
    /// The license of each holding, and its state.
    holdings: Vec<(Cell, Cell)>,
}

struct Reader<'t> {
    table: &'t Table<'t>,
    places: Places,
    rules: &'t Rules,
    licenses: Licenses,
    people: IndexMap<SmolStr, (Account, Origins)>,
    findings: Vec<Finding>,
}

impl Reader<'_> {
    fn cell<'r>(&self, row: &'r Row, column: Column) -> &'r str {
        self.places.get(&column).and_then(|place| row.cells.get(*place)).unwrap_or_default().trim()
    }

    fn at(&self, row: usize, column: Column) -> Cell {
        Cell::new(row, self.places.get(&column).copied().unwrap_or_default())
    }

    fn complain(&mut self, message: String, help: impl Into<String>, at: Cell) {
        let finding = self.table.fault(&codes::EXPORT_VALUE, message, at).help(help);
        self.findings.push(finding);
    }

    fn row(&mut self, number: usize, row: &Row) {
        let email = cells::email(self.cell(row, Column::Email));
        if email.is_empty() || !email.contains('@') {
            let message = match email {
                "" => "the row has no email".to_owned(),
                other => format!("`{other}` is no email"),
            };
            let help =
                "give every row an email; another column may be named in the manifest: `columns: { email: HEADER }`";
            return self.complain(message, help, self.at(number, Column::Email));
        }
        let (email, id) = (email.to_lowercase(), self.cell(row, Column::Id));
        let id = SmolStr::new(if id.is_empty() { &email } else { id });
        let origin = self.origin(number, row);
        let holdings = self.holdings(number, row);
        let login = Some(self.cell(row, Column::Login))
            .filter(|login| !login.is_empty() && !login.eq_ignore_ascii_case(&email));
        let memberships = cells::parts(self.cell(row, Column::Memberships)).map(SmolStr::new);
        let memberships: Vec<SmolStr> = memberships.filter(|name| !cells::is_nothing(name)).collect();
        let at = self.at(number, if self.places.contains_key(&Column::Id) { Column::Id } else { Column::Email });
        let (account, origins) = self.people.entry(id.clone()).or_insert_with(|| {
            let account = Account {
                id,
                email: SmolStr::new(&email),
                login: login.map(SmolStr::new),
                origin: AccountOrigin::Managed,
                memberships: Vec::new(),
                holdings: Vec::new(),
            };
            (account, Origins { account: at, holdings: Vec::new() })
        });
        if account.email != email {
            let message =
                format!("the account `{}` has another email in a row before: `{}`", account.id, account.email);
            let cell = self.at(number, Column::Email);
            return self.complain(message, "export it again, or correct one of the two", cell);
        }
        if let Some(origin) = origin.filter(|origin| *origin != AccountOrigin::Managed) {
            account.origin = origin;
        }
        account.memberships.extend(memberships);
        account.memberships.sort();
        account.memberships.dedup();
        let at = (self.places.get(&Column::License), self.places.get(&Column::State));
        for holding in holdings {
            account.holdings.push(holding);
            let license = Cell::new(number, at.0.copied().unwrap_or_default());
            origins.holdings.push((license, at.1.map_or(license, |column| Cell::new(number, *column))));
        }
    }

    fn origin(&mut self, number: usize, row: &Row) -> Option<AccountOrigin> {
        let group = self.cell(row, Column::Group);
        let group = if cells::is_nothing(group) { "" } else { group };
        let of_group = || AccountOrigin::Group(SmolStr::new(group));
        let cell = self.cell(row, Column::Origin);
        if cells::is_nothing(cell) || self.rules.profile().procedure.export.origins.is_empty() {
            return (!group.is_empty()).then(of_group);
        }
        match cells::origin(self.rules, cell) {
            Some(Origin::Managed) if group.is_empty() => Some(AccountOrigin::Managed),
            Some(Origin::VendorLocal) => Some(AccountOrigin::VendorLocal),
            Some(Origin::Group) if group.is_empty() => Some(AccountOrigin::Group(SmolStr::new_static("unknown"))),
            Some(Origin::Managed | Origin::Group) => Some(of_group()),
            None => {
                let words: Vec<&str> =
                    self.rules.profile().procedure.export.origins.iter().map(|(word, _)| *word).collect();
                let message = format!("`{cell}` is no origin of an account");
                let help = format!("write one of `{}`", words.join("`, `"));
                self.complain(message, help, self.at(number, Column::Origin));
                None
            }
        }
    }

    fn holdings(&mut self, number: usize, row: &Row) -> Vec<Holding> {
        let named = self.licenses.read(self.cell(row, Column::License), self.cell(row, Column::Subscription));
        let word = self.cell(row, Column::State);
        let state = cells::state(self.rules, word);
        let cell = self.cell(row, Column::Trial);
        let trial = cells::truth(cell).unwrap_or_else(|| {
            let message = format!("`{cell}` does not say whether it is a trial");
            self.complain(message, "write `yes` or `no`", self.at(number, Column::Trial));
            false
        });
        let cell = self.cell(row, Column::Expires);
        let expires = cells::day(cell).unwrap_or_else(|| {
            let message = format!("`{cell}` is no day");
            self.complain(message, "write it as 2026-12-31", self.at(number, Column::Expires));
            None
        });
        let holding = |named: cells::Named| {
            let trial = trial || named.trial;
            Holding {
                state: settled(self.rules, &named.license, trial, state.clone()),
                license: named.license,
                origin: HoldingOrigin::Direct,
                trial,
                expires,
                due: None,
            }
        };
        named.into_iter().map(holding).collect()
    }
}

/// How far a holding is, by a list that shows one license and one state for each person: a request that went wrong was
/// never one for the floor or a trial, so that such a license is the one that was there before, and still is.
fn settled(rules: &Rules, license: &str, trial: bool, state: HoldingState) -> HoldingState {
    let is_old = trial || rules.is_floor(license);
    match state {
        HoldingState::Cancelled | HoldingState::Error if is_old => HoldingState::Active,
        state => state,
    }
}
