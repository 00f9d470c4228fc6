//! The inventory: purchased license units, as a list that an operator exports from the console.
//!
//! The API has no such list. Columns are `id`, `name`, `country` and `status` (assigned, unassigned or suspended); others are
//! ignored. An invalid row is an error, because a wrong total would move seats.

use std::collections::BTreeSet;
use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;

use smol_str::SmolStr;

use super::names::{LicenseNames, is_number_license};
use super::wire::WireLicense;
use crate::diagnostic::catalog::adapter as codes;
use crate::diagnostic::{Finding, Source};

/// The largest file, in bytes.
const INVENTORY_MAX_BYTES: u64 = 64 << 20;
/// The most faults that are reported for one file.
const FAULTS_MAX: usize = 20;

/// The names of the columns, in lower case without blanks, `_` and `-`.
const COLUMNS: [(&str, &[&str]); 4] = [
    ("id", &["id", "licenseid", "subscriptionid", "unitid"]),
    ("name", &["name", "license", "licensename", "licensetype", "type", "product", "subscription"]),
    ("country", &["country", "countrycode", "licensecountry"]),
    ("status", &["status", "state", "assignmentstatus", "licensestatus"]),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum UnitStatus {
    Assigned,
    Unassigned,
    Suspended,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct LicenseUnit {
    pub(super) license: WireLicense,
    pub(super) status: UnitStatus,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Inventory {
    pub(super) units: Vec<LicenseUnit>,
}

impl Inventory {
    /// Reads the file.
    pub(super) fn read(path: &Path) -> Result<Self, Vec<Finding>> {
        let name: Arc<str> = Arc::from(path.to_string_lossy());
        let wrong = |line: u64, message: String, help: &str| {
            let line = u32::try_from(line.max(1)).unwrap_or(u32::MAX);
            let at = Source { file: Arc::clone(&name), line, column: 1 };
            Finding::error(&codes::INVALID_INVENTORY, message).help(help).at(at)
        };
        let whole = "export the list of licenses again, as CSV with `id`, `name`, `country` and `status`";
        let unreadable =
            |error: std::io::Error| vec![wrong(1, format!("the inventory cannot be read: {error}"), whole)];
        let file = std::fs::File::open(path).map_err(unreadable)?;
        let mut bytes = Vec::new();
        file.take(INVENTORY_MAX_BYTES + 1).read_to_end(&mut bytes).map_err(unreadable)?;
        if bytes.len() as u64 > INVENTORY_MAX_BYTES {
            return Err(vec![wrong(
                1,
                format!("the inventory is larger than {} MiB", INVENTORY_MAX_BYTES >> 20),
                "split it",
            )]);
        }
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(bytes);
        let headers = match reader.headers() {
            Ok(headers) => headers.clone(),
            Err(error) => return Err(vec![wrong(1, format!("the inventory is not valid CSV: {error}"), whole)]),
        };
        let place = |column: usize| {
            headers.iter().position(|header| {
                let plain: String = header.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect();
                COLUMNS[column].1.contains(&&*plain)
            })
        };
        let (id, name_of, country, status) = (place(0), place(1), place(2), place(3));
        let missing = [(1, name_of), (3, status)].into_iter().find(|(_, found)| found.is_none());
        if let Some((column, _)) = missing {
            let message = format!("the inventory has no column `{}`", COLUMNS[column].0);
            return Err(vec![wrong(1, message, whole)]);
        }
        let (mut units, mut faults, mut ids) = (Vec::new(), Vec::new(), BTreeSet::new());
        for record in reader.records() {
            if faults.len() == FAULTS_MAX {
                break;
            }
            let record = match record {
                Ok(record) => record,
                Err(error) => {
                    let line = error.position().map_or(1, csv::Position::line);
                    faults.push(wrong(line, format!("invalid CSV: {error}"), whole));
                    break;
                }
            };
            let line = record.position().map_or(1, csv::Position::line);
            let field =
                |place: Option<usize>| place.and_then(|place| record.get(place)).filter(|text| !text.is_empty());
            if record.iter().all(str::is_empty) {
                continue;
            }
            let word = field(status).unwrap_or_default();
            let status = match &*word.to_lowercase() {
                "assigned" | "in use" | "used" => UnitStatus::Assigned,
                "unassigned" | "available" | "free" => UnitStatus::Unassigned,
                "suspended" => UnitStatus::Suspended,
                _ => {
                    let help = "use `assigned`, `unassigned` or `suspended`";
                    faults.push(wrong(line, format!("unknown status `{word}`"), help));
                    continue;
                }
            };
            let Some(license) = field(name_of) else {
                faults.push(wrong(line, "the row has no license name".to_owned(), whole));
                continue;
            };
            let id = field(id).map(str::to_owned);
            if let Some(id) = &id
                && !ids.insert(id.clone())
            {
                faults.push(wrong(line, format!("duplicate license id `{id}`"), "remove one of the two"));
                continue;
            }
            let license =
                WireLicense { id, name: Some(license.to_owned()), country: field(country).map(str::to_owned) };
            units.push(LicenseUnit { license, status });
        }
        if faults.is_empty() { Ok(Self { units }) } else { Err(faults) }
    }

    /// Returns the number of seats of each license, without suspended units that no user holds.
    pub(super) fn totals(&self, names: &LicenseNames, held: &BTreeSet<SmolStr>) -> Vec<(SmolStr, u64)> {
        let mut totals: indexmap::IndexMap<SmolStr, u64> = indexmap::IndexMap::new();
        for LicenseUnit { license, status } in self.units.iter().filter(|unit| !is_number_license(&unit.license)) {
            let Some(ours) = names.manifest_name(license) else { continue };
            let is_held = license.id.as_deref().is_some_and(|id| held.contains(id));
            *totals.entry(ours).or_default() += u64::from(*status != UnitStatus::Suspended || is_held);
        }
        totals.into_iter().collect()
    }

    /// Returns an unassigned unit of a license; `is_used` tells whether a user holds a unit.
    pub(super) fn find_free(
        &self,
        names: &LicenseNames,
        ours: &str,
        is_used: impl Fn(&str) -> bool,
    ) -> Option<&WireLicense> {
        self.units
            .iter()
            .filter(|unit| unit.status == UnitStatus::Unassigned && !is_number_license(&unit.license))
            .map(|unit| &unit.license)
            .filter(|license| names.manifest_name(license).is_some_and(|name| name == ours))
            .find(|license| license.id.as_deref().is_some_and(|id| !is_used(id)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Inventory, Vec<Finding>> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        Inventory::read(file.path())
    }

    fn names() -> LicenseNames {
        LicenseNames::new(&crate::adapter::file::state::tests::settings("phones"))
    }

    #[test]
    fn suspended_units_are_not_counted() {
        let inventory = read(
            "\u{feff}License ID,License Type,Country Code,Status,Note\nl-1,X4,US,Assigned,\nl-2,X4,US,UNASSIGNED,new\n\
             l-3,X4,US,suspended,\nl-4,X4,US,suspended,\n,,,,\nl-5,UC DID,US,assigned,\nl-6,X2,US,unassigned,\n",
        )
        .unwrap();
        let held = BTreeSet::from(["l-4".into()]);
        assert_eq!(inventory.totals(&names(), &held), [("X4".into(), 3), ("X2".into(), 1)]);
        let id = |taken: &'static str| {
            inventory.find_free(&names(), "X4", |id| id == taken).and_then(|license| license.id.clone())
        };
        assert_eq!((id(""), id("l-2")), (Some("l-2".to_owned()), None));
    }

    #[test]
    fn invalid_row_is_an_error_at_its_line() {
        for (text, line, said) in [
            ("id,country\nl-1,US\n", 1, "no column `name`"),
            ("id,name,country\nl-1,X4,US\n", 1, "no column `status`"),
            ("id,name,country,status\nl-1,X4,US,assigned\nl-2,X4,US,lost\n", 3, "`lost`"),
            ("id,name,country,status\nl-1,,US,assigned\n", 2, "no license name"),
            ("id,name,country,status\nl-1,X4,US,assigned\nl-1,X4,US,unassigned\n", 3, "duplicate"),
            ("id,name,country,status\nl-1,X4\n", 2, "invalid CSV"),
        ] {
            let findings = read(text).unwrap_err();
            assert_eq!(findings.len(), 1, "{text}");
            assert_eq!(
                (findings[0].source.as_ref().unwrap().line, &*findings[0].code),
                (line, codes::INVALID_INVENTORY.id)
            );
            assert!(findings[0].message.contains(said), "{}", findings[0].message);
        }
        assert_eq!(Inventory::read(Path::new("no-such.csv")).unwrap_err()[0].code, codes::INVALID_INVENTORY.id);
    }
}
