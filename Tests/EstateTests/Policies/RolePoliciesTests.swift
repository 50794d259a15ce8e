import Estate
import Evidence
import Testing

@Suite("A role's policy")
struct RolePoliciesTests {
    private func request(_ action: String, _ resource: String, _ context: [String: [String]] = [:]) -> PolicyRequest {
        PolicyRequest("kms:" + action, resource, PolicyContext(context, isWhole: true))
    }

    private func allows(_ policies: [PolicyDocument], _ request: PolicyRequest) -> Bool {
        policies.contains { $0.allows(request) }
    }

    @Test("follows AWS's grammar and fits IAM, for every role and for every kind of ceremony")
    func grammar() throws {
        for keys in [PolicyExamples.mixed, [PolicyExamples.rotated()], (1...100).map(PolicyExamples.rotated)] {
            let roles = try RolePolicies(PolicyExamples.access(keys))
            for role in roles.roles {
                for policy in try roles.policies(of: role) {
                    let text = try policy.text()
                    #expect(try PolicyDocument(Array(text.utf8), .identity) == policy)
                    #expect(text.utf8.count <= 6144)
                }
            }
        }
    }

    @Test("that fetches wants the plan's algorithm and wrapping key, and the plan's key")
    func fetch() throws {
        let policies = try RolePolicies(PolicyExamples.access(PolicyExamples.mixed)).policies(of: .fetch)
        let key = PolicyExamples.rotated()
        guard case .arn(let arn) = key.name else { return }
        func asked(_ algorithm: String, _ spec: String, _ key: String) -> Bool {
            allows(
                policies,
                request(
                    "GetParametersForImport", key,
                    ["kms:WrappingAlgorithm": [algorithm], "kms:WrappingKeySpec": [spec]]))
        }
        #expect(asked("RSAES_OAEP_SHA_256", "RSA_4096", arn))
        #expect(!asked("RSAES_OAEP_SHA_1", "RSA_4096", arn))
        #expect(!asked("RSA_AES_KEY_WRAP_SHA_256", "RSA_4096", arn))
        #expect(!asked("RSAES_OAEP_SHA_256", "RSA_2048", arn))
        #expect(!asked("RSAES_OAEP_SHA_256", "RSA_4096", PolicyExamples.keys + "other"))
    }

