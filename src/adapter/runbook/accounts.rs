//! From the rows of an export to accounts and what they hold.

use std::path::Path;

use indexmap::IndexMap;
use jiff::Timestamp;
use smol_str::SmolStr;

use super::cells::{self, LicenseSpellings};
use super::columns::{ColumnIndexes, ColumnMatcher};
use super::table::{CellRef, ExportRow, ExportTable, decode};
use crate::adapter::state::{self, ObservationField};
use crate::diagnostic::catalog::adapter as codes;
use crate::diagnostic::{Finding, has_error};
use crate::model::{
    API_VERSION, Account, AccountOrigin, Holding, HoldingOrigin, HoldingState, Observation, Pool, PoolStatus,
    TenantSettings,
};
use crate::profile::Rules;
use crate::profile::profile::{ExportColumn, ExportOrigin};

/// Faults that are shown of one export.
const FAULTS_MAX: usize = 100;

/// Reads an export as the observation of its tenant.
pub(super) fn read(
    path: &Path,
    settings: &TenantSettings,
    rules: &Rules,
    columns: &ColumnMatcher,
    observed_at: Timestamp,
) -> Result<Observation, Vec<Finding>> {
    let name = state::display_name(path);
    let bytes = state::read_bytes(path, &name)?;
    let table = ExportTable::read(decode(&bytes, &name)?, &name)?;
    let places = columns.locate(&table)?;
    let mut reader = AccountReader {
        table: &table,
        columns: places,
        rules,
        licenses: LicenseSpellings::new(rules, settings),
        accounts: IndexMap::new(),
        findings: Vec::new(),
    };
    for (number, row) in table.rows.iter().enumerate() {
        reader.read_row(number, row);
        if reader.findings.len() >= FAULTS_MAX {
            break;
        }
    }
    let AccountReader { accounts: people, mut findings, .. } = reader;
    let (accounts, origins): (Vec<Account>, Vec<CellOrigins>) = people.into_values().unzip();
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
    let place = |at: ObservationField| {
        let cell = match at {
            ObservationField::Account(account) => origins.get(account).map(|origin| origin.account),
            ObservationField::License(account, holding) | ObservationField::State(account, holding) => {
                let cells = origins.get(account).and_then(|origin| origin.holdings.get(holding));
                cells
                    .map(|(license, state)| if matches!(at, ObservationField::License(..)) { *license } else { *state })
            }
            ObservationField::Tenant | ObservationField::Vendor | ObservationField::Pool(_) => None,
        };
        table.source(cell.unwrap_or(CellRef::of_header(0)))
    };
    findings.extend(state::validate_at(&mut observation, settings, rules, place));
    let is_sound = !has_error(&findings);
    for (account, origin) in observation.accounts.iter().zip(&origins).filter(|_| is_sound) {
        let Some([one, other]) = find_exclusion(account, rules) else { continue };
        let message = format!("`{}` holds `{one}` and `{other}`, and only one of them can be held", account.email);
        let fault = table.finding(&codes::EXPORT_VALUE, message, origin.account);
        findings.push(fault.help("two rows tell of the same person: export again, or delete the one that is not so"));
    }
    if has_error(&findings) {
        return Err(findings);
    }
    add_pools(&mut observation, rules);
    Ok(observation)
}

/// Two licenses of an account that exclude each other.
fn find_exclusion<'a>(account: &'a Account, rules: &Rules) -> Option<[&'a SmolStr; 2]> {
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
struct CellOrigins {
    account: CellRef,
    /// The license of each holding, and its state.
    holdings: Vec<(CellRef, CellRef)>,
}

struct AccountReader<'t> {
    table: &'t ExportTable<'t>,
    columns: ColumnIndexes,
    rules: &'t Rules,
    licenses: LicenseSpellings,
    accounts: IndexMap<SmolStr, (Account, CellOrigins)>,
    findings: Vec<Finding>,
}

