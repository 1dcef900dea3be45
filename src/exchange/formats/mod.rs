//! The formats, one file each: how another authenticator keeps its accounts, read and perhaps written.
//!
//! A new one is its file, and one line in `IMPORTERS` (and one in `EXPORTERS`). It uses no other format, except
//! one that its app has embedded: a table, a list of links, another's keys. `packed` and `openpgp` alone ask all of them.

mod aegis;
mod andotp;
mod authenticator_extension;
mod authenticator_plus;
mod authy;
mod battlenet;
mod bitwarden;
mod bitwarden_authenticator;
mod cotp;
mod csv;
mod cxf;
mod duo;
mod enpass;
mod ente;
mod freeotp;
mod freeotp_plus;
mod gauth;
mod google;
mod google_sqlite;
mod keepass;
mod keeper;
mod lastpass;
mod libpam;
mod microsoft;
mod oath_csv;
mod onepassword;
mod openpgp;
mod otp_auth;
mod otpauth;
mod otpclient;
mod packed;
mod page;
mod photo;
mod proton;
mod proton_pass;
mod pskc;
mod raivo;
mod steam;
mod stratum;
mod stratum_sqlite;
mod tofu;
mod totp_authenticator;
mod twofas;
mod twolock;
mod users_oath;
mod winauth;

use super::{Exporter, Importer};

pub use google::{Batch, batches};
pub use twolock::write_for;

/// The formats that can be read, sorted by name.
pub const IMPORTERS: &[&dyn Importer] = &[
    &aegis::Aegis,
    &andotp::Andotp,
    &packed::Packed,
    &authenticator_extension::AuthenticatorExtension,
    &authenticator_plus::AuthenticatorPlus,
    &authy::Authy,
    &battlenet::BattleNet,
    &bitwarden::Bitwarden,
    &bitwarden_authenticator::BitwardenAuthenticator,
    &cotp::Cotp,
    &csv::Csv,
    &cxf::Cxf,
    &duo::Duo,
    &enpass::Enpass,
    &ente::Ente,
    &freeotp::FreeOtp,
    &freeotp_plus::FreeOtpPlus,
    &gauth::Gauth,
    &google::Google,
    &google_sqlite::GoogleSqlite,
    &page::Page,
    &keepass::KeePass,
    &keeper::Keeper,
    &lastpass::LastPass,
    &libpam::LibPam,
    &microsoft::Microsoft,
    &oath_csv::OathCsv,
    &onepassword::OnePassword,
    &openpgp::OpenPgp,
    &otp_auth::OtpAuth,
    &otpauth::Otpauth,
    &otpclient::Otpclient,
    &photo::Photo,
    &proton::Proton,
    &proton_pass::ProtonPass,
    &pskc::Pskc,
    &raivo::Raivo,
    &steam::Steam,
    &stratum::Stratum,
    &stratum_sqlite::StratumSqlite,
    &tofu::Tofu,
    &totp_authenticator::TotpAuthenticator,
    &twofas::Twofas,
    &twolock::Twolock,
    &users_oath::UsersOath,
    &winauth::WinAuth,
];

/// The formats that can be written, in the order in which they are offered: the encrypted ones first.
pub const EXPORTERS: &[&dyn Exporter] = &[
    &twolock::Twolock,
    &aegis::Aegis,
    &twofas::Twofas,
    &ente::Ente,
    &proton::Proton,
    &bitwarden::Bitwarden,
    &stratum::Stratum,
    &otpauth::Otpauth,
    &google::Google,
];

/// What `batches` can hold.
pub const BATCHES: &dyn Exporter = &google::Google;
