//! Reads the accounts and holdings in the rows of an export.

use std::collections::BTreeSet;
use std::path::Path;

use indexmap::IndexMap;
use jiff::Timestamp;
use smol_str::SmolStr;

use super::cells::{self, LicenseSpellings};
use super::columns::{ColumnIndexes, ColumnMatcher};
use super::table::{CellRef, ExportRow, ExportTable, decode};
use crate::adapter::file::state;
use crate::adapter::validate::{ObservationField, validate};
use crate::diagnostic::Finding;
use crate::diagnostic::catalog::adapter as codes;
use crate::model::{
    Account, AccountOrigin, Holding, HoldingOrigin, HoldingState, Observation, Pool, PoolStatus, TenantSettings,
};
use crate::profile::Rules;
use crate::profile::definition::{ExportColumn, ExportOrigin};

/// The most faults that are reported for one export.
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
    let mut reader = AccountReader {
        table: &table,
        columns: columns.locate(&table)?,
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
    let AccountReader { accounts, mut findings, .. } = reader;
    let (accounts, origins): (Vec<Account>, Vec<CellOrigins>) = accounts.into_values().unzip();
    let pools = settings.pools.iter().map(|(license, pool)| new_pool(license.clone(), pool.total)).collect();
    let mut observation =
        Observation { pools, accounts, ..Observation::empty(&settings.name, &settings.vendor, observed_at) };
    let locate = |field: ObservationField| {
        let cell = match field {
            ObservationField::Account(account) => origins.get(account).map(|origin| origin.account),
            ObservationField::License(account, holding) => cells_of(&origins, account, holding).map(|cells| cells.0),
            ObservationField::State(account, holding) => cells_of(&origins, account, holding).map(|cells| cells.1),
            ObservationField::Tenant | ObservationField::Vendor | ObservationField::Pool(_) => None,
        };
        Some(table.source(cell.unwrap_or(CellRef::of_header(0))))
    };
    findings.extend(validate(&mut observation, settings, rules).0.into_findings(locate));
    if findings.is_empty() {
        for (account, origin) in observation.accounts.iter().zip(&origins) {
            let Some([one, other]) = find_exclusion(account, rules) else { continue };
            let message = format!("`{}` holds both `{one}` and `{other}`, which exclude each other", account.email);
            let help = "two rows are about the same person: export again, or delete the wrong one";
            findings.push(table.finding(&codes::EXPORT_VALUE, message, origin.account).help(help));
        }
    }
    if !findings.is_empty() {
        return Err(findings);
    }
    add_pools(&mut observation, rules);
    Ok(observation)
}

fn cells_of(origins: &[CellOrigins], account: usize, holding: usize) -> Option<(CellRef, CellRef)> {
    origins.get(account)?.holdings.get(holding).copied()
}

fn new_pool(license: SmolStr, total: Option<u64>) -> Pool {
    Pool { license, total, used: None, expires: None, status: PoolStatus::Active }
}

/// Returns two active licenses of an account that exclude each other.
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

/// Adds a pool of unknown size for every known or held license without one.
fn add_pools(observation: &mut Observation, rules: &Rules) {
    let held = observation.accounts.iter().flat_map(|account| &account.holdings).map(|holding| &holding.license);
    let mut missing: BTreeSet<SmolStr> = held.chain(rules.known_licenses().unwrap_or_default()).cloned().collect();
    for pool in &observation.pools {
        missing.remove(&pool.license);
    }
    observation.pools.extend(missing.into_iter().map(|license| new_pool(license, None)));
}

/// The cells of an account and its holdings.
struct CellOrigins {
    account: CellRef,
    /// The cells of each holding's license and state.
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
                other => format!("invalid email `{other}`"),
            };
            let help = "every row needs an email; the manifest can name another column: `columns: { email: HEADER }`";
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
                format!("the account `{}` has another email in an earlier row: `{}`", account.id, account.email);
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
                let message = format!("unknown account origin `{cell}`");
                let help = format!("use one of `{}`", words.join("`, `"));
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
            let message = format!("invalid trial value `{cell}`");
            self.report(message, "use `yes` or `no`", self.at(number, ExportColumn::Trial));
            false
        });
        let cell = self.cell(row, ExportColumn::Expires);
        let expires = cells::parse_date(cell).unwrap_or_else(|| {
            let message = format!("invalid date `{cell}`");
            self.report(message, "use YYYY-MM-DD", self.at(number, ExportColumn::Expires));
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

/// Returns the state of a holding in an export with one license and one state per person. A failed request is never for the
/// floor or a trial, so such a license is the active one from before the request.
fn effective_state(rules: &Rules, license: &str, trial: bool, state: HoldingState) -> HoldingState {
    let is_previous = trial || rules.is_floor(license);
    match state {
        HoldingState::Cancelled | HoldingState::Error if is_previous => HoldingState::Active,
        state => state,
    }
}