impl AccountReader<'_> {
    fn cell<'r>(&self, row: &'r ExportRow, column: ExportColumn) -> &'r str {
        self.columns.get(&column).and_then(|place| row.cells.get(*place)).unwrap_or_default().trim()
    }

    fn at(&self, row: usize, column: ExportColumn) -> CellRef {
        CellRef::new(row, self.columns.get(&column).copied().unwrap_or_default())
    }

    fn report(&mut self, message: String, help: impl Into<String>, at: CellRef) {
        let finding = self.table.finding(&codes::EXPORT_VALUE, message, at).help(help);
        self.findings.push(finding);
    }

    fn read_row(&mut self, number: usize, row: &ExportRow) {
        let email = cells::parse_email(self.cell(row, ExportColumn::Email));
        if email.is_empty() || !email.contains('@') {
            let message = match email {
                "" => "the row has no email".to_owned(),
                other => format!("`{other}` is no email"),
            };
            let help =
                "give every row an email; another column may be named in the manifest: `columns: { email: HEADER }`";
            return self.report(message, help, self.at(number, ExportColumn::Email));
        }
        let (email, id) = (email.to_lowercase(), self.cell(row, ExportColumn::Id));
        let id = SmolStr::new(if id.is_empty() { &email } else { id });
        let origin = self.read_origin(number, row);
        let holdings = self.read_holdings(number, row);
        let login = Some(self.cell(row, ExportColumn::Login))
            .filter(|login| !login.is_empty() && !login.eq_ignore_ascii_case(&email));
        let memberships = cells::split_list(self.cell(row, ExportColumn::Memberships)).map(SmolStr::new);
        let memberships: Vec<SmolStr> = memberships.filter(|name| !cells::is_empty(name)).collect();
        let at = self.at(
            number,
            if self.columns.contains_key(&ExportColumn::Id) { ExportColumn::Id } else { ExportColumn::Email },
        );
        let (account, origins) = self.accounts.entry(id.clone()).or_insert_with(|| {
            let account = Account {
                id,
                email: SmolStr::new(&email),
                login: login.map(SmolStr::new),
                origin: AccountOrigin::Managed,
                memberships: Vec::new(),
                holdings: Vec::new(),
            };
            (account, CellOrigins { account: at, holdings: Vec::new() })
        });
        if account.email != email {
            let message =
                format!("the account `{}` has another email in a row before: `{}`", account.id, account.email);
            let cell = self.at(number, ExportColumn::Email);
            return self.report(message, "export it again, or correct one of the two", cell);
        }
        if let Some(origin) = origin.filter(|origin| *origin != AccountOrigin::Managed) {
            account.origin = origin;
        }
        account.memberships.extend(memberships);
        account.memberships.sort();
        account.memberships.dedup();
        let at = (self.columns.get(&ExportColumn::License), self.columns.get(&ExportColumn::State));
        for holding in holdings {
            account.holdings.push(holding);
            let license = CellRef::new(number, at.0.copied().unwrap_or_default());
            origins.holdings.push((license, at.1.map_or(license, |column| CellRef::new(number, *column))));
        }
    }

    fn read_origin(&mut self, number: usize, row: &ExportRow) -> Option<AccountOrigin> {
        let group = self.cell(row, ExportColumn::Group);
        let group = if cells::is_empty(group) { "" } else { group };
        let of_group = || AccountOrigin::Group(SmolStr::new(group));
        let cell = self.cell(row, ExportColumn::Origin);
        if cells::is_empty(cell) || self.rules.profile().procedure.export.origins.is_empty() {
            return (!group.is_empty()).then(of_group);
        }
        match cells::parse_origin(self.rules, cell) {
            Some(ExportOrigin::Managed) if group.is_empty() => Some(AccountOrigin::Managed),
            Some(ExportOrigin::VendorLocal) => Some(AccountOrigin::VendorLocal),
            Some(ExportOrigin::Group) if group.is_empty() => Some(AccountOrigin::Group(SmolStr::new_static("unknown"))),
            Some(ExportOrigin::Managed | ExportOrigin::Group) => Some(of_group()),
            None => {
                let words: Vec<&str> =
                    self.rules.profile().procedure.export.origins.iter().map(|(word, _)| *word).collect();
                let message = format!("`{cell}` is no origin of an account");
                let help = format!("write one of `{}`", words.join("`, `"));
                self.report(message, help, self.at(number, ExportColumn::Origin));
                None
            }
        }
    }

    fn read_holdings(&mut self, number: usize, row: &ExportRow) -> Vec<Holding> {
        let named =
            self.licenses.parse(self.cell(row, ExportColumn::License), self.cell(row, ExportColumn::Subscription));
        let word = self.cell(row, ExportColumn::State);
        let state = cells::parse_state(self.rules, word);
        let cell = self.cell(row, ExportColumn::Trial);
        let trial = cells::parse_bool(cell).unwrap_or_else(|| {
            let message = format!("`{cell}` does not say whether it is a trial");
            self.report(message, "write `yes` or `no`", self.at(number, ExportColumn::Trial));
            false
        });
        let cell = self.cell(row, ExportColumn::Expires);
        let expires = cells::parse_date(cell).unwrap_or_else(|| {
            let message = format!("`{cell}` is no day");
            self.report(message, "write it as 2026-12-31", self.at(number, ExportColumn::Expires));
            None
        });
        let holding = |named: cells::CellLicense| {
            let trial = trial || named.trial;
            Holding {
                state: effective_state(self.rules, &named.license, trial, state.clone()),
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
fn effective_state(rules: &Rules, license: &str, trial: bool, state: HoldingState) -> HoldingState {
    let is_old = trial || rules.is_floor(license);
    match state {
        HoldingState::Cancelled | HoldingState::Error if is_old => HoldingState::Active,
        state => state,
    }
}
