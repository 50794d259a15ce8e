import Estate
import Evidence
import Testing

@Suite("A key policy held to what is intended")
struct PolicyReviewTests {
    static let account = PolicyExamples.account
    static let root = "{\"AWS\":\"arn:aws:iam::\(account):root\"}"
    static let window = Validity(
        from: Timestamp(epochSeconds: 1_796_112_000), until: Timestamp(epochSeconds: 1_796_148_000))

    static func principal(_ name: String) -> String { "{\"AWS\":\"\(name)\"}" }

    /// A policy with more statements than the printed one of a key that is rotated.
    func report(
        adding statements: [String] = [], people: PolicyPeople = PolicyExamples.people, grants: [KeyGrant]? = [],
        without sids: Set<String> = []
    ) throws -> PolicyReport {
        let key = PolicyExamples.rotated()
        var access = PolicyExamples.access([key])
        access.people = people
        let printed = try KeyPolicyPrint(key, of: access).policy().statements.filter { !sids.contains($0.sid ?? "") }
        let text = "{\"Version\":\"2012-10-17\",\"Statement\":[\(statements.joined(separator: ","))]}"
        let added = statements.isEmpty ? [] : try PolicyDocument(Array(text.utf8), .key).statements
        return PolicyReview(
            PolicyDocument(printed + added), grants: grants, against: PolicyIntent(of: key, in: access, keyARN: key.arn)
        ).report()
    }

    static func statement(
        _ principal: String, _ actions: String, _ more: String = "", effect: String = "Allow"
    ) -> String {
        "{\"Sid\":\"Added\",\"Effect\":\"\(effect)\",\"Principal\":\(principal),\"Action\":\(actions),\"Resource\":\"*\"\(more)}"
    }

    static func denial(_ principal: String, _ actions: String, _ more: String = "") -> String {
        statement(principal, actions, more, effect: "Deny")
    }

    @Test("has no finding where it is as keyrite policy print has it, whoever is named, for every kind of key")
    func printed() throws {
        var named = PolicyExamples.people
        named.users = [.aws("444455556666"), .aws("arn:aws:iam::777788889999:role/app")]
        named.usersGrant = true
        named.administrators = [PolicyExamples.role("admin")]
        named.window = Self.window
        var granting = PolicyExamples.people
        granting.usersGrant = true
        let kinds = KeySpec.allCases.flatMap { spec in spec.usages.map { AccessedKey.Kind(spec, $0) } }
        let keys =
            PolicyExamples.mixed + kinds.map { AccessedKey(.marker, .new, alias: "alias/k", kind: $0) }
        for people in [PolicyExamples.people, named, granting] {
            for key in keys {
                var access = PolicyExamples.access([key])
                access.people = people
                let policy = try KeyPolicyPrint(key, of: access).policy()
                #expect(try PolicyDocument(Array(try policy.text().utf8), .key) == policy)
                let report = PolicyReview(
                    policy, grants: [], against: PolicyIntent(of: key, in: access, keyARN: key.arn)
                )
                .report()
                #expect(report.findings.isEmpty, "\(key): \(report.findings)")
                #expect(report.holders.contains { $0.power == .policy && $0.throughIAM })
            }
        }
    }