    @Test("knows a key that is yet to be made by its tag, which only the role that creates can give")
    func new() throws {
        let roles = try RolePolicies(PolicyExamples.access(PolicyExamples.mixed))
        let made = PolicyExamples.keys + "mrk-0"
        func context(_ tag: String) -> [String: [String]] {
            [
                "aws:ResourceTag/keyrite": [tag], "kms:KeyOrigin": ["EXTERNAL"], "aws:RequestTag/keyrite": [tag],
                "kms:ExpirationModel": ["KEY_MATERIAL_DOES_NOT_EXPIRE"],
            ]
        }
        for (tag, holds) in [("keyrite/2026-11-26-0a1b2c3d/mac", true), ("keyrite/2026-11-26-ffffffff/mac", false)] {
            for (role, action) in [
                (CeremonyRole.import, "ImportKeyMaterial"), (.activate, "UpdateAlias"), (.create, "TagResource"),
            ] {
                #expect(try allows(roles.policies(of: role), request(action, made, context(tag))) == holds, "\(action)")
            }
        }
        for role in CeremonyRole.allCases where role != .create {
            #expect(
                try !allows(
                    roles.policies(of: role), request("TagResource", made, context("keyrite/2026-11-26-0a1b2c3d/mac"))))
        }
    }

    @Test("that creates gives the plan's tags and no other, at the new key and at any")
    func tags() throws {
        let key = AccessedKey(
            .marker, .new, alias: "alias/a", kind: .init(.symmetric, .encryptDecrypt), tagKeys: ["keyrite", "team"])
        let policies = try RolePolicies(PolicyExamples.access([key])).policies(of: .create)
        func isAllowed(_ action: String, _ tags: [String], bypass: [String] = ["true"]) -> Bool {
            allows(
                policies,
                request(
                    action, action == "CreateKey" ? "*" : PolicyExamples.keys + "x",
                    [
                        "aws:RequestTag/keyrite": ["keyrite/2026-11-26-0a1b2c3d/a"], "aws:TagKeys": tags,
                        "kms:KeyOrigin": ["EXTERNAL"], "kms:KeySpec": ["SYMMETRIC_DEFAULT"],
                        "kms:KeyUsage": ["ENCRYPT_DECRYPT"], "kms:MultiRegion": ["false"],
                        "kms:BypassPolicyLockoutSafetyCheck": bypass,
                    ]))
        }
        for action in ["CreateKey", "TagResource"] {
            #expect(isAllowed(action, ["keyrite"]) && isAllowed(action, ["keyrite", "team"]))
            #expect(!isAllowed(action, ["keyrite", "department"]), "\(action)")
        }
        // As Keyrite calls it: without the check for which the role would have to change policies, and it cannot.
        for bypass in [["false"], []] { #expect(!isAllowed("CreateKey", ["keyrite"], bypass: bypass)) }
        #expect(!allows(policies, request("PutKeyPolicy", PolicyExamples.keys + "x")))
    }

    @Test(
        "that creates is refused where its tags alone are too long for a policy, and fits with as many as AWS has otherwise"
    )
    func manyTags() throws {
        func policies(_ length: Int) throws -> [PolicyDocument] {
            let tags = (0..<49).map { String(repeating: "t", count: length - 2) + String($0 + 10) }
            let key = AccessedKey(
                .marker, .new, alias: "alias/a", kind: .init(.symmetric, .encryptDecrypt), tagKeys: tags)
            return try RolePolicies(PolicyExamples.access([key])).policies(of: .create)
        }
        #expect(try policies(100).count == 2)
        let error = #expect(throws: PolicyError.self) { try policies(128) }
        #expect(
            error?.description
                == "Create: aws:TagKeys has 50 values of 6279 characters in all, and a policy has 6144: give the new keys fewer "
                + "tags, or shorter tag keys, by tags in the definition")
    }

    @Test("that looks has the others' policies simulated, nobody else's, and AWS's record of the Region looked up")
    func besideKMS() throws {
        func others(_ access: CeremonyAccess, _ role: CeremonyRole = .look) throws -> [[String]] {
            try RolePolicies(access).policies(of: role).flatMap(\.statements).filter {
                !$0.actions.patterns.contains { $0.hasPrefix("kms:") }
            }.map { $0.actions.patterns + $0.resources.patterns }
        }
        let roles = ["create", "import", "activate"].map(PolicyExamples.role)
        var access = PolicyExamples.access(PolicyExamples.mixed)
        #expect(
            try others(access) == [["iam:SimulatePrincipalPolicy"] + roles, ["cloudtrail:LookupEvents", "*"]])
        for role in CeremonyRole.allCases where role != .look { #expect(try others(access, role).isEmpty) }
        access.people = PolicyPeople()
        #expect(try others(access) == [["cloudtrail:LookupEvents", "*"]])
        // Without a plan there is nothing to reconcile, and no key to create.
        #expect(
            try others(PolicyExamples.access([PolicyExamples.rotated()], isPlanned: false))
                == [["iam:SimulatePrincipalPolicy"] + roles.dropFirst()])
        let policies = try RolePolicies(PolicyExamples.access(PolicyExamples.mixed)).policies(of: .look)
        for (region, holds) in [("eu-central-1", true), ("eu-west-1", false)] {
            let asked = PolicyRequest(
                "cloudtrail:LookupEvents", "*", PolicyContext(["aws:RequestedRegion": [region]], isWhole: true))
            #expect(policies.contains { $0.allows(asked) } == holds)
        }
    }

    @Test("that imports does it within the window, where there is one")
    func window() throws {
        var access = PolicyExamples.access([PolicyExamples.rotated()])
        let from = Timestamp(epochSeconds: 1_796_112_000)
        let until = Timestamp(epochSeconds: 1_796_148_000)
        access.people.window = Validity(from: from, until: until)
        let policies = try RolePolicies(access).policies(of: .import)
        let key = try #require(PolicyExamples.rotated().arn)
        for (time, holds) in [
            (from.advanced(bySeconds: -1), false), (from, true), (until, true), (until.advanced(bySeconds: 1), false),
        ] {
            let asked = request(
                "ImportKeyMaterial", key,
                [
                    "kms:ExpirationModel": ["KEY_MATERIAL_DOES_NOT_EXPIRE"], "aws:CurrentTime": [time.description],
                ])
            #expect(allows(policies, asked) == holds, "\(time)")
        }
    }

    @Test(
        "decrypts nothing that has an encryption context, as all that AWS's services encrypt has, and encrypts by alias"
    )
    func tries() throws {
        let policies = try RolePolicies(PolicyExamples.access([PolicyExamples.rotated()])).policies(of: .look)
        guard case .arn(let arn) = PolicyExamples.rotated().name else { return }
        let service = ["kms:EncryptionContextKeys": ["aws:s3:arn"]]
        #expect(allows(policies, request("Decrypt", arn)))
        #expect(!allows(policies, request("Decrypt", arn, service)))
        #expect(allows(policies, request("Encrypt", arn, ["kms:RequestAlias": ["alias/payments-production-1"]])))
        #expect(!allows(policies, request("Encrypt", arn, ["kms:RequestAlias": ["alias/other"]])))
        #expect(!allows(policies, request("Encrypt", arn)))
    }

    @Test("before there is a plan is about looking alone, and knows keys by the aliases they have")
    func definition() throws {
        let key = AccessedKey(.alias, .rotated, alias: "alias/a", kind: .init(.symmetric, .encryptDecrypt))
        let roles = try RolePolicies(PolicyExamples.access([key], isPlanned: false))
        #expect(roles.roles == [.look])
        let policies = try roles.policies(of: .look)
        let any = PolicyExamples.keys + "x"
        #expect(allows(policies, request("DescribeKey", any, ["kms:ResourceAliases": ["alias/z", "alias/a"]])))
        #expect(!allows(policies, request("DescribeKey", any, ["kms:ResourceAliases": ["alias/z"]])))
        #expect(!allows(policies, request("DescribeKey", any)))
    }

    @Test("of a thousand keys is refused by ARN, since a role cannot have so many, and fits by a pattern of aliases")
    func thousand() throws {
        let access = PolicyExamples.access((1...1000).map(PolicyExamples.rotated))
        let byARN = try RolePolicies(access)
        let error = #expect(throws: PolicyError.self) { try byARN.policies(of: .look) }
        #expect(error?.description.contains("alias patterns") == true)
        let byAlias = try RolePolicies(access, aliasPatterns: ["alias/payments-*"])
        for role in byAlias.roles {
            let policies = try byAlias.policies(of: role)
            #expect(policies.count == 1)
            let key = PolicyExamples.keys + "x"
            for statement in policies.flatMap(\.statements)
            where statement.actions.patterns.allSatisfy({ $0.hasPrefix("kms:") }) {
                #expect(statement.resources.patterns == [PolicyExamples.keys + "*"])
            }
            #expect(!allows(policies, request("DescribeKey", key, ["kms:ResourceAliases": ["alias/other"]])))
        }
        for pattern in ["alias/*", "payments-*", "alias/other-*", "alias/*/?"] {
            #expect(throws: PolicyError.self) { try RolePolicies(access, aliasPatterns: [pattern]) }
        }
    }

    @Test(
        "that imports with several expiries takes at each key only its own, also where one alias pattern is like all of them"
    )
    func expiries() throws {
        let times = ["2027-01-01T00:00:00Z", "2027-02-01T00:00:00Z"].compactMap { Timestamp($0) }
        func key(_ name: String, _ expiry: Expiry) -> AccessedKey {
            AccessedKey(
                .arn(PolicyExamples.keys + name), .again, alias: "alias/payments-\(name)",
                kind: .init(.symmetric, .encryptDecrypt), expiry: expiry)
        }
        let keys = [key("a-1", .at(times[0])), key("a-2", .at(times[0])), key("b", .at(times[1])), key("c", .never)]
        func context(_ alias: String?, _ expiry: Expiry) -> [String: [String]] {
            var context = ["kms:ResourceAliases": alias.map { [$0] } ?? []]
            switch expiry {
            case .never: context["kms:ExpirationModel"] = ["KEY_MATERIAL_DOES_NOT_EXPIRE"]
            case .at(let time):
                context["kms:ExpirationModel"] = ["KEY_MATERIAL_EXPIRES"]
                context["kms:ValidTo"] = ["\(time.epochSeconds).0"]
            }
            return context
        }
        // One that the plan names by its ARN alone, whatever aliases it has.
        let unnamed = AccessedKey(
            .arn(PolicyExamples.keys + "d"), .again, alias: nil, kind: .init(.symmetric, .encryptDecrypt),
            expiry: .never)
        for patterns in [
            ["alias/payments-*"], ["alias/payments-a-*", "alias/payments-?"], ["alias/payments-a-?"], [],
        ] {
            let policies = try RolePolicies(PolicyExamples.access(keys + [unnamed]), aliasPatterns: patterns)
                .policies(of: .import)
            for key in keys + [unnamed] {
                for expiry in Set(keys.compactMap(\.expiry)) {
                    for alias in keys.map(\.alias) + [nil, "alias/payments-z"] {
                        let asked = request("ImportKeyMaterial", key.arn ?? "", context(alias, expiry))
                        #expect(
                            allows(policies, asked) == (expiry == key.expiry),
                            "\(patterns) \(key.shownName) \(alias ?? "none") \(expiry)")
                    }
                }
            }
        }
        // Where all get one, an alias pattern stands for them as elsewhere.
        let own = try RolePolicies(PolicyExamples.access(Array(keys[0...1])), aliasPatterns: ["alias/payments-a-*"])
        let first = try #require(try own.policies(of: .import).first?.statements.first)
        #expect(
            first.conditions.contains(
                PolicyCondition(.init(.stringLike, .any), "kms:ResourceAliases", ["alias/payments-a-*"])))
    }

    @Test(
        "that would be too long says by which keys: those with other expiries, those that no pattern is like, or both")
    func tooLong() throws {
        let times = ["2027-01-01T00:00:00Z", "2027-02-01T00:00:00Z"].compactMap { Timestamp($0) }
        func key(_ number: Int, _ alias: String?, _ expiry: Expiry) -> AccessedKey {
            let name = String(repeating: "x", count: 100) + "\(number)"
            return AccessedKey(
                .arn(PolicyExamples.keys + name), .again, alias: alias.map { "alias/\($0)-\(number)" },
                kind: .init(.symmetric, .encryptDecrypt), expiry: expiry)
        }
        func advice(_ keys: [AccessedKey], _ patterns: [String]) throws -> String {
            let error = #expect(throws: PolicyError.self) {
                try RolePolicies(PolicyExamples.access(keys), aliasPatterns: patterns).policies(of: .import)
            }
            return error?.description ?? ""
        }
        let (apart, unlike, name) = (
            "give each expiry a ceremony", "like an alias that 1000 keys keep", "with alias patterns"
        )
        let payments = (1...1000).map { key($0, "payments", .at(times[$0 % 2])) }
        let others = (1...1000).map { key($0, $0 % 2 == 0 ? "claims" : nil, .never) }
        for (keys, patterns, causes) in [
            (payments, ["alias/payments-*"], [apart]), (payments, [], [apart, name]),
            (others + payments.prefix(1), ["alias/payments-*"], [apart, unlike]),
            (others + [key(0, "payments", .never)], ["alias/payments-*"], [unlike]), (others, [], [name]),
        ] {
            let advice = try advice(keys, patterns)
            #expect([apart, unlike, name].filter(advice.contains) == causes, "\(advice)")
        }
    }

    @Test("that is too long for one is several, and together they name every key")
    func split() throws {
        let keys = (1...100).map(PolicyExamples.rotated)
        let policies = try RolePolicies(PolicyExamples.access(keys)).policies(of: .look)
        #expect((2...RolePolicies.most).contains(policies.count))
        for key in keys {
            guard case .arn(let arn) = key.name, let alias = key.alias else { continue }
            for action in ["DescribeKey", "ListKeyRotations", "Decrypt", "Encrypt"] {
                #expect(allows(policies, request(action, arn, ["kms:RequestAlias": [alias]])), "\(action) \(arn)")
            }
        }
        #expect(!allows(policies, request("DescribeKey", PolicyExamples.keys + "x")))
    }

    @Test("and a key policy are of the keys' own account: KMS imports for no other")
    func otherAccount() {
        for arn in [
            "arn:aws:iam::999988887777:role/import", "arn:aws-cn:iam::111122223333:role/import", "111122223333",
            "arn:aws:iam::111122223333:role/*", "arn:aws:sts::111122223333:assumed-role/a/b",
        ] {
            var access = PolicyExamples.access([PolicyExamples.rotated()])
            access.people.roles[.import] = arn
            #expect(throws: PolicyError.self) { try access.requirePeople(isPrinted: true) }
        }
        #expect(throws: Never.self) {
            try PolicyExamples.access([PolicyExamples.rotated()]).requirePeople(isPrinted: true)
        }
    }
}
