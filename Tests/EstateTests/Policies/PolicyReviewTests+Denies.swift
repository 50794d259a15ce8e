import Estate
import Evidence
import Testing

// What a Deny takes away, and from whom.
extension PolicyReviewTests {
    @Test("says by which Denies those are fewer whom it finds, where that is for what it does not know")
    func narrowed() throws {
        let allow = Self.statement("\"*\"", "\"kms:Decrypt\"")
        func words(_ deny: String) throws -> [String] {
            try report(adding: [allow, deny]).findings.filter { $0.kind == .anyone }.map(\.words)
        }
        let outside = Self.condition("StringNotEquals", "aws:PrincipalOrgID", "o-1")
        for words in try words(Self.denial("\"*\"", "\"kms:D*\"", outside)) {
            #expect(words.hasSuffix("can decrypt, but for what statement 12 denies on conditions"), "\(words)")
        }
        for deny in [
            Self.denial("\"*\"", "\"kms:Encrypt\"", outside),
            Self.denial("\"*\"", "\"kms:D*\"", Self.condition("ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:user/*")),
        ] {
            let found = try words(deny)
            #expect(!found.isEmpty && found.allSatisfy { $0.hasSuffix("can decrypt") }, "\(found)")
        }
    }

    @Test("takes a Deny for what it certainly denies, and for nothing more")
    func denies() throws {
        let app = PolicyExamples.role("app")
        let allow = Self.statement(Self.principal(app), "\"kms:Decrypt\"")
        func isFound(_ deny: String) throws -> Bool {
            try report(adding: [allow, deny]).findings.contains { $0.kind == .notIntended && $0.words.hasPrefix(app) }
        }
        for deny in [
            Self.denial(Self.principal(app), "\"kms:*\""),
            Self.denial(
                "\"*\"", "\"kms:Decrypt\"",
                Self.condition("ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:role/keyrite/ap*")),
            Self.denial("\"*\"", "\"kms:Dec*\"", Self.condition("StringEquals", "aws:PrincipalAccount", Self.account)),
            Self.denial(Self.root, "\"kms:Decrypt\""),
        ] { #expect(try !isFound(deny), "\(deny)") }
        for deny in [
            Self.denial(
                Self.principal(app), "\"kms:Decrypt\"",
                Self.condition("Bool", "aws:MultiFactorAuthPresent", "false")),
            Self.denial(
                "\"*\"", "\"kms:Decrypt\"",
                Self.condition("ArnNotLike", "aws:PrincipalArn", "arn:aws:iam::*:role/keyrite/a*")),
            Self.denial(Self.principal("444455556666"), "\"kms:Decrypt\""),
            Self.denial("\"*\"", "\"kms:Decrypt\"", Self.condition("IpAddress", "aws:SourceIp", "0.0.0.0/0")),
        ] { #expect(try isFound(deny), "\(deny)") }
    }

    /// Patterns of an Allow for the account's root and of a Deny for everybody; whom the finding is about, if anybody is left.
    private static let spared: [(allowed: [String], denied: [String], left: String?)] = [
        (["role/a*"], ["role/a", "role/ak*"], "arn:aws:iam::\(account):role/a*, if"),
        (["role/a*"], ["role/a*"], nil), (["role/a*"], ["role/*"], nil), (["role/a?"], ["role/a*"], nil),
        (["role/a*"], ["*/a*"], nil), (["role/a*", "role/b"], ["role/a*"], "arn:aws:iam::\(account):role/b, if"),
        (["role/*a"], ["role/a*", "role/*aa", "role/?a"], "arn:aws:iam::\(account):role/*a, if"),
        (["role/a?"], ["role/a?*"], nil), (["role/*"], ["role/?*"], nil),
        // Others of the account: users, sessions of federated ones, the root itself.
        ([], ["role/keyrite*"], "whoever an IAM policy of \(account) lets"),
        ([], ["role/*"], "whoever an IAM policy"), ([], ["role/*", "user/*"], "whoever an IAM policy"),
        ([], ["role/*", "user/*", "root"], "whoever an IAM policy"),
        ([], ["*"], "whoever an IAM policy"), (["*"], ["role/*", "user/*"], "*, if"), (["*"], ["*"], nil),
        (["root", "user/x"], ["root", "user/*"], nil),
    ]

    @Test("finds whom a Deny for some like them leaves, and nobody where it leaves nobody", arguments: spared.indices)
    func spares(index: Int) throws {
        let (allowed, denied, left) = Self.spared[index]
        func condition(_ names: [String]) -> String {
            let arns = names.map { "\"arn:aws:iam::\(Self.account):\($0)\"" }.joined(separator: ",")
            return names.isEmpty ? "" : ",\"Condition\":{\"ArnLike\":{\"aws:PrincipalArn\":[\(arns)]}}"
        }
        let found = try report(adding: [
            Self.statement(Self.root, "\"kms:ScheduleKeyDeletion\"", condition(allowed)),
            Self.denial("\"*\"", "\"kms:ScheduleKeyDeletion\"", condition(denied)),
        ]).findings.filter { $0.words.contains(KeyPower.delete.words) }
        #expect(found.isEmpty == (left == nil), "\(found)")
        if let left { #expect(found.contains { $0.words.contains(left) }, "\(found)") }
    }

    /// Allows of what the roles do, for more than the roles; whom a finding of it would be about.
    private static let wide: [String] = [
        statement(
            root, "[\"kms:GetParametersForImport\",\"kms:ImportKeyMaterial\",\"kms:RotateKeyOnDemand\"]",
            ",\"Condition\":{\"StringEquals\":{\"kms:WrappingAlgorithm\":[\"RSAES_OAEP_SHA_256\"]}}"),
        statement(root, "\"kms:ImportKeyMaterial\""), statement(root, "\"kms:*\""),
        statement("\"*\"", "\"kms:Import*\""),
        statement(
            root, "\"kms:ImportKeyMaterial\"",
            condition("ArnLike", "aws:PrincipalArn", "arn:aws:iam::\(account):role/*")),
    ]

    @Test("takes a role that a Deny spares for itself, and not for its account", arguments: wide)
    func sparesTheRole(allow: String) throws {
        let words = [KeyPower.fetch, .import, .rotate].map(\.words)
        let report = try report(adding: [allow])
        let found = report.findings.filter { finding in
            finding.kind != .condition && words.contains { finding.words.contains($0) }
        }
        #expect(found.isEmpty, "\(found)")
        #expect(report.untold.contains { $0.contains("make one that is not there yet") })
    }

    @Test("finds whom else a Deny spares, there or not, and an account where it spares a pattern")
    func sparesOthers() throws {
        let meant = PolicyExamples.role("import")
        let near = "arn:aws:iam::\(Self.account):role/keyrite/"
        for (spared, kind, who) in [
            (
                near + "imported", PolicyFinding.Kind.notIntended,
                near + "imported, if an IAM policy lets it, can import"
            ),
            (near + "import*", .throughIAM, "whoever an IAM policy of \(Self.account) lets can import"),
            (near + "impor?", .throughIAM, "whoever an IAM policy of \(Self.account) lets can import"),
            (
                "arn:aws:iam::\(Self.account):root", .throughIAM,
                "whoever an IAM policy of \(Self.account) lets can import"
            ),
        ] {
            let condition = ",\"Condition\":{\"ArnNotLike\":{\"aws:PrincipalArn\":[\"\(meant)\",\"\(spared)\"]}}"
            let found = try report(
                adding: [
                    Self.statement(Self.root, "\"kms:ImportKeyMaterial\""),
                    Self.denial("\"*\"", "\"kms:ImportKeyMaterial\"", condition),
                ], without: ["OnlyImportRole"]
            ).findings.filter { $0.kind != .condition }
            #expect(found.map(\.kind) == [kind], "\(spared): \(found)")
            #expect(found.first?.words.contains(who) == true, "\(found)")
        }
    }
}