    @Test("says who can do what, and by what")
    func holders() throws {
        let found = try report().holders.map { holder in
            let sid = if case .statement(_, let sid) = holder.cause { sid ?? "" } else { "" }
            return "\(holder.power) \(holder.throughIAM ? "IAM of " : "")\(holder.subject.name) \(sid)"
        }
        #expect(
            found.sorted() == [
                "decrypt IAM of \(Self.account) AccountByIAM", "decrypt \(PolicyExamples.role("look")) TryDecrypt",
                "disable IAM of \(Self.account) AccountByIAM", "enable IAM of \(Self.account) AccountByIAM",
                "fetch \(PolicyExamples.role("fetch")) Fetch", "import \(PolicyExamples.role("import")) Import",
                "policy IAM of \(Self.account) AccountByIAM", "revoke IAM of \(Self.account) AccountByIAM",
                "rotate \(PolicyExamples.role("activate")) Activate", "use IAM of \(Self.account) AccountByIAM",
                "use \(PolicyExamples.role("look")) TryEncrypt",
            ])
    }

    /// What is added to the printed policy, and each kind of finding that it makes, with a part of its words.
    private static let added: [(statement: String, kind: PolicyFinding.Kind, words: String)] = [
        (statement("\"*\"", "\"kms:Decrypt\""), .anyone, "anybody who has an AWS account can decrypt"),
        (statement("{\"AWS\":\"*\"}", "\"kms:decrypt\""), .anyone, "anybody"),
        (statement("{\"AWS\":[\"\(account)\",\"*\"]}", "\"KMS:D*crypt\""), .anyone, "anybody"),
        (
            statement("\"*\"", "\"kms:Decrypt\"", condition("StringEquals", "kms:CallerAccount", account)), .anyone,
            "anybody of the account \(account)"
        ),
        (
            statement("\"*\"", "\"kms:Decrypt\"", condition("StringEquals", "aws:PrincipalOrgID", "o-1")), .anyone,
            "anybody who has an AWS account can decrypt, on the condition StringEquals aws:PrincipalOrgID o-1"
        ),
        (
            statement("\"*\"", "\"kms:Decrypt\"", condition("ArnNotLike", "aws:PrincipalArn", "arn:aws:iam::*:user/*")),
            .anyone, "can decrypt, on the condition ArnNotLike aws:PrincipalArn arn:aws:iam::*:user/*"
        ),
        (
            statement("\"*\"", "\"kms:Decrypt\"", condition("ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:role/App?")),
            .anyone, "anybody"
        ),
        (
            statement(principal("444455556666"), "\"kms:ReEncrypt*\""), .otherAccount,
            "444455556666, of another account, can decrypt"
        ),
        (
            statement(principal("arn:aws:iam::444455556666:user/u"), "\"kms:CreateGrant\""), .otherAccount,
            "create grants"
        ),
        (statement(root, "\"kms:*\""), .allActions, "it allows kms:*"),
        (statement(root, "\"kms:*\""), .throughIAM, "delete the key or its material"),
        (statement(root, "\"kms:?e*Alias\""), .throughIAM, "aliases"),
        (statement(principal(PolicyExamples.role("app")), "\"kms:De?rypt\""), .notIntended, "can decrypt"),
        (statement(principal(PolicyExamples.role("import")), "\"kms:Put*\""), .both, "administers the key"),
        (statement(principal(PolicyExamples.role("import")), "\"kms:ScheduleKeyDeletion\""), .notIntended, "delete"),
        (statement(principal("AROAEXAMPLEID"), "\"kms:Decrypt\""), .notUnderstood, "AROAEXAMPLEID, which is no ARN"),
        (statement(principal("arn:aws:iam::\(account):role/*"), "\"kms:Decrypt\""), .notUnderstood, "no ARN"),
        (
            statement("{\"Service\":\"logs.amazonaws.com\"}", "\"kms:Decrypt\""), .notIntended,
            "logs.amazonaws.com can decrypt"
        ),
        (
            statement("{\"Federated\":\"cognito-identity.amazonaws.com\"}", "\"kms:Decrypt\""), .notIntended,
            "can decrypt"
        ),
        (statement("{\"CanonicalUser\":\"79a5\"}", "\"kms:Decrypt\""), .notIntended, "79a5 can decrypt"),
        (
            "{\"Effect\":\"Allow\",\"NotPrincipal\":\(root),\"Action\":\"kms:Decrypt\",\"Resource\":\"*\"}", .anyone,
            "can decrypt"
        ),
        (
            "{\"Effect\":\"Allow\",\"NotPrincipal\":\(root),\"Action\":\"kms:Decrypt\",\"Resource\":\"*\"}", .negated,
            "NotPrincipal"
        ),
        (
            "{\"Effect\":\"Deny\",\"NotPrincipal\":\(root),\"Action\":\"kms:Encrypt\",\"Resource\":\"*\"}", .negated,
            "denies all but"
        ),
        (
            "{\"Effect\":\"Allow\",\"Principal\":\(root),\"NotAction\":\"kms:Get*\",\"Resource\":\"*\"}", .throughIAM,
            "delete"
        ),
        (
            "{\"Effect\":\"Allow\",\"Principal\":\(root),\"NotAction\":\"kms:Get*\",\"Resource\":\"*\"}", .negated,
            "NotAction"
        ),
        (
            statement(
                principal(PolicyExamples.role("app")), "\"kms:Decrypt\"", condition("StringSounds", "aws:userid", "x")),
            .notUnderstood, "the operator StringSounds"
        ),
        (
            statement(
                principal(PolicyExamples.role("app")), "\"kms:Encrypt\"", condition("StringEquals", "kms:Mood", "x")),
            .notUnderstood, "the condition key kms:Mood"
        ),
        (
            statement(
                principal(PolicyExamples.role("app")), "\"kms:Encrypt\"",
                condition("StringEquals", "aws:userid", "${aws:x}")), .notUnderstood, "the variable"
        ),
        (
            denial("\"*\"", "\"kms:Encrypt\"", condition("DateLessThan", "aws:CurrentTime", "noon")),
            .notUnderstood, "the value in aws:CurrentTime is not understood: it is taken to deny nothing"
        ),
        (
            statement(principal(PolicyExamples.role("fetch")), "\"kms:GetParameters*\""), .condition,
            "RSAES_OAEP_SHA_1, RSA_AES_KEY_WRAP_SHA_1, RSAES_PKCS1_V1_5"
        ),
        (
            statement(
                principal(PolicyExamples.role("fetch")), "\"kms:GetParametersForImport\"",
                condition("StringLike", "kms:WrappingAlgorithm", "RSAES_OAEP_SHA_?56")), .condition,
            "by RSA_3072, RSA_2048, SM2"
        ),
        (
            statement(
                principal(PolicyExamples.role("fetch")), "\"kms:GetParametersForImport\"",
                condition("ForAllValues:StringEquals", "kms:WrappingKeySpec", "RSA_4096")), .condition, "SHA_1"
        ),
        (statement(principal(PolicyExamples.role("import")), "\"kms:ImportKeyMaterial\""), .condition, "expires"),
        (
            statement(
                principal(PolicyExamples.role("import")), "\"kms:ImportKeyMaterial\"",
                condition("StringNotEquals", "kms:ExpirationModel", "NONE")), .condition, "expires"
        ),
        (
            statement(
                principal(PolicyExamples.role("import")), "\"kms:ImportKeyMaterial\"",
                condition("Null", "kms:ExpirationModel", "true")), .condition, "expires"
        ),
        (
            statement(
                principal(PolicyExamples.role("import")), "\"kms:ImportKeyMaterial\"",
                condition("StringEqualsIfExists", "kms:ExpirationModel", "KEY_MATERIAL_DOES_NOT_EXPIRE")), .condition,
            "expires"
        ),
        (statement(principal(PolicyExamples.role("look")), "\"kms:Decrypt\""), .condition, "encryption context"),
        (
            statement(
                principal(PolicyExamples.role("look")), "\"kms:Decrypt\"",
                condition("ForAnyValue:StringEquals", "kms:EncryptionContextKeys", "aws:s3:arn")), .condition,
            "encryption context"
        ),
        (
            statement(
                principal(PolicyExamples.role("look")), "\"kms:Decrypt\"",
                condition("ForAllValues:StringLike", "kms:EncryptionContextKeys", "aws:*")), .condition,
            "encryption context"
        ),
        (
            statement("\"*\"", "\"kms:Decrypt\"", condition("StringEquals", "kms:CallerAccount", "444455556666")),
            .anyone, "anybody of the account 444455556666"
        ),
        (
            statement("\"*\"", "\"kms:Decrypt\"", condition("StringLike", "aws:PrincipalAccount", "4444*66?6")),
            .anyone, "anybody like 4444*66?6"
        ),
        (
            statement("\"*\"", "\"kms:Decrypt\"", condition("StringNotEquals", "aws:PrincipalAccount", account)),
            .anyone, "anybody who"
        ),
        (
            statement("\"*\"", "\"kms:Decrypt\"", condition("StringLike", "aws:PrincipalArn", "*role/Admin*")), .anyone,
            "anybody like *role/Admin*"
        ),
        (
            statement(
                "\"*\"", "\"kms:Decrypt\"",
                condition("ArnLike", "aws:PrincipalArn", "arn:aws:iam::444455556666:role/Admin*")), .otherAccount,
            "role/Admin*, of another account"
        ),
        (
            statement(
                root, "\"kms:ScheduleKeyDeletion\"",
                condition("ArnEquals", "aws:PrincipalArn", PolicyExamples.role("app"))), .notIntended,
            "role/keyrite/app, if an IAM policy lets it, can delete"
        ),
        (
            statement(root, "\"kms:ScheduleKeyDeletion\"", condition("StringLike", "aws:PrincipalArn", "*/Admin*")),
            .anyone, "anybody like */Admin* can delete"
        ),
        (
            statement(
                root, "\"kms:ScheduleKeyDeletion\"",
                condition("ArnLike", "aws:PrincipalArn", "arn:aws:iam::\(account):role/a*")), .notIntended,
            "role/a*, if an IAM policy lets it, can delete"
        ),
    ]

    static func condition(_ comparison: String, _ key: String, _ value: String) -> String {
        ",\"Condition\":{\"\(comparison)\":{\"\(key)\":\"\(value)\"}}"
    }

    @Test("names each statement that gives more, why, and what to do", arguments: added.indices)
    func finds(index: Int) throws {
        let (statement, kind, words) = Self.added[index]
        let found = try report(adding: [statement]).findings
        let meant = found.filter { $0.kind == kind && $0.words.contains(words) }
        #expect(!meant.isEmpty, "\(found)")
        for finding in found {
            guard case .statement(let at, _) = finding.cause else {
                Issue.record("\(finding)")
                continue
            }
            // The printed ones are ten.
            #expect(at == 11, "\(finding)")
            #expect(!finding.remedy.isEmpty)
        }
    }

    /// What KMS takes from the key's own account alone, and from others, too.
    private static let ownAlone = [
        "GetParametersForImport", "ImportKeyMaterial", "RotateKeyOnDemand", "CreateAlias", "UpdateAlias", "DeleteAlias",
        "ScheduleKeyDeletion", "DeleteImportedKeyMaterial", "DisableKey", "PutKeyPolicy", "TagResource",
        "UntagResource",
        "ReplicateKey", "UpdatePrimaryRegion", "EnableKey", "CancelKeyDeletion", "EnableKeyRotation",
        "DisableKeyRotation",
    ]
    private static let others = [
        "Encrypt", "GenerateDataKey", "GenerateDataKeyPair", "GenerateDataKeyWithoutPlaintext",
        "GenerateDataKeyPairWithoutPlaintext", "ReEncryptTo", "ReEncryptFrom", "Decrypt", "Sign", "GenerateMac",
        "DeriveSharedSecret", "CreateGrant", "RevokeGrant", "RetireGrant",
    ]

    @Test("finds everybody and other accounts, whatever they can, as far as KMS takes it from them")
    func strangers() throws {
        let account = "anybody of the account \(Self.account), without a policy of their own, can"
        for action in Self.ownAlone + Self.others {
            let isOfOwn = Self.ownAlone.contains(action)
            func found(_ who: String) throws -> [PolicyFinding] {
                let text = "{\"Statement\":[\(Self.statement(who, "\"kms:\(action)\""))]}"
                return try PolicyReview(
                    PolicyDocument(Array(text.utf8), .key), grants: [],
                    against: PolicyIntent(
                        partition: "aws", account: Self.account, keyARN: nil, people: PolicyExamples.people)
                ).report().findings.filter { $0.kind != .lockedOut }
            }
            let everybody = try found("\"*\"")
            #expect(everybody.contains { $0.kind == .anyone && $0.words.hasPrefix(account) }, "\(action): \(everybody)")
            #expect(everybody.contains { $0.words.hasPrefix("anybody who has an AWS") } == !isOfOwn, "\(action)")
            for who in ["444455556666", "arn:aws:iam::444455556666:role/evil"] {
                let found = try found(Self.principal(who))
                #expect(found.map(\.kind) == (isOfOwn ? [] : [.otherAccount]), "\(action), \(who): \(found)")
                let told = KeyPower.allCases.filter { power in found.contains { $0.words.contains(power.words) } }
                #expect(told.allSatisfy { $0.actions.contains("kms:\(action)") }, "\(action), \(who): \(found)")
            }
        }
    }

    @Test("leaves use, and undoing what stops it, to the own account, to AWS's services and to users of others")
    func using() throws {
        let powers: [KeyPower] = [.use, .enable, .revoke]
        for power in powers {
            let actions = "[" + power.actions.map { "\"\($0)\"" }.joined(separator: ",") + "]"
            for who in [
                Self.root, Self.principal(PolicyExamples.role("app")), "{\"Service\":\"logs.amazonaws.com\"}",
            ] {
                let report = try report(adding: [Self.statement(who, actions)])
                #expect(report.findings == [], "\(who) \(actions)")
                #expect(
                    report.holders.contains { $0.power == power && $0.cause == .statement(number: 11, sid: "Added") })
            }
        }
        var people = PolicyExamples.people
        people.users = [.aws("444455556666")]
        let foreign = Self.statement(Self.principal("444455556666"), "[\"kms:Encrypt\",\"kms:GenerateDataKey*\"]")
        #expect(try report(adding: [foreign], people: people).findings == [])
        let revoking = Self.statement(Self.principal("444455556666"), "\"kms:RevokeGrant\"")
        #expect(try report(adding: [revoking], people: people).findings.map(\.kind) == [.otherAccount])
        people.usersGrant = true
        #expect(try report(adding: [revoking], people: people).findings == [])
    }

    @Test("finds nothing in what takes away, or gives nothing that matters")
    func harmless() throws {
        for statement in [
            Self.denial("\"*\"", "\"kms:ScheduleKeyDeletion\""),
            Self.statement("\"*\"", "\"s3:*\""),
            Self.statement(Self.principal("444455556666"), "[\"kms:Verify\",\"kms:DescribeKey\"]"),
            Self.statement("\"*\"", "\"kms:Decrypt\"", Self.condition("Null", "kms:CallerAccount", "true")),
            Self.statement(
                "\"*\"", "\"kms:RotateKeyOnDemand\"",
                Self.condition("StringLike", "aws:PrincipalArn", PolicyExamples.role("activate"))),
            Self.statement(
                Self.principal(PolicyExamples.role("fetch")), "\"kms:GetParametersForImport\"",
                ",\"Condition\":{\"StringEquals\":{\"kms:WrappingAlgorithm\":[\"RSAES_OAEP_SHA_256\"],"
                    + "\"KMS:wrappingkeyspec\":\"RSA_4096\"}}"),
        ] {
            #expect(try report(adding: [statement]).findings == [], "\(statement)")
        }
    }

    @Test("wants who looks to decrypt what has no encryption context, also where the account's IAM lets it")
    func looks() throws {
        let look = PolicyExamples.role("look")
        var people = PolicyExamples.people
        people.users = [.aws(PolicyExamples.role("app"))]
        let byIAM = Self.statement(
            Self.root, "\"kms:Decrypt\"", Self.condition("ArnEquals", "aws:PrincipalArn", look))
        #expect(try report(adding: [byIAM], people: people).findings.map(\.kind) == [.condition])
        let allow = Self.statement(Self.principal(look), "\"kms:Decrypt\"")
        func denying(_ comparison: String, _ value: String) throws -> [PolicyFinding.Kind] {
            let deny = Self.denial(
                Self.principal(look), "\"kms:Decrypt\"",
                Self.condition(comparison, "kms:EncryptionContextKeys", value))
            return try report(adding: [allow, deny]).findings.map(\.kind)
        }
        #expect(try denying("Null", "false").isEmpty)
        #expect(try denying("ForAnyValue:StringEquals", "keyrite") == [.condition])
        #expect(try denying("ForAnyValue:StringLike", "aws:*") == [.condition])
    }

    @Test("takes the own account for those whom its IAM lets, and not for everybody in it")
    func ownAccount() throws {
        var people = PolicyExamples.people
        people.users = [.aws(Self.account)]
        let anybody = Self.statement(
            "\"*\"", "\"kms:Decrypt\"", Self.condition("StringEquals", "kms:CallerAccount", Self.account))
        #expect(try report(adding: [anybody], people: people).findings.map(\.kind).contains(.anyone))
        #expect(try report(adding: [Self.statement(Self.root, "\"kms:Decrypt\"")], people: people).findings == [])
    }

    @Test("takes an Allow with NotPrincipal for everybody, also whom it names: AWS does not say what it means")
    func allowNotPrincipal() throws {
        let app = PolicyExamples.role("app")
        let policy =
            "{\"Effect\":\"Allow\",\"NotPrincipal\":\(Self.principal(app)),\"Action\":\"kms:Decrypt\",\"Resource\":\"*\"}"
        let only = Self.denial("\"*\"", "\"kms:Decrypt\"", Self.condition("ArnNotEquals", "aws:PrincipalArn", app))
        let found = try report(adding: [policy, only]).findings
        #expect(found.contains { $0.kind == .notIntended && $0.words.hasPrefix(app) }, "\(found)")
    }

    @Test("finds an account that a pattern means alone, also if somebody of it is named elsewhere")
    func loneAccount() throws {
        let encrypts = Self.statement(Self.principal("arn:aws:iam::444455556666:role/app"), "\"kms:Encrypt\"")
        for (comparison, value) in [("StringLike", "444455556666*"), ("StringLike", "4444?5556666")] {
            let decrypts = Self.statement(
                "\"*\"", "\"kms:Decrypt\"", Self.condition(comparison, "aws:PrincipalAccount", value))
            let found = try report(adding: [encrypts, decrypts]).findings
            #expect(found.contains { $0.kind == .anyone && $0.words.contains("decrypt") }, "\(value): \(found)")
        }
    }

    @Test("says of a policy that tells too many callers apart that it was not understood, and takes all to be allowed")
    func tooMany() throws {
        let accounts = (0..<1000).map { "\"\(100_000_000_000 + $0)\"" }.joined(separator: ",")
        let patterns = (0..<500).map { "\"arn:aws:iam::*:role/*\($0)*\"" }.joined(separator: ",")
        let both =
            ",\"Condition\":{\"StringEquals\":{\"kms:CallerAccount\":[\(accounts)]},"
            + "\"StringLike\":{\"aws:PrincipalArn\":[\(patterns)]}}"
        let report = try report(adding: [
            Self.statement("\"*\"", "\"kms:Decrypt\"", both), Self.denial("\"*\"", "\"kms:*\"", both),
        ])
        #expect(report.findings.contains { $0.kind == .notUnderstood && $0.cause == .policy })
        #expect(report.findings.contains { $0.kind == .anyone && $0.words.contains("decrypt") })
        #expect(report.holders.count < 100)
    }

    @Test("wants a window to be there where there is to be one, and as narrow")
    func windows() throws {
        var people = PolicyExamples.people
        people.window = Self.window
        #expect(try report(people: people).findings.isEmpty)
        for sids in [["NoImportBefore"], ["NoImportAfter"], ["NoImportBefore", "NoImportAfter"]] {
            let found = try report(people: people, without: Set(sids)).findings
            #expect(found.map(\.kind) == [.window])
            #expect(found.first?.words.contains("outside of the window") == true)
        }
        // Of whoever imports, whether they are meant or not.
        var others = people
        others.roles[.import] = PolicyExamples.role("other")
        let role = Self.statement(Self.principal(PolicyExamples.role("import")), "\"kms:ImportKeyMaterial\"")
        let found = try report(
            adding: [role], people: others, without: ["NoImportBefore", "OnlyImportRole"]
        ).findings
        #expect(found.contains { $0.kind == .window && $0.words.contains(PolicyExamples.role("import")) })
        let later = Self.denial(
            "\"*\"", "\"kms:Import*\"",
            Self.condition("DateGreaterThan", "aws:CurrentTime", Self.window.until.advanced(bySeconds: 60).description))
        #expect(
            try report(adding: [later], people: people, without: ["NoImportAfter"]).findings.map(\.kind) == [.window])
        // By seconds since 1970, as AWS has it, too.
        let epoch = Self.denial(
            "\"*\"", "\"kms:Import*\"",
            Self.condition("DateGreaterThan", "aws:EpochTime", "\(Self.window.until.epochSeconds)"))
        #expect(try report(adding: [epoch], people: people, without: ["NoImportAfter"]).findings.isEmpty)
    }

    @Test("says when nobody could mend it any more")
    func lockedOut() throws {
        let found = try report(without: ["AccountByIAM"]).findings
        #expect(found.map(\.kind) == [.lockedOut])
        #expect(found.first?.cause == .policy)
        // None of these can: KMS takes it from the key's own account alone.
        for who in ["444455556666", "AROAEXAMPLEID", "arn:aws:iam::444455556666:role/admin"] {
            let found = try report(
                adding: [Self.statement(Self.principal(who), "\"kms:PutKeyPolicy\"")], without: ["AccountByIAM"]
            ).findings
            #expect(found.contains { $0.kind == .lockedOut }, "\(who)")
        }
    }

    @Test("of AWS's own making lets whoever an IAM policy lets do all of it")
    func standard() throws {
        let text = """
            {"Version":"2012-10-17","Id":"key-default-1","Statement":[{"Sid":"Enable IAM User Permissions",\
            "Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"kms:*","Resource":"*"}]}
            """
        let report = PolicyReview(
            try PolicyDocument(Array(text.utf8), .key), grants: nil,
            against: PolicyIntent(
                partition: "aws", account: Self.account, keyARN: nil, people: PolicyExamples.people)
        ).report()
        #expect(report.findings.map(\.kind) == [.allActions, .throughIAM])
        #expect(Set(report.holders.map(\.power)) == Set(KeyPower.allCases))
        #expect(report.holders.allSatisfy { $0.throughIAM && $0.subject == .account(Self.account) })
        #expect(report.untold.contains { $0.contains("IAM policies of 111122223333") })
    }
}
