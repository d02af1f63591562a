//! What has hurt people with other libraries, and the test that shows that it does not hurt here.
//!
//! The numbers are those of `/// Pain N:` before the tests; `core` is sf-core's tests.
//!
//! | pain | elsewhere | here |
//! | --- | --- | --- |
//! | 1 | a refresh that succeeds and is refused again goes round for ever | `session` |
//! | 2 | a 401 that no new token cures is answered with a refresh | `session`, `pains::sessions` |
//! | 3 | the org moved, the old host is asked for ever | `session` |
//! | 4 | a rotated refresh token is lost or used twice | `session`, `stores` (two processes) |
//! | 5 | "already being processed" is taken for a dead token | `session` |
//! | 6 | N expired calls make N logins | `session`, `stores` |
//! | 7 | some doors do not renew the session; it expires in three shapes | `pains::sessions`, `bulk` |
//! | 8 | who leaves signs the others out | `session` |
//! | 9 | headers are lost on the repeat | `session`, `writes` |
//! | 11 | tokens in URLs, logs and printed values | `secrets` |
//! | 13 | the audience of a JWT is guessed | `audience` |
//! | 14 | the expiry of a JWT is in local time | `sign_in` |
//! | 15 | results are cut without a word | `pains::reading`, `core::protocol::doubtful` |
//! | 16 | child rows are cut at the first batch | `pains::reading` |
//! | 17 | the size of a page is believed | `pains::reading` |
//! | 18 | stopping and going on loses a batch | `pains::reading` |
//! | 19 | the cursor dies | `pains::reading` |
//! | 20 | long statements do not fit into a URL | `conformance`, `pains::reading` |
//! | 21 | all fields of a wide object do not fit into a URL | `pains::reading` |
//! | 22 | a list as the result loses the other pages | `pains::reading` |
//! | 23 | all pages are held in memory | `pains::reading`; in bytes: `benches` |
//! | 24 | more than one page of a bulk query ends the process | `bulk` |
//! | 25 | `Sforce-Locator: null` leads round in circles | `core::protocol::bulk`, `bulk` |
//! | 35 | a create is sent again and doubled | `faults`, `pains::writing` |
//! | 36 | what may be repeated depends on the verb | `retries` |
//! | 37 | locked rows are left to the user | `core::org::writes`, `pains::writing` |
//! | 38 | three limits under one code | `faults`, `requests` |
//! | 39 | null and "not given" are the same | `pains::writing` |
//! | 40–42 | the cells of CSV | `core::protocol::bulk`, `bulk` |
//! | 43 | an external ID is not encoded | `writes`, `properties` |
//! | 44 | created, updated, several: the answer of an upsert depends on the version | `writes`, `pains::writing` |
//! | 45 | limits of collections; one failure hides the rest | `writes` |
//! | 46 | rows held back look like failed ones | `writes` |
//! | 47 | bulk results come in another order and without a key | `bulk` |
//! | 48 | limits of the bulk API are found at run time | `core::bulk::statement`, `bulk` |
//! | 49 | duplicates: the option and the matches cannot be found | `writes` |
//! | 50 | an unknown code or a page is no error one can read | `malformed` |
mod reading;
mod sessions;
mod writing;
