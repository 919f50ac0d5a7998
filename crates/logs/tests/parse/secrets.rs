//! What is masked, and what only looks as if it should be.

use std::borrow::Cow;

use ira_logs::parse::mask::{Masker, mask};

/// No secret of these is anybody's. Those with a well-known form are put together here, so that no scanner takes this file for
/// a leak.
#[test]
fn secrets_are_masked() {
    let jwt = ["eyJhbGciOiJIUzI1NiJ9", "eyJzdWIiOiIxMjM0In0", "c2lnbmF0dXJlLW9mLWl0"].join(".");
    let aws = ["AKIA", "IOSFODNN7EXAMPLE"].concat();
    let github = ["ghp", "_0123456789abcdefghij0123456789abcdef"].concat();
    for (text, expected) in [
        (
            "connect postgres://ada:s3cr%40t@db.test:5432/shop".to_owned(),
            "connect postgres://ada:***@db.test:5432/shop",
        ),
        ("redis://:hunter2@cache:6379".to_owned(), "redis://:***@cache:6379"),
        (format!("git clone https://{github}@git.test/a"), "git clone https://***@git.test/a"),
        ("Authorization: Bearer abcDEF123456.xyz".to_owned(), "Authorization: Bearer ***"),
        (
            r#"{"authorization":"Basic YWRhOnNlY3JldA==","a":1}"#.to_owned(),
            r#"{"authorization":"Basic ***","a":1}"#,
        ),
        (
            "curl -H 'Authorization: token 0123456789abcdef' x".to_owned(),
            "curl -H 'Authorization: token ***' x",
        ),
        ("got bearer abcdef0123456789 from 10.0.4.37".to_owned(), "got bearer *** from 10.0.4.37"),
        ("GET /a?token=abc123&page=2 HTTP/1.1".to_owned(), "GET /a?token=***&page=2 HTTP/1.1"),
        ("GET /a?access_token=abc123 HTTP/1.1".to_owned(), "GET /a?access_token=*** HTTP/1.1"),
        ("password=hunter2 user=ada".to_owned(), "password=*** user=ada"),
        ("PGPASSWORD=\"two words\" psql".to_owned(), "PGPASSWORD=\"***\" psql"),
        (
            r#"{"password": "a\"b c", "user": "ada"}"#.to_owned(),
            r#"{"password": "***", "user": "ada"}"#,
        ),
        (
            r#"{"log":"{\"password\":\"hunter2\",\"user\":\"ada\"}\n"}"#.to_owned(),
            r#"{"log":"{\"password\":\"***\",\"user\":\"ada\"}\n"}"#,
        ),
        ("password: hunter2".to_owned(), "password: ***"),
        ("clientSecret => 'abc123'".to_owned(), "clientSecret => '***'"),
        (
            "mysqld --db-password hunter2 --port 3306".to_owned(),
            "mysqld --db-password *** --port 3306",
        ),
        (
            "Authorization: Digest username=\"ada\", response=\"0f0f\"".to_owned(),
            "Authorization: Digest ***",
        ),
        ("x-api-key: 0123456789abcdef".to_owned(), "x-api-key: ***"),
        (
            "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".to_owned(),
            "aws_secret_access_key = ***",
        ),
        (format!("key {aws} was used"), "key *** was used"),
        (format!("session of {jwt} ended"), "session of *** ended"),
        (format!("remote said {github}"), "remote said ***"),
        ("Set-Cookie: sid=abc; Path=/".to_owned(), "Set-Cookie: ***"),
        (
            "-----BEGIN RSA PRIVATE KEY-----\nMIIB\nAAAA\n-----END RSA PRIVATE KEY----- and on"
                .to_owned(),
            "-----BEGIN RSA PRIVATE KEY-----***-----END RSA PRIVATE KEY----- and on",
        ),
    ] {
        let masked = mask(&text);
        assert_eq!(masked, expected, "{text}");
        assert!(
            matches!(mask(&masked), Cow::Borrowed(_)),
            "what is masked has no secret: {masked}"
        );
    }
}

#[test]
fn what_only_looks_like_a_secret_stays() {
    for text in [
        "https://shop.test/a?b=c@d",
        "http://10.0.4.37:8080/path@v2",
        "ssh://git@git.test/a.git",
        "mail to ada@shop.test: sent",
        "max_tokens=512 prompt_tokens=3",
        "token_type=bearer expires",
        "Unexpected token: '<' in JSON at position 0",
        "SyntaxError: Unexpected token < in JSON",
        "invalid token: unexpected end",
        "the secretary came at 10:00",
        "password for ada was changed",
        "Failed password for invalid user ada from 10.0.4.37 port 22 ssh2",
        "password=*** user=ada",
        "token=null secret= password=\"\"",
        "if token == null return",
        "PWD=/home/ada OLDPWD=/tmp",
        "bearer of bad news",
        "Asia/Tokyo AKIA",
        "eyJust a word",
        "-----BEGIN CERTIFICATE-----",
        "Token::Ident at 4:12",
        "GET /password/reset 200",
        "passwordless login is on",
        "tokenizer: loaded 32000 words",
        "",
    ] {
        assert_eq!(mask(text), text);
        assert!(matches!(mask(text), Cow::Borrowed(_)), "nothing is copied: {text}");
    }
}

#[test]
fn a_private_key_is_masked_over_several_lines() {
    let mut masker = Masker::default();
    let masked: Vec<String> = [
        "loaded -----BEGIN PRIVATE KEY-----",
        "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC",
        "BKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj==",
        "-----END PRIVATE KEY-----",
        "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC",
        "-----BEGIN PRIVATE KEY-----",
        "2026-11-24 15:31:02 the key broke off",
        "plain",
    ]
    .iter()
    .map(|line| masker.line(line).into_owned())
    .collect();
    assert_eq!(
        masked,
        [
            "loaded -----BEGIN PRIVATE KEY-----",
            "***",
            "***",
            "-----END PRIVATE KEY-----",
            "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC",
            "-----BEGIN PRIVATE KEY-----",
            "2026-11-24 15:31:02 the key broke off",
            "plain",
        ]
    );
}
