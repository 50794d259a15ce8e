import Estate
import Evidence
import Testing

@Suite("AWS's policy language")
struct PolicyLanguageTests {
    private func key(_ statement: String) throws -> PolicyStatement {
        try PolicyDocument(Array("{\"Version\":\"2012-10-17\",\"Statement\":\(statement)}".utf8), .key).statements[0]
    }

    @Test("is read in every form that AWS writes it in")
    func forms() throws {
        let text = """
            {"Version": "2012-10-17", "Id": "k", "Statement": [
              {"Sid": "Enable IAM User Permissions", "Effect": "Allow", "Principal": {"AWS": "111122223333"},
               "Action": "kms:*", "Resource": "*"},
              {"Effect": "Deny", "NotPrincipal": {"AWS": ["arn:aws:iam::111122223333:root", "*"],
               "Service": "s3.amazonaws.com", "Federated": "cognito-identity.amazonaws.com",
               "CanonicalUser": "79a5"}, "NotAction": ["kms:Get*", "*"], "NotResource": ["*"],
               "Condition": {"ForAnyValue:StringNotLikeIfExists": {"kms:ResourceAliases": ["alias/\\u00e9\\ud83d\\ude00", "b"]},
                 "Bool": {"aws:SecureTransport": false}, "NumericLessThan": {"aws:MultiFactorAuthAge": 300}}}]}
            """
        let found = try PolicyDocument(Array(text.utf8), .key)
        #expect(found.id == "k" && found.version == "2012-10-17" && found.statements.count == 2)
        #expect(found.statements[0].principals?.members == [.aws("111122223333")])
        #expect(found.statements[0].principals?.members[0].wholeAccount == "111122223333")
        let other = found.statements[1]
        #expect(other.principals?.isNegated == true && other.actions.isNegated && other.resources.isNegated)
        #expect(
            other.principals?.members == [
                .aws("arn:aws:iam::111122223333:root"), .everyone, .canonicalUser("79a5"),
                .federated("cognito-identity.amazonaws.com"), .service("s3.amazonaws.com"),
            ])
        let like = try #require(other.conditions.first { $0.key == "kms:ResourceAliases" })
        #expect(like.values == ["alias/é😀", "b"])
        #expect(like.comparison.quantifier == .any && like.comparison.ifExists)
        #expect(like.comparison.comparison == .stringNotLike)
        #expect(other.conditions.first { $0.key == "aws:SecureTransport" }?.values == ["false"])
        #expect(other.conditions.first { $0.key == "aws:MultiFactorAuthAge" }?.values == ["300"])
        #expect(try key("{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"*\",\"Resource\":\"*\"}").sid == nil)
    }

    @Test("written and read again it is the same")
    func roundTrip() throws {
        let document = PolicyDocument([
            PolicyStatement(
                "A1", .deny, principals: [.everyone], actions: ["kms:Decrypt"], resources: ["*"],
                conditions: [
                    PolicyCondition(.arnNotEquals, "aws:PrincipalArn", "arn:aws:iam::111122223333:role/a", "b"),
                    PolicyCondition(.init(.stringLike, .any), "kms:ResourceAliases", ["alias/\"\\*"]),
                ])
        ])
        #expect(try PolicyDocument(Array(try document.text().utf8), .key) == document)
    }

    /// Each replaces a part of a policy that is read.
    private static let wrong: [(part: String, by: String, why: String)] = [
        ("\"Effect\":\"Allow\"", "\"Effect\":\"allow\"", "neither Allow nor Deny"),
        ("\"Effect\":\"Allow\"", "\"Effect\":\"Allow\",\"Effect\":\"Deny\"", "stands twice"),
        ("\"Effect\":\"Allow\"", "\"Effect\":\"Allow\",\"\\u0045ffect\":\"Deny\"", "stands twice"),
        ("\"Effect\":\"Allow\"", "\"Effect\":\"Allow\",\"Extra\":1", "no element Extra"),
        ("\"Effect\":\"Allow\",", "", "it is no text"),
        ("\"kms:*\"", "[]", "the list is empty"), ("\"kms:*\"", "[1]", "it is no text"),
        ("\"kms:*\"", "\"kms\"", "names no action"), ("\"kms:*\"", "\"kms:a:b\"", "names no action"),
        ("\"Action\"", "\"Action\":\"*\",\"NotAction\"", "Action and NotAction"),
        ("\"Action\":\"kms:*\",", "", "Action or NotAction"), (",\"Resource\":\"*\"", "", "Resource or NotResource"),
        ("{\"AWS\":\"x\"}", "\"x\"", "* alone"), ("{\"AWS\":\"x\"}", "{}", "names nobody"),
        ("{\"AWS\":\"x\"}", "{\"Aws\":\"x\"}", "no element Aws"),
        ("\"Principal\":{\"AWS\":\"x\"},", "", "names principals"),
        ("{\"Bool\":{\"a:b\":\"true\"}}", "{\"Bool\":{\"a:b\":null}}", "a value is a text"),
        ("{\"Bool\":{\"a:b\":\"true\"}}", "{\"Bool\":{\"a:b\":\"x\",\"a:B\":\"y\"}}", "in other letters"),
        ("{\"Bool\":{\"a:b\":\"true\"}}", "[]", "no object"),
        ("2012-10-17", "2012-10-18", "the versions"), ("[{", "[],[{", "missing"),
        ("[{", "{\"Statement\":[{", "missing"),
        ("\"x\"", "\"\\ud800\"", "surrogate"), ("\"x\"", "\"\\x\"", "escape"), ("\"x\"", "\"\u{1}\"", "control"),
        ("\"x\"", "01", "missing"), ("\"true\"", String(repeating: "[", count: 40), "deeper"),
    ]

    @Test("is refused where it is not AWS's, with the place", arguments: wrong.indices)
    func refused(index: Int) throws {
        let good = """
            {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"x"},"Action":"kms:*",\
            "Resource":"*","Condition":{"Bool":{"a:b":"true"}}}]}
            """
        _ = try PolicyDocument(Array(good.utf8), .key)
        let (part, by, why) = Self.wrong[index]
        #expect(good.contains(part))
        let error = #expect(throws: PolicyError.self) {
            try PolicyDocument(Array(good.replacing(part, with: by, maxReplacements: 1).utf8), .key)
        }
        #expect(error?.description.contains(why) == true, "\(String(describing: error))")
    }

    @Test("of a role names nobody, and each Sid once, in letters and digits")
    func identity() {
        func error(_ statements: String) -> String? {
            do {
                _ = try PolicyDocument(Array("{\"Statement\":\(statements)}".utf8), .identity)
                return nil
            } catch { return "\(error)" }
        }
        let rest = "\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\""
        #expect(error("{\"Sid\":\"a1\",\(rest)}") == nil)
        #expect(error("{\"Sid\":\"a b\",\(rest)}")?.contains("letters and digits") == true)
        #expect(error("[{\"Sid\":\"a\",\(rest)},{\"Sid\":\"a\",\(rest)}]")?.contains("one Sid") == true)
        #expect(error("{\"Principal\":\"*\",\(rest)}")?.contains("no principals") == true)
    }

    @Test("is bounded")
    func bounded() {
        let long = Array(repeating: UInt8(ascii: " "), count: 131_073)
        #expect(throws: PolicyError.self) { try PolicyDocument(long, .key) }
        #expect(throws: PolicyError.self) { try PolicyDocument([0xFF], .key) }
    }

    @Test(
        "wildcards mean what AWS says",
        arguments: [
            ("*", "", true), ("kms:*", "kms:Decrypt", true), ("kms:De*t", "kms:Decrypt", true),
            ("kms:Decryp?", "kms:Decrypt", true), ("kms:Decrypt?", "kms:Decrypt", false),
            ("*Key*", "kms:ImportKeyMaterial", true), ("a*b*c", "aXbYbZc", true), ("a*b*c", "aXcYb", false),
            ("", "a", false), ("**", "a", true), ("a.c", "abc", false), ("*a", "aab", false),
        ])
    func wildcards(pattern: String, text: String, matches: Bool) {
        #expect(PolicyPattern.matches(pattern, text) == matches)
    }

    @Test("actions have no case; an ARN's wildcard stays in its part")
    func cases() {
        #expect(PolicyNames(["KMS:importkey*"]).meansAction("kms:ImportKeyMaterial"))
        #expect(!PolicyNames(["kms:Import*"], isNegated: true).meansAction("kms:ImportKeyMaterial"))
        #expect(PolicyNames(["kms:Get*"], isNegated: true).meansAction("kms:ImportKeyMaterial"))
        #expect(true == PolicyPattern.matchesARN("arn:aws:iam::*:role/x", "arn:aws:iam::111122223333:role/x"))
        #expect(true == PolicyPattern.matchesARN("arn:aws:iam::1:role/*", "arn:aws:iam::1:role/a:b/c"))
        #expect(PolicyPattern.matchesARN("arn:aws:iam::1:user/*", "arn:aws:iam::1:role/x") == false)
        #expect(PolicyPattern.matchesARN("arn:*:role/x", "arn:aws:iam::1:role/x") == nil)
        #expect(PolicyPattern.matchesARN("*", "arn:aws:iam::1:role/x") == nil)
        // The Kelvin sign, which Unicode takes for a K.
        #expect(!PolicyNames(["\u{212A}ms:*"]).meansAction("kms:Decrypt"))
    }

    /// Operator, values, what the request has (nil: not known), and whether it holds.
    private static let comparisons: [(String, [String], [String]?, Holds)] = [
        ("StringEquals", ["a", "b"], ["b"], .yes), ("StringEquals", ["a"], ["A"], .no),
        ("StringEquals", ["a"], [], .no), ("StringEquals", ["a"], nil, .maybe),
        ("StringEqualsIfExists", ["a"], [], .yes), ("StringEqualsIfExists", ["a"], ["b"], .no),
        ("StringNotEquals", ["a", "b"], ["b"], .no), ("StringNotEquals", ["a"], [], .yes),
        ("StringEqualsIgnoreCase", ["aB"], ["Ab"], .yes), ("StringLike", ["a*"], ["abc"], .yes),
        ("StringNotLike", ["a*"], ["abc"], .no), ("ForAnyValue:StringEquals", ["a"], ["x", "a"], .yes),
        ("ForAnyValue:StringEquals", ["a"], [], .no), ("ForAllValues:StringEquals", ["a"], [], .yes),
        ("ForAllValues:StringEquals", ["a"], ["a", "x"], .no),
        ("ForAnyValue:StringNotEquals", ["a"], ["a", "x"], .yes), ("ForAnyValue:StringNotEquals", ["a"], [], .no),
        ("Bool", ["true"], ["TRUE"], .yes), ("Bool", ["true"], [], .no), ("Null", ["true"], [], .yes),
        ("Null", ["false"], [], .no), ("Null", ["false"], ["x"], .yes), ("Null", ["true"], nil, .maybe),
        ("NumericLessThan", ["3"], ["2.5"], .yes), ("NumericGreaterThanEquals", ["3"], ["2"], .no),
        ("NumericEquals", ["x"], ["2"], .maybe),
        ("DateLessThan", ["2026-12-01T00:00:00Z"], ["2026-11-30T23:59:59Z"], .yes),
        ("DateLessThan", ["2026-12-01T00:00:00Z"], ["2026-12-01T00:00:00Z"], .no),
        ("DateGreaterThan", ["0"], ["2026-12-01T00:00:00Z"], .yes),
        ("DateGreaterThan", ["yesterday"], ["2026-12-01T00:00:00Z"], .maybe),
        ("ArnEquals", ["arn:aws:iam::1:role/*"], ["arn:aws:iam::1:role/a"], .yes),
        ("ArnNotEquals", ["arn:aws:iam::1:role/a"], ["arn:aws:iam::1:role/a"], .no),
        ("IpAddress", ["10.0.0.0/8"], ["10.1.1.1"], .maybe), ("StringSounds", ["a"], ["a"], .maybe),
        ("Bool", ["yes"], ["true"], .maybe), ("ArnLike", ["*"], ["arn:aws:iam::1:role/a"], .maybe),
        ("DateLessThan", ["inf"], ["2026-12-01T00:00:00Z"], .maybe), ("NumericLessThan", ["nan"], ["1"], .maybe),
        ("stringequals", ["a"], ["a"], .maybe), ("NullIfExists", ["true"], [], .maybe),
        ("StringEquals", ["${aws:username}"], ["${aws:username}"], .maybe),
    ]

    @Test("conditions hold as AWS's operators do, and of what is not known nobody says that they do or do not")
    func conditions() {
        for (name, values, found, holds) in Self.comparisons {
            let condition = PolicyCondition(ConditionOperator(name), "kms:Some", values)
            let context = PolicyContext(found.map { ["KMS:some": $0] } ?? [:], isWhole: false)
            #expect(context.satisfies([condition]) == holds, "\(name) \(values) of \(String(describing: found))")
        }
    }
}
