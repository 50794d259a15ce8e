import Estate
import Evidence
import Testing

// What a key's grants let somebody do.
extension PolicyReviewTests {
    @Test("names grants by which somebody decrypts, signs or grants on, and what it does not understand of them")
    func grants() throws {
        let app = PolicySubject.named(PolicyExamples.role("app"))
        func found(_ grantee: PolicySubject, _ operations: String..., users: [PolicyPrincipal] = []) throws -> [String]
        {
            var people = PolicyExamples.people
            people.users = users
            return try report(
                people: people, grants: [KeyGrant(id: "g1", grantee: grantee, operations: operations)]
            ).findings.map { finding in
                #expect(finding.cause == .grant(id: "g1"))
                return "\(finding.kind.rawValue): \(finding.words)"
            }
        }
        #expect(try found(app, "Encrypt", "DescribeKey", "RetireGrant").isEmpty)
        #expect(try found(app, "Decrypt", "Encrypt") == ["grant: \(app.name) can decrypt"])
        #expect(try found(app, "Decrypt", users: [.aws(app.name)]).isEmpty)
        #expect(try found(app, "CreateGrant", users: [.aws(app.name)]) == ["grant: \(app.name) can create grants"])
        #expect(try found(.service("rds.amazonaws.com"), "ReEncryptFrom").count == 1)
        let evil = PolicySubject.named("arn:aws:iam::999988887777:role/evil")
        for (operation, power) in [("Encrypt", KeyPower.use), ("GenerateDataKey", .use), ("RetireGrant", .revoke)] {
            #expect(try found(evil, operation) == ["grant: \(evil.name) can \(power.words)"])
            #expect(try found(evil, operation, users: [.aws(evil.name)]).isEmpty)
            #expect(try found(.service("rds.amazonaws.com"), operation).isEmpty)
        }
        #expect(try found(app, "Teleport") == ["not-understood: \(app.name) can Teleport, which is not understood"])
        #expect(try report(grants: nil).untold.contains { $0.contains("grants") })
        #expect(try !report(grants: []).untold.contains { $0.contains("grants") })
    }

    @Test("reads grants as the aws CLI prints them, and no list that goes on")
    func grantLists() throws {
        let text = """
            {"Grants": [{"KeyId": "k", "GrantId": "g", "Name": "", "CreationDate": "2026-11-27T04:00:00+00:00",
              "GranteePrincipal": "rds.eu-central-1.amazonaws.com", "Operations": ["Decrypt"],
              "Constraints": {"EncryptionContextSubset": {"a": "b"}}}], "Truncated": false}
            """
        #expect(
            try KeyGrant.list(Array(text.utf8), of: "k")
                == [KeyGrant(id: "g", grantee: .service("rds.eu-central-1.amazonaws.com"), operations: ["Decrypt"])])
        for (part, by) in [
            ("false", "true"), ("\"Decrypt\"", "1"), ("\"GrantId\"", "\"Id\""), ("\"Grants\"", "\"Granted\""),
            ("\"GranteePrincipal\"", "\"Grantee\""), ("\"KeyId\"", "\"Key\""), ("\"k\"", "\"other\""),
            ("}}]", "}},{\"KeyId\":\"other\",\"GrantId\":\"h\",\"GranteePrincipal\":\"x\",\"Operations\":[]}]"),
        ] {
            #expect(text.contains(part))
            let changed = Array(text.replacing(part, with: by).utf8)
            #expect(throws: PolicyError.self, "\(by)") { try KeyGrant.list(changed, of: "k") }
            // Without a key that is known all must be of one.
            if part == "}}]" { #expect(throws: PolicyError.self) { try KeyGrant.list(changed, of: nil) } }
        }
    }

    @Test(
        "takes who may grant to AWS's services for that alone where nothing else passes, nor a call that leaves it out")
    func grantsForServices() throws {
        var people = PolicyExamples.people
        people.users = [.aws(PolicyExamples.role("app"))]
        people.usersGrant = true
        for comparison in ["BoolIfExists", "StringNotEquals"] {
            let value = comparison == "BoolIfExists" ? "true" : "false"
            let statement = Self.statement(
                Self.principal(PolicyExamples.role("app")), "\"kms:CreateGrant\"",
                Self.condition(comparison, "kms:GrantIsForAWSResource", value))
            let found = try report(adding: [statement], people: people).findings
            #expect(found.map(\.kind) == [.condition], "\(comparison)")
        }
    }
}
