//! Examples of each kept pattern, and texts that look like them.

use super::*;
use crate::redaction::patterns::Patterns;

/// A pattern, texts that are secret as a whole, and texts in which it finds nothing.
type Examples = (&'static str, &'static [&'static str], &'static [&'static str]);

/// Examples come from the documents that `TABLE` names, or have the form that they describe.
const EXAMPLES: [Examples; 27] = [
    // The text before `<` is context. The secret begins there.
    ("bearer", &["Authorization: Bearer <mF_9.B5f-4.1JqM", "bearer <abc123=="], &["the bearer of letters", "bearer"]),
    ("basic", &["Basic <QWxhZGRpbjpvcGVuIHNlc2FtZQ=="], &["basic training", "Basic auth is off"]),
    (
        "jwt",
        &[
            "<eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UifQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
            "<eyJhbGciOiJub25lIn0.e30.",
        ],
        &["eyJ", "keyJoined.then.done", "eyJhbGciOiJub25lIn0"],
    ),
    (
        "private-key",
        &[
            "<-----BEGIN PRIVATE KEY-----\nMIIB-\n-----END PRIVATE KEY-----",
            "<-----BEGIN RSA PRIVATE KEY-----\nDEK-Info: AES-128-CBC,00\n\nAAAA",
            "<-----BEGIN PGP PRIVATE KEY BLOCK-----\nAA==\n-----END PGP PRIVATE KEY BLOCK-----",
        ],
        &["-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", "the private key"],
    ),
    (
        "url-password",
        &["postgres://ada:<s3cr@t|@db/app", "https://:<abc|@host"],
        &["https://host:80/path", "https://ada@host", "https://host:80/?q=a@b"],
    ),
    ("aws", &["<AKIAIOSFODNN7EXAMPLE"], &["AKIA", "XAKIAIOSFODNN7EXAMPLE", "asia and africa"]),
    (
        "github",
        &["<ghp_16C7e42F292c6912E7710c838347Ae178B4a", "<github_pat_11ABCDEFG0abcdefghijkl_mnop"],
        &["ghp_short"],
    ),
    ("gitlab", &["<glpat-ABCDEFGHIJ0123456789"], &["glpat-", "glob-pattern-that-is-long"]),
    (
        "slack",
        &["<xoxb-17653672481-19874698323", "<xapp-1-A0123456789", "https://<hooks.slack.com/services/T0/B0/XXXXXXXX"],
        &["xoxo-hugs-and-kisses", "hooks.slack.com/"],
    ),
    ("google-api-key", &["<AIzaSyDaGmWKa4JsXZ-HjGw7ISLn_3namBGewQe"], &["AIzaShort"]),
    ("google-oauth", &["<ya29.a0AfH6SMBx-abcdefghijkl"], &["ya29.x"]),
    (
        "stripe",
        &["<sk_test_4eC39HqLyjWDarjtT1zdp7dc", "<whsec_abcdefghijklmnop"],
        &["pk_test_4eC39HqLyjWDarjtT1zdp7dc"],
    ),
    (
        "openai",
        &["<sk-proj-abcdefghijklmnopqrstuvwx", "<sk-ant-api03-abcdefghijklmnop"],
        &["task-abcdefghijklmnopqrstuvwx"],
    ),
    ("npm", &["<npm_abcdefghijklmnopqrstuvwxyz0123456789"], &["npm_config_registry"]),
    ("pypi", &["<pypi-AgEIcHlwaS5vcmcabcdefghijklmnopqrstuvw"], &["pypi-server"]),
    (
        "huggingface",
        &["<hf_abcdefghijklmnopqrstuvwxyzABCDEFGH"],
        &["hf_hub", "shelf_abcdefghijklmnopqrstuvwxyzABCDEFGH"],
    ),
    ("docker", &["<dckr_pat_abcdefghijklmnopqrstuvwxyz0"], &["dckr_pat_"]),
    ("digitalocean", &["<dop_v1_0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"], &["dop_v1_x"]),
    (
        "sendgrid",
        &["<SG.abcdefghijklmnopqrstuv.abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"],
        &["sg.example.org", "MSG.a.b"],
    ),
    ("vault", &["<hvs.CAESIJabcdefghijklmnop"], &["hvs.short"]),
    ("shopify", &["<shpat_0123456789abcdef0123456789ABCDEF"], &["shpat_x"]),
    (
        "azure-sas",
        &["https://host/c?sv=1&sig=<abcdefghijklmnop%2Bqrstuv%3D"],
        &["big sig=short", "design=abcdefghijklmnopqrstuvwxyz"],
    ),
    (
        "aws-signature",
        &["?X-Amz-Signature=<0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"],
        &["X-Amz-Signature="],
    ),
    ("email", &["mail to <ada@example.org", "<o'neil+x@mail.example.co.uk"], &["ada@host", "@decorator", "a @ b.c"]),
    ("ipv4", &["from <192.168.0.1|:80", "<255.255.255.255"], &["1.2.3", "256.1.1.1", "1.2.3.4567"]),
    (
        "ipv6",
        &["[<2001:db8::1|]:80", "<::1", "<fe80::1:2", "<::ffff:192.168.0.1"],
        &["10:30:45", "a::b::c", "std::", "::"],
    ),
    ("card", &["paid by <4111 1111 1111 1111"], &["4111 1111 1111 1112", "1700000000000"]),
];

/// The secret that an example marks: from `<` to `|`, or to the end.
fn marked(example: &str) -> (String, String) {
    let (before, rest) = example.split_once('<').expect("a mark");
    let (secret, after) = rest.split_once('|').unwrap_or((rest, ""));
    (format!("{before}{secret}{after}"), secret.to_owned())
}

fn found(name: &str, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    Patterns::parse("patterns", [name]).expect("a kept pattern").find(text.as_bytes(), &mut found);
    found.into_iter().map(|part| text[part].to_owned()).collect()
}

#[test]
fn each_pattern_has_examples() {
    let named: Vec<&str> = EXAMPLES.iter().map(|(name, _, _)| *name).collect();

    assert_eq!(named, names().collect::<Vec<_>>());
}

#[test]
fn secrets_are_found() {
    for (name, secrets, _) in EXAMPLES {
        for example in secrets {
            let (text, secret) = marked(example);
            assert_eq!(found(name, &text), [secret], "{name}: {text}");
        }
    }
}

#[test]
fn texts_that_look_like_secrets_are_left() {
    for (name, _, others) in EXAMPLES {
        for text in others {
            assert_eq!(found(name, text), Vec::<String>::new(), "{name}");
        }
    }
}

#[test]
fn defaults_are_the_credentials() {
    let others: Vec<&str> = TABLE.iter().filter(|kept| !kept.is_default).map(|kept| kept.name).collect();

    assert_eq!(others, ["email", "ipv4", "ipv6"]);
}
